"""What an applicant finds at home: her applications as cards, what is asked of her first, and her drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from workflow.clock.alerts import AlertLevel, level_of
from workflow.clock.due import ends_by_itself, is_late
from workflow.lists.overview import unit_name
from workflow.lists.paging import Page, page_of
from workflow.lists.scope import is_application, is_one_of, visible
from workflow.lists.track import Node, short_track
from workflow.people.actors import Actor
from workflow.process.definitions import process_of
from workflow.process.disclosure import SUPERVISION, state_label
from workflow.process.scope import APPLICATION
from workflow.reference import Reference
from workflow.storage.cases import Application, Case, Event, Step
from workflow.storage.people import Organisation

CARDS = 20
MOST_ASKED = 50
MOST_DRAFTS = 50


@dataclass(frozen=True, slots=True)
class Card:
    """One application as its organisation sees it. `waiting`: the case waits for her until `due_on`.

    `holder` is the unit that has it, empty when it lies with the organisation or with nobody.
    """

    case_id: int
    version: int
    number: str | None
    organisation_id: int
    organisation: str
    line: str
    award_year: int | None
    amount_yuan: int
    approved_yuan: int
    paid_yuan: int
    state: str
    state_label: str
    holder: str
    due_on: date | None
    level: AlertLevel
    closed_at: datetime | None
    waiting: bool
    ends_by_itself: bool
    defects: tuple[str, ...]
    track: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """An application that was not submitted, whether it still may be or was deleted."""

    case_id: int
    version: int
    organisation_id: int
    organisation: str
    line: str
    award_year: int | None
    amount_yuan: int
    opened_at: datetime


def my_applications(
    session: Session,
    actor: Actor,
    reference: Reference,
    today: date,
    *,
    after: int | None = None,
    limit: int = CARDS,
) -> Page[Card]:
    """The applications, once submitted, of her organisations: first those that wait for her, then the newest.

    `after` is the id of the last card of the page before.
    """
    statement = _rows().where(
        _of_her_organisations(actor), Case.process == APPLICATION, Case.number.is_not(None)
    )
    asked = [] if after is not None else session.execute(statement.where(*_asking()).limit(MOST_ASKED)).all()
    rest = statement.where(or_(Case.waiting == false(), Case.closed_at.is_not(None)))
    if after is not None:
        rest = rest.where(Case.id < after)
    found = session.execute(rest.limit(limit + 1)).all()
    cards = _cards(session, [*asked, *found[:limit]], actor, reference, today)
    page = page_of(found, limit, lambda row: cards[row.case_id], lambda row: row.case_id)
    return Page((*(cards[row.case_id] for row in asked), *page.rows), page.next)


def drafts(session: Session, actor: Actor) -> tuple[Draft, ...]:
    """Her organisations' drafts, and those her office enters for somebody; the newest first."""
    theirs = [_of_her_organisations(actor)] if actor.organisation_ids else []
    if actor.unit_ids:
        theirs.append(is_one_of(Case.township_id, actor.unit_ids))
    return _never_submitted(session, visible(actor), or_(false(), *theirs), Case.state == "draft")


def deleted_drafts(session: Session, actor: Actor) -> tuple[Draft, ...]:
    """The drafts her organisations deleted and never submitted; the newest first."""
    deleted = and_(Case.state != "draft", Case.number.concat("").is_(None))
    return _never_submitted(session, _of_her_organisations(actor), deleted)


def _never_submitted(session: Session, *which: ColumnElement[bool]) -> tuple[Draft, ...]:
    rows = session.execute(
        select(
            Case.id.label("case_id"), Case.version, Application.organisation_id,
            Organisation.name.label("organisation"), Application.line, Application.award_year,
            Application.amount_yuan, Case.opened_at,
        )
        .join(Application, Application.case_id == Case.id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(is_application(), *which)
        .order_by(Case.id.desc())
        .limit(MOST_DRAFTS)
    )  # fmt: skip
    return tuple(Draft(**row._mapping) for row in rows)


def _of_her_organisations(actor: Actor) -> ColumnElement[bool]:
    return is_one_of(Case.organisation_id, actor.organisation_ids)


def _asking() -> tuple[ColumnElement[bool], ...]:
    return Case.waiting == true(), Case.closed_at.is_(None)


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Case.id.label("case_id"), Case.version, Case.number, Application.organisation_id,
            Organisation.name.label("organisation"), Application.line, Application.award_year,
            Application.amount_yuan, Application.approved_yuan, Application.paid_yuan, Case.state,
            Case.process, Case.process_version, Case.unit_id, Case.waiting, Case.due_on,
            Case.timer_at, Case.closed_at,
        )
        .join(Application, Application.case_id == Case.id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .order_by(Case.id.desc())
    )  # fmt: skip


def _cards(
    session: Session, rows: Sequence[Row[Any]], actor: Actor, reference: Reference, today: date
) -> dict[int, Card]:
    visited = _visited(session, [row.case_id for row in rows])
    defects = _defects(session, [row.case_id for row in rows if row.waiting])
    cards = {}
    for row in rows:
        process = process_of(session, row.process, row.process_version)
        columns = dict(row._mapping)
        for name in ("process", "process_version", "unit_id", "timer_at"):
            del columns[name]
        cards[row.case_id] = Card(
            **columns,
            state_label=state_label(row.state, outsider=True),
            holder=""
            if row.waiting or row.state == SUPERVISION
            else unit_name(reference, actor, row.unit_id),
            level=level_of(row, today, reference.calendar),
            ends_by_itself=ends_by_itself(row),
            defects=defects.get(row.case_id, ()),
            track=short_track(process, visited.get(row.case_id, {}), row.state, is_late=is_late(row, today)),
        )
    return cards


def _visited(session: Session, case_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """The number of the last step in each state each case has been in."""
    if not case_ids:
        return {}
    found = session.execute(
        select(Step.case_id, Step.state, func.max(Step.number).label("number"))
        .where(Step.case_id.in_(case_ids))
        .group_by(Step.case_id, Step.state)
    )
    visited: dict[int, dict[str, int]] = {}
    for row in found:
        visited.setdefault(row.case_id, {})[row.state] = row.number
    return visited


def _defects(session: Session, case_ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    """What was asked to be corrected, the last time it was asked."""
    if not case_ids:
        return {}
    found = session.execute(
        select(Event.case_id, Event.details)
        .where(Event.case_id.in_(case_ids), Event.action == "request_correction")
        .order_by(Event.case_id, Event.number)
    )
    return {row.case_id: tuple(row.details.get("defects", ())) for row in found}
