"""All applications within somebody's scope, newest first, by state, township, award year or words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from workflow.clock.alerts import AlertLevel, urgency
from workflow.lists.paging import PAGE_SIZE, Page, capped, page_of
from workflow.lists.scope import visible
from workflow.people.actors import Actor
from workflow.process.scope import APPLICATION
from workflow.reference import Reference
from workflow.storage.cases import Application, Case
from workflow.storage.people import Organisation, Person

# Names many share, such as 公司: so many organisations are looked into.
MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """Which applications are listed; what is not given does not narrow."""

    state: str | None = None
    township_id: int | None = None
    award_year: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One application of the list."""

    case_id: int
    number: str
    organisation: str
    line: str
    award_year: int | None
    amount_yuan: int
    approved_yuan: int
    state: str
    township_id: int | None
    unit_id: int | None
    handler: str | None
    due_on: date | None
    level: AlertLevel
    waiting: bool
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
    statement = (
        select(
            Case.id.label("case_id"), Case.number, Organisation.name.label("organisation"), Application.line,
            Application.award_year, Application.amount_yuan, Application.approved_yuan, Case.state,
            Case.township_id, Case.unit_id, Person.name.label("handler"), Case.due_on, Case.waiting,
            Case.closed_at.is_not(None).label("is_closed"),
        )
        .join(Application, Application.case_id == Case.id)
        .join(Organisation, Organisation.id == Case.organisation_id)
        .outerjoin(Person, Person.id == Case.handler_id)
        .where(*_conditions(actor, filters))
        .order_by(Case.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if before is not None:
        statement = statement.where(Case.id < before)
    found = session.execute(statement).all()
    return page_of(found, limit, lambda row: _line(row, reference, today), lambda row: row.case_id)


def register_count(session: Session, actor: Actor, filters: Filters) -> int:
    """How many applications the list has, counted to the cap at most."""
    return session.execute(select(capped(*_conditions(actor, filters)))).scalar_one()


def _conditions(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    return [Case.process == APPLICATION, visible(actor), Case.number.is_not(None), *_narrowed(filters)]


def _narrowed(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.state is not None:
        yield Case.state == filters.state
    if filters.township_id is not None:
        yield Case.township_id == filters.township_id
    if filters.award_year is not None:
        application = exists().where(
            Application.case_id == Case.id, Application.award_year == filters.award_year
        )
        yield application.correlate(Case)
    if filters.words:
        yield or_(Case.number.istartswith(filters.words, autoescape=True), *_named(filters.words))


def _named(words: str) -> Iterator[ColumnElement[bool]]:
    code = Organisation.credit_code.istartswith(words, autoescape=True)
    name = Organisation.name.icontains(words, autoescape=True)
    for match in (code, name):
        yield Case.organisation_id.in_(select(Organisation.id).where(match).limit(MOST_NAMES))


def _line(row: Any, reference: Reference, today: date) -> RegisterRow:
    quiet = row.waiting or row.is_closed
    level = AlertLevel.NONE if quiet else urgency(row.due_on, today, reference.calendar)
    return RegisterRow(**row._mapping, level=level)
