"""Due days and lateness: the boundary days one by one, and a naive count over random calendars."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workflow
from workflow.clock.calendar import CalendarDay, WorkingCalendar, calendar_from_csv
from workflow.clock.due import days_late, days_left, due_on, is_overdue, used_days

CSV = Path(workflow.__file__).parent / "districts" / "changle" / "calendar.csv"
CHANGLE = calendar_from_csv(CSV.read_text(encoding="utf-8"), "calendar.csv")


def test_a_correction_stops_the_clock_and_the_due_day_moves():
    taken_in, asked, answered = date(2026, 11, 5), date(2026, 11, 6), date(2026, 11, 12)

    used = used_days(taken_in, asked, CHANGLE)

    assert due_on(taken_in, 5, 0, CHANGLE) == date(2026, 11, 12)
    assert used == 1
    assert due_on(answered, 5, used, CHANGLE) == date(2026, 11, 18)


@pytest.mark.parametrize(
    ("entered", "limit", "due"),
    [
        (date(2026, 11, 5), 1, date(2026, 11, 6)),
        (date(2026, 11, 6), 1, date(2026, 11, 9)),
        (date(2026, 11, 7), 1, date(2026, 11, 9)),
        (date(2026, 11, 8), 1, date(2026, 11, 9)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 10, 1), 3, date(2026, 10, 10)),
        (date(2026, 10, 7), 4, date(2026, 10, 12)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
    ],
)
def test_day_one_is_the_next_working_day_also_from_a_day_of_rest(entered, limit, due):
    assert due_on(entered, limit, 0, CHANGLE) == due


@pytest.mark.parametrize("used", [5, 6, 40])
def test_a_returning_step_has_at_least_one_day(used):
    assert due_on(date(2026, 11, 12), 5, used, CHANGLE) == date(2026, 11, 13)


def test_a_day_of_rest_on_which_the_clock_stops_uses_nothing():
    assert used_days(date(2026, 11, 5), date(2026, 11, 5), CHANGLE) == 0
    assert used_days(date(2026, 11, 5), date(2026, 11, 8), CHANGLE) == 1
    assert used_days(date(2026, 11, 5), date(2026, 11, 9), CHANGLE) == 2


@pytest.mark.parametrize(("limit", "used"), [(0, 0), (-1, 0), (5, -1)])
def test_a_limit_that_is_none_is_refused(limit, used):
    with pytest.raises(ValueError, match="is no limit"):
        due_on(date(2026, 11, 12), limit, used, CHANGLE)


@pytest.mark.parametrize(
    ("today", "overdue", "late", "left"),
    [
        (date(2026, 11, 12), False, 0, 1),
        (date(2026, 11, 13), False, 0, 0),
        (date(2026, 11, 14), True, 0, 0),
        (date(2026, 11, 15), True, 0, 0),
        (date(2026, 11, 16), True, 1, 0),
        (date(2026, 11, 17), True, 2, 0),
    ],
)
def test_a_step_due_on_friday_is_late_from_saturday_and_counts_from_monday(today, overdue, late, left):
    friday = date(2026, 11, 13)

    assert is_overdue(friday, today) is overdue
    assert days_late(friday, today, CHANGLE) == late
    assert days_left(friday, today, CHANGLE) == left


def test_a_step_without_a_limit_is_never_late():
    assert is_overdue(None, date(2026, 11, 13)) is False
    assert days_late(None, date(2026, 11, 13), CHANGLE) == 0


@st.composite
def calendars(draw):
    marked = draw(st.dictionaries(st.integers(0, 700), st.booleans(), max_size=100))
    official = draw(st.sets(st.sampled_from([2025, 2026, 2027])))
    days = [CalendarDay(date(2025, 6, 1) + timedelta(at), working) for at, working in marked.items()]
    return WorkingCalendar(days, official)


def walked_due(entered: date, allowed: int, calendar: WorkingCalendar) -> date:
    day = entered
    while allowed:
        day += timedelta(1)
        allowed -= calendar.is_working(day)
    return day


@given(
    calendars(),
    st.integers(0, 600).map(lambda at: date(2025, 6, 1) + timedelta(at)),
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=5),
)
def test_the_due_day_after_any_returns_is_the_one_counted_day_by_day(calendar, entered, limit, stays):
    used = walked_used = 0
    for stayed, away in stays:
        left = entered + timedelta(stayed)
        used += used_days(entered, left, calendar)
        walked_used += sum(calendar.is_working(entered + timedelta(step)) for step in range(1, stayed + 1))
        entered = left + timedelta(away)

    due = due_on(entered, limit, used, calendar)

    assert used == walked_used
    assert due == walked_due(entered, max(1, limit - walked_used), calendar)
    assert calendar.is_working(due)
    assert not is_overdue(due, due)
    assert is_overdue(due, due + timedelta(1))
