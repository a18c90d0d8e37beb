"""What a referral rests on, in words: the late step of an application, its days, the reminders sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from web import edge
from web.applicant.naming import Names, names_of_lines
from web.language import _, label
from web.official import paper_day
from workflow.clock.days import shanghai_day
from workflow.clock.due import days_late, used_days
from workflow.errors import NotFound, Reason
from workflow.lists.as_of import stops_before
from workflow.lists.case_history import AlertLine
from workflow.lists.case_page import CasePage, dossier_of
from workflow.lists.track import Stop
from workflow.process.definition import ORGANISATION
from workflow.process.definitions import newest_process
from workflow.process.scope import APPLICATION


@dataclass(frozen=True, slots=True)
class Ground:
    """An application and the step of it that a referral rests on, if it rests on one."""

    page: CasePage
    # The record it rests on, and the day that record is of.
    stops: tuple[Stop, ...]
    alerts: tuple[AlertLine, ...]
    on: date
    step_number: int | None
    names: Names
    # Where an office has to act: elsewhere an open stay is never late.
    office_states: frozenset[str]
    # The states in which the applicant has to act: their days are not an office's.
    waiting_states: frozenset[str]
    # Whether it goes to the efficiency office when the referral is sent.
    goes_along: bool

    @property
    def stop(self) -> Stop | None:
        return next((stop for stop in self.stops if stop.number == self.step_number), None)

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
        stops=page.stops,
        alerts=page.alerts,
        on=edge.today(),
        step_number=step_number,
        names=names_of_lines(session),
        office_states=frozenset(state.name for state in states if state.can_be_late),
        waiting_states=frozenset(state.name for state in states if state.holder == ORGANISATION),
        goes_along=process.action(page.head.state, "refer") is not None,
    )


def as_signed(session: Session, ground: Ground, signed_at: datetime) -> Ground:
    """The same application as it stood when the referral was signed: later acts change no signed letter."""
    actor, reference = edge.actor(), edge.reference()
    return replace(
        ground,
        stops=stops_before(session, actor, reference, ground.page.head.case_id, signed_at),
        alerts=tuple(alert for alert in ground.alerts if alert.begins_at <= signed_at),
        on=shanghai_day(signed_at),
    )


def late_days(stop: Stop, ground: Ground) -> int:
    """Working days past the due day: as recorded when the step was left, until the ground's day else."""
    if stop.left_on is not None:
        return stop.late_days
    if stop.state not in ground.office_states:
        return 0
    return days_late(stop.due_on, ground.on, edge.reference().calendar)


def account_of_facts(ground: Ground) -> str:
    """A first wording of what happened, for the officer to go on from: every line from the record."""
    return "\n".join(_account(ground))


def measures(ground: Ground) -> list[str]:
    """What was done before: the reminders that went out for the step, the oldest first."""
    if ground.stop is None:
        return []
    alerts = [alert for alert in ground.alerts if alert.step_number == ground.stop.number]
    return [
        _("%(day)s发出“%(level)s”", day=paper_day(shanghai_day(alert.begins_at)),
          level=label("alert_level", alert.level))
        for alert in reversed(alerts)
    ]  # fmt: skip


def step_words(stop: Stop, ground: Ground) -> str:
    """乡镇初审，时限 5 个工作日，应于 2026年11月9日办结，已超期 10 个工作日"""
    said = [label("state", stop.state)]
    if stop.limit_days is not None:
        said.append(_("时限 %(days)s 个工作日", days=stop.limit_days))
    if stop.due_on is not None:
        said.append(_("应于 %(day)s办结", day=paper_day(stop.due_on)))
    if late := late_days(stop, ground):
        said.append(_("超期 %(days)s 个工作日", days=late))
    return _("，").join(said)


def limit_columns() -> list[tuple[str, str]]:
    return [
        (_("环节"), ""), (_("机构 · 承办人"), ""), (_("收到"), ""), (_("应办结"), ""), (_("办结"), ""),
        (_("用时 / 时限"), "number"), (_("超期"), "number"),
    ]  # fmt: skip


def limit_rows(ground: Ground) -> list[list[Any]]:
    """时限对照表: every stay of the application with an office or the applicant, in its order."""
    return [_limit_row(stop, ground) for stop in ground.stops if stop.limit_days is not None]


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
        case=case, day=paper_day(stop.entered_on), state=label("state", stop.state), unit=stop.unit,
        handler=stop.handler or "", limit=stop.limit_days,
        due=paper_day(stop.due_on) if stop.due_on else "",
    )  # fmt: skip
    if late := late_days(stop, ground):
        yield _so_late(stop, late, ground.on)
    if done := measures(ground):
        yield _("系统先后于%(done)s。", done=_("，").join(done))


def _so_late(stop: Stop, late: int, on: date) -> str:
    if stop.left_on is None:
        return _("截至 %(day)s，已超期 %(days)s 个工作日，仍未办结。",
                 day=paper_day(on), days=late)  # fmt: skip
    return _("该环节至 %(day)s才办结，超期 %(days)s 个工作日。",
             day=paper_day(stop.left_on), days=late)  # fmt: skip


def _limit_row(stop: Stop, ground: Ground) -> list[Any]:
    is_applicant = stop.state in ground.waiting_states
    unit = label("holder", ORGANISATION) if is_applicant else stop.unit
    late = 0 if is_applicant else late_days(stop, ground)
    return [
        label("state", stop.state),
        {"text": unit, "sub": "" if is_applicant else stop.handler or label("hands", "untaken")},
        paper_day(stop.entered_on),
        paper_day(stop.due_on) if stop.due_on else "",
        paper_day(stop.left_on) if stop.left_on else _("未办结"),
        f"{_used_days(stop, ground)} / {stop.limit_days}",
        _("%(days)s 日", days=late) if late else "–",
    ]


def _used_days(stop: Stop, ground: Ground) -> int:
    recorded = stop.used_days
    if recorded is None:
        recorded = used_days(stop.entered_on, stop.left_on or ground.on, edge.reference().calendar)
    return stop.used_before + recorded
