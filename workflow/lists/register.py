"""All applications within somebody's scope, newest first, by state, township, award year or words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, select, true, union
from sqlalchemy.orm import Session

from workflow.clock.alerts import AlertLevel, level_of
from workflow.clock.due import ends_by_itself
from workflow.lists.matching import matches
from workflow.lists.paging import CAP, PAGE_SIZE, Page, page_of
from workflow.lists.scope import held_by_her_units, is_application, told_where, visible
from workflow.people.actors import Actor
from workflow.process.disclosure import is_outsider, state_label, unit_shown
from workflow.process.scope import APPLICATION, DISTRICT_ROLES
from workflow.reference import Reference
from workflow.storage.cases import Application, Case
from workflow.storage.people import Organisation, Person


@dataclass(frozen=True, slots=True)
class Filters:
    """Which applications are listed; what is not given does not narrow."""

    state: str | None = None
    township_id: int | None = None
    award_year: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One application of the list. `state_label` is the code of the state's label for this reader."""

    case_id: int
    number: str
    organisation: str
    line: str
    award_year: int | None
    amount_yuan: int
    approved_yuan: int
    state_label: str
    township_id: int | None
    unit_id: int | None
    handler: str | None
    due_on: date | None
    level: AlertLevel
    waiting: bool
    ends_by_itself: bool
    is_closed: bool


def register(
    session: Session,
    actor: Actor,
    reference: Reference,
    today: date,
    filters: Filters,
    *,
    before: int | None = None,
    limit: int = PAGE_SIZE,
) -> Page[RegisterRow]:
    """What was submitted, the newest first; `before` is the last case of the page before."""
    newest = _ids(session, actor, filters, limit + 1, before)
    shown = select(newest.c.id).order_by(newest.c.id.desc()).limit(limit + 1).subquery()
    found = session.execute(_rows().join(shown, shown.c.id == Case.id).order_by(Case.id.desc())).all()
    return page_of(found, limit, lambda row: _line(row, actor, reference, today), lambda row: row.case_id)


def register_count(session: Session, actor: Actor, filters: Filters) -> int:
    """How many applications the list has, counted to the cap at most."""
    found = select(_ids(session, actor, filters, CAP + 1).c.id).limit(CAP + 1).subquery()
    return session.execute(select(func.count()).select_from(found)).scalar_one()


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Case.id.label("case_id"), Case.number, Organisation.name.label("organisation"), Application.line,
            Application.award_year, Application.amount_yuan, Application.approved_yuan, Case.state,
            Case.township_id, Case.unit_id, Person.name.label("handler"), Case.due_on, Case.waiting,
            Case.timer_at, Case.closed_at, Case.organisation_id,
        )
        .join(Application, Application.case_id == Case.id)
        .join(Organisation, Organisation.id == Case.organisation_id)
        .outerjoin(Person, Person.id == Case.handler_id)
    )  # fmt: skip


def _ids(session: Session, actor: Actor, filters: Filters, most: int, before: int | None = None) -> Subquery:
    """The newest cases that meet the filters, at most so many for each index that leads to some of them."""
    conditions = [visible(actor), Case.number.is_not(None), *_narrowed(actor, filters)]
    if before is not None:
        conditions.append(Case.id < before)
    # Words lead to few cases by an index: the sum keeps SQLite from walking through all of them instead.
    latest_first = (Case.id + 0 if filters.words else Case.id).desc()
    found = matches(session, filters.words) if filters.words else (true(),)
    ids = select(Case.id)
    if filters.award_year is not None:
        of_year = Application.award_year == filters.award_year
        ids = ids.join(Application, (Application.case_id == Case.id) & of_year)
    parts = [
        ids.where(scope, match, *conditions).order_by(latest_first).limit(most).subquery()
        for scope in _scopes(actor)
        for match in found
    ]
    return union(*(select(part.c.id) for part in parts)).subquery()


def _scopes(actor: Actor) -> Iterator[ColumnElement[bool]]:
    """Where her cases are found: in her townships, or with her office, which was ordered to handle them."""
    if actor.roles & DISTRICT_ROLES:
        yield true()
        return
    townships = sorted(actor.units_as("township_officer"))
    # One township is read in the order of its index; several have to be sorted.
    yield Case.township_id == townships[0] if len(townships) == 1 else Case.township_id.in_(townships)
    # Named by their process, the index of sections tells the others' from her own without looking them up.
    yield and_(held_by_her_units(actor), Case.process == APPLICATION, Case.township_id.not_in(townships))


def _narrowed(actor: Actor, filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.state is not None:
        yield (Case.process == APPLICATION) & (Case.state == filters.state)
        yield from told_where(actor)
    else:
        yield is_application()
    if filters.township_id is not None:
        yield Case.township_id == filters.township_id


def _line(row: Any, actor: Actor, reference: Reference, today: date) -> RegisterRow:
    columns = dict(row._mapping)
    for name in ("timer_at", "closed_at", "state"):
        del columns[name]
    outsider = is_outsider(actor, columns.pop("organisation_id"))
    columns["unit_id"] = unit_shown(row.unit_id, row.state, outsider=outsider)
    columns["handler"] = None if outsider else row.handler
    return RegisterRow(
        **columns,
        state_label=state_label(row.state, outsider=outsider),
        is_closed=row.closed_at is not None,
        level=AlertLevel.NONE if row.waiting else level_of(row, today, reference.calendar),
        ends_by_itself=ends_by_itself(row),
    )
