"""The administrator's home: what needs her first, then what runs and how well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import render_template, url_for

from web import edge
from web.access import audience
from web.admin.blueprint import blueprint
from web.admin.naming import process_name
from web.language import _, day_with_year, moment, say, unit_name
from workflow.check import CALENDAR_DAYS_AHEAD, staffing_warnings
from workflow.errors import Reason
from workflow.lists.deliveries import DeliveryHealth, delivery_health
from workflow.lists.heartbeat import SchedulerSilence, scheduler_silence
from workflow.lists.paging import spoken_count
from workflow.lists.versions import PolicyLine, ProcessLine, policy_versions, process_versions

DIGEST_SHOWN = 12


@blueprint.get("/admin")
@audience("administrator")
def home() -> str:
    with edge.reading() as session:
        warnings = [_warning(each) for each in staffing_warnings(session, edge.reference(), edge.today())]
        health = delivery_health(session)
        silence = scheduler_silence(session, edge.real_now())
        processes = [_process_row(each) for each in process_versions(session)]
        policies = [_policy_row(each) for each in policy_versions(session)]
    return render_template(
        "admin/home.html",
        title=_headline(len({each["unit"] for each in warnings}), health, silence),
        tiles=_tiles(warnings, health, silence),
        warnings=warnings,
        horizon=_horizon(),
        health=health,
        heartbeat=_heartbeat(silence),
        count=spoken_count,
        processes=processes,
        policies=policies,
    )


def _headline(units: int, health: DeliveryHealth, silence: SchedulerSilence) -> str:
    found = []
    if silence.is_silent:
        found.append(_("定时任务没有运行"))
    if health.dead:
        found.append(_("%(number)s 封通知无法送达", number=spoken_count(health.dead)))
    if units:
        found.append(_("%(number)s 个机构人员不足", number=units))
    if _ends_soon():
        found.append(_("工作日历即将用完"))
    return (
        _("需要处理：%(what)s", what=_("、").join(found)) if found else _("系统运行正常，没有需要处理的事项")
    )


def _warning(reason: Reason) -> dict[str, Any]:
    """A unit with too few people, its name in the language of the page, with the way to it."""
    name = reason.params["unit"]
    unit_id = next(unit.id for unit in edge.reference().units.values() if unit.name == name)
    spoken = replace(reason, params={**reason.params, "unit": unit_name(unit_id)})
    return {"unit": unit_id, "sentence": say(spoken), "href": url_for("admin.unit", unit_id=unit_id)}


def _tiles(
    warnings: Sequence[dict[str, Any]], health: DeliveryHealth, silence: SchedulerSilence
) -> list[dict[str, Any]]:
    units = len({each["unit"] for each in warnings})
    year = _last_official_year()
    return [
        {
            "label": _("人员不足的机构"),
            "number": units,
            "note": _("少于两人或没有分管领导"),
            "level": "yellow" if units else "",
            "href": "#staffing" if units else url_for("admin.units"),
        },
        {
            "label": _("无法送达的通知"),
            "number": spoken_count(health.dead),
            "note": _("等待发送 %(number)s 封", number=spoken_count(health.waiting)),
            "level": "red" if health.dead else "",
            "href": url_for("admin.deliveries"),
        },
        {
            "label": _("定时任务"),
            "number": _("中断") if silence.is_silent else _("正常"),
            "note": _heartbeat(silence),
            "level": "red" if silence.is_silent else "",
            "href": url_for("admin.deliveries"),
        },
        {
            "label": _("工作日历"),
            "number": year or "–",
            "note": _("放假安排已公布至此年"),
            "level": "yellow" if _ends_soon() else "",
            "href": url_for("admin.calendar"),
        },
    ]


def _last_official_year() -> int:
    """The last year up to which every year from this one on has its official list; 0 for none."""
    official = edge.reference().calendar.official_years
    year = edge.today().year
    while year in official:
        year += 1
    return year - 1 if year > edge.today().year else 0


def _ends_soon() -> bool:
    return edge.reference().calendar.is_estimated(edge.today() + timedelta(days=CALENDAR_DAYS_AHEAD))


def _horizon() -> list[str]:
    last = _last_official_year()
    first_estimated = (last or edge.today().year - 1) + 1
    known = (
        _("国务院办公厅公布的放假安排已录到 %(year)s 年。", year=last)
        if last
        else _("今年的放假安排还没有录入。")
    )
    estimated = _(
        "%(year)s 年起的日期按周一至周五推算，只扣除日期固定的法定节假日，页面上标明“预计”。",
        year=first_estimated,
    )
    return [known, estimated]


def _heartbeat(silence: SchedulerSilence) -> str:
    if silence.last_beat_at is None:
        return _("从未运行")
    return _("上次运行 %(when)s", when=moment(silence.last_beat_at))


def _process_row(line: ProcessLine) -> list[Any]:
    return [
        {
            "text": process_name(line.code),
            "href": url_for("admin.process", code=line.code, version=line.version),
            "sub": line.code,
        },
        _("第 %(version)s 版", version=line.version),
        line.digest[:DIGEST_SHOWN],
        moment(line.stored_at),
        spoken_count(line.open_cases),
    ]


def _policy_row(line: PolicyLine) -> list[Any]:
    until = _("至 %(day)s", day=day_with_year(line.valid_to)) if line.valid_to else ""
    return [
        {"text": line.code, "href": url_for("admin.policy", policy_id=line.policy_id)},
        {"text": _("自 %(day)s", day=day_with_year(line.valid_from)), "sub": until},
        line.digest[:DIGEST_SHOWN],
        moment(line.stored_at),
        spoken_count(line.applications),
    ]
