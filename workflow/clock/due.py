"""When a step is due and whether it is late.

The one place where lateness is computed; everything else calls it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from workflow.clock.calendar import WorkingCalendar


class Clocked(Protocol):
    """A case as far as lateness goes: its row, its facts, or a line of a list that has these columns."""

    @property
    def due_on(self) -> date | None: ...
    @property
    def waiting(self) -> bool: ...
    @property
    def timer_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...


def due_on(entered: date, limit_days: int, used_before: int, calendar: WorkingCalendar) -> date:
    """The last day in time for a step entered on `entered` with `limit_days` working days.

    Day 1 is the next working day, also from a day of rest. Days used in earlier stays are taken off,
    but a returning step has at least one day left.
    """
    return calendar.add_working_days(entered, remaining_days(limit_days, used_before))


def remaining_days(limit_days: int, used_before: int) -> int:
    """Working days a stay may last after `used_before` were used: at least one."""
    if limit_days < 1 or used_before < 0:
        raise ValueError(f"a limit of {limit_days} days with {used_before} used is no limit")
    return max(1, limit_days - used_before)


def used_days(entered: date, left: date, calendar: WorkingCalendar) -> int:
    """Working days a stay has used; the day on which the clock stops counts as used."""
    return calendar.working_days_between(entered, left)


def is_overdue(due_on: date | None, today: date) -> bool:
    """Late is a step whose due day has passed; due today is in time, and without a limit nothing is late."""
    return due_on is not None and today > due_on


def office_clock_runs(case: Clocked) -> bool:
    """Whether an office has to act: not while the organisation or only a timer is waited for."""
    return case.closed_at is None and not case.waiting and case.timer_at is None


def ends_by_itself(case: Clocked) -> bool:
    """Whether nobody has to act: a timer ends the stay on its day, and nobody can be late."""
    return case.closed_at is None and not case.waiting and case.timer_at is not None


def is_late(case: Clocked, today: date) -> bool:
    """Whether the open step of a case is red: an office has to act and its day has passed."""
    return office_clock_runs(case) and is_overdue(case.due_on, today)


def days_late(due_on: date | None, today: date, calendar: WorkingCalendar) -> int:
    """Working days begun since the due day; 0 in time, and 0 while only days of rest have passed since."""
    return 0 if due_on is None else calendar.working_days_between(due_on, today)


def days_left(due_on: date, today: date, calendar: WorkingCalendar) -> int:
    """Working days after today up to and with the due day; 0 when it is due today or late."""
    return calendar.working_days_between(today, due_on)
