"""The working calendar: the official years as published, estimated years, counting, and faulty files."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

import workflow
from workflow.clock.calendar import CalendarDay, WorkingCalendar, calendar_from_csv, calendar_list
from workflow.clock.days import full_day, shanghai_day, spoken_day, spoken_moment, start_of_day
from workflow.errors import ConfigurationError

CSV = Path(workflow.__file__).parent / "districts" / "changle" / "calendar.csv"
CHANGLE = calendar_from_csv(CSV.read_text(encoding="utf-8"), "calendar.csv")
HEADER = "day,working,name_zh,name_en\n"


def every_day(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days) for days in range(366 if year % 4 == 0 else 365)]


@pytest.mark.parametrize("year", range(2019, 2027))
def test_every_day_of_an_official_year_is_as_published(year):
    published = {day: chinese_calendar.is_workday(day) for day in every_day(year)}

    assert {day: CHANGLE.is_working(day) for day in every_day(year)} == published
    assert not any(CHANGLE.is_estimated(day) for day in every_day(year))


def test_the_official_years_are_those_of_the_file():
    assert CHANGLE.official_years == frozenset(range(2019, 2027))


def test_a_year_without_a_list_is_estimated_and_keeps_only_the_fixed_holidays():
    weekdays = {day for day in every_day(2027) if day.weekday() < 5}

    resting = {day for day in weekdays if not CHANGLE.is_working(day)}

    assert resting == {date(2027, 1, 1), date(2027, 10, 1)}
    assert not any(CHANGLE.is_working(day) for day in set(every_day(2027)) - weekdays)
    assert CHANGLE.is_estimated(date(2027, 3, 1))
    assert [CHANGLE.is_working(date(2028, 5, day)) for day in (1, 2, 3)] == [False, False, True]
    assert [CHANGLE.is_working(date(2029, 10, day)) for day in (1, 2, 3, 4)] == [False, False, False, True]


def test_a_day_entered_by_hand_holds_in_an_estimated_year_which_stays_estimated():
    calendar = WorkingCalendar([CalendarDay(date(2027, 2, 5), False, "春节")], [])

    assert not calendar.is_working(date(2027, 2, 5))
    assert calendar.is_estimated(date(2027, 2, 5))


def test_an_official_list_alone_decides_its_year():
    calendar = WorkingCalendar([CalendarDay(date(2030, 5, 2), False, "劳动节")], [2030])

    assert calendar.is_working(date(2030, 5, 1))
    assert not calendar.is_working(date(2030, 5, 2))


def test_a_count_is_estimated_when_a_counted_day_lies_in_an_estimated_year():
    last = date(2026, 12, 31)

    assert not CHANGLE.estimated_between(date(2026, 12, 1), last)
    assert CHANGLE.estimated_between(last, date(2027, 1, 4))
    assert CHANGLE.estimated_years(date(2026, 12, 30), date(2028, 1, 4)) == (2027, 2028)
    # The day of entry itself is not counted, so its year does not matter.
    assert not CHANGLE.estimated_between(date(2018, 12, 31), date(2019, 1, 4))
    assert not CHANGLE.estimated_between(date(2027, 1, 4), date(2027, 1, 4))


def test_the_next_working_day_follows_weekends_holidays_and_make_up_days():
    assert CHANGLE.next_working(date(2026, 11, 5)) == date(2026, 11, 6)
    assert CHANGLE.next_working(date(2026, 11, 6)) == date(2026, 11, 9)
    assert CHANGLE.next_working(date(2026, 9, 30)) == date(2026, 10, 8)
    assert CHANGLE.next_working(date(2026, 10, 3)) == date(2026, 10, 8)
    assert CHANGLE.next_working(date(2026, 10, 9)) == date(2026, 10, 10)
    assert CHANGLE.is_make_up(date(2026, 10, 10))
    assert not CHANGLE.is_make_up(date(2026, 10, 9))


def test_a_holiday_has_a_name_and_an_ordinary_day_has_none():
    assert CHANGLE.holiday_name(date(2026, 10, 1)) == "国庆节"
    assert CHANGLE.holiday_name(date(2026, 10, 10), "en") == "Make-up day for National Day"
    assert CHANGLE.holiday_name(date(2028, 5, 1), "en") == "Labour Day"
    assert CHANGLE.holiday_name(date(2026, 11, 7)) is None


def test_counting_backwards_undoes_counting_forwards():
    assert CHANGLE.subtract_working_days(date(2026, 10, 8), 1) == date(2026, 9, 30)
    assert CHANGLE.subtract_working_days(date(2026, 1, 5), 2) == date(2025, 12, 31)
    assert CHANGLE.add_working_days(date(2025, 12, 31), 2) == date(2026, 1, 5)
    assert CHANGLE.add_working_days(date(2026, 11, 7), 0) == date(2026, 11, 7)
    with pytest.raises(ValueError, match="cannot add -1"):
        CHANGLE.add_working_days(date(2026, 11, 7), -1)


@st.composite
def calendars(draw):
    start = date(2023, 1, 1)
    marked = draw(st.dictionaries(st.integers(0, 900), st.booleans(), max_size=120))
    official = draw(st.sets(st.sampled_from([2022, 2023, 2024, 2025])))
    days = [CalendarDay(start + timedelta(offset), working) for offset, working in marked.items()]
    return WorkingCalendar(days, official)


NEAR_DAYS = st.integers(0, 900).map(lambda offset: date(2023, 1, 1) + timedelta(offset))


@given(calendars(), NEAR_DAYS, st.integers(0, 400))
def test_counting_agrees_with_walking_day_by_day(calendar, after, span):
    until = after + timedelta(span)

    walked = sum(calendar.is_working(after + timedelta(step)) for step in range(1, span + 1))

    assert calendar.working_days_between(after, until) == walked
    assert calendar.working_days_between(until, after) == 0


@given(calendars(), NEAR_DAYS, st.integers(1, 300))
def test_the_nth_working_day_is_found_by_walking_too(calendar, day, number):
    found = day
    remaining = number
    while remaining:
        found += timedelta(1)
        remaining -= calendar.is_working(found)

    assert calendar.add_working_days(day, number) == found
    assert calendar.subtract_working_days(found + timedelta(1), 1) == found
    if calendar.is_working(day):
        assert calendar.subtract_working_days(found, number) == day


def test_months_of_counting_cost_no_walking():
    asked = []

    class Counting(WorkingCalendar):
        def is_working(self, day: date) -> bool:
            asked.append(day)
            return super().is_working(day)

    calendar = Counting(CHANGLE.days, CHANGLE.official_years)
    for limit in range(1, 200):
        calendar.add_working_days(date(2026, 1, 5), limit)

    assert asked == every_day(2026)


@pytest.mark.parametrize(
    ("body", "line", "names"),
    [
        ("2026-02-30,no,春节,\n", 2, "2026-02-30"),
        ("2026-10-01,no,国庆节,\ntomorrow,no,x,\n", 3, "tomorrow"),
        ("2026-10/01,no,国庆节,\n", 2, "2026-10/01"),
        ("٢٠٢٦-10-01,no,国庆节,\n", 2, "٢٠٢٦"),
        ("2026-10-01,no,国庆节,\n2026/10/1,yes,国庆节,\n", 3, "2026-10-01"),
        ("2026-10-01,maybe,国庆节,\n", 2, "maybe"),
        ("2026-10-01,no,,National Day\n", 2, "name_zh"),
        ("1899-10-01,no,国庆节,\n", 2, "1899"),
        ("2100-10-01,no,国庆节,\n", 2, "2099"),
        ("2026-10-01,no\n", 2, "4"),
        ("2026,official,,\n", 2, "2026"),
        ("26,official,,\n", 2, "26"),
        ("2200,official,,\n", 2, "2200"),
        ("2026-10-01,no,国庆节,\n2026,official,,\n2026,official,,\n", 4, "2026"),
        ('2026-10-01,no,"国庆节,\n', 2, "CSV"),
    ],
)
def test_a_faulty_line_is_refused_by_file_and_line(body, line, names):
    with pytest.raises(ConfigurationError) as refused:
        calendar_from_csv(HEADER + body, "districts/x/calendar.csv")

    assert str(refused.value).startswith(f"districts/x/calendar.csv:{line}：")
    assert names in str(refused.value)


@pytest.mark.parametrize("text", ["", "date,working\n", "2026-10-01,no,国庆节,\n"])
def test_a_file_without_its_header_is_refused(text):
    with pytest.raises(ConfigurationError, match="day,working,name_zh,name_en"):
        calendar_from_csv(text, "calendar.csv")


def test_a_file_saved_by_a_spreadsheet_is_read():
    text = "\ufeffday,working,name_zh,name_en\r\n2026,official,通知,\r\n2026/10/1,no,国庆节,\r\n,,,\r\n"

    assert calendar_list(text, "x").days == (CalendarDay(date(2026, 10, 1), False, "国庆节"),)
    assert calendar_list(text, "x").official_years == {2026}


def test_a_moment_belongs_to_its_shanghai_day():
    assert shanghai_day(datetime(2026, 11, 4, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 4)
    assert shanghai_day(datetime(2026, 11, 4, 16, 0, tzinfo=UTC)) == date(2026, 11, 5)
    assert start_of_day(date(2026, 11, 5)) == datetime(2026, 11, 4, 16, 0, tzinfo=UTC)
    assert start_of_day(date(2026, 11, 5)).tzinfo is UTC
    with pytest.raises(ValueError, match="naive"):
        shanghai_day(datetime(2026, 11, 4, tzinfo=UTC).replace(tzinfo=None))


def test_a_day_is_spoken_as_people_say_it():
    day = date(2026, 11, 18)

    assert spoken_day(day) == "11月18日（三）"
    assert spoken_day(day, "en") == "Wed 18 Nov"
    assert spoken_day(day, today=date(2026, 1, 1)) == "11月18日（三）"
    assert spoken_day(day, today=date(2027, 1, 1)) == "2026年11月18日（三）"
    assert full_day(day, "en") == "Wed 18 Nov 2026"


def test_a_moment_is_spoken_by_the_clocks_of_shanghai():
    moment = datetime(2026, 11, 11, 17, 5, tzinfo=UTC)

    assert spoken_moment(moment) == "11月12日（四）01:05"
    assert spoken_moment(moment, "en", date(2027, 1, 4)) == "Thu 12 Nov 2026, 01:05"
