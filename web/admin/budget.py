"""The money of the years: set by the head of finance, reserved by approvals, what is left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.admin.blueprint import Answer, blueprint
from web.admin.typed import NOTHING_REFUSED, Refusal, refusal_of
from web.errors import status_of
from web.language import _, moment, say, wan
from web.numbers import whole_number
from workflow.errors import InvalidInput, Reason, Refused
from workflow.lists.budget import BudgetLine, budget_of
from workflow.money.budgets import budget_setters, may_set_budgets, set_budget

READERS = ("finance_officer", "joint_meeting_officer", "bureau_reviewer", "supervisor", "leader")


@blueprint.get("/budget")
@audience(*READERS)
def budget() -> str:
    return _page(NOTHING_REFUSED)


@blueprint.post("/budget")
@audience("finance_officer")
def set_year() -> Answer | Response:
    year = request.form.get("year", 0, type=whole_number)
    try:
        with edge.writing() as session:
            typed = request.form.get("amount_yuan", "")
            amount_yuan = set_budget(session, year, typed, edge.actor(), edge.now()).amount_yuan
            session.commit()
    except (InvalidInput, Refused) as error:
        return _page(refusal_of("budget", error)), status_of(error)
    edge.tell(_("%(year)s 年度预算已设为 %(amount)s。", year=year, amount=wan(amount_yuan)))
    return edge.see_other(url_for("admin.budget"))


def _page(refusal: Refusal) -> str:
    this_year = edge.today().year
    years = (this_year, this_year + 1, this_year - 1)
    with edge.reading() as session:
        lines = [budget_of(session, year) for year in years]
        setters = budget_setters(session, years)
    may_set = may_set_budgets(edge.actor())
    return render_template(
        "admin/budget.html",
        title=_headline(lines[0]),
        years=[_year(line, setters.get(line.year)) for line in lines],
        choices=[(year, _("%(year)s 年", year=year)) for year in years[:2]],
        this_year=this_year,
        may_set=may_set,
        why_not=[] if may_set else [say(Reason("budget.head_of_finance_only"))],
        refusal=refusal,
    )


def _headline(line: BudgetLine) -> str:
    if line.left_yuan is None:
        return _("%(year)s 年度还没有设定预算", year=line.year)
    return _("%(year)s 年度预算余额 %(left)s", year=line.year, left=wan(line.left_yuan))


def _year(line: BudgetLine, setter: tuple[str, datetime] | None) -> dict[str, Any]:
    return {
        "name": _("%(year)s 年度预算", year=line.year),
        "whole": line.amount_yuan or 0,
        "used": line.reserved_yuan,
        "left": "" if line.left_yuan is None else wan(line.left_yuan),
        "facts": [
            (_("预算"), _("未设定，批准时不核对余额") if line.amount_yuan is None else wan(line.amount_yuan)),
            (_("已批准占用"), wan(line.reserved_yuan)),
            (_("其中已拨付"), wan(line.paid_yuan)),
            *([(_("设定"), _set_by(*setter))] if setter else []),
        ],
    }


def _set_by(name: str, at: datetime) -> str:
    return _("%(name)s，%(when)s", name=name, when=moment(at))
