"""Why a step is due on the day it is: the stays of a case in one state, told line by line.

It explains what `due` computes and decides nothing. The stays come from the steps on record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from workflow.catalogue import sentence
from workflow.clock.calendar import WorkingCalendar
from workflow.clock.days import spoken_day
from workflow.clock.due import days_late, days_left, due_on, is_overdue, remaining_days, used_days


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of a case in a state: days, limit, and the actions by which it began and ended.

    `limit_days` and `due_on` are None where the state has no limit; `due_on` is the day on record.
    `waited_from` is the day on which a timer's moment came, where it was written down only on a later one.
    `resumed`: it goes on as if the case had never been away.
    """

    entered_on: date
    left_on: date | None
    limit_days: int | None
    used_before: int
    ended_by: str | None
    due_on: date | None
    entered_by: str | None = None
    waited_from: date | None = None
    resumed: bool = False


class Span(NamedTuple):
    """Days from the first to the last, both included."""

    first: date
    last: date

    def spoken(self, locale: str, today: date | None) -> str:
        first = spoken_day(self.first, locale, today)
        if self.first == self.last:
            return first
        return sentence("clock.days", locale, from_day=first, until_day=spoken_day(self.last, locale, today))


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of the catalogue with parameters still as days; `sentence` speaks it in a language."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, locale: str = "zh", today: date | None = None) -> str:
        spoken = {name: _spoken(value, locale, today) for name, value in self.params.items()}
        return sentence(self.code, locale, **spoken)


class HolidayName(NamedTuple):
    """What a day of rest is called in each language; None on a mere weekend."""

    zh: str | None
    en: str | None


def explain(stays: Sequence[Stay], today: date, calendar: WorkingCalendar) -> tuple[Line, ...]:
    """The lines that lead to the due day of the last stay, oldest first; nothing for no stays."""
    if not stays:
        return ()
    last = stays[-1]
    if last.limit_days is None or last.due_on is None:
        return (Line("clock.ledger.unlimited"),)
    lines: list[Line] = []
    for number, stay in enumerate(stays):
        if stay.waited_from is not None:
            params = {"ended": stay.waited_from, "on": stay.entered_on}
            lines.append(Line("clock.ledger.written_late", params))
        lines.append(_beginning(stay, number > 0, calendar))
        lines.extend(_days_between(stay, calendar))
        if stay.left_on is not None:
            lines.append(_ending(stay, stay.left_on, calendar))
    lines.extend(_outcome(last, last.limit_days, last.due_on, today, calendar))
    return tuple(lines)


def standing(due_on: date | None, today: date, calendar: WorkingCalendar) -> Line:
    """How a step stands in a few words: working days left, due today, or how late."""
    if due_on is None:
        return Line("clock.ledger.unlimited")
    if is_overdue(due_on, today):
        late = days_late(due_on, today, calendar)
        return _counted("clock.standing.late", late) if late else Line("clock.standing.late_rest")
    left = days_left(due_on, today, calendar)
    return _counted("clock.standing.left", left) if left else Line("clock.standing.due_today")


def estimated_note(entered: date, due_on: date, calendar: WorkingCalendar) -> Line | None:
    """Which years' holidays are not published yet, where a due day rests on such a year."""
    years = calendar.estimated_years(entered, due_on)
    if not years:
        return None
    span = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    return Line("clock.ledger.estimated", {"years": span})


def _counted(code: str, days: int) -> Line:
    return Line(f"{code}_one") if days == 1 else Line(code, {"days": days})


def _beginning(stay: Stay, again: bool, calendar: WorkingCalendar) -> Line:
    first = calendar.next_working(stay.entered_on)
    params: dict[str, object] = {"on": stay.entered_on, "first": first}
    if stay.resumed:
        return _by(stay.entered_by, "clock.ledger.resumed", params)
    if not again or stay.limit_days is None:
        return Line("clock.ledger.received", {**params, "limit": stay.limit_days})
    if stay.used_before >= stay.limit_days:
        return _by(stay.entered_by, "clock.ledger.returned_spent", params)
    left = remaining_days(stay.limit_days, stay.used_before)
    return _by(stay.entered_by, "clock.ledger.returned", {**params, "left": left})


