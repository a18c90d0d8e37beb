"""What a referral says, and which referrals and applications belong together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock.due import ends_by_itself
from workflow.lists.case_history import Reader
from workflow.lists.scope import visible
from workflow.storage.cases import Case, Referral
from workflow.storage.people import Organisation, Person


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """A referral of an application, or the application of a referral."""

    case_id: int
    process: str
    number: str | None
    organisation: str | None
    state: str
    due_on: date | None
    waiting: bool
    ends_by_itself: bool
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReferralPart:
    """A referral. Finding and decision are None for those who may only know whether there is one.

    To whom the file is closed the account of facts is empty, and there is no clue.
    """

    application_id: int | None
    step_number: int | None
    about_unit_id: int
    about_unit: str
    about_person: str | None
    problem: str
    account_of_facts: str
    clue: str | None
    has_finding: bool
    finding: str | None
    has_decision: bool
    decision: str | None


def referral_part(session: Session, case_id: int, reader: Reader) -> ReferralPart | None:
    row = session.execute(
        select(
            Referral.application_id, Referral.step_number, Referral.about_unit_id, Referral.problem,
            Referral.account_of_facts, Referral.clue, Referral.finding, Referral.decision,
            Person.name.label("about_person"),
        )
        .outerjoin(Person, Person.id == Referral.about_person_id)
        .where(Referral.case_id == case_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    return ReferralPart(
        application_id=row.application_id,
        step_number=row.step_number,
        about_unit_id=row.about_unit_id,
        about_unit=reader.unit(row.about_unit_id),
        about_person=row.about_person,
        problem=row.problem,
        # Who gave the clue may be read from them: the unit it is about sees neither.
        account_of_facts=row.account_of_facts if reader.reads_file else "",
        clue=row.clue if reader.reads_file else None,
        has_finding=row.finding is not None,
        finding=row.finding if reader.reads_outcome else None,
        has_decision=row.decision is not None,
        decision=row.decision if reader.reads_outcome else None,
    )


def links_of(session: Session, case_id: int, reader: Reader, *, referrals: bool) -> tuple[LinkedCase, ...]:
    """The referrals of an application, or the application of a referral, as far as she sees them."""
    linked = (
        select(Referral.case_id).where(Referral.application_id == case_id)
        if referrals
        else select(Referral.application_id).where(Referral.case_id == case_id)
    )
    rows = session.execute(
        select(
            Case.id.label("case_id"), Case.process, Case.number, Organisation.name.label("organisation"),
            Case.state, Case.due_on, Case.waiting, Case.timer_at, Case.closed_at,
        )
        .outerjoin(Organisation, Organisation.id == Case.organisation_id)
        .where(Case.id.in_(linked), visible(reader.actor))
        .order_by(Case.id)
    )  # fmt: skip
    return tuple(_linked(row) for row in rows)


def _linked(row: Any) -> LinkedCase:
    columns = dict(row._mapping)
    del columns["timer_at"]
    return LinkedCase(**columns, ends_by_itself=ends_by_itself(row))
