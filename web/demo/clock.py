"""Where the demo's clock goes when it is pushed: to the next working morning, or some working days on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from workflow.clock.calendar import WorkingCalendar
from workflow.clock.days import SHANGHAI, moment_on, shanghai_day

MORNING = time(8, 30)
NEXT_MORNING = "next_morning"
WORKING_DAYS: Mapping[str, int] = {"1": 1, "5": 5}
MOVES = frozenset({NEXT_MORNING, *WORKING_DAYS})


def moved(now: datetime, move: str, calendar: WorkingCalendar) -> datetime:
    """The later moment a move leads to."""
    today = shanghai_day(now)
    if move in WORKING_DAYS:
        at = now.astimezone(SHANGHAI).time()
        return moment_on(calendar.add_working_days(today, WORKING_DAYS[move]), at)
    this_morning = moment_on(today, MORNING)
    if calendar.is_working(today) and now < this_morning:
        return this_morning
    return moment_on(calendar.next_working(today), MORNING)
