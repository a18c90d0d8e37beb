"""The worklist of an office: its open cases by due day, how many are in each bucket, which comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, false, func, or_, select
from sqlalchemy.orm import Session

from workflow.clock.alerts import AlertLevel, Bucket, DueRange, level_of
from workflow.clock.calendar import WorkingCalendar
from workflow.clock.due import ends_by_itself
from workflow.lists.lateness import in_bucket
from workflow.lists.paging import (
    EVERY_DAY,
    KEPT_STATEMENTS,
    PAGE_SIZE,
    Page,
    Place,
    by_due,
    capped,
    due_within,
    page_of,
)
from workflow.lists.scope import held_by_her_units
from workflow.lists.sections import SECTIONS
from workflow.people.actors import Actor
from workflow.process.disclosure import is_outsider, state_label
from workflow.reference import Reference
from workflow.storage.cases import Application, Case, Referral, Step
from workflow.storage.people import Organisation, OrganisationTag, Person

# What a line is worked out from but does not carry itself.
_NOT_SHOWN = frozenset({"id", "timer_at", "closed_at", "handler", "handler_id"})

_STAYS = (
    select(Step.case_id, Step.state, func.count().label("stays"))
    .where(Step.case_id.in_(bindparam("case_ids", expanding=True)))
    .group_by(Step.case_id, Step.state)
)
_TAGS = (
    select(OrganisationTag.organisation_id, OrganisationTag.tag)
    .where(OrganisationTag.organisation_id.in_(bindparam("organisation_ids", expanding=True)))
    .where(OrganisationTag.from_on <= bindparam("today"))
    .where(or_(OrganisationTag.to_on.is_(None), OrganisationTag.to_on >= bindparam("today")))
    .order_by(OrganisationTag.tag)
)


class Hands(StrEnum):
    """In whose hands a case is, as the reader sees it."""

    MINE = "mine"
    OTHER = "other"
    UNTAKEN = "untaken"


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One case on a worklist. `stays_before` counts its earlier stays in the present state.

    `is_outsider`: it is of the reader's own organisation, and she is told what that is told.
    """

    case_id: int
    version: int
    process: str
    number: str | None
    state: str
    state_label: str
    organisation_id: int | None
    organisation: str | None
    line: str | None
    award_year: int | None
    amount_yuan: int | None
    unit_id: int | None
    handler: str | None
    hands: Hands
    waiting: bool
    due_on: date | None
    level: AlertLevel
    ends_by_itself: bool
    stays_before: int
    # Dated marks on the organisation that are in force, for example its being listed as dishonest.
    tags: tuple[str, ...]
    # The unit a referral is about.
    about_unit_id: int | None
    is_outsider: bool


@dataclass(frozen=True, slots=True)
class BucketCounts:
    """How many cases stand in each bucket, counted to the cap at most, and the worst of the overdue."""

    by_bucket: Mapping[Bucket, int]
    overdue_mine: int
    oldest_due_on: date | None


def worklist(
    session: Session,
    actor: Actor,
    reference: Reference,
    today: date,
    *,
    bucket: Bucket | None = None,
    hands: Hands | None = None,
    section: str | None = None,
    after: Place | None = None,
    limit: int = PAGE_SIZE,
) -> Page[WorkRow]:
    """The open cases of her units, earliest due day first.

    Without a bucket these are the office's own; those waiting for the organisation are the bucket `waiting`.
    """
    span, statement = _listing(actor, today, reference.calendar, bucket, hands, section)
    found = by_due(session, statement, span, after, limit + 1)
    lines = {line.case_id: line for line in _lines(session, actor, reference, today, found[:limit])}
    return page_of(found, limit, lambda row: lines[row.id], lambda row: Place(row.due_on, row.id))


@lru_cache(KEPT_STATEMENTS)
def _listing(
    actor: Actor,
    today: date,
    calendar: WorkingCalendar,
    bucket: Bucket | None,
    hands: Hands | None,
    section: str | None,
) -> tuple[DueRange, Select[*tuple[Any, ...]]]:
    own_work = EVERY_DAY, (Case.waiting == false(),)
    span, conditions = own_work if bucket is None else in_bucket(bucket, today, calendar)
    return span, _rows().where(held_by_her_units(actor), *conditions, *_filters(actor, hands, section))


def bucket_counts(session: Session, actor: Actor, reference: Reference, today: date) -> BucketCounts:
    """The numbers above the list, in one statement."""
    row = session.execute(_counting(actor, today, reference.calendar)).one()
    named = row._mapping
    return BucketCounts({bucket: named[bucket.value] for bucket in Bucket}, row.mine, row.oldest)


