"""Finding a case by number, organisation, credit code or handler, within the scope of who asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, union
from sqlalchemy.orm import Session

from workflow.clock.alerts import AlertLevel, level_of
from workflow.clock.due import ends_by_itself
from workflow.lists.matching import MOST_NAMES, are_too_many, matches
from workflow.lists.overview import unit_name
from workflow.lists.scope import of_others, visible
from workflow.people.actors import Actor
from workflow.process.disclosure import is_outsider, state_label, unit_shown
from workflow.reference import Reference
from workflow.storage.cases import Application, Case
from workflow.storage.people import Organisation, Person

MOST = 50
LONGEST = 100


@dataclass(frozen=True, slots=True)
class FoundCase:
    """One case a search has found. `state_label` is the code of the state's label for this reader."""

    case_id: int
    process: str
    number: str | None
    organisation: str | None
    credit_code: str | None
    line: str | None
    amount_yuan: int | None
    state: str
    state_label: str
    unit: str
    handler: str | None
    due_on: date | None
    level: AlertLevel
    waiting: bool
    ends_by_itself: bool
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found, newest first; `more`: there are, or may be, more than are shown."""

    rows: tuple[FoundCase, ...]
    more: bool


def search(session: Session, actor: Actor, reference: Reference, today: date, words: str) -> Found:
    """The cases she may see by number or credit code, or by name of organisation or handler."""
    text = " ".join(words.split())[:LONGEST]
    if not text:
        return Found((), more=False)
    conditions = (*matches(session, text), *_in_hands(actor, text))
    found = union(*(_newest(actor, condition) for condition in conditions)).subquery()
    shown = select(found.c.id).order_by(found.c.id.desc()).limit(MOST + 1).subquery()
    rows = session.execute(_rows().join(shown, shown.c.id == Case.id).order_by(Case.id.desc())).all()
    cases = tuple(_found(row, actor, reference, today) for row in rows[:MOST])
    return Found(cases, more=len(rows) > MOST or are_too_many(session, text))


def _in_hands(actor: Actor, text: str) -> Iterator[ColumnElement[bool]]:
    if actor.unit_ids:
        people = select(Person.id).where(Person.name.contains(text, autoescape=True)).limit(MOST_NAMES)
        # Nor does an officer learn by a name with whom her own firm's case lies.
        yield and_(Case.closed_at.is_(None), Case.handler_id.in_(people), *of_others(actor))


def _newest(actor: Actor, match: ColumnElement[bool]) -> Select[int]:
    # The sum keeps SQLite from walking through all cases in order of id until enough of them match.
    latest_first = (Case.id + 0).desc()
    newest = select(Case.id).where(visible(actor), match).order_by(latest_first).limit(MOST + 1).subquery()
    return select(newest.c.id)


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Case.id.label("case_id"), Case.process, Case.number, Case.organisation_id,
            Organisation.name.label("organisation"), Organisation.credit_code, Application.line,
            Application.amount_yuan, Case.state, Case.unit_id, Person.name.label("handler"), Case.waiting,
            Case.due_on, Case.timer_at, Case.closed_at,
        )
        .outerjoin(Organisation, Organisation.id == Case.organisation_id)
        .outerjoin(Application, Application.case_id == Case.id)
        .outerjoin(Person, Person.id == Case.handler_id)
    )  # fmt: skip


def _found(row: Any, actor: Actor, reference: Reference, today: date) -> FoundCase:
    columns = dict(row._mapping)
    outsider = is_outsider(actor, columns.pop("organisation_id"))
    del columns["timer_at"]
    unit_id = unit_shown(columns.pop("unit_id"), columns["state"], outsider=outsider)
    if outsider:
        columns["handler"] = None
    return FoundCase(
        unit=unit_name(reference, actor, unit_id),
        state_label=state_label(columns["state"], outsider=outsider),
        level=AlertLevel.NONE if row.waiting else level_of(row, today, reference.calendar),
        ends_by_itself=ends_by_itself(row),
        **columns,
    )
