"""办理记录: acts and alerts of an application in one line of time, in words, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from web.applicant.way import late_words, said
from web.language import _, _n, day, input_label, label, moment, wan
from workflow.lists.case_history import AlertLine, EventLine
from workflow.lists.case_page import CasePage
from workflow.lists.track import Stop

# Amounts that stand in the details of an act, and what they are called there.
AMOUNTS = ("approved_yuan", "amount_yuan", "recover_yuan", "written_off_yuan")


def timeline(page: CasePage) -> list[dict[str, str]]:
    """What happened, the newest first; an alert stands where it began."""
    stops = {stop.number: stop for stop in page.stops}
    acts = [(event.at, event.number, _act(event, stops)) for event in page.events]
    alerts = [(alert.begins_at, 0, _alert(alert, stops)) for alert in page.alerts]
    newest_first = sorted([*acts, *alerts], key=lambda each: each[:2], reverse=True)
    return [line for _at, _number, line in newest_first]


def defects_of(event: EventLine) -> list[str]:
    """The numbered defects an office told with a demand for correction."""
    return [str(defect) for defect in event.details.get("defects") or ()]


def by_whom(event: EventLine) -> str:
    if event.is_system:
        return _("系统")
    return " · ".join(filter(None, [event.actor, event.unit or _("申报单位")]))


def _act(event: EventLine, stops: Mapping[int, Stop]) -> dict[str, str]:
    return {
        "what": said(event.action_label),
        "said": " ".join(_contents(event)),
        "by": by_whom(event),
        "at": moment(event.at),
        "note": " · ".join(_effects(event)),
        "late": _lateness(stops.get(event.step_number - 1)) if event.moves else "",
        "kind": "system" if event.is_system else "person",
    }


def _lateness(left: Stop | None) -> str:
    """How late the step was that the act ended, and who held it."""
    if left is None or not left.was_late:
        return ""
    late = _("“%(state)s”%(late)s", state=label("state", left.state), late=late_words(left.late_days))
    return " · ".join(filter(None, [late, left.handler or left.unit]))


def _contents(event: EventLine) -> Iterator[str]:
    """What was said with the act."""
    if event.reason:
        yield _("“%(words)s”", words=event.reason)
    if defects := defects_of(event):
        yield _("一次性告知 %(count)s 项", count=len(defects))
    if objector := event.details.get("objector"):
        yield _("异议人：%(name)s", name=objector)
    if changed := event.details.get("changed"):
        yield from _changes(changed)


def _effects(event: EventLine) -> Iterator[str]:
    """What the act changed."""
    if event.moves and event.from_state:
        yield _("转入“%(state)s”", state=said(event.to_label))
    if event.handler:
        yield _("由%(name)s承办", name=event.handler)
    if limit_days := event.details.get("limit_days"):
        yield _n("限 %(num)d 个工作日", limit_days)
        if event.due_on is not None:
            yield _("应于 %(day)s办结", day=day(event.due_on))
    yield from amounts_of(event.details)
    for name in ("document_number", "voucher"):
        if event.details.get(name):
            yield f"{input_label(event.action, name)} {event.details[name]}"


def amounts_of(details: Mapping[str, Any]) -> Iterator[str]:
    """The sums an act was about, in words."""
    return (_amount(name, details) for name in AMOUNTS if details.get(name))


def _amount(name: str, details: Mapping[str, Any]) -> str:
    amount = wan(details[name])
    match name:
        case "amount_yuan" if "facts" in details:
            return _("申报 %(amount)s", amount=amount)
        case "approved_yuan":
            return _("核定 %(amount)s", amount=amount)
        case "recover_yuan":
            return _("应追回 %(amount)s", amount=amount)
        case "written_off_yuan":
            return _("核销 %(amount)s", amount=amount)
    return _("金额 %(amount)s", amount=amount)


def _changes(changed: Mapping[str, Any]) -> Iterator[str]:
    """What a correction changed, in numbers; the facts and files themselves stand on the page."""
    if count := len(changed.get("facts", ())):
        yield _("改动填报内容 %(count)s 项", count=count)
    if count := len(changed.get("evidence_added", ())):
        yield _("新增材料 %(count)s 份", count=count)
    if count := len(changed.get("evidence_removed", ())):
        yield _("撤下材料 %(count)s 份", count=count)
    if changed.get("account"):
        yield _("更换收款账户")


def _alert(alert: AlertLine, stops: Mapping[int, Stop]) -> dict[str, str]:
    stop = stops.get(alert.step_number)
    return {
        "what": label("alert_level", alert.level),
        "said": label("state", stop.state) if stop else "",
        "by": _("系统"),
        "at": moment(alert.begins_at),
        "note": "",
        "kind": alert.level,
    }
