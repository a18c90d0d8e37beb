"""Drafts (草稿): begun, copied, saved as often as one likes, also what is still wrong. No rule of policy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.applications.editing import editable_facts, write_application
from workflow.applications.policies import newest_policy, policy_of
from workflow.clock.days import shanghai_day
from workflow.errors import InvalidInput, NotFound, Reason, Refused
from workflow.people.actors import Actor
from workflow.people.memberships import APPLICANT
from workflow.process.definitions import newest_process
from workflow.process.disclosure import state_label
from workflow.process.facts import Facts
from workflow.process.overtaking import LAST_SAVED
from workflow.process.perform import open_case
from workflow.process.scope import APPLICATION
from workflow.process.seen import seen_facts
from workflow.reference import reference_of
from workflow.storage.cases import Application, Case, Evidence
from workflow.storage.people import Organisation, OrganisationAccount

LONGEST_TYPED = 10_000
CONTACT = ("contact_name", "contact_phone")
# From these a fresh application can begin with what was typed before.
COPIED_FROM = frozenset({"rejected", "not_accepted", "withdrawn"})


def start_draft(
    session: Session,
    actor: Actor,
    organisation_id: int,
    line_code: str,
    *,
    now: datetime,
    originals_seen: bool = False,
) -> Case:
    """A new draft on an award line, by the organisation itself or from paper by its township (代录).

    Contact and account are taken over from the organisation. Raises NotFound for an organisation out of
    scope or a line no policy has, Refused when the officer has not seen the originals.
    """
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(Reason("not_found"))
    today = shanghai_day(now)
    township_id = reference_of(session).successor_on(organisation.township_id, today)
    by_office = _enters_for_office(actor, organisation_id, township_id)
    if by_office and not originals_seen:
        raise Refused(Reason("application.originals_not_seen", {}, "originals_seen"))
    policy_id, policy = newest_policy(session, line_code)
    case = open_case(
        session,
        newest_process(session, APPLICATION),
        actor,
        now=now,
        organisation_id=organisation_id,
        township_id=township_id,
        # What an office entered stands on its own list until it is submitted.
        unit_id=township_id if by_office else None,
        details={"line": line_code, "from_paper": by_office},
    )
    session.add(
        Application(
            case_id=case.id,
            organisation_id=organisation_id,
            line=line_code,
            policy_id=policy_id,
            facts={},
            amount_yuan=policy.line(line_code).amount_yuan,
            account_id=_usual_account(session, organisation_id),
            contact_name=organisation.contact_name,
            contact_phone=organisation.contact_phone,
            entered_by_id=actor.person_id if by_office else None,
        )
    )
    session.flush()
    return case


def save_draft(
    session: Session,
    case_id: int,
    actor: Actor,
    raw_fields: Mapping[str, str],
    *,
    now: datetime,
    seen_version: int,
) -> int:
    """Keep what was typed into the form, right or wrong, and return the new version.

    Besides the facts of the award line the form has `contact_name`, `contact_phone`, `account` (an id) and
    `promise` (anything but empty promises). What is not given stays as it was; other keys are left aside.
    Raises NotFound, Overtaken, Refused, and InvalidInput for what cannot even be kept.
    """
    facts = editable_facts(session, case_id, actor, now, seen_version=seen_version)
    application = _application(session, case_id)
    typed = _merged(session, facts, application, raw_fields)
    columns: dict[str, Any] = {key: _kept(raw_fields[key], key) for key in CONTACT if key in raw_fields}
    if "account" in raw_fields:
        columns["account_id"] = _own_account(session, facts, raw_fields["account"])
    if "promise" in raw_fields:
        promised_at = (application.promised_at or now) if raw_fields["promise"].strip() else None
        columns["promised_at"] = promised_at
    return write_application(session, facts, typed, columns)


def choose_account(
    session: Session, case_id: int, actor: Actor, account_id: int, *, now: datetime, seen_version: int
) -> int:
    """Name the account of the organisation that the money is to go to; returns the new version."""
    return save_draft(
        session, case_id, actor, {"account": str(account_id)}, now=now, seen_version=seen_version
    )


def copy_of(
    session: Session, case_id: int, actor: Actor, now: datetime, *, originals_seen: bool = False
) -> Case:
    """A fresh draft with the facts and the evidence of an application that came to nothing.

    Raises NotFound out of scope, Refused for an application that is still on its way or was granted.
    """
    case = seen_facts(session, case_id, actor, now).case
    if case.organisation_id is None or case.line is None:
        raise NotFound(Reason("not_found"))
    if case.state not in COPIED_FROM:
        raise Refused(
            Reason("application.not_copied", {"state_label": state_label(case.state, outsider=True)})
        )
    fresh = start_draft(
        session, actor, case.organisation_id, case.line, now=now, originals_seen=originals_seen
    )
    copied = _copy_form(session, case_id, fresh.id)
    asked = policy_of(session, copied.policy_id).line(copied.line).evidence
    _copy_evidence(session, case_id, fresh.id, {each.code for each in asked})
    session.flush()
    return fresh


def _enters_for_office(actor: Actor, organisation_id: int, township_id: int) -> bool:
    """Whether the actor acts as an officer of the township; NotFound when she may not act at all."""
    own = any(post.role == APPLICANT and post.organisation_id == organisation_id for post in actor.posts)
    if own:
        return False
    if township_id not in actor.units_as("township_officer"):
        raise NotFound(Reason("not_found"))
    return True


def _usual_account(session: Session, organisation_id: int) -> int | None:
    """The account confirmed last, else the one entered last."""
    accounts = (
        select(OrganisationAccount.id)
        .where(OrganisationAccount.organisation_id == organisation_id)
        .order_by(OrganisationAccount.confirmed_at.is_(None), OrganisationAccount.id.desc())
        .limit(1)
    )
    return session.scalar(accounts)


def _application(session: Session, case_id: int) -> Application:
    return session.get_one(Application, case_id, populate_existing=True)


def _merged(
    session: Session, facts: Facts, application: Application, raw_fields: Mapping[str, str]
) -> dict[str, Any]:
    line = policy_of(session, application.policy_id).line(application.line)
    asked = {field.code for field in line.fields}
    given = {code: _kept(text, code) for code, text in raw_fields.items() if code in asked}
    kept = {code: text for code, text in application.facts.items() if code in asked}
    changed = [code for code, text in given.items() if text != kept.get(code, "")]
    if changed and facts.case.approved_at is not None:
        # The award was decided on these facts; a correction of the payment must not slip others in.
        raise Refused(*(Reason("application.facts_approved", {}, code) for code in changed))
    return {code: text for code, text in {**kept, **given}.items() if text}


def _kept(text: str, field: str) -> str:
    if len(text) > LONGEST_TYPED:
        raise InvalidInput(Reason("application.typed_too_long", {"most": LONGEST_TYPED}, field))
    # No database stores half a character or a null; everything else is kept as typed.
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8").strip()


def _own_account(session: Session, facts: Facts, typed: str) -> int | None:
    if not typed.strip():
        return None
    own = select(OrganisationAccount.id).where(
        OrganisationAccount.organisation_id == facts.case.organisation_id
    )
    known = {str(account_id): account_id for account_id in session.scalars(own)}
    if typed.strip() not in known:
        raise InvalidInput(Reason("application.account_unknown", {}, "account"))
    return known[typed.strip()]


def _copy_form(session: Session, from_id: int, to_id: int) -> Application:
    earlier, fresh = _application(session, from_id), _application(session, to_id)
    fresh.facts = {code: text for code, text in earlier.facts.items() if code != LAST_SAVED}
    fresh.contact_name, fresh.contact_phone = earlier.contact_name, earlier.contact_phone
    fresh.account_id = earlier.account_id or fresh.account_id
    return fresh


def _copy_evidence(session: Session, from_id: int, to_id: int, asked: Collection[str]) -> None:
    given = select(Evidence).where(
        Evidence.case_id == from_id, Evidence.removed_at.is_(None), Evidence.requirement.in_(asked)
    )
    for file in session.scalars(given.order_by(Evidence.id)):
        session.add(
            Evidence(
                case_id=to_id,
                requirement=file.requirement,
                file_name=file.file_name,
                media_type=file.media_type,
                size=file.size,
                sha256=file.sha256,
                uploaded_by_id=file.uploaded_by_id,
                uploaded_at=file.uploaded_at,
            )
        )
