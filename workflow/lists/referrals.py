"""The referrals somebody sees: open ones by due day, closed ones newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, aliased

from workflow.clock.alerts import AlertLevel, level_of
from workflow.lists.lateness import office_clock_runs
from workflow.lists.overview import unit_name
from workflow.lists.paging import EVERY_DAY, PAGE_SIZE, Page, Place, by_due, capped, page_of
from workflow.lists.scope import held_by_her_units, visible
from workflow.people.actors import Actor
from workflow.process.definitions import newest_process
from workflow.process.scope import REFERRAL
from workflow.reference import Reference
from workflow.referrals.rules import DRAFTED
from workflow.storage.cases import Case, Referral
from workflow.storage.people import Organisation, Person


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One referral; number and organisation of the application are None where it rests on a clue alone."""

    case_id: int
    number: str | None
    state: str
    problem: str
    about_unit: str
    about_person: str | None
    application_number: str | None
    organisation: str | None
    unit_id: int | None
    unit: str
    handler: str | None
    due_on: date | None
    level: AlertLevel
    closed_at: datetime | None


def open_states(session: Session) -> tuple[str, ...]:
    """The states of a referral that is not closed, in the order of the process."""
    states = newest_process(session, REFERRAL).states.values()
    return tuple(state.name for state in states if not state.final)


def running(states: Collection[str]) -> tuple[str, ...]:
    """Those of the states in which a referral was sent; a draft is not yet a referral to anybody."""
    return tuple(name for name in states if name != DRAFTED)


def late_of_hers(session: Session, actor: Actor, today: date, states: Collection[str]) -> int:
    """How many cases of her units in these states are overdue, counted to the cap at most."""
    is_late = (office_clock_runs(), Case.due_on < today, Case.state.in_(sorted(states)))
    return session.scalars(select(capped(held_by_her_units(actor), *is_late))).one()


def open_referrals(
    session: Session,
    actor: Actor,
    reference: Reference,
    today: date,
    states: Collection[str],
    *,
    handler_id: int | None = None,
    after: Place | None = None,
    limit: int = PAGE_SIZE,
) -> Page[ReferralRow]:
    """The open referrals in these states, those of one handler or of all, the earliest due day first."""
    statement = _rows(actor).where(Case.state.in_(sorted(states)), Case.closed_at.is_(None))
    if handler_id is not None:
        statement = statement.where(Case.handler_id == handler_id)
    found = by_due(session, statement, EVERY_DAY, after, limit + 1)
    return page_of(found, limit, lambda row: _line(row, actor, reference, today), _place)


def closed_referrals(
    session: Session,
    actor: Actor,
    reference: Reference,
    today: date,
    *,
    after: Place | None = None,
    limit: int = PAGE_SIZE,
) -> Page[ReferralRow]:
    """The closed referrals, the newest first."""
    statement = _rows(actor).where(Case.closed_at.is_not(None)).order_by(Case.id.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(Case.id < after.case_id)
    found = session.execute(statement).all()
    return page_of(found, limit, lambda row: _line(row, actor, reference, today), _place)


def _rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    application, about = aliased(Case), aliased(Person)
    return (
        select(
            Case.id.label("case_id"), Case.number, Case.state, Referral.problem, Referral.about_unit_id,
            about.name.label("about_person"), application.number.label("application_number"),
            Organisation.name.label("organisation"), Case.unit_id, Person.name.label("handler"), Case.due_on,
            Case.waiting, Case.timer_at, Case.closed_at,
        )
        .join(Referral, Referral.case_id == Case.id)
        .outerjoin(about, about.id == Referral.about_person_id)
        .outerjoin(application, application.id == Referral.application_id)
        .outerjoin(Organisation, Organisation.id == application.organisation_id)
        .outerjoin(Person, Person.id == Case.handler_id)
        .where(Case.process == REFERRAL, visible(actor))
    )  # fmt: skip


def _line(row: Row[Any], actor: Actor, reference: Reference, today: date) -> ReferralRow:
    return ReferralRow(
        case_id=row.case_id,
        number=row.number,
        state=row.state,
        problem=row.problem,
        about_unit=unit_name(reference, actor, row.about_unit_id),
        about_person=row.about_person,
        application_number=row.application_number,
        organisation=row.organisation,
        unit_id=row.unit_id,
        unit=unit_name(reference, actor, row.unit_id),
        handler=row.handler,
        due_on=row.due_on,
        level=level_of(row, today, reference.calendar),
        closed_at=row.closed_at,
    )


def _place(row: Row[Any]) -> Place:
    return Place(row.due_on, row.case_id)
