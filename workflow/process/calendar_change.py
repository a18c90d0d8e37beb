"""A changed working calendar: which due days it moves, and bringing it into use with every move on record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import delete, extract, or_, select
from sqlalchemy.orm import Session

from workflow.clock.calendar import CalendarDay, WorkingCalendar
from workflow.clock.days import shanghai_day
from workflow.errors import Refused
from workflow.people.actors import SYSTEM
from workflow.process.definitions import process_of
from workflow.process.due_day import due_day_under
from workflow.process.perform import perform
from workflow.reference import reference_of, touch_reference
from workflow.storage.cases import Case, Step
from workflow.storage.reference import CalendarDay as CalendarDayRow
from workflow.storage.reference import CalendarYear

MOVE = "move_due_day"


class MovedDueDay(NamedTuple):
    """A case whose open step is due on another day under a changed calendar; a draft has no number."""

    case_id: int
    number: str | None
    old: date
    new: date


def moved_by(session: Session, calendar: WorkingCalendar, now: datetime) -> list[MovedDueDay]:
    """The due days that this calendar would move if it came into use now, by case; nothing is changed.

    A case whose time is up is its timer's. One whose process version does not know the action keeps its day.
    """
    return list(_moved_by(session, calendar, now))


def apply_calendar(
    session: Session, days: Iterable[CalendarDay], years: Collection[int], now: datetime
) -> list[MovedDueDay]:
    """Bring these days and the official lists of these years into use; returns the due days that moved.

    The list of an official year is complete: what was stored for the year before goes. Each moved due day is
    an act of the system on its case, so that its history keeps the old day and its people are told.
    """
    given = list(days)
    _store(session, given, years)
    touch_reference(session)
    moved = moved_by(session, reference_of(session).calendar, now)
    # The newest first: a referral is locked before the older application that its signature takes along.
    done = [each for each in reversed(moved) if _move(session, each.case_id, now)]
    return done[::-1]


def _move(session: Session, case_id: int, now: datetime) -> bool:
    try:
        perform(session, case_id, MOVE, SYSTEM, now=now, seen_version=None)
    except Refused:
        # Somebody acted on it before its lock was ours: it stands elsewhere, or on a day that stays.
        return False
    return True


def _moved_by(session: Session, calendar: WorkingCalendar, now: datetime) -> Iterator[MovedDueDay]:
    rows = session.execute(
        select(
            Case.id, Case.number, Case.process, Case.process_version, Case.state, Case.due_on,
            Step.entered_at, Step.limit_days, Step.used_before,
        )
        .join(Step, (Step.case_id == Case.id) & (Step.number == Case.step_number))
        .where(Case.closed_at.is_(None), Case.due_on.is_not(None), Step.limit_days.is_not(None))
        .where(or_(Case.timer_at.is_(None), Case.timer_at > now))
        .order_by(Case.id)
    )  # fmt: skip
    for row in rows:
        entered_on, today = shanghai_day(row.entered_at), shanghai_day(now)
        new = due_day_under(calendar, entered_on, row.limit_days, row.used_before, row.due_on, today)
        process = process_of(session, row.process, row.process_version)
        if new != row.due_on and process.action(row.state, MOVE) is not None:
            yield MovedDueDay(row.id, row.number, row.due_on, new)


def _store(session: Session, days: Collection[CalendarDay], years: Collection[int]) -> None:
    if years:
        session.execute(delete(CalendarDayRow).where(extract("year", CalendarDayRow.day).in_(years)))
    known = set(session.scalars(select(CalendarYear.year)))
    session.add_all(CalendarYear(year=year) for year in sorted(set(years) - known))
    for each in days:
        row = CalendarDayRow(day=each.day, working=each.working, name_zh=each.name_zh, name_en=each.name_en)
        session.merge(row)
    session.flush()
