"""Until when a case stays where it is, in words: one way of saying it for pages, cards and lists.

When a case is due and whether it is late is the engine's to say.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from web import edge
from web.language import _, _n, day, label, locale
from workflow import catalogue
from workflow.clock.alerts import AlertLevel
from workflow.clock.due import days_late, days_left


class Timed(Protocol):
    """A case, a line of a list, or the stay an action would begin."""

    @property
    def due_on(self) -> date | None: ...
    @property
    def waiting(self) -> bool: ...
    @property
    def ends_by_itself(self) -> bool: ...


class Listed(Timed, Protocol):
    """A line of a list."""

    @property
    def level(self) -> AlertLevel: ...


class Headed(Timed, Protocol):
    """The head of a page."""

    @property
    def state_label(self) -> str: ...


def until(case: Timed) -> str:
    """应于 11月9日（一）办结; what only a timer ends expires, for nobody can do it before."""
    if case.due_on is None:
        return ""
    on = day(case.due_on)
    if case.ends_by_itself:
        return _("%(day)s期满", day=on)
    return _("应于 %(day)s前补正", day=on) if case.waiting else _("应于 %(day)s办结", day=on)


def until_on_page(case: Headed, holder: str = "") -> str:
    """The same under the title of a page, with who has to act: the applicant, or `holder` where given."""
    if case.due_on is None:
        return ""
    if case.ends_by_itself:
        state = catalogue.sentence(case.state_label, locale())
        return _("%(state)s中，%(until)s，自动转入下一环节", state=state, until=until(case))
    who = label("holder", "organisation") if case.waiting else holder
    return _("%(who)s%(until)s", who=who, until=until(case)) if who else until(case)


def time_cell(case: Listed) -> dict[str, str]:
    """As a cell of a list: the alert in words, or why there is none, with the day under it."""
    if case.waiting:
        return {"level": "paused", "words": _("等待补正"), "sub": until(case)}
    if case.ends_by_itself:
        return {"level": "", "words": until(case), "sub": _("自动转入下一环节")}
    return due_cell(case.due_on, case.level)


def due_cell(due_on: date | None, level: AlertLevel) -> dict[str, str]:
    """The same where an office has to act."""
    if due_on is None:
        return {"text": _("无时限")}
    by = _("应于 %(day)s", day=day(due_on))
    words = urgency(due_on, level)
    return {"level": level, "words": words, "sub": by} if words else {"text": by}


def urgency(due_on: date, level: AlertLevel) -> str:
    """An alert in words; empty in time."""
    calendar, today = edge.reference().calendar, edge.today()
    match level:
        case AlertLevel.RED:
            late = days_late(due_on, today, calendar)
            return _n("超期 %(num)d 日", late) if late else _("已超期")
        case AlertLevel.YELLOW:
            return _("今天到期") if due_on == today else _("即将到期")
        case AlertLevel.BLUE:
            return _n("剩 %(num)d 日", days_left(due_on, today, calendar))
        case _:
            return ""
