"""Whether an award line may be claimed on these facts: every reason against, and what to note."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from workflow.errors import Reason
from workflow.policy.doubts import CHECKS, Doubt, Examined, OrganisationFacts, Rival, date_named
from workflow.policy.facts import (
    EarlierClaim,
    Fact,
    Facts,
    achievement_key,
    achievement_title,
    amount_of,
    awarded_on,
    date_field,
    drafter_rank,
    earlier_grades,
    parse_facts,
    pool_achievement,
)
from workflow.policy.rulings import with_rulings
from workflow.policy.terms import AwardLine, Policy, Ruling

__all__ = [
    "EarlierClaim",
    "Fact",
    "Facts",
    "OrganisationFacts",
    "Rival",
    "achievement_key",
    "achievement_title",
    "amount_of",
    "awarded_on",
    "drafter_rank",
    "notices",
    "parse_facts",
    "pool_achievement",
    "refusals",
    "with_rulings",
]


def refusals(
    line: AwardLine,
    facts: Facts,
    policy: Policy,
    *,
    organisation: OrganisationFacts,
    today: date,
    rulings: Sequence[Ruling] = (),
    moment: str = "application",
    rivals: Sequence[Rival] = (),
    earlier: Sequence[EarlierClaim] = (),
) -> list[Reason]:
    """Every reason why the line cannot be claimed, empty when there is none.

    `moment` is "application" or "payment". `rivals` are living claims of others on the same achievement,
    `earlier` the organisation's own living claims. What is missing or malformed is `parse_facts`'s to say.
    """
    ruled = with_rulings(policy, rulings, today, achievement=achievement_key(line, facts))
    day = awarded_on(line, facts, ruled)
    case = Examined(line, facts, ruled, organisation, today, moment, day, rivals, earlier)
    return [*_date_reasons(case), *_recipient_reasons(case), *_grade_reasons(case), *_doubt_reasons(case)]


def notices(
    line: AwardLine, facts: Facts, policy: Policy, *, earlier: Sequence[EarlierClaim] = ()
) -> list[Reason]:
    """What an officer should know though it stops nothing: a municipal standard, money from elsewhere …"""
    found = []
    if facts.get("local_level") == "city" and policy.chosen("local_levels", line) == "province_and_city":
        found.append(_notice("municipal_standard", line, policy, "local_levels"))
    if grades := earlier_grades(line, facts, policy, earlier):
        numbers = [each.number for each in grades]
        found.append(_notice("earlier_grade", line, policy, "higher_grade_later", earlier=numbers))
    if policy.point_on("closed_scheme", line):
        found.append(_notice("closed_scheme", line, policy, "closed_scheme", **date_named(line, policy)))
    for kind, fact in (("higher_level_money", "higher_level_yuan"), ("township_money", "township_yuan")):
        if facts.get(fact) and policy.point_on(kind, line):
            code = f"{kind}_{policy.chosen(kind, line)}"
            found.append(_notice(code, line, policy, kind, amount=facts[fact]))
    return found


def _notice(code: str, line: AwardLine, policy: Policy, kind: str, **params: object) -> Reason:
    point = policy.point_on(kind, line)
    assert point is not None
    return Reason(f"policy.notice.{code}", {"point": point.code, **params})


def _date_reasons(case: Examined) -> list[Reason]:
    day, policy = case.awarded_on, case.policy
    if day is None:
        return []
    reasons = []
    if day > case.today:
        reasons.append(("in_future", {"today": case.today.isoformat()}))
    if day < policy.valid_from:
        reasons.append(("before_policy", {"first": policy.valid_from.isoformat()}))
    if policy.valid_to is not None and day > policy.valid_to:
        reasons.append(("after_policy", {"last": policy.valid_to.isoformat()}))
    named, field = date_named(case.line, policy), date_field(case.line, policy)
    return [
        Reason(f"policy.refused.{code}", {**named, "day": day.isoformat(), **bound}, field)
        for code, bound in reasons
    ]


def _recipient_reasons(case: Examined) -> list[Reason]:
    line, kind = case.line, case.organisation.kind
    if kind in line.recipients or case.policy.point_on("award_recipients", line):
        return []
    accepted = [f"organisation_kind.{each}" for each in line.recipients]
    params = {"kind_label": f"organisation_kind.{kind}", "accepted_label": accepted}
    return [Reason("policy.refused.recipient", params)]


def _grade_reasons(case: Examined) -> list[Reason]:
    """A line for one grade of a certificate is not for another, unless a ruling speaks of that one."""
    field, grade = case.line.field("certificate_grade"), case.facts.get("certificate_grade")
    if field is None or grade is None or case.line.level not in [each.code for each in field.choices]:
        return []
    unlisted = case.policy.option_on("unlisted_grade", case.line)
    if grade == case.line.level or (unlisted and grade == unlisted.settings["grade"]):
        return []
    params = {"grade": grade, "level": case.line.level}
    return [Reason("policy.refused.wrong_grade", params, "certificate_grade")]


def _doubt_reasons(case: Examined) -> list[Reason]:
    reasons = []
    for point in case.policy.points:
        option = point.option(point.chosen)
        if case.line.code in point.lines and point.kind in CHECKS and option is not None:
            reasons += CHECKS[point.kind](case, Doubt(point, option))
    return reasons
