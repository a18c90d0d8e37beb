"""The whole district for those who watch it: how much is late, where, with whom, and what may be referred."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from workflow.clock.alerts import AlertLevel, Bucket, bucket_bounds, urgency
from workflow.clock.days import start_of_day
from workflow.clock.due import days_late
from workflow.lists.lateness import Ageing, ageing_range, late_by, office_clock_runs
from workflow.lists.paging import EVERY_DAY, PAGE_SIZE, Page, Place, by_due, capped, due_within, page_of
from workflow.lists.scope import is_application, of_others, told_where, visible, visible_open
from workflow.people.actors import Actor
from workflow.process.definitions import newest_process
from workflow.process.disclosure import is_outsider, state_label, unit_shown
from workflow.process.scope import APPLICATION, REFERRAL
from workflow.reference import Reference
from workflow.referrals.rules import DRAFTED
from workflow.storage.cases import Application, Case, Referral, Step
from workflow.storage.people import Organisation, Person

SUGGEST_AFTER_DAYS = 5
MATRIX_CASES = 5_000


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers on top, each counted to the cap at most."""

    red: int
    yellow: int
    blue: int
    suggested: int
    referrals_running: int
    in_hand: int
    closed_this_year: int
    by_ageing: Mapping[Ageing, int]
    oldest_due_on: date | None


@dataclass(frozen=True, slots=True)
class Cell:
    """How many cases of a unit are overdue in a state, and since when the oldest of them."""

    unit_id: int | None
    unit: str
    process: str
    state: str
    cases: int
    oldest_due_on: date


@dataclass(frozen=True, slots=True)
class Filters:
    """Which cases of the district are listed; every number of the overview has its filters."""

    bucket: Bucket | None = Bucket.OVERDUE
    unit_id: int | None = None
    state: str | None = None
    process: str | None = None
    ageing: Ageing | None = None
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class OpenReferral:
    """The referral of a case that is not closed. Until it is signed it is a draft, sent to nobody."""

    is_draft: bool
    about_unit_id: int
    about_unit: str
    days_late: int


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """One case with who holds it and how late it is; `suggested`: it may be referred and is not yet.

    `is_outsider`: it is of the reader's own organisation, and she is told what that is told.
    """

    case_id: int
    process: str
    number: str | None
    organisation: str | None
    line: str | None
    unit_id: int | None
    unit: str
    handler: str | None
    state_label: str
    due_on: date | None
    level: AlertLevel
    days_late: int
    was_late: bool
    suggested: bool
    referral_id: int | None
    referral: OpenReferral | None
    is_outsider: bool


def overview(session: Session, actor: Actor, reference: Reference, today: date) -> Overview:
    """The numbers of the whole district, in one statement."""
    bounds = bucket_bounds(today, reference.calendar)
    at_work = (visible_open(actor), office_clock_runs())
    levels = {"red": Bucket.OVERDUE, "yellow": Bucket.DUE_TODAY, "blue": Bucket.NEAR}
    ageing = {age: ageing_range(age, today, reference.calendar) for age in Ageing}
    late = due_within(bounds[Bucket.OVERDUE])
    states = _open_referral_states(session)
    oldest = select(func.min(Case.due_on)).where(*at_work, *late)
    row = session.execute(
        select(
            *(capped(*at_work, *due_within(bounds[bucket])).label(name) for name, bucket in levels.items()),
            *(capped(*at_work, *due_within(span)).label(age.value) for age, span in ageing.items()),
            capped(*at_work, _may_be_referred(session, actor, reference, today)).label("suggested"),
            capped(visible(actor), *_is_referral_in(states - {DRAFTED})).label("referrals_running"),
            capped(visible_open(actor), Case.unit_id.is_not(None)).label("in_hand"),
            capped(visible(actor), *_closed_since(date(today.year, 1, 1))).label("closed_this_year"),
            oldest.scalar_subquery().label("oldest_due_on"),
        )
    ).one()
    numbers = dict(row._mapping)
    return Overview(by_ageing={age: numbers.pop(age.value) for age in Ageing}, **numbers)


def late_by_unit_and_state(
    session: Session, actor: Actor, reference: Reference, today: date
) -> tuple[Cell, ...]:
    """Who holds overdue cases in which state; of more than `MATRIX_CASES` the oldest are counted."""
    late = due_within(bucket_bounds(today, reference.calendar)[Bucket.OVERDUE])
    found = (
        select(Case.unit_id, Case.process, Case.state, Case.due_on)
        .where(visible_open(actor), office_clock_runs(), *late)
        .order_by(Case.due_on, Case.id)
        .limit(MATRIX_CASES)
        .subquery()
    )
    key = (found.c.unit_id, found.c.process, found.c.state)
    counts = (func.count().label("cases"), func.min(found.c.due_on).label("oldest_due_on"))
    rows = session.execute(select(*key, *counts).group_by(*key).order_by(*key))
    return tuple(Cell(unit=unit_name(reference, actor, row.unit_id), **row._mapping) for row in rows)


def district_list(
    session: Session,
    actor: Actor,
    reference: Reference,
    today: date,
    filters: Filters,
    *,
    after: Place | None = None,
    limit: int = PAGE_SIZE,
) -> Page[DistrictRow]:
    """The cases behind a number of the overview, earliest due day first."""
    may_be_referred = _may_be_referred(session, actor, reference, today)
    statement = _rows(may_be_referred).where(visible_open(actor), office_clock_runs())
    statement = statement.where(*_filtered(actor, filters))
    span = EVERY_DAY if filters.bucket is None else bucket_bounds(today, reference.calendar)[filters.bucket]
    if filters.ageing is not None:
        span = ageing_range(filters.ageing, today, reference.calendar)
    if filters.suggested:
        statement = statement.where(may_be_referred)
    found = by_due(session, statement, span, after, limit + 1)
    referrals = _referrals(session, found, actor, reference, today)
    return page_of(
        found,
        limit,
        lambda row: _line(row, referrals, actor, reference, today),
        lambda row: Place(row.due_on, row.case_id),
    )


