"""超期清单: the district's cases by due day, narrowed by level, unit, step and age; also as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.applicant.naming import Names, names_of_lines
from web.language import _, label, locale, unit_name
from web.supervision import asked
from web.supervision.blueprint import WATCHERS, blueprint
from web.supervision.rows import columns, district_rows, referral_words
from web.supervision.sheet import sheet
from workflow import catalogue
from workflow.clock.alerts import Bucket
from workflow.clock.due import days_late
from workflow.lists.lateness import Ageing
from workflow.lists.overview import DistrictRow, Filters, Overview, district_list
from workflow.lists.overview import overview as numbers_of_the_district
from workflow.lists.paging import Page, Place, spoken_count
from workflow.process.scope import APPLICATION

# Who can hold a case; the list also finds what a unit that no longer exists still holds.
HOLDERS = ("township", "bureau", "joint_meeting_office", "finance", "efficiency_office")
ROWS_AT_ONCE = 500
MOST_ROWS = 10_000


@blueprint.get("/supervision/overdue")
@audience(*WATCHERS)
def overdue() -> str:
    after = Place.of(request.args.get("after"))
    with edge.reading() as session:
        states = asked.states_of_offices(session)
        filters = asked.asked_filters(set(states))
        numbers = numbers_of_the_district(session, edge.actor(), edge.reference(), edge.today())
        page = _page(session, filters, after)
        names = names_of_lines(session)
    return render_template(
        "supervision/overdue.html",
        title=_headline(filters, numbers, page, is_first=after is None),
        tabs=_tabs(filters, numbers),
        filters=filters,
        level=asked.EVERY_LEVEL if filters.bucket is None else filters.bucket.value,
        units=_units(filters.unit_id),
        states=[(name, label("state", name)) for name in states],
        ageings=[(age.value, label("ageing", age)) for age in Ageing],
        narrowed=filters != Filters(bucket=filters.bucket, suggested=filters.suggested),
        clear_url=asked.url(bucket=filters.bucket, suggested=filters.suggested),
        columns=columns(),
        rows=district_rows(page.rows, names),
        words=_("应办结日期早的在前 · 本页 %(shown)s 件", shown=len(page.rows)),
        first_url=asked.url(filters) if after else "",
        next_url=asked.url(filters, after=page.next) if page.next else "",
        table_url=asked.table_url(filters),
        everything_url=asked.url(bucket=None),
    )


@blueprint.get("/supervision/overdue.csv")
@audience(*WATCHERS)
def overdue_table() -> Response:
    """The list as a table for a spreadsheet, up to `MOST_ROWS`."""
    with edge.reading() as session:
        filters = asked.asked_filters(set(asked.states_of_offices(session)))
        names = names_of_lines(session)
        lines = [_line(row, names) for row in _all_rows(session, filters)]
    name = f"overdue-{edge.today().isoformat()}.csv"
    return Response(
        sheet(_titles(), lines),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(session: Session, filters: Filters, after: Place | None, **paging: int) -> Page[DistrictRow]:
    actor, reference, today = edge.actor(), edge.reference(), edge.today()
    return district_list(session, actor, reference, today, filters, after=after, **paging)


def _all_rows(session: Session, filters: Filters) -> Iterator[DistrictRow]:
    after = None
    for _turn in range(MOST_ROWS // ROWS_AT_ONCE):
        page = _page(session, filters, after, limit=ROWS_AT_ONCE)
        yield from page.rows
        if page.next is None:
            return
        after = Place.of(page.next)


def _headline(filters: Filters, numbers: Overview, page: Page[DistrictRow], *, is_first: bool) -> str:
    """How many there are, and how long the oldest lies: the list is in that order."""
    what = _what(filters)
    if is_first and not page.rows:
        return _("没有%(what)s的件", what=what)
    count = _count(filters, numbers)
    if count is None:
        count = str(len(page.rows)) if is_first and page.next is None else ""
    said = _("%(what)s %(count)s 件", what=what, count=count) if count else what
    oldest = page.rows[0].due_on if is_first and page.rows else None
    late = days_late(oldest, edge.today(), edge.reference().calendar)
    return _("%(said)s，最久 %(days)s 个工作日", said=said, days=late) if late else said


def _what(filters: Filters) -> str:
    level = label("ageing", filters.ageing) if filters.ageing else _level(filters)
    kind = "" if filters.process is None else _kind(filters.process)
    place = [unit_name(filters.unit_id), kind, label("state", filters.state) if filters.state else ""]
    return " · ".join(filter(None, [*place, level]))


def _kind(process: str) -> str:
    return _("申请件") if process == APPLICATION else _("移送件")


def _level(filters: Filters) -> str:
    if filters.suggested:
        return _("建议移送")
    return _("在办") if filters.bucket is None else label("bucket", filters.bucket)


def _count(filters: Filters, numbers: Overview) -> str | None:
    """The number of the overview this list stands behind, if it has one."""
    counted = {
        Filters(): numbers.red,
        Filters(bucket=Bucket.DUE_TODAY): numbers.yellow,
        Filters(bucket=Bucket.NEAR): numbers.blue,
        Filters(suggested=True): numbers.suggested,
        **{Filters(ageing=age): count for age, count in numbers.by_ageing.items()},
    }
    return spoken_count(counted[filters]) if filters in counted else None


def _tabs(filters: Filters, numbers: Overview) -> list[tuple[str, str, bool, str | None]]:
    """The levels; what was narrowed otherwise stays narrowed."""
    counts = {Bucket.OVERDUE: numbers.red, Bucket.DUE_TODAY: numbers.yellow, Bucket.NEAR: numbers.blue}
    is_narrowed = any(each is not None for each in (filters.unit_id, filters.state, filters.process))
    levels = [
        (
            label("bucket", level),
            asked.url(filters, bucket=level, ageing=None, suggested=False),
            filters.bucket is level and not filters.suggested,
            None if is_narrowed else spoken_count(count),
        )
        for level, count in counts.items()
    ]
    may_be_referred = (
        _("建议移送"),
        asked.url(filters, bucket=Bucket.OVERDUE, ageing=None, suggested=True),
        filters.suggested,
        None if is_narrowed else spoken_count(numbers.suggested),
    )
    everything = (
        _("全部在办"),
        asked.url(filters, bucket=None, ageing=None, suggested=False),
        filters.bucket is None and not filters.suggested,
        None,
    )
    return [*levels, may_be_referred, everything]


def _units(chosen: int | None) -> list[tuple[int, str]]:
    units = sorted(edge.reference().units.values(), key=lambda unit: (HOLDERS.index(unit.kind), unit.code)
                   if unit.kind in HOLDERS else (len(HOLDERS), unit.code))  # fmt: skip
    today = edge.today()
    return [
        (unit.id, unit_name(unit.id))
        for unit in units
        if unit.kind in HOLDERS and (unit.is_valid_on(today) or unit.id == chosen)
    ]


def _titles() -> list[str]:
    return [
        _("编号"), _("类别"), _("申报单位"), _("奖项"), _("环节"), _("机构"), _("承办人"), _("应办结日期"),
        _("超期工作日"), _("预警"), _("此前曾超期"), _("移送"),
    ]  # fmt: skip


def _line(row: DistrictRow, names: Names) -> list[Any]:
    return [
        row.number or "",
        _kind(row.process),
        row.organisation or "",
        names.line(row.line) if row.line else "",
        catalogue.sentence(row.state_label, locale()),
        row.unit,
        row.handler or "",
        row.due_on.isoformat() if row.due_on else "",
        row.days_late,
        label("alert_level", row.level),
        _("是") if row.was_late else _("否"),
        _("建议移送") if row.suggested else referral_words(row),
    ]
