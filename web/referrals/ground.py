"""What a referral rests on, in words: the late step of an application, its days, the reminders sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from web import edge
from web.applicant.naming import Names, names_of_lines
from web.language import _, day, day_with_year, label
from workflow.clock.days import shanghai_day
from workflow.clock.due import days_late, used_days
from workflow.errors import NotFound, Reason
from workflow.lists.case_page import CasePage, dossier_of
from workflow.lists.track import Stop
from workflow.process.definition import ORGANISATION
from workflow.process.definitions import newest_process
from workflow.process.scope import APPLICATION


@dataclass(frozen=True, slots=True)
class Ground:
    """An application and the step of it that a referral rests on, if it rests on one."""

    page: CasePage
    stop: Stop | None
    names: Names
    # The states in which the applicant has to act: their days are not an office's.
    waiting_states: frozenset[str]
    # Whether it goes to the efficiency office when the referral is sent.
    goes_along: bool

    @property
    def number(self) -> str:
        return self.page.head.number or ""

    @property
    def organisation(self) -> str:
        return self.page.organisation.name if self.page.organisation else ""

    @property
    def line(self) -> str:
        return self.names.line(self.page.application.line) if self.page.application else ""


def ground_of(session: Session, application_id: int, step_number: int | None) -> Ground:
    """The application as this reader sees it. Raises NotFound when it is none, or not for her to see."""
    page = dossier_of(session, edge.actor(), edge.reference(), edge.today(), application_id)
    if page.application is None:
        raise NotFound(Reason("not_found"))
    process = newest_process(session, APPLICATION)
    states = process.states.values()
    return Ground(
        page=page,
        stop=next((stop for stop in page.stops if stop.number == step_number), None),
        names=names_of_lines(session),
        waiting_states=frozenset(state.name for state in states if state.holder == ORGANISATION),
        goes_along=process.action(page.head.state, "refer") is not None,
    )


def late_days(stop: Stop) -> int:
    """Working days past the due day, until the step was left or until today."""
    return days_late(stop.due_on, stop.left_on or edge.today(), edge.reference().calendar)


def account_of_facts(ground: Ground) -> str:
    """A first wording of what happened, for the officer to go on from: every line from the record."""
    return "\n".join(_account(ground))


def measures(ground: Ground) -> list[str]:
    """What was done before: the reminders that went out for the step, the oldest first."""
    if ground.stop is None:
        return []
    alerts = [alert for alert in ground.page.alerts if alert.step_number == ground.stop.number]
    return [
        _("%(day)s发出“%(level)s”", day=day_with_year(shanghai_day(alert.begins_at)),
          level=label("alert_level", alert.level))
        for alert in reversed(alerts)
    ]  # fmt: skip


def step_words(stop: Stop) -> str:
    """乡镇初审，时限 5 个工作日，应于 2026年11月9日（一）办结，已超期 10 个工作日"""
    said = [label("state", stop.state)]
    if stop.limit_days is not None:
        said.append(_("时限 %(days)s 个工作日", days=stop.limit_days))
    if stop.due_on is not None:
        said.append(_("应于 %(day)s办结", day=day_with_year(stop.due_on)))
    if late := late_days(stop):
        said.append(_("超期 %(days)s 个工作日", days=late))
    return _("，").join(said)


def limit_columns() -> list[tuple[str, str]]:
    return [
        (_("环节"), ""), (_("机构 · 承办人"), ""), (_("收到"), ""), (_("应办结"), ""), (_("办结"), ""),
        (_("用时 / 时限"), "number"), (_("超期"), "number"),
    ]  # fmt: skip


def limit_rows(ground: Ground) -> list[list[Any]]:
    """时限对照表: every stay of the application with an office or the applicant, in its order."""
    return [_limit_row(stop, ground) for stop in ground.page.stops if stop.limit_days is not None]


def _account(ground: Ground) -> Iterator[str]:
    stop = ground.stop
    case = _("申请件 %(number)s（%(organisation)s，%(line)s）",
             number=ground.number, organisation=ground.organisation, line=ground.line)  # fmt: skip
    if stop is None:
        yield case
        return
    yield _(
        "%(case)s于 %(day)s进入“%(state)s”环节，由%(unit)s%(handler)s承办，时限 %(limit)s 个工作日，"
        "应于 %(due)s办结。",
        case=case, day=day_with_year(stop.entered_on), state=label("state", stop.state), unit=stop.unit,
        handler=stop.handler or "", limit=stop.limit_days,
        due=day_with_year(stop.due_on) if stop.due_on else "",
    )  # fmt: skip
    if late := late_days(stop):
        yield _so_late(stop, late)
    if done := measures(ground):
        yield _("系统先后%(done)s。", done=_("，").join(done))


def _so_late(stop: Stop, late: int) -> str:
    if stop.left_on is None:
        return _("截至 %(day)s，已超期 %(days)s 个工作日，仍未办结。",
                 day=day_with_year(edge.today()), days=late)  # fmt: skip
    return _("该环节至 %(day)s才办结，超期 %(days)s 个工作日。",
             day=day_with_year(stop.left_on), days=late)  # fmt: skip


def _limit_row(stop: Stop, ground: Ground) -> list[Any]:
    is_applicant = stop.state in ground.waiting_states
    unit = label("holder", ORGANISATION) if is_applicant else stop.unit
    until = stop.left_on or edge.today()
    used = stop.used_before + used_days(stop.entered_on, until, edge.reference().calendar)
    late = 0 if is_applicant else late_days(stop)
    return [
        label("state", stop.state),
        {"text": unit, "sub": "" if is_applicant else stop.handler or label("hands", "untaken")},
        day(stop.entered_on),
        day(stop.due_on) if stop.due_on else "",
        day(stop.left_on) if stop.left_on else _("未办结"),
        f"{used} / {stop.limit_days}",
        _("%(days)s 日", days=late) if late else "–",
    ]
