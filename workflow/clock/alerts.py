"""Alert levels of a step: which holds on a day, at which moment each begins, and the buckets of a worklist.

Whether a step is late is asked of `due`; who is told lives in the process and in notifications.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from workflow.clock.calendar import WorkingCalendar
from workflow.clock.days import moment_on
from workflow.clock.due import Clocked, days_left, ends_by_itself, is_late, is_overdue


class AlertLevel(StrEnum):
    NONE = "none"
    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


class Bucket(StrEnum):
    """The parts of a worklist; `waiting` is a matter of the state, the others of the due day."""

    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    NEAR = "near"
    LATER = "later"
    WITHOUT_LIMIT = "without_limit"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many working days left a step is blue (0: never), and when in the day people are told."""

    near_days: int = 2
    told_at: time = time(8, 30)

    def __post_init__(self) -> None:
        if self.near_days < 0:
            raise ValueError(f"near_days is {self.near_days} but cannot be negative")


DEFAULT = Thresholds()


class DueRange(NamedTuple):
    """Due days from `from_on` to `until_on`, both included; None is open, from after until is empty."""

    from_on: date | None
    until_on: date | None

    def __contains__(self, day: object) -> bool:
        return (
            isinstance(day, date)
            and (self.from_on is None or self.from_on <= day)
            and (self.until_on is None or day <= self.until_on)
        )


def urgency(
    due_on: date | None, today: date, calendar: WorkingCalendar, thresholds: Thresholds = DEFAULT
) -> AlertLevel:
    # Due today is still in time: it is red only when the day has passed.
    if due_on is None:
        return AlertLevel.NONE
    if is_overdue(due_on, today):
        return AlertLevel.RED
    left = days_left(due_on, today, calendar)
    # A due day that became a day of rest leaves no working day before it is reached: that is yellow too.
    if left == 0:
        return AlertLevel.YELLOW
    return AlertLevel.BLUE if left <= thresholds.near_days else AlertLevel.NONE


def level_of(
    case: Clocked, today: date, calendar: WorkingCalendar, thresholds: Thresholds = DEFAULT
) -> AlertLevel:
    """The level at which a list or a page shows a case: red only when an office is late."""
    # What ends by itself asks nobody for anything.
    if case.closed_at is not None or ends_by_itself(case):
        return AlertLevel.NONE
    level = urgency(case.due_on, today, calendar, thresholds)
    # What waits for the organisation stays past its day until its timer was run; no office is late with it.
    passed = level is AlertLevel.RED and not is_late(case, today)
    return AlertLevel.YELLOW if passed else level


# Many cases share the day they entered and the day they are due.
@lru_cache(1024)
def alert_moments(
    entered_on: date, due_on: date, calendar: WorkingCalendar, thresholds: Thresholds = DEFAULT
) -> tuple[tuple[AlertLevel, datetime], ...]:
    """Each level told in a step entered on a day, with the moment (UTC) at which it begins, in order.

    Blue begins on the first working day with `near_days` or fewer left, yellow on the last working day
    in time, red on the day after the due day, whether or not that is a working day. A step that has no more
    days than that when it is entered has no blue: whoever gets it hears of it anyhow.
    """
    last_working = calendar.subtract_working_days(due_on + timedelta(1), 1)
    begins = [
        (AlertLevel.YELLOW, last_working),
        (AlertLevel.RED, due_on + timedelta(1)),
    ]
    near_from = calendar.subtract_working_days(last_working, thresholds.near_days)
    if entered_on < near_from < last_working:
        begins.insert(0, (AlertLevel.BLUE, near_from))
    return tuple((level, moment_on(day, thresholds.told_at)) for level, day in begins)


def passed_levels(
    moments: Iterable[tuple[AlertLevel, datetime]], now: datetime, already: Collection[AlertLevel] = ()
) -> tuple[AlertLevel, ...]:
    """The levels which have begun at `now` and were not told yet, in order; after a downtime several."""
    return tuple(level for level, moment in moments if moment <= now and level not in already)


def next_alert_at(
    moments: Iterable[tuple[AlertLevel, datetime]], now: datetime, already: Collection[AlertLevel] = ()
) -> datetime | None:
    """When the next level not yet told is to be told: `now` if one has begun, None if all were told."""
    untold = [moment for level, moment in moments if level not in already]
    return max(now, min(untold)) if untold else None


def bucket(
    due_on: date | None, today: date, calendar: WorkingCalendar, thresholds: Thresholds = DEFAULT
) -> Bucket:
    """Where a step that waits for nobody else stands in a worklist."""
    if due_on is None:
        return Bucket.WITHOUT_LIMIT
    return {
        AlertLevel.RED: Bucket.OVERDUE,
        AlertLevel.YELLOW: Bucket.DUE_TODAY,
        AlertLevel.BLUE: Bucket.NEAR,
        AlertLevel.NONE: Bucket.LATER,
    }[urgency(due_on, today, calendar, thresholds)]


def bucket_bounds(
    today: date, calendar: WorkingCalendar, thresholds: Thresholds = DEFAULT
) -> Mapping[Bucket, DueRange]:
    """The due days of each bucket, so that a query counts by ranges; together they cover every day once."""
    near_from = calendar.next_working(today)
    later_from = calendar.add_working_days(today, thresholds.near_days + 1)
    day = timedelta(1)
    return {
        Bucket.OVERDUE: DueRange(None, today - day),
        Bucket.DUE_TODAY: DueRange(today, near_from - day),
        Bucket.NEAR: DueRange(near_from, later_from - day),
        Bucket.LATER: DueRange(later_from, None),
    }
