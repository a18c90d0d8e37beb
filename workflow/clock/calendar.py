"""The working calendar: which days the offices work, and counting in such days.

How a due day follows from it lives in `due`; the table behind an edited calendar lives in storage.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from io import StringIO
from typing import NamedTuple

from workflow.catalogue import sentence
from workflow.errors import ConfigurationError, Reason

COLUMNS = ("day", "working", "name_zh", "name_en")
FIRST_YEAR, LAST_YEAR = 1900, 2099

# What a year without an official list can rely on: these days are rest in every year, the others move.
FIXED_STATUTORY: Mapping[tuple[int, int], str] = {
    (1, 1): "new_year",
    (5, 1): "labour",
    (5, 2): "labour",
    (10, 1): "national",
    (10, 2): "national",
    (10, 3): "national",
}


class CalendarDay(NamedTuple):
    """A day that differs from Monday to Friday: a holiday, or a make-up working day (调休)."""

    day: date
    working: bool
    name_zh: str = ""
    name_en: str = ""


class CalendarList(NamedTuple):
    """What a calendar file says: the exceptional days, and the years whose official list is complete."""

    days: tuple[CalendarDay, ...]
    official_years: frozenset[int]


class WorkingCalendar:
    """An immutable calendar; a changed one is a new object.

    A year outside `official_years` counts Monday to Friday without the fixed statutory days and is
    estimated; exceptional days given for such a year hold none the less.
    """

    __slots__ = ("_days", "_working", "official_years")

    def __init__(self, days: Iterable[CalendarDay], official_years: Iterable[int]) -> None:
        self._days: Mapping[date, CalendarDay] = {row.day: row for row in days}
        self.official_years = frozenset(official_years)
        self._working: dict[int, list[int]] = {}

    @property
    def days(self) -> tuple[CalendarDay, ...]:
        return tuple(sorted(self._days.values()))

    def is_working(self, day: date) -> bool:
        exception = self._days.get(day)
        if exception is not None:
            return exception.working
        return day.weekday() < 5 and not self._is_fixed_rest(day)

    def is_estimated(self, day: date) -> bool:
        return day.year not in self.official_years

    def estimated_between(self, after: date, until: date) -> bool:
        """Whether a count over the days after `after` up to and with `until` rests on an estimated year."""
        return bool(self.estimated_years(after, until))

    def estimated_years(self, after: date, until: date) -> tuple[int, ...]:
        if until <= after:
            return ()
        first = date.fromordinal(after.toordinal() + 1).year
        return tuple(year for year in range(first, until.year + 1) if year not in self.official_years)

    def next_working(self, day: date) -> date:
        """The first working day after `day`, whether or not `day` is one."""
        return self.add_working_days(day, 1)

    def add_working_days(self, day: date, number: int) -> date:
        """The working day `number` working days after `day`; `day` itself for 0."""
        if number < 0:
            raise ValueError(f"cannot add {number} working days")
        if number == 0:
            return day
        year, ordinals = day.year, self._of_year(day.year)
        index = bisect_right(ordinals, day.toordinal()) + number - 1
        while index >= len(ordinals):
            index -= len(ordinals)
            year += 1
            ordinals = self._of_year(year)
        return date.fromordinal(ordinals[index])

    def subtract_working_days(self, day: date, number: int) -> date:
        """The working day `number` working days before `day`; `day` itself for 0."""
        if number < 0:
            raise ValueError(f"cannot subtract {number} working days")
        if number == 0:
            return day
        year, ordinals = day.year, self._of_year(day.year)
        index = bisect_left(ordinals, day.toordinal()) - number
        while index < 0:
            year -= 1
            ordinals = self._of_year(year)
            index += len(ordinals)
        return date.fromordinal(ordinals[index])

    def working_days_between(self, after: date, until: date) -> int:
        """How many working days lie after `after`, up to and with `until`; 0 when `until` is not later."""
        if until <= after:
            return 0
        whole_years = sum(len(self._of_year(year)) for year in range(after.year, until.year))
        return whole_years + self._worked_in_year_by(until) - self._worked_in_year_by(after)

    def holiday_name(self, day: date, locale: str = "zh") -> str | None:
        """What an exceptional day is called; None for an ordinary working day or weekend."""
        exception = self._days.get(day)
        if exception is not None:
            return (exception.name_en or exception.name_zh) if locale == "en" else exception.name_zh
        if self._is_fixed_rest(day):
            return sentence(f"clock.holiday.{FIXED_STATUTORY[day.month, day.day]}", locale)
        return None

    def is_make_up(self, day: date) -> bool:
        """Whether a Saturday or Sunday is worked in exchange for a holiday."""
        return day.weekday() >= 5 and self.is_working(day)

    def _is_fixed_rest(self, day: date) -> bool:
        return day.year not in self.official_years and (day.month, day.day) in FIXED_STATUTORY

    def _worked_in_year_by(self, day: date) -> int:
        return bisect_right(self._of_year(day.year), day.toordinal())

    def _of_year(self, year: int) -> list[int]:
        # Counting is on the path of every action: a year is walked once, then only bisected.
        if year not in self._working:
            days = range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
            self._working[year] = [ordinal for ordinal in days if self.is_working(date.fromordinal(ordinal))]
        return self._working[year]


def calendar_from_csv(text: str, name: str) -> WorkingCalendar:
    """The calendar a file describes; ConfigurationError names `name` and the line of the first fault."""
    return WorkingCalendar(*calendar_list(text, name))


def calendar_list(text: str, name: str) -> CalendarList:
    """Read `day,working,name_zh,name_en`, checking every line.

    A line `2026-10-01,no,国庆节,National Day` is a day of rest, `yes` a make-up working day; a line
    `2026,official,…` says that the year's official list is complete, its name being that of the notice.
    """
    days: dict[date, CalendarDay] = {}
    official: dict[int, int] = {}
    for line, cells in _lines(text, name):
        if cells[1].lower() == "official":
            official_year = _year(cells[0], name, line)
            if official_year in official:
                raise _fault(name, line, "duplicate_year", year=official_year)
            official[official_year] = line
        else:
            row = _calendar_day(cells, name, line)
            if row.day in days:
                raise _fault(name, line, "duplicate_day", day=row.day)
            days[row.day] = row
    _refuse_empty_years(days, official, name)
    return CalendarList(tuple(sorted(days.values())), frozenset(official))


def _lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if tuple(header) != COLUMNS:
            raise _fault(name, 1, "bad_header", columns=",".join(COLUMNS), found=",".join(header))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(COLUMNS):
                raise _fault(name, reader.line_num, "bad_cells", expected=len(COLUMNS), found=len(cells))
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise _fault(name, reader.line_num, "bad_csv", why=error) from error


def _calendar_day(cells: list[str], name: str, line: int) -> CalendarDay:
    day_text, flag, name_zh, name_en = cells
    day = _day(day_text, name, line)
    if flag.lower() not in ("yes", "no"):
        raise _fault(name, line, "bad_flag", found=flag)
    if not name_zh:
        raise _fault(name, line, "unnamed", day=day)
    return CalendarDay(day, flag.lower() == "yes", name_zh, name_en)


def _day(text: str, name: str, line: int) -> date:
    # Spreadsheets write 2026/10/1 back where 2026-10-01 was read.
    match = re.fullmatch(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})", text)
    try:
        day = date(int(match[1]), int(match[3]), int(match[4])) if match else None
    except ValueError:
        day = None
    if day is None:
        raise _fault(name, line, "bad_date", found=text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _fault(name, line, "out_of_range", found=text, first=FIRST_YEAR, last=LAST_YEAR)
    return day


def _year(text: str, name: str, line: int) -> int:
    if not re.fullmatch(r"[0-9]{4}", text):
        raise _fault(name, line, "bad_year", found=text)
    if not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise _fault(name, line, "out_of_range", found=text, first=FIRST_YEAR, last=LAST_YEAR)
    return int(text)


def _refuse_empty_years(days: Iterable[date], official: Mapping[int, int], name: str) -> None:
    # A year called official with its days forgotten would count the Spring Festival as work.
    listed = {day.year for day in days}
    for year, line in official.items():
        if year not in listed:
            raise _fault(name, line, "empty_year", year=year)


def _fault(name: str, line: int, fault: str, **params: object) -> ConfigurationError:
    return ConfigurationError(name, line, Reason(f"clock.calendar.{fault}", params))
