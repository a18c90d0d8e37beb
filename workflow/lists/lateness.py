"""Lateness as ranges of due days, so that a query can ask for it; each range says what `clock.due` says."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, or_, true

from workflow.clock.alerts import Bucket, DueRange, bucket_bounds
from workflow.clock.calendar import WorkingCalendar
from workflow.storage.cases import Case

DAY = timedelta(1)


class Ageing(StrEnum):
    """How long overdue, in working days."""

    TO_5 = "to_5"
    TO_10 = "to_10"
    OVER_10 = "over_10"


_DAYS: dict[Ageing, tuple[int, int | None]] = {
    Ageing.TO_5: (0, 5),
    Ageing.TO_10: (6, 10),
    Ageing.OVER_10: (11, None),
}


def late_by(today: date, calendar: WorkingCalendar, least: int, most: int | None = None) -> DueRange:
    """The due days that are overdue today by `least` to `most` working days."""
    latest = today - DAY if least == 0 else _due_of_lateness(today, calendar, least)
    earliest = None if most is None else _due_of_lateness(today, calendar, most + 1) + DAY
    return DueRange(earliest, latest)


def ageing_range(ageing: Ageing, today: date, calendar: WorkingCalendar) -> DueRange:
    return late_by(today, calendar, *_DAYS[ageing])


def office_clock_runs() -> ColumnElement[bool]:
    """The same as `clock.due.office_clock_runs`, as a condition on open cases."""
    # That they are open their list has said: of a condition said twice PostgreSQL expects much fewer rows.
    return and_(Case.waiting == false(), Case.timer_at.is_(None))


def in_bucket(
    bucket: Bucket, today: date, calendar: WorkingCalendar
) -> tuple[DueRange, tuple[ColumnElement[bool], ...]]:
    """The due days of a bucket of a worklist, and what a case due on one of them has to meet beside."""
    bounds = bucket_bounds(today, calendar)
    if bucket is Bucket.WAITING:
        return DueRange(None, None), (Case.waiting == true(),)
    if bucket is Bucket.WITHOUT_LIMIT:
        # A draft for instance: it is in nobody's time, so it cannot be within it.
        return DueRange(None, None), (office_clock_runs(), Case.due_on.is_(None))
    if bucket is Bucket.LATER:
        # What a timer ends presses nobody, whenever that is.
        calm = or_(Case.due_on >= bounds[bucket].from_on, Case.timer_at.is_not(None))
        return DueRange(None, None), (Case.waiting == false(), calm)
    return bounds[bucket], (office_clock_runs(),)


def _due_of_lateness(today: date, calendar: WorkingCalendar, days: int) -> date:
    # `days` working days lie after the last such due day, up to and with today.
    return calendar.subtract_working_days(today + DAY, days) - DAY