def _ending(stay: Stay, left_on: date, calendar: WorkingCalendar) -> Line:
    used = stay.used_before + used_days(stay.entered_on, left_on, calendar)
    counted = left_on > stay.entered_on and calendar.is_working(left_on)
    code = "clock.ledger.stopped" if counted else "clock.ledger.stopped_uncounted"
    return _by(stay.ended_by, code, {"on": left_on, "used": used})


def _by(action: str | None, code: str, params: Mapping[str, object]) -> Line:
    if action is None:
        return Line(code, params)
    return Line(f"{code}_by", {**params, "action_label": f"action.{action}"})


def _days_between(stay: Stay, calendar: WorkingCalendar) -> Iterator[Line]:
    """The days of rest and make-up days from the beginning of a stay to its end, at most to its due day."""
    ends = (day for day in (stay.left_on, stay.due_on) if day is not None)
    until = min(ends, default=stay.entered_on)
    days = [stay.entered_on + timedelta(step) for step in range(1, (until - stay.entered_on).days + 1)]
    rests = [list(run) for working, run in groupby(days, key=calendar.is_working) if not working]
    weekends = tuple(_span(run) for run in rests if not _names(run, calendar))
    if weekends:
        yield Line("clock.ledger.weekends", {"spans": weekends})
    for run in rests:
        if names := _names(run, calendar):
            yield Line("clock.ledger.holiday", {"span": _span(run), "names": names})
    made_up = tuple(Span(day, day) for day in days if calendar.is_make_up(day))
    if made_up:
        yield Line("clock.ledger.make_up", {"spans": made_up})


def _span(run: Sequence[date]) -> Span:
    return Span(run[0], run[-1])


def _names(run: Sequence[date], calendar: WorkingCalendar) -> tuple[HolidayName, ...]:
    """The holidays a run of days of rest belongs to, each once; none for a mere weekend."""
    names = (HolidayName(calendar.holiday_name(day), calendar.holiday_name(day, "en")) for day in run)
    return tuple(dict.fromkeys(name for name in names if name.zh))


def _outcome(
    stay: Stay, limit_days: int, recorded: date, today: date, calendar: WorkingCalendar
) -> Iterator[Line]:
    counted = due_on(stay.entered_on, limit_days, stay.used_before, calendar)
    if counted != recorded and not stay.resumed:
        yield Line("clock.ledger.differs", {"counted": counted, "on": recorded})
    yield _verdict(stay, recorded, today, calendar)
    note = estimated_note(stay.entered_on, recorded, calendar)
    if note is not None:
        yield note


def _verdict(stay: Stay, recorded: date, today: date, calendar: WorkingCalendar) -> Line:
    if stay.left_on is None:
        return Line(
            "clock.ledger.due_passed" if is_overdue(recorded, today) else "clock.ledger.due", {"on": recorded}
        )
    if not is_overdue(recorded, stay.left_on):
        return Line("clock.ledger.kept", {"on": recorded})
    late = days_late(recorded, stay.left_on, calendar)
    if late:
        return Line("clock.ledger.missed", {"on": recorded, "days": late})
    return Line("clock.ledger.missed_rest", {"on": recorded})


def _spoken(value: object, locale: str, today: date | None) -> object:
    if isinstance(value, HolidayName):
        return value.en if locale == "en" else value.zh
    if isinstance(value, Span):
        return value.spoken(locale, today)
    if isinstance(value, date):
        return spoken_day(value, locale, today)
    if isinstance(value, tuple):
        return [_spoken(part, locale, today) for part in value]
    return value
