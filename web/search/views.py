"""What the search box of every page finds: cases by number, organisation, credit code or handler."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from web import edge
from web.access import SIGNED_IN, audience
from web.applicant.naming import Names, names_of_lines
from web.due import time_cell
from web.language import _, locale
from web.navigation import case_url
from workflow import catalogue
from workflow.lists.search import LONGEST, MOST, FoundCase, search

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@audience(SIGNED_IN)
def results() -> str | Response:
    words = request.args.get("q", "")[:LONGEST].strip()
    with edge.reading() as session:
        found = search(session, edge.actor(), edge.reference(), edge.today(), words)
        names = names_of_lines(session)
    only = found.rows[0] if len(found.rows) == 1 else None
    if only is not None and only.number == words.upper():
        # A whole number is meant to be opened, not looked at in a list.
        return edge.see_other(case_url(only.case_id))
    rows = [_row(row, names) for row in found.rows]
    return render_template("search/results.html", words=words, rows=rows, more=found.more, most=MOST)


def _row(found: FoundCase, names: Names) -> list[Any]:
    award = names.line(found.line) if found.line else _("移送件")
    return [
        {"text": found.number or _("尚未编号"), "href": case_url(found.case_id), "sub": award},
        {"text": found.organisation or "", "sub": found.credit_code or ""},
        catalogue.sentence(found.state_label, locale()),
        {"text": found.unit, "sub": found.handler or ""},
        _due(found),
    ]


def _due(found: FoundCase) -> dict[str, str]:
    if found.closed_at is not None:
        return {"text": _("已办结")}
    return time_cell(found)
