"""A stored policy: its lines with amounts, how it is read, and the rulings in force on it."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from web import edge
from web.access import audience
from web.admin.blueprint import blueprint
from web.language import _, day_with_year, label, locale
from workflow.applications.policies import policy_of, rulings_in_force
from workflow.policy.rulings import with_rulings
from workflow.policy.terms import READINGS, AwardLine, Policy


@blueprint.get("/admin/policies/<int:policy_id>")
@audience("administrator")
def policy(policy_id: int) -> str:
    with edge.reading() as session:
        stored = policy_of(session, policy_id)
        ruled = with_rulings(stored, rulings_in_force(session, stored, edge.today()), edge.today())
    return render_template(
        "admin/policy.html",
        title=stored.document.title.text(locale()),
        facts=_facts(stored),
        lines=[_line(each) for each in stored.lines],
        total=sum(line.amount_yuan for line in stored.lines),
        readings=[_reading(each, stored) for each in READINGS],
        points=[_point(stored, ruled, number) for number in range(len(stored.points))],
        rulings_url=url_for("admin.rulings", policy=stored.code),
    )


def _facts(policy: Policy) -> list[tuple[str, Any]]:
    until = day_with_year(policy.valid_to) if policy.valid_to else _("未定")
    return [
        (_("文号"), policy.document.number or _("无")),
        (_("发文机关"), policy.document.issuer.text(locale())),
        (_("解释机关"), policy.document.interpreter.text(locale())),
        (_("施行"), day_with_year(policy.valid_from)),
        (_("废止"), until),
        (_("适用的获奖日期"), _("自 %(day)s", day=day_with_year(policy.awards_from))),
        (_("摘要（SHA-256）"), policy.digest),
    ]


def _line(line: AwardLine) -> list[Any]:
    kinds = _("、").join(label("organisation_kind", kind) for kind in line.recipients)
    return [
        {"text": line.code, "sub": line.clause},
        {"text": line.name.text(locale()), "sub": kinds},
        label("policy.once_per", line.once_per),
        _("%(number)s 项", number=sum(each.required for each in line.evidence)),
        {"yuan": line.amount_yuan},
    ]


def _reading(reading: str, policy: Policy) -> dict[str, Any]:
    return {
        "name": label("policy.reading", reading),
        "explained": label("policy.reading_explained", reading),
        "is_adopted": reading == policy.reading,
    }


def _point(stored: Policy, ruled: Policy, number: int) -> list[Any]:
    point, now = stored.points[number], ruled.points[number]
    option = now.option(now.chosen)
    return [
        {"text": point.code, "href": url_for("admin.ruling", policy_code=stored.code, point_code=point.code)},
        point.question.text(locale()),
        option.name.text(locale()) if option else now.chosen,
        point.source.text(locale()) if now.chosen == point.chosen else _("已作解释"),
    ]
