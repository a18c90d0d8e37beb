"""How far back in time what has ended can be copied, so that every step keeps its working days."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from workflow.clock.calendar import WorkingCalendar
from workflow.clock.days import shanghai_day

Row = Mapping[str, Any]

WEEKS = 104
# An award is claimed at the earliest this long after it was given.
AFTER_AWARD = timedelta(20)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SUBMISSIONS = frozenset({"open", "submit", "resubmit"})


def weeks_to_move(
    cases: Iterable[Row], steps: Iterable[Row], events: Iterable[Row], awarded: Iterable[date],
    calendar: WorkingCalendar, most: int,
) -> list[timedelta]:  # fmt: skip
    """At most so many times by which all this may have been earlier; the first is not at all."""
    opened = min(shanghai_day(case["opened_at"]) for case in cases)
    ended = all(case["closed_at"] for case in cases)
    if not ended or any(_names_a_day(event) for event in events):
        return [timedelta(0)]
    latest = max(awarded, default=opened - timedelta(weeks=WEEKS))
    possible = min(WEEKS, (opened - AFTER_AWARD - latest).days // 7)
    spans = [span for step in steps for span in _spans(step)]
    fitting = [
        timedelta(weeks=weeks)
        for weeks in range(1, possible + 1)
        if all(_is_alike(span, timedelta(weeks=weeks), calendar) for span in spans)
    ]
    return [timedelta(0), *fitting[:: max(1, -(-len(fitting) // (most - 1)))]]


def _spans(step: Row) -> Sequence[tuple[date, date]]:
    entered = shanghai_day(step["entered_at"])
    left = step["left_at"] and shanghai_day(step["left_at"])
    return [(entered, day) for day in (step["due_on"], left) if day is not None]


def _is_alike(span: tuple[date, date], by: timedelta, calendar: WorkingCalendar) -> bool:
    first, last = span
    return (
        calendar.is_working(last) == calendar.is_working(last - by)
        and calendar.is_working(first) == calendar.is_working(first - by)
        and calendar.working_days_between(first, last) == calendar.working_days_between(first - by, last - by)
    )


def _names_a_day(event: Row) -> bool:
    """Whether words of this act name a day, which would be another one in a copy that is moved."""
    if event["action"] in _SUBMISSIONS:
        return False
    words = json.dumps([event["reason"], event["details"]], default=str)
    return bool(_DAY.search(words))
