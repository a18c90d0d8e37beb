"""拟移送: the joint-meeting office writes a referral, on a late step of an application or on a clue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.errors import status_of
from web.language import _, by_field, label, summary, unit_name
from web.navigation import case_url
from web.numbers import whole_number
from web.referrals.blueprint import blueprint
from web.referrals.ground import (
    Ground,
    account_of_facts,
    ground_of,
    late_days,
    limit_columns,
    limit_rows,
    measures,
    step_words,
)
from web.referrals.people import answerable_units, officers_by_unit
from workflow.errors import InvalidInput, NotFound, Reason, Refused, WorkflowError
from workflow.referrals import drafting
from workflow.referrals.drafting import LONGEST_TEXT, PROBLEMS, draft_referral, ground_in

NOTHING_TYPED: Mapping[str, str] = {}


@blueprint.get("/referrals/draft")
@audience("joint_meeting_officer")
def draft() -> str:
    return _page(_application_asked_for(request.args.get("application")))


@blueprint.post("/referrals/draft")
@audience("joint_meeting_officer")
def write() -> Response | tuple[str, int]:
    application_id = _application_asked_for(request.form.get("application"))
    try:
        with edge.writing() as session:
            case = draft_referral(
                session, edge.actor(),
                now=edge.now(),
                application_id=application_id,
                about_unit_id=request.form.get("about_unit", type=whole_number),
                about_person_id=request.form.get("about_person", type=whole_number),
                typed=request.form,
            )  # fmt: skip
            case_id = case.id
            session.commit()
    except (InvalidInput, Refused) as error:
        return _page(application_id, request.form, error), status_of(error)
    edge.tell(_("已拟移送，请联席会议办公室分管领导审签。"))
    return edge.see_other(url_for("referrals.referral", case_id=case_id))


def _application_asked_for(text: str | None) -> int | None:
    """The application it is about; none for a clue about a unit. NotFound for what she cannot see."""
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise NotFound(Reason("not_found"))
    application_id = int(text)
    with edge.reading() as session:
        if ground_of(session, application_id, None).page.outsider:
            raise NotFound(Reason("not_found"))
    return application_id


def _page(
    application_id: int | None, typed: Mapping[str, str] = NOTHING_TYPED, error: WorkflowError | None = None
) -> str:
    with edge.reading() as session:
        found = None if application_id is None else ground_in(session, application_id, edge.now())
        number = found.step_number if found else None
        ground = None if application_id is None else ground_of(session, application_id, number)
        officers = officers_by_unit(
            session, found.person_id if found else None, found.unit_id if found else None
        )
    return render_template(
        "referrals/draft.html",
        application_id=application_id,
        case=_case(ground) if ground else None,
        needs_clue=not (found and found.is_late),
        problems=[(each, label("problem", each), _explained(each)) for each in PROBLEMS],
        units=answerable_units(),
        officers=officers,
        longest=LONGEST_TEXT,
        typed=typed if error else _proposed(found, ground),
        faults=by_field(error) if error else {},
        errors=summary(error) if error else [],
    )


def _proposed(found: drafting.Ground | None, ground: Ground | None) -> dict[str, str]:
    """What the record says by itself; the officer goes on from there."""
    return {
        "about_unit": str(found.unit_id) if found else "",
        "about_person": str(found.person_id) if found and found.person_id else "",
        "account_of_facts": account_of_facts(ground) if ground else "",
    }


def _case(ground: Ground) -> dict[str, Any]:
    running = [link for link in ground.page.links if link.closed_at is None]
    return {
        "number": ground.number,
        "href": case_url(ground.page.head.case_id),
        "organisation": ground.organisation,
        "line": ground.line,
        "step": step_words(ground.stop, ground) if ground.stop else "",
        "late": late_days(ground.stop, ground) if ground.stop else 0,
        "unit": unit_name(ground.page.head.unit_id),
        "measures": measures(ground),
        "running": [
            {"href": case_url(link.case_id), "number": link.number or _("移送（尚未编号）")}
            for link in running
        ],
        "columns": limit_columns(),
        "rows": limit_rows(ground),
    }


def _explained(problem: str) -> str:
    return {
        "inaction": _("应当办理而不办理，没有正当理由"),
        "slowness": _("在办，但明显超过时限"),
        "shirking": _("互相推诿，反复退回或要求补正"),
        "other": _("其他影响效能的问题"),
    }[problem]
