"""The working calendar of a year, month by month. It is shown here, not changed."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import render_template, request, url_for

from web import edge
from web.access import audience
from web.admin.blueprint import blueprint
from web.language import _, day, locale
from web.numbers import whole_number
from workflow.catalogue import label
from workflow.clock.calendar import FIRST_YEAR, LAST_YEAR
from workflow.errors import NotFound, Reason

YEARS_AROUND = 2
WEEKS = Calendar(firstweekday=0)
DAY = timedelta(days=1)


class Span(NamedTuple):
    """Days that belong together: a holiday, or a day worked in exchange for one."""

    name: str
    first: date
    last: date
    is_make_up: bool = False


@blueprint.get("/admin/calendar")
@audience("administrator")
def calendar() -> str:
    year = request.args.get("year", edge.today().year, type=whole_number)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound(Reason("not_found"))
    official, holidays = edge.reference().calendar.official_years, _holidays(year)
    return render_template(
        "admin/calendar.html",
        year=year,
        years=_years(year),
        is_estimated=year not in official,
        months=[_month(year, number, holidays) for number in range(1, 13)],
        weekdays=[label("clock.weekday", str(number), locale()) for number in range(1, 8)],
        working_days=sum(map(edge.reference().calendar.is_working, _days_of(year))),
    )


def _years(chosen: int) -> list[tuple[str, str, bool, None]]:
    first, last = max(FIRST_YEAR, chosen - YEARS_AROUND), min(LAST_YEAR, chosen + YEARS_AROUND)
    return [
        (str(year), url_for("admin.calendar", year=year), year == chosen, None)
        for year in range(first, last + 1)
    ]


def _month(year: int, number: int, holidays: Sequence[Span]) -> dict[str, Any]:
    weeks = WEEKS.monthdatescalendar(year, number)
    return {
        "name": label("clock.month", str(number), locale()),
        "weeks": [
            [_cell(each, holidays) if each.month == number else None for each in week] for week in weeks
        ],
        "remarks": [_remark(each) for each in _spans_beginning_in(number, year, holidays)],
    }


def _cell(on: date, holidays: Sequence[Span]) -> dict[str, Any]:
    working = edge.reference().calendar
    if working.is_make_up(on):
        mark, kind = _("班"), "make-up"
    elif working.is_working(on):
        mark, kind = "", "work"
    else:
        is_holiday = any(span.first <= on <= span.last for span in holidays)
        mark, kind = (_("休"), "holiday") if is_holiday else ("", "weekend")
    return {"day": on.day, "mark": mark, "kind": kind, "is_today": on == edge.today()}


def _holidays(year: int) -> list[Span]:
    """The holidays of a year as they are announced: from the first to the last day off, weekends included."""
    working = edge.reference().calendar
    spans: list[Span] = []
    for on in _days_of(year):
        name = working.holiday_name(on, locale())
        if name is None or working.is_working(on):
            continue
        if spans and spans[-1].name == name and on <= spans[-1].last + DAY:
            spans[-1] = Span(name, spans[-1].first, _end_of_rest(on, DAY))
        else:
            spans.append(Span(name, _end_of_rest(on, -DAY), _end_of_rest(on, DAY)))
    return spans


def _end_of_rest(on: date, step: timedelta) -> date:
    """The last day in one direction before the offices work again; a named day ends the way there."""
    working = edge.reference().calendar
    while not working.is_working(on + step) and working.holiday_name(on + step) is None:
        on += step
    return on


def _spans_beginning_in(number: int, year: int, holidays: Sequence[Span]) -> list[Span]:
    working = edge.reference().calendar
    make_up = [
        Span(working.holiday_name(on, locale()) or "", on, on, is_make_up=True)
        for on in _days_of(year)
        if on.month == number and working.is_make_up(on)
    ]
    begun = [span for span in holidays if max(span.first, date(year, 1, 1)).month == number]
    return sorted([*begun, *make_up], key=lambda span: span.first)


def _remark(span: Span) -> str:
    days = day(span.first) if span.first == span.last else f"{day(span.first)}–{day(span.last)}"
    if span.is_make_up:
        return _("%(days)s %(name)s，上班", days=days, name=span.name)
    return _("%(days)s %(name)s，放假", days=days, name=span.name)


def _days_of(year: int) -> Iterator[date]:
    on = date(year, 1, 1)
    while on.year == year:
        yield on
        on += DAY
