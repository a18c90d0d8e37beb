"""Alert levels day by day and moment by moment, and the buckets of a worklist."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workflow
from workflow.catalogue import label
from workflow.clock.alerts import (
    AlertLevel,
    Bucket,
    Thresholds,
    alert_moments,
    bucket,
    bucket_bounds,
    next_alert_at,
    passed_levels,
    urgency,
)
from workflow.clock.calendar import CalendarDay, WorkingCalendar, calendar_from_csv
from workflow.clock.days import SHANGHAI, shanghai_day

CSV = Path(workflow.__file__).parent / "districts" / "changle" / "calendar.csv"
CHANGLE = calendar_from_csv(CSV.read_text(encoding="utf-8"), "calendar.csv")
# A step that was entered so early that every level has its days.
LONG_AGO = date(2025, 1, 1)
NONE, BLUE, YELLOW, RED = AlertLevel.NONE, AlertLevel.BLUE, AlertLevel.YELLOW, AlertLevel.RED


def half_past_eight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("due", "today", "level"),
    [
        # due on a Wednesday
        (date(2026, 11, 18), date(2026, 11, 13), NONE),
        (date(2026, 11, 18), date(2026, 11, 14), NONE),
        (date(2026, 11, 18), date(2026, 11, 15), NONE),
        (date(2026, 11, 18), date(2026, 11, 16), BLUE),
        (date(2026, 11, 18), date(2026, 11, 17), BLUE),
        (date(2026, 11, 18), date(2026, 11, 18), YELLOW),
        (date(2026, 11, 18), date(2026, 11, 19), RED),
        # due on a Monday: the weekend before holds the level of Friday
        (date(2026, 11, 16), date(2026, 11, 11), NONE),
        (date(2026, 11, 16), date(2026, 11, 12), BLUE),
        (date(2026, 11, 16), date(2026, 11, 13), BLUE),
        (date(2026, 11, 16), date(2026, 11, 14), BLUE),
        (date(2026, 11, 16), date(2026, 11, 15), BLUE),
        (date(2026, 11, 16), date(2026, 11, 16), YELLOW),
        # due on a Friday: late on Saturday
        (date(2026, 11, 13), date(2026, 11, 13), YELLOW),
        (date(2026, 11, 13), date(2026, 11, 14), RED),
        # due on the first day after National Day, 29 September being two working days before
        (date(2026, 10, 8), date(2026, 9, 28), NONE),
        (date(2026, 10, 8), date(2026, 9, 29), BLUE),
        (date(2026, 10, 8), date(2026, 10, 7), BLUE),
        (date(2026, 10, 8), date(2026, 10, 8), YELLOW),
        # due on the make-up Saturday
        (date(2026, 10, 10), date(2026, 9, 30), NONE),
        (date(2026, 10, 10), date(2026, 10, 7), NONE),
        (date(2026, 10, 10), date(2026, 10, 8), BLUE),
        (date(2026, 10, 10), date(2026, 10, 9), BLUE),
        (date(2026, 10, 10), date(2026, 10, 10), YELLOW),
        (date(2026, 10, 10), date(2026, 10, 11), RED),
        # a due day that has become a day of rest
        (date(2026, 11, 15), date(2026, 11, 12), BLUE),
        (date(2026, 11, 15), date(2026, 11, 13), YELLOW),
        (date(2026, 11, 15), date(2026, 11, 15), YELLOW),
        (date(2026, 11, 15), date(2026, 11, 16), RED),
    ],
)
def test_the_level_of_each_day_around_the_due_day(due, today, level):
    assert urgency(due, today, CHANGLE) is level


def test_a_step_without_a_limit_is_never_urgent():
    assert urgency(None, date(2026, 11, 13), CHANGLE) is NONE
    assert bucket(None, date(2026, 11, 13), CHANGLE) is Bucket.WITHOUT_LIMIT


@pytest.mark.parametrize(
    ("due", "blue", "yellow", "red"),
    [
        (date(2026, 11, 18), date(2026, 11, 16), date(2026, 11, 18), date(2026, 11, 19)),
        (date(2026, 11, 16), date(2026, 11, 12), date(2026, 11, 16), date(2026, 11, 17)),
        (date(2026, 11, 13), date(2026, 11, 11), date(2026, 11, 13), date(2026, 11, 14)),
        (date(2026, 10, 8), date(2026, 9, 29), date(2026, 10, 8), date(2026, 10, 9)),
        (date(2026, 10, 12), date(2026, 10, 9), date(2026, 10, 12), date(2026, 10, 13)),
        (date(2026, 11, 15), date(2026, 11, 11), date(2026, 11, 13), date(2026, 11, 16)),
    ],
)
def test_each_level_begins_at_half_past_eight(due, blue, yellow, red):
    moments = alert_moments(LONG_AGO, due, CHANGLE)

    assert moments == (
        (BLUE, half_past_eight(blue)),
        (YELLOW, half_past_eight(yellow)),
        (RED, half_past_eight(red)),
    )
    assert all(moment.tzinfo is UTC for _, moment in moments)


def test_the_thresholds_decide_when_blue_begins_and_when_people_are_told():
    due = date(2026, 11, 18)

    assert alert_moments(LONG_AGO, due, CHANGLE, Thresholds(near_days=0))[0][0] is YELLOW
    assert urgency(due, date(2026, 11, 17), CHANGLE, Thresholds(near_days=0)) is NONE
    early = alert_moments(LONG_AGO, due, CHANGLE, Thresholds(near_days=3, told_at=time(7, 0)))
    assert early[0] == (BLUE, datetime(2026, 11, 12, 23, 0, tzinfo=UTC))
    with pytest.raises(ValueError, match="near_days"):
        Thresholds(near_days=-1)


def test_a_level_has_not_passed_a_second_before_its_moment():
    moments = alert_moments(LONG_AGO, date(2026, 11, 18), CHANGLE)
    begins = half_past_eight(date(2026, 11, 16))

    assert passed_levels(moments, begins - timedelta(seconds=1)) == ()
    assert passed_levels(moments, begins) == (BLUE,)


def test_levels_passed_during_a_downtime_are_all_named_in_order():
    moments = alert_moments(LONG_AGO, date(2026, 11, 18), CHANGLE)
    after_it_all = half_past_eight(date(2026, 11, 25))

    assert passed_levels(moments, after_it_all) == (BLUE, YELLOW, RED)
    assert passed_levels(moments, after_it_all, {BLUE}) == (YELLOW, RED)
    assert passed_levels(moments, after_it_all, {BLUE, YELLOW, RED}) == ()


@pytest.mark.parametrize(
    ("entered", "limit", "levels"),
    [
        (date(2026, 11, 11), 1, [YELLOW, RED]),
        (date(2026, 11, 11), 2, [YELLOW, RED]),
        (date(2026, 11, 11), 3, [BLUE, YELLOW, RED]),
        # from a day of rest
        (date(2026, 11, 14), 2, [YELLOW, RED]),
        (date(2026, 11, 14), 3, [BLUE, YELLOW, RED]),
    ],
)
def test_a_step_no_longer_than_the_days_of_blue_has_no_blue(entered: date, limit: int, levels):
    moments = alert_moments(entered, CHANGLE.add_working_days(entered, limit), CHANGLE)

    assert [level for level, _ in moments] == levels


def test_no_level_begins_on_the_day_on_which_the_step_was_entered():
    entered_at = datetime(2026, 11, 17, 7, 0, tzinfo=SHANGHAI)
    moments = alert_moments(entered_at.date(), date(2026, 11, 18), CHANGLE)

    assert next_alert_at(moments, entered_at) == half_past_eight(date(2026, 11, 18))


def test_the_next_alert_is_the_first_level_not_told():
    moments = alert_moments(LONG_AGO, date(2026, 11, 18), CHANGLE)
    monday = half_past_eight(date(2026, 11, 9))

    assert next_alert_at(moments, monday) == half_past_eight(date(2026, 11, 16))
    assert next_alert_at(moments, monday, (BLUE, YELLOW)) == half_past_eight(date(2026, 11, 19))
    assert next_alert_at(moments, monday, (BLUE, YELLOW, RED)) is None


def test_a_level_that_has_begun_is_told_at_once():
    now = datetime(2026, 11, 17, 15, 0, tzinfo=SHANGHAI)

    assert next_alert_at(alert_moments(LONG_AGO, date(2026, 11, 18), CHANGLE), now) == now


def test_the_buckets_of_a_friday():
    bounds = bucket_bounds(date(2026, 11, 13), CHANGLE)

    assert bounds[Bucket.OVERDUE] == (None, date(2026, 11, 12))
    assert bounds[Bucket.DUE_TODAY] == (date(2026, 11, 13), date(2026, 11, 15))
    assert bounds[Bucket.NEAR] == (date(2026, 11, 16), date(2026, 11, 17))
    assert bounds[Bucket.LATER] == (date(2026, 11, 18), None)
    assert Bucket.WAITING not in bounds


@st.composite
def calendars(draw):
    marked = draw(st.dictionaries(st.integers(0, 200), st.booleans(), max_size=80))
    return WorkingCalendar(
        [CalendarDay(date(2026, 1, 1) + timedelta(at), working) for at, working in marked.items()], [2026]
    )


DAYS = st.integers(30, 170).map(lambda at: date(2026, 1, 1) + timedelta(at))
THRESHOLDS = st.integers(0, 5).map(lambda near: Thresholds(near_days=near))


@given(calendars(), DAYS, DAYS, THRESHOLDS)
def test_every_due_day_lies_in_one_bucket_and_it_is_that_of_its_level(calendar, due, today, thresholds):
    bounds = bucket_bounds(today, calendar, thresholds)

    assert [code for code, days in bounds.items() if due in days] == [
        bucket(due, today, calendar, thresholds)
    ]


@given(calendars(), DAYS, DAYS, THRESHOLDS)
def test_the_level_of_a_day_is_the_last_one_told_by_its_evening(calendar, due, today, thresholds):
    evening = datetime(today.year, today.month, today.day, 20, 0, tzinfo=SHANGHAI)

    told = passed_levels(alert_moments(LONG_AGO, due, calendar, thresholds), evening)

    assert (told or (NONE,))[-1] is urgency(due, today, calendar, thresholds)


@given(calendars(), DAYS, DAYS, THRESHOLDS)
def test_following_the_next_alert_tells_every_level_once_in_order(calendar, due, today, thresholds):
    now = datetime(today.year, today.month, today.day, 12, 0, tzinfo=SHANGHAI)
    moments, told = alert_moments(LONG_AGO, due, calendar, thresholds), list[AlertLevel]()
    while (moment := next_alert_at(moments, now, told)) is not None:
        assert moment >= now
        now = moment
        told.extend(passed_levels(moments, now, told))

    assert told == [level for level, _ in moments]
    assert shanghai_day(now) > due


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_level_and_bucket_has_a_label(locale):
    assert all(label("alert_level", level, locale) for level in AlertLevel)
    assert all(label("bucket", part, locale) for part in Bucket)
