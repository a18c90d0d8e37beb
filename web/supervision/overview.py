"""监督总览: which unit is slow, in which step, since when; where the time goes; what may be referred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import render_template, url_for
from sqlalchemy.orm import Session

from web import edge
from web.access import audience
from web.applicant.naming import names_of_lines
from web.language import _, _n, day, label, unit_name
from web.supervision.asked import url, worked_on
from web.supervision.blueprint import SUPERVISORS, blueprint
from web.supervision.rows import columns, district_rows
from workflow.clock.alerts import Bucket
from workflow.clock.due import days_late
from workflow.lists.lateness import Ageing
from workflow.lists.overview import (
    Cell,
    Filters,
    Overview,
    district_list,
    late_by_unit_and_state,
)
from workflow.lists.overview import overview as numbers_of_the_district
from workflow.lists.paging import spoken_count
from workflow.lists.statistics import STEPS_OF_A_STATE, HolderTime, Statistics, UnitRate, statistics
from workflow.process.definition import ORGANISATION
from workflow.process.definitions import newest_process
from workflow.process.scope import APPLICATION, REFERRAL

# As many of the red list as fit under the numbers; the rest is one click away.
SHOWN_RED = 10
# The units whose steps were least in time.
SLOWEST = 8


class _Step(NamedTuple):
    """A column of the table: one state, or all states of a process."""

    label: str
    process: str
    state: str | None = None

    def holds(self, cell: Cell) -> bool:
        return cell.process == self.process and self.state in (None, cell.state)


@blueprint.get("/supervision")
@audience(*SUPERVISORS)
def overview() -> str:
    actor, reference, today = edge.actor(), edge.reference(), edge.today()
    with edge.reading() as session:
        numbers = numbers_of_the_district(session, actor, reference, today)
        cells = late_by_unit_and_state(session, actor, reference, today)
        times = statistics(session, actor, reference, today, cells)
        red = district_list(session, actor, reference, today, Filters(), limit=SHOWN_RED)
        names = names_of_lines(session)
        steps = _steps(session, cells)
    return render_template(
        "supervision/overview.html",
        title=_headline(numbers, cells),
        lead=_lead(numbers, times),
        tiles=_tiles(numbers),
        steps=[step.label for step in steps],
        units=_units(cells, steps, times.by_unit),
        held=[_held(each) for each in times.by_holder],
        ageing=_ageing(numbers.by_ageing),
        rates=[_rate(each) for each in times.by_unit[:SLOWEST]],
        corrected=_corrected(times),
        sampled=STEPS_OF_A_STATE,
        columns=columns(),
        red=district_rows(red.rows, names),
        red_count=spoken_count(numbers.red),
        red_url=url(),
    )


def _steps(session: Session, cells: Sequence[Cell]) -> list[_Step]:
    """The columns: the straight way of an application, what else somebody is late with, and referrals."""
    process = newest_process(session, APPLICATION)
    found = {(cell.process, cell.state) for cell in cells}
    steps = [
        _Step(label("state", name), process.code, name)
        for name in worked_on(process)
        if process.states[name].on_track or (process.code, name) in found
    ]
    # The states of a referral in columns of their own would push the dates off the screen.
    return [
        *steps,
        *([_Step(_("移送件"), REFERRAL)] if any(code == REFERRAL for code, _state in found) else []),
    ]


def _headline(numbers: Overview, cells: Sequence[Cell]) -> str:
    if not numbers.red:
        return _("全区没有超期的办件")
    count = spoken_count(numbers.red)
    (unit_id, most), *_others = _by_unit(cells).most_common(1)
    if len(_by_unit(cells)) == 1:
        return _("全区有 %(count)s 件已超期，都在%(unit)s", count=count, unit=unit_name(unit_id))
    return _(
        "全区有 %(count)s 件已超期，%(unit)s最多，有 %(most)s 件",
        count=count, unit=unit_name(unit_id), most=most,
    )  # fmt: skip


def _by_unit(cells: Iterable[Cell]) -> Counter[int | None]:
    counted: Counter[int | None] = Counter()
    for cell in cells:
        counted[cell.unit_id] += cell.cases
    return counted


def _lead(numbers: Overview, times: Statistics) -> str:
    said = [
        _("在办 %(count)s 件", count=spoken_count(numbers.in_hand)),
        _("本年办结 %(count)s 件", count=spoken_count(numbers.closed_this_year)),
    ]
    if times.steps:
        said.append(_("近一年按时率 %(rate)s（含未办结的超期件）", rate=_percent(times.in_time, times.steps)))
    return " · ".join(said)


def _percent(part: int, whole: int) -> str:
    # Rounded down: 100 % is said only of what was always in time.
    return f"{1000 * part // whole / 10:g}%"


def _tiles(numbers: Overview) -> list[dict[str, str]]:
    return [
        _tile(_("红色超期"), numbers.red, _longest(numbers.oldest_due_on), "red", url()),
        _tile(_("黄色预警：今天到期"), numbers.yellow, "", "yellow", url(bucket=Bucket.DUE_TODAY)),
        _tile(_("蓝色提醒：2 个工作日内"), numbers.blue, "", "blue", url(bucket=Bucket.NEAR)),
        _tile(
            _("建议移送效能办"), numbers.suggested, _("待联席会议办公室决定"), "", url(suggested=True)
        ),
        _tile(
            _("移送在办"), numbers.referrals_running, _("效能办和被反映机构办理"), "",
            url_for("referrals.index", state="running"),
        ),
    ]  # fmt: skip


def _tile(label: str, count: int, note: str, level: str, href: str) -> dict[str, str]:
    return {
        "label": label,
        "number": spoken_count(count),
        "note": note if count else "",
        "level": level if count else "",
        "href": href,
    }


def _longest(oldest: date | None) -> str:
    return "" if oldest is None else _n("最久 %(num)d 个工作日", _late(oldest))


def _late(due_on: date) -> int:
    return days_late(due_on, edge.today(), edge.reference().calendar)


def _units(cells: Sequence[Cell], steps: Sequence[_Step], rates: Sequence[UnitRate]) -> list[dict[str, Any]]:
    """The units with overdue cases, the one with most first; each number leads to its cases."""
    percent = {rate.unit_id: f"{rate.percent}%" for rate in rates}
    oldest = {unit_id: min(cell.oldest_due_on for cell in cells if cell.unit_id == unit_id)
              for unit_id in _by_unit(cells)}  # fmt: skip
    ranked = sorted(_by_unit(cells).items(), key=lambda each: (-each[1], oldest[each[0]]))
    return [
        {
            "unit": unit_name(unit_id) or label("holder", "nobody"),
            "href": url(unit_id=unit_id),
            "cells": [_cell(cells, unit_id, step) for step in steps],
            "since": _since(oldest[unit_id]),
            "rate": percent.get(unit_id or 0, "–"),
        }
        for unit_id, _cases in ranked
    ]


def _since(oldest: date) -> dict[str, str]:
    return {"text": day(oldest), "sub": _n("超期 %(num)d 日", _late(oldest))}


def _cell(cells: Sequence[Cell], unit_id: int | None, step: _Step) -> tuple[int, str] | None:
    cases = sum(cell.cases for cell in cells if cell.unit_id == unit_id and step.holds(cell))
    if not cases:
        return None
    process = None if step.state else step.process
    return cases, url(unit_id=unit_id, state=step.state, process=process)


def _held(time: HolderTime) -> dict[str, Any]:
    is_quiet = time.holder == ORGANISATION
    return {
        "label": _("申报单位（补正）") if is_quiet else label("unit_kind", time.holder),
        "median": time.median_days,
        "p90": time.p90_days,
        "limit": time.limit_days,
        "quiet": is_quiet,
    }


def _ageing(by_ageing: Mapping[Ageing, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": label("ageing", age),
            "count": count,
            "words": spoken_count(count),
            "most": max(*by_ageing.values(), 1),
            "href": url(ageing=age),
        }
        for age, count in by_ageing.items()
    ]


def _rate(rate: UnitRate) -> dict[str, Any]:
    return {
        "unit": rate.unit,
        "href": url(unit_id=rate.unit_id),
        "percent": rate.percent,
        "words": _("%(in_time)s / %(steps)s 个环节", in_time=rate.in_time, steps=rate.steps),
    }


def _corrected(times: Statistics) -> dict[str, Any] | None:
    if not times.examined:
        return None
    return {
        "percent": times.corrected_percent,
        "words": _(
            "近一年受理或审核的 %(examined)s 件申请中，%(corrected)s 件被要求补正，占 %(percent)s%%。",
            examined=times.examined, corrected=times.corrected, percent=times.corrected_percent,
        ),
    }  # fmt: skip