@lru_cache(KEPT_STATEMENTS)
def _counting(actor: Actor, today: date, calendar: WorkingCalendar) -> Select[*tuple[Any, ...]]:
    conditions = {bucket: _of_bucket(actor, bucket, today, calendar) for bucket in Bucket}
    late = conditions[Bucket.OVERDUE]
    return select(
        *(capped(*meets).label(bucket.value) for bucket, meets in conditions.items()),
        capped(*late, Case.handler_id == actor.person_id).label("mine"),
        select(func.min(Case.due_on)).where(*late).scalar_subquery().label("oldest"),
    )


def _of_bucket(
    actor: Actor, bucket: Bucket, today: date, calendar: WorkingCalendar
) -> tuple[ColumnElement[bool], ...]:
    span, conditions = in_bucket(bucket, today, calendar)
    return held_by_her_units(actor), *conditions, *due_within(span)


def next_in_list(
    session: Session, actor: Actor, reference: Reference, today: date, after_case: int
) -> WorkRow | None:
    """The most urgent case beside this one: the first due of her own, else of what nobody has taken on.

    A draft has no number yet and presses nobody; what only a timer ends asks for nothing.
    """
    theirs = _rows().where(
        held_by_her_units(actor), Case.waiting == false(), Case.timer_at.is_(None),
        Case.number.is_not(None), Case.id != after_case,
    )  # fmt: skip
    for hands in (Case.handler_id == actor.person_id, Case.handler_id.is_(None)):
        if found := by_due(session, theirs.where(hands), EVERY_DAY, None, 1):
            return next(iter(_lines(session, actor, reference, today, found)))
    return None


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Case.id, Case.version, Case.process, Case.number, Case.state, Case.organisation_id,
            Organisation.name.label("organisation"), Application.line, Application.award_year,
            Application.amount_yuan, Case.unit_id, Case.handler_id, Person.name.label("handler"),
            Case.waiting, Case.due_on, Case.timer_at, Case.closed_at, Referral.about_unit_id,
        )
        .outerjoin(Organisation, Organisation.id == Case.organisation_id)
        .outerjoin(Application, Application.case_id == Case.id)
        .outerjoin(Referral, Referral.case_id == Case.id)
        .outerjoin(Person, Person.id == Case.handler_id)
    )  # fmt: skip


def _filters(actor: Actor, hands: Hands | None, section: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if hands is Hands.MINE:
        conditions.append(Case.handler_id == actor.person_id)
    elif hands is Hands.UNTAKEN:
        conditions.append(Case.handler_id.is_(None))
    elif hands is Hands.OTHER:
        conditions.append(Case.handler_id != actor.person_id)
    if section is not None and section in SECTIONS:
        conditions.append(SECTIONS[section](actor))
    return conditions


def _lines(
    session: Session, actor: Actor, reference: Reference, today: date, rows: Sequence[Row[Any]]
) -> Iterable[WorkRow]:
    stays = _stays(session, [row.id for row in rows])
    tags = _tags(session, {row.organisation_id for row in rows if row.organisation_id}, today)
    # Once for the page: a row works out its names anew whenever it is asked for them.
    names = rows[0]._fields if rows else ()
    shown = [(place, name) for place, name in enumerate(names) if name not in _NOT_SHOWN]
    for row in rows:
        outsider = is_outsider(actor, row.organisation_id)
        level = AlertLevel.NONE if row.waiting else level_of(row, today, reference.calendar)
        yield WorkRow(
            case_id=row.id,
            state_label=state_label(row.state, outsider=outsider),
            handler=None if outsider else row.handler,
            hands=_hands(row.handler_id, actor),
            is_outsider=outsider,
            level=level,
            ends_by_itself=ends_by_itself(row),
            stays_before=stays.get((row.id, row.state), 1) - 1,
            tags=tags.get(row.organisation_id, ()),
            **{name: row[place] for place, name in shown},
        )


def _hands(handler_id: int | None, actor: Actor) -> Hands:
    if handler_id is None:
        return Hands.UNTAKEN
    return Hands.MINE if handler_id == actor.person_id else Hands.OTHER


def _stays(session: Session, case_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """How often each case has stood in each state it has been in."""
    if not case_ids:
        return {}
    found = session.execute(_STAYS, {"case_ids": list(case_ids)})
    return {(row.case_id, row.state): row.stays for row in found}


def _tags(session: Session, organisation_ids: set[int], today: date) -> dict[int, tuple[str, ...]]:
    if not organisation_ids:
        return {}
    found = session.execute(_TAGS, {"organisation_ids": list(organisation_ids), "today": today})
    tags: dict[int, tuple[str, ...]] = {}
    for organisation_id, name in found:
        tags[organisation_id] = (*tags.get(organisation_id, ()), name)
    return tags
