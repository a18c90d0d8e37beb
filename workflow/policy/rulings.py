"""Applies the bureau's dated rulings to a policy; without any, the options chosen in its file stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from workflow.errors import InvalidInput, Reason
from workflow.policy.terms import AwardLine, Policy, Ruling, RulingPoint


def with_rulings(
    policy: Policy, rulings: Iterable[Ruling], on: date, *, achievement: str | None = None
) -> Policy:
    """The policy as ruled up to and including a day.

    General rulings count always, those on one achievement only for that key, and before any general one.
    Of several the latest counts. InvalidInput when a ruling names a point or option the policy has not.
    """
    chosen = _counting(policy, rulings, on, achievement)
    return replace(policy, points=tuple(_ruled(point, chosen) for point in policy.points))


def rulings_on_line(
    line: AwardLine, policy: Policy, rulings: Iterable[Ruling], on: date, *, achievement: str | None = None
) -> tuple[Ruling, ...]:
    """The rulings that count for a line and an achievement up to and including a day, in order of points."""
    chosen = _counting(policy, rulings, on, achievement)
    points = (point.code for point in policy.points if line.code in point.lines)
    return tuple(chosen[code] for code in points if code in chosen)


def ruling_problems(ruling: Ruling, policy: Policy) -> list[Reason]:
    """Why a ruling cannot be recorded: unknown point or option, or one for single cases made general."""
    point = policy.point(ruling.point)
    if point is None:
        known = [each.code for each in policy.points]
        return [Reason("policy.ruling.unknown_point", {"point": ruling.point, "known": known}, "point")]
    option = point.option(ruling.option)
    if option is None:
        known = [each.code for each in point.options]
        params = {"point": point.code, "option": ruling.option, "known": known}
        return [Reason("policy.ruling.unknown_option", params, "option")]
    if option.case_only and ruling.scope is None:
        params = {"point": point.code, "option_zh": option.name.zh, "option_en": option.name.en}
        return [Reason("policy.ruling.case_only", params, "scope")]
    return []


def ruling_notice(ruling: Ruling, policy: Policy) -> Reason:
    """Which ruling counts, of which day and by which minutes."""
    point = policy.point(ruling.point)
    option = point.option(ruling.option) if point else None
    assert point is not None, f"{ruling.point} is no point of {policy.code}"
    assert option is not None, f"{ruling.option} is no option of {ruling.point}"
    params = {
        "point": point.code,
        "day": ruling.decided_on.isoformat(),
        "option_zh": option.name.zh,
        "option_en": option.name.en,
    }
    if not ruling.minutes:
        return Reason("policy.notice.ruling", params)
    return Reason("policy.notice.ruling_minuted", {**params, "minutes": ruling.minutes})


def quoted_clause(line: AwardLine, policy: Policy) -> str:
    """The clause for documents of legal effect: as printed, misprints included, unless ruled otherwise."""
    return _corrected(line, policy) if policy.chosen("clause_wording", line) == "corrected" else line.quote


def shown_clause(line: AwardLine, policy: Policy) -> str:
    """The clause for reading on a page: misprints put right, unless ruled otherwise."""
    return line.quote if policy.chosen("clause_wording", line) == "verbatim" else _corrected(line, policy)


def _counting(
    policy: Policy, rulings: Iterable[Ruling], on: date, achievement: str | None
) -> dict[str, Ruling]:
    """Of each point that was ruled on, the ruling that counts."""
    chosen: dict[str, Ruling] = {}
    for ruling in sorted(rulings, key=lambda each: (each.scope is not None, each.decided_on)):
        if reasons := ruling_problems(ruling, policy):
            raise InvalidInput(*reasons)
        if ruling.decided_on <= on and ruling.scope in (None, achievement):
            chosen[ruling.point] = ruling
    return chosen


def _ruled(point: RulingPoint, chosen: dict[str, Ruling]) -> RulingPoint:
    return replace(point, chosen=chosen[point.code].option) if point.code in chosen else point


def _corrected(line: AwardLine, policy: Policy) -> str:
    text = line.quote
    for printed, meant in policy.corrections:
        text = text.replace(printed, meant)
    return text