def referrals_by_state(session: Session, actor: Actor) -> dict[str, int]:
    """How many open referrals stand in each state."""
    rows = session.execute(
        select(Case.state, func.count().label("cases"))
        .where(visible(actor), *_is_referral_in(_open_referral_states(session)))
        .group_by(Case.state)
    )
    return {row.state: row.cases for row in rows}


def unit_name(reference: Reference, actor: Actor, unit_id: int | None) -> str:
    """A unit's name in the reader's language; empty where no unit holds the case."""
    unit = None if unit_id is None else reference.units.get(unit_id)
    if unit is None:
        return ""
    return unit.name_en if actor.locale == "en" and unit.name_en else unit.name


def _rows(may_be_referred: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    running = aliased(Case)
    referral_id = (
        select(func.min(Referral.case_id))
        .join(running, running.id == Referral.case_id)
        .where(Referral.application_id == Case.id, running.closed_at.is_(None))
        .correlate(Case)
        .scalar_subquery()
    )
    return (
        select(
            Case.id.label("case_id"), Case.process, Case.number, Organisation.name.label("organisation"),
            Application.line, Case.organisation_id, Case.unit_id, Person.name.label("handler"), Case.state,
            Case.due_on, Case.was_late, may_be_referred.label("suggested"), referral_id.label("referral_id"),
        )
        .outerjoin(Organisation, Organisation.id == Case.organisation_id)
        .outerjoin(Application, Application.case_id == Case.id)
        .outerjoin(Person, Person.id == Case.handler_id)
    )  # fmt: skip


def _filtered(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.unit_id is not None or filters.state is not None:
        conditions += told_where(actor)
    if filters.unit_id is not None:
        conditions.append(Case.unit_id == filters.unit_id)
    if filters.state is not None:
        conditions.append(Case.state == filters.state)
    if filters.process is not None:
        conditions.append(Case.process == filters.process)
    return conditions


def _referrals(
    session: Session, rows: Sequence[Row[Any]], actor: Actor, reference: Reference, today: date
) -> dict[int, OpenReferral]:
    """The referrals that these rows name, by their number in the database."""
    named = {row.referral_id for row in rows} - {None}
    if not named:
        return {}
    found = session.execute(
        select(Case.id, Case.state, Case.due_on, Referral.about_unit_id)
        .join(Referral, Referral.case_id == Case.id)
        .where(Case.id.in_(named))
    )
    return {
        row.id: OpenReferral(
            is_draft=row.state == DRAFTED,
            about_unit_id=row.about_unit_id,
            about_unit=unit_name(reference, actor, row.about_unit_id),
            days_late=days_late(row.due_on, today, reference.calendar),
        )
        for row in found
    }


def _line(
    row: Row[Any], referrals: Mapping[int, OpenReferral], actor: Actor, reference: Reference, today: date
) -> DistrictRow:
    columns = dict(row._mapping)
    outsider = is_outsider(actor, columns.pop("organisation_id"))
    columns["unit_id"] = unit_shown(row.unit_id, columns.pop("state"), outsider=outsider)
    if outsider:
        columns |= {"handler": None, "referral_id": None}
    return DistrictRow(
        **columns,
        state_label=state_label(row.state, outsider=outsider),
        is_outsider=outsider,
        referral=referrals.get(columns["referral_id"]),
        unit=unit_name(reference, actor, columns["unit_id"]),
        level=urgency(row.due_on, today, reference.calendar),
        days_late=days_late(row.due_on, today, reference.calendar),
    )


def _may_be_referred(
    session: Session, actor: Actor, reference: Reference, today: date
) -> ColumnElement[bool]:
    """Red for five working days or for the second time, where the process knows the way and none runs.

    That a case of her own organisation may be referred is not suggested to her.
    """
    process = newest_process(session, APPLICATION)
    states = [state.name for state in process.states.values() if "refer" in state.actions]
    red = due_within(bucket_bounds(today, reference.calendar)[Bucket.OVERDUE])
    long_red = due_within(late_by(today, reference.calendar, SUGGEST_AFTER_DAYS))
    earlier = exists().where(Step.case_id == Case.id, Step.number < Case.step_number, Step.was_late)
    # Each alternative has its days, so that the index of due days leads to both.
    late_enough = or_(and_(*long_red), and_(*red, Case.was_late, earlier))
    return and_(
        Case.process == APPLICATION,
        Case.state.in_(states),
        late_enough,
        not_(_has_running_referral()),
        *of_others(actor),
    )


def _has_running_referral() -> ColumnElement[bool]:
    running = aliased(Case)
    return (
        exists()
        .where(Referral.application_id == Case.id, running.id == Referral.case_id)
        .where(running.closed_at.is_(None))
        .correlate(Case)
    )


def _open_referral_states(session: Session) -> set[str]:
    states = newest_process(session, REFERRAL).states.values()
    return {state.name for state in states if not state.final}


def _is_referral_in(states: set[str]) -> tuple[ColumnElement[bool], ...]:
    # By state, because the index on process and state then leads past all that were closed.
    return Case.process == REFERRAL, Case.state.in_(sorted(states))


def _closed_since(day: date) -> tuple[ColumnElement[bool], ...]:
    # What never had a number was a draft thrown away.
    return is_application(), Case.closed_at >= start_of_day(day), Case.number.is_not(None)
