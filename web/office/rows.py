"""Rows of the officers' lists: a case of a worklist or of all applications as cells of a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from web import edge
from web.applicant.naming import Names
from web.cases.waiting_acts import act_waited_for
from web.due import time_cell
from web.language import _, _n, day, label, locale, unit_name
from web.navigation import case_url
from web.office.take_on import tick_value
from workflow import catalogue
from workflow.clock.alerts import AlertLevel
from workflow.clock.due import days_left
from workflow.lists.worklist import Hands, WorkRow
from workflow.process.scope import APPLICATION

Cell = str | dict[str, Any]
# The form that the ticks of a worklist belong to.
TAKE_ON = "take-on"


@dataclass(frozen=True, slots=True)
class Listing:
    """What the rows of a page have in common: names, the address they stand under, amounts by case.

    `granted` is what was approved; `tried` what a trial would grant, None where no trial is shown. The cases
    `to_confirm` have a payment that a colleague prepared. `ticks` says whether rows can be ticked to be
    taken on together.
    """

    names: Names
    prefix: str
    granted: Mapping[int, int]
    tried: Mapping[int, int] | None
    to_confirm: frozenset[int] = frozenset()
    ticks: bool = False


def may_be_taken_on(row: WorkRow, to_confirm: Collection[int]) -> bool:
    """Whether the list offers to take the case on: another firm's in nobody's hands, not only to confirm."""
    is_free = row.hands is Hands.UNTAKEN and not row.waiting and row.process == APPLICATION
    return is_free and not row.is_outsider and row.case_id not in to_confirm


def work_row(row: WorkRow, listing: Listing) -> list[Cell]:
    """One case of a worklist."""
    href = f"{listing.prefix}/{row.case_id}" if row.process == APPLICATION else case_url(row.case_id)
    about = {"text": row.organisation or "", "href": href, "sub": _claim(row, listing.names)}
    if row.process != APPLICATION:
        about = {"text": _("移送：%(unit)s", unit=unit_name(row.about_unit_id)), "href": href}
    cells: list[Cell] = [
        *([_tick(row, listing.to_confirm)] if listing.ticks else []),
        _time(row),
        {"text": row.number or _("草稿"), "href": href, "sub": _again(row)},
        about,
        catalogue.sentence(row.state_label, locale()),
        _handler(row),
        _amount(row, listing.granted),
    ]
    if listing.tried is not None:
        cells.append({"yuan": listing.tried[row.case_id]} if row.case_id in listing.tried else "")
    return [*cells, _act(row, href, listing.to_confirm)]


def _amount(row: WorkRow, granted: Mapping[int, int]) -> Cell:
    if row.case_id in granted:
        return {"yuan": granted[row.case_id], "sub": _("核定")}
    return "" if row.amount_yuan is None else {"yuan": row.amount_yuan}


def claim_words(line: str | None, award_year: int | None, names: Names) -> str:
    """3（2） 主导制定国家标准 · 2025 年度"""
    if line is None:
        return ""
    year = [_("%(year)s 年度", year=award_year)] if award_year else []
    return " · ".join([names.line(line), *year])


def _time(row: WorkRow) -> Cell:
    if row.waiting or row.ends_by_itself or row.due_on is None or row.level is not AlertLevel.NONE:
        return time_cell(row)
    left = days_left(row.due_on, edge.today(), edge.reference().calendar)
    return {
        "level": "",
        "words": _n("剩 %(num)d 日", left),
        "sub": _("应于 %(day)s", day=day(row.due_on)),
    }


def _again(row: WorkRow) -> str:
    if not row.stays_before:
        return ""
    return _("第 %(times)s 次进入本环节", times=row.stays_before + 1)


def _claim(row: WorkRow, names: Names) -> str:
    # A mark on the organisation is said in the words in which it was entered.
    return " · ".join([*filter(None, [claim_words(row.line, row.award_year, names)]), *row.tags])


def _handler(row: WorkRow) -> str:
    # In whose hands her own firm's case is, she is not told; nor that it is in nobody's.
    is_unsaid = row.is_outsider and row.hands is Hands.UNTAKEN
    return row.handler or "" if is_unsaid or row.hands is Hands.OTHER else label("hands", row.hands)


def _tick(row: WorkRow, to_confirm: Collection[int]) -> Cell:
    if not may_be_taken_on(row, to_confirm):
        return ""
    return {"tick": tick_value(row.case_id, row.version), "name": row.number or "", "form": TAKE_ON}


def _act(row: WorkRow, href: str, to_confirm: Collection[int]) -> Cell:
    name = row.number or ""
    if may_be_taken_on(row, to_confirm):
        # Addresses of a table share a prefix: url_for for each cell would cost more than the query.
        return {"act": _("认领"), "post": f"{href}/act/take_on", "version": row.version, "name": name}
    return {"act": _next_act(row, to_confirm), "href": href, "name": name}


def _next_act(row: WorkRow, to_confirm: Collection[int]) -> str:
    if row.case_id in to_confirm and not row.is_outsider:
        return _("复核")
    if row.ends_by_itself or row.hands is Hands.OTHER or row.waiting:
        return _("查看")
    if row.hands is Hands.UNTAKEN:
        return act_waited_for(row.state) or _("查看")
    return act_waited_for(row.state) or _("办理")
