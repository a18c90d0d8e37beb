"""Drafting a referral (拟移送): against a unit, on a late step of an application or on a written clue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock.days import shanghai_day
from workflow.clock.due import is_late
from workflow.errors import InvalidInput, NotFound, Reason, Refused
from workflow.people.actors import Actor
from workflow.process.definitions import newest_process
from workflow.process.perform import open_case
from workflow.process.rules_common import answering_for
from workflow.process.scope import APPLICATION, REFERRAL
from workflow.reference import reference_of
from workflow.storage.cases import Case, Referral, Step
from workflow.storage.people import Membership

OFFICER = "joint_meeting_officer"
PROBLEMS = ("inaction", "slowness", "shirking", "other")
LONGEST_TEXT = 4000
# Who can be told to rectify; the lateness of the efficiency office itself goes to supervisor and leader.
ANSWERABLE = ("township", "bureau", "joint_meeting_office", "finance")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a referral about an application rests on by itself: the step, its unit and handler."""

    application_id: int
    step_number: int
    unit_id: int
    person_id: int | None
    is_late: bool


def ground_in(session: Session, application_id: int, now: datetime) -> Ground | None:
    """The latest step of an office that is or was red; else the open step of the office that holds the case.

    None when no office ever held it. Raises NotFound when there is no such application.
    """
    case = session.get(Case, application_id)
    if case is None or case.process != APPLICATION:
        raise NotFound(Reason("not_found"))
    steps = session.scalars(
        select(Step)
        .where(Step.case_id == application_id, Step.unit_id.is_not(None))
        .order_by(Step.number.desc())
    ).all()
    late_now = is_late(case, shanghai_day(now))
    open_step = next((step for step in steps if step.number == case.step_number), None)
    chosen = open_step if late_now else next((step for step in steps if step.was_late), None) or open_step
    if chosen is None or chosen.unit_id is None:
        return None
    person_id = answering_for(session, chosen)
    return Ground(application_id, chosen.number, chosen.unit_id, person_id, late_now or chosen.was_late)


def draft_referral(
    session: Session,
    actor: Actor,
    *,
    now: datetime,
    application_id: int | None,
    about_unit_id: int | None,
    about_person_id: int | None,
    typed: Mapping[str, str],
) -> Case:
    """Open a referral in the joint-meeting office; `typed` holds problem, account_of_facts and clue.

    Raises Refused for anybody but an officer of that office, InvalidInput with every mistake.
    """
    office = reference_of(session).unit_of_kind("joint_meeting_office", shanghai_day(now))
    if office not in actor.units_as(OFFICER):
        raise Refused(Reason("reason.not_permitted", {"roles_label": [f"role.{OFFICER}"]}))
    ground = ground_in(session, application_id, now) if application_id is not None else None
    texts = {name: typed.get(name, "").strip() for name in ("problem", "account_of_facts", "clue")}
    unit_id = about_unit_id or (ground.unit_id if ground else None)
    mistakes = _mistakes(texts, unit_id, ground, session)
    if about_person_id is not None and not _has_served(session, about_person_id, unit_id):
        mistakes.append(Reason("referral.person_elsewhere", field="about_person"))
    if mistakes:
        raise InvalidInput(*mistakes)
    if about_person_id is None and ground is not None and ground.unit_id == unit_id:
        about_person_id = ground.person_id
    case = open_case(
        session,
        newest_process(session, REFERRAL),
        actor,
        now=now,
        unit_id=office,
        details={"application": application_id, "about_unit": unit_id, **texts},
    )
    session.add(
        Referral(
            case_id=case.id,
            application_id=application_id,
            step_number=ground.step_number if ground else None,
            about_unit_id=unit_id,
            about_person_id=about_person_id,
            problem=texts["problem"],
            account_of_facts=texts["account_of_facts"],
            clue=texts["clue"] or None,
        )
    )
    session.flush()
    return case


def _has_served(session: Session, person_id: int, unit_id: int | None) -> bool:
    # Who has left the unit since still answers for what she did there.
    found = select(Membership.id).where(Membership.person_id == person_id, Membership.unit_id == unit_id)
    return session.execute(found.limit(1)).first() is not None


def _mistakes(
    texts: Mapping[str, str], unit_id: int | None, ground: Ground | None, session: Session
) -> list[Reason]:
    mistakes = []
    if texts["problem"] not in PROBLEMS:
        mistakes.append(Reason("referral.problem_missing", field="problem"))
    if not texts["account_of_facts"]:
        mistakes.append(Reason("referral.facts_missing", field="account_of_facts"))
    mistakes += [
        Reason("referral.too_long", {"most": LONGEST_TEXT}, name)
        for name in ("account_of_facts", "clue")
        if len(texts[name]) > LONGEST_TEXT
    ]
    unit = reference_of(session).units.get(unit_id) if unit_id is not None else None
    if unit is None:
        mistakes.append(Reason("referral.unit_missing", field="about_unit"))
    elif unit.kind not in ANSWERABLE:
        mistakes.append(Reason("referral.unit_not_answerable", {"unit": unit.name}, "about_unit"))
    if not (ground and ground.is_late) and not texts["clue"]:
        mistakes.append(Reason("referral.no_ground", field="clue"))
    return mistakes
