"""The rulings (解释): the doubtful points of a policy, what was decided on them, and deciding."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.admin.blueprint import Answer, blueprint
from web.admin.typed import NOTHING_REFUSED, Refusal, day_typed, refusal_of
from web.errors import status_of
from web.language import _, day_with_year, locale, say
from workflow.applications.policies import current_policies, rulings_in_force
from workflow.applications.rulings import (
    RulingLine,
    TypedRuling,
    decide_ruling,
    may_decide_rulings,
    rulings_on,
)
from workflow.errors import InvalidInput, NotFound, Reason, Refused
from workflow.policy.editions import spoken_title
from workflow.policy.rulings import with_rulings
from workflow.policy.terms import Policy, RulingOption, RulingPoint

# Whoever decides on applications may read how the policy is read; deciding it is the bureau's.
READERS = (
    "bureau_reviewer",
    "township_officer",
    "joint_meeting_officer",
    "finance_officer",
    "efficiency_officer",
    "supervisor",
    "leader",
    "administrator",
)


@blueprint.get("/rulings")
@audience(*READERS)
def rulings() -> str:
    with edge.reading() as session:
        policies = [policy for _id, policy in current_policies(session)]
        policy = _chosen(policies, request.args.get("policy"))
        ruled = with_rulings(policy, rulings_in_force(session, policy, edge.today()), edge.today())
        decided: dict[str, list[RulingLine]] = {}
        for point, line in rulings_on(session, policy):
            decided.setdefault(point, []).append(line)
    return render_template(
        "admin/rulings.html",
        title=policy.document.title.text(locale()),
        policies=_tabs(policies, policy),
        rows=[_row(policy, point, decided.get(point.code, [])) for point in ruled.points],
        may_decide=may_decide_rulings(edge.actor()),
    )


@blueprint.get("/rulings/<policy_code>/<point_code>")
@audience(*READERS)
def ruling(policy_code: str, point_code: str) -> str:
    return _page(policy_code, point_code, NOTHING_REFUSED)


@blueprint.post("/rulings/<policy_code>/<point_code>")
@audience("bureau_reviewer")
def decide(policy_code: str, point_code: str) -> Answer | Response:
    typed = TypedRuling(
        point=point_code,
        option=request.form.get("option", ""),
        decided_on=day_typed("decided_on"),
        minutes=request.form.get("minutes", ""),
        application=request.form.get("scope", ""),
    )
    try:
        with edge.writing() as session:
            policy = _policy(session, policy_code)
            decide_ruling(session, policy, typed, edge.actor(), edge.today())
            session.commit()
    except (InvalidInput, Refused) as error:
        return _page(policy_code, point_code, refusal_of("ruling", error)), status_of(error)
    edge.tell(_("解释已登记，今后的核算和审批按此办理。"))
    return edge.see_other(url_for("admin.ruling", policy_code=policy_code, point_code=point_code))


def _page(policy_code: str, point_code: str, refusal: Refusal) -> str:
    with edge.reading() as session:
        policy = _policy(session, policy_code)
        point = policy.point(point_code)
        if point is None:
            raise NotFound(Reason("not_found"))
        in_force = rulings_in_force(session, policy, edge.today())
        now = with_rulings(policy, in_force, edge.today()).point(point_code) or point
        history = [
            _history_event(policy, point, line) for _point, line in rulings_on(session, policy, point_code)
        ]
    may_decide = may_decide_rulings(edge.actor())
    return render_template(
        "admin/ruling.html",
        point=point,
        question=point.question.text(locale()),
        facts=_facts(policy, point, now),
        options=[_choice(option) for option in point.options],
        history=history,
        may_decide=may_decide,
        why_not=[] if may_decide else [say(Reason("ruling.head_of_bureau_only"))],
        decided_on=edge.today().isoformat(),
        back=url_for("admin.rulings", policy=policy_code),
        refusal=refusal,
    )


def _policy(session: Session, code: str) -> Policy:
    found = next((policy for _id, policy in current_policies(session) if policy.code == code), None)
    if found is None:
        raise NotFound(Reason("not_found"))
    return found


def _chosen(policies: list[Policy], code: str | None) -> Policy:
    """The policy asked for; without a question the one that begins last."""
    if not policies or (code and code not in {policy.code for policy in policies}):
        raise NotFound(Reason("not_found"))
    wanted = [policy for policy in policies if code in (None, policy.code)]
    return max(wanted, key=lambda policy: policy.valid_from)


def _tabs(policies: list[Policy], chosen: Policy) -> list[tuple[str, str, bool, None]]:
    return [
        (
            policy.document.title.text(locale()),
            url_for("admin.rulings", policy=policy.code),
            policy is chosen,
            None,
        )
        for policy in policies
    ]


def _row(policy: Policy, point: RulingPoint, decided: list[RulingLine]) -> list[Any]:
    general = next((line for line in decided if line.scope is None), None)
    single = sum(line.scope is not None for line in decided)
    source = point.source.text(locale()) if general is None else _said_by(general)
    return [
        point.code,
        {
            "text": point.question.text(locale()),
            "href": url_for("admin.ruling", policy_code=policy.code, point_code=point.code),
            "sub": _lines(policy, point),
        },
        _name(point, point.chosen),
        {"text": source, "sub": _("另有个案解释 %(number)s 件", number=single) if single else ""},
    ]


def _facts(policy: Policy, point: RulingPoint, now: RulingPoint) -> list[tuple[str, Any]]:
    return [
        (_("现行读法"), _name(point, now.chosen)),
        (_("没有解释时"), {"text": _name(point, point.chosen), "sub": point.source.text(locale())}),
        (_("涉及的奖项"), _lines(policy, point)),
        (_("政策"), policy.document.title.text(locale())),
        (_("解释机关"), policy.document.interpreter.text(locale())),
    ]


def _lines(policy: Policy, point: RulingPoint) -> str:
    if len(point.lines) == len(policy.lines):
        return _("全部奖项")
    return _("、").join(point.lines)


def _choice(option: RulingOption) -> tuple[str, str, str]:
    return option.code, option.name.text(locale()), _("只能就个案作出") if option.case_only else ""


def _history_event(policy: Policy, point: RulingPoint, line: RulingLine) -> dict[str, Any]:
    scope = spoken_title(line.scope, policy.lines, locale()) if line.scope else ""
    return {
        "what": _name(point, line.option),
        "said": _("只就个案：%(achievement)s", achievement=scope) if scope else "",
        "by": line.decided_by,
        "at": day_with_year(line.decided_on),
        "note": line.minutes,
    }


def _said_by(line: RulingLine) -> str:
    said = _("%(day)s %(person)s解释", day=day_with_year(line.decided_on), person=line.decided_by)
    return f"{said} · {line.minutes}" if line.minutes else said


def _name(point: RulingPoint, code: str) -> str:
    option = point.option(code)
    return option.name.text(locale()) if option else code
