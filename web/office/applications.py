"""All applications within one's scope, with filters by state, township, award year and words."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from web import edge
from web.access import audience
from web.applicant.naming import Names, names_of_lines
from web.due import time_cell
from web.language import _, label, locale, unit_name
from web.numbers import whole_number
from web.office.blueprint import READERS, blueprint
from web.office.rows import Cell, claim_words
from workflow import catalogue
from workflow.applications.policies import current_policies
from workflow.lists.matching import are_too_many
from workflow.lists.paging import spoken_count
from workflow.lists.register import Filters, RegisterRow, register, register_count
from workflow.people.units import units_on
from workflow.process.definitions import newest_process
from workflow.process.scope import APPLICATION, DISTRICT_ROLES

LONGEST_WORDS = 100


@blueprint.get("/applications")
@audience(*READERS)
def applications() -> str:
    before = request.args.get("before", type=whole_number)
    actor, reference, today = edge.actor(), edge.reference(), edge.today()
    with edge.reading() as session:
        names, states, years = names_of_lines(session), _states(session), _years(session)
        filters = _filters({state for state, _label in states})
        page = register(session, actor, reference, today, filters, before=before)
        count = register_count(session, actor, filters)
        more = bool(filters.words) and are_too_many(session, filters.words)
    return render_template(
        "office/applications.html",
        filters=filters,
        states=states,
        townships=_townships(),
        years=years,
        narrowed=filters != Filters(),
        more=more,
        rows=[_row(row, names, url_for("office.applications")) for row in page.rows],
        words=_(
            "最新的在前 · 本页 %(shown)s 件，共 %(total)s 件", shown=len(page.rows), total=spoken_count(count)
        ),
        first_url=_url(filters) if before else "",
        next_url=_url(filters, page.next) if page.next else "",
    )


def _filters(states: set[str]) -> Filters:
    state = request.args.get("state")
    return Filters(
        state=state if state in states else None,
        township_id=request.args.get("township", type=whole_number),
        award_year=request.args.get("year", type=whole_number),
        words=" ".join(request.args.get("words", "").split())[:LONGEST_WORDS],
    )


def _url(filters: Filters, before: str | None = None) -> str:
    return url_for(
        "office.applications",
        state=filters.state,
        township=filters.township_id,
        year=filters.award_year,
        words=filters.words or None,
        before=before,
    )


def _states(session: Session) -> list[tuple[str, str]]:
    """The states that officers meet, in the order of the process; drafts are the organisation's own."""
    process = newest_process(session, APPLICATION)
    return [(name, label("state", name)) for name in process.states if name != process.initial]


def _townships() -> list[tuple[int, str]]:
    """The townships to choose from; none for who only sees her own."""
    if not edge.actor().roles & DISTRICT_ROLES:
        return []
    found = units_on(edge.reference(), edge.today(), "township")
    return [(unit.id, unit_name(unit.id)) for unit in found]


def _years(session: Session) -> list[tuple[int, str]]:
    """The award years a policy has paid for, the latest first."""
    this_year = edge.today().year
    first = min((policy.valid_from.year for _id, policy in current_policies(session)), default=this_year)
    return [(year, _("%(year)s 年度", year=year)) for year in range(this_year, first - 1, -1)]


def _row(row: RegisterRow, names: Names, prefix: str) -> list[Cell]:
    href = f"{prefix}/{row.case_id}"
    holder = {"text": unit_name(row.unit_id), "sub": row.handler or ""}
    return [
        {"text": row.number, "href": href},
        {"text": row.organisation, "href": href, "sub": claim_words(row.line, row.award_year, names)},
        unit_name(row.township_id),
        catalogue.sentence(row.state_label, locale()),
        holder,
        _time(row),
        _amount(row),
    ]


def _time(row: RegisterRow) -> Cell:
    return "" if row.is_closed else time_cell(row)


def _amount(row: RegisterRow) -> dict[str, Any]:
    if not row.approved_yuan:
        return {"yuan": row.amount_yuan}
    return {"yuan": row.approved_yuan, "sub": _("核定")}
