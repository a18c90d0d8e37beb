"""Rulings over time and in scope: which one counts, for what, and what it pays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.claiming import CHANGLE, DONGLONG, TODAY, codes, facts_of
from workflow.errors import InvalidInput
from workflow.policy.eligibility import amount_of, refusals, with_rulings
from workflow.policy.entitlement import Claim, entitlement
from workflow.policy.rulings import ruling_problems
from workflow.policy.terms import Ruling


def test_a_ruling_counts_from_its_day_on() -> None:
    line, ruling = CHANGLE.line("S2-4"), Ruling("A5", "province_only", date(2026, 3, 2), "区市场监管局")
    facts = facts_of(line, local_level="city")

    for today, expected in ((date(2026, 3, 1), []), (date(2026, 3, 2), ["local_level"])):
        found = refusals(line, facts, CHANGLE, organisation=DONGLONG, today=today, rulings=[ruling])
        assert codes(found) == expected


def test_the_latest_general_ruling_counts() -> None:
    rulings = [
        Ruling("A5", "province_and_city", date(2026, 5, 1), "区市场监管局"),
        Ruling("A5", "province_only", date(2026, 3, 1), "区市场监管局"),
    ]
    line = CHANGLE.line("S2-4")

    in_april, in_june = (with_rulings(CHANGLE, rulings, date(2026, month, 1)) for month in (4, 6))

    assert in_april.chosen("local_levels", line) == "province_only"
    assert in_june.chosen("local_levels", line) == "province_and_city"


def test_a_ruling_on_one_achievement_goes_before_a_later_general_one_and_touches_no_other() -> None:
    rulings = [
        Ruling("A6", "counted", date(2026, 1, 1), "区市场监管局", scope="gb/t40262-2021"),
        Ruling("A6", "excluded", date(2026, 2, 1), "区市场监管局"),
    ]
    line = CHANGLE.line("S2-2")

    def found(number: str) -> list[str]:
        facts = facts_of(line, revision_kind="amendment", standard_number=number)
        return codes(refusals(line, facts, CHANGLE, organisation=DONGLONG, today=TODAY, rulings=rulings))

    assert found("GB/T 40262-2021") == []
    assert found("GB/T 40263-2021") == ["amendment"]


def test_a_policy_without_rulings_is_itself() -> None:
    assert with_rulings(CHANGLE, [], TODAY) == CHANGLE


@pytest.mark.parametrize(
    ("ruling", "code", "field"),
    [
        (Ruling("A99", "yes", TODAY, "区市场监管局"), "unknown_point", "point"),
        (Ruling("A5", "maybe", TODAY, "区市场监管局"), "unknown_option", "option"),
        (Ruling("A3", "as_lead", TODAY, "区市场监管局"), "case_only", "scope"),
    ],
)
def test_a_ruling_the_policy_does_not_know_is_refused(ruling: Ruling, code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        with_rulings(CHANGLE, [ruling], TODAY)

    assert refusal.value.reasons == tuple(ruling_problems(ruling, CHANGLE))
    assert (refusal.value.reasons[0].code, refusal.value.reasons[0].field) == (f"policy.ruling.{code}", field)


def test_a_ruled_amount_decides_the_winner_of_the_pool() -> None:
    policy = with_rulings(CHANGLE, [Ruling("A1", "by_body", TODAY, "区市场监管局")], TODAY)
    claims = []
    for code, body in (("S1-1", "wg"), ("S1-2", "tc")):
        line = policy.line(code)
        amount = amount_of(line, facts_of(line, body_type=body), policy)
        claims.append(Claim(code, "甲", date(2024, 6, 1), body, amount_yuan=amount))

    assert [each.payable_yuan for each in entitlement(claims, policy)] == [0, 500_000]


def test_an_amount_ruled_for_an_unlisted_grade_is_for_that_grade_alone() -> None:
    policy = with_rulings(CHANGLE, [Ruling("A11", "paid", TODAY, "区市场监管局")], TODAY)
    line = replace(policy.line("S6-1"), amount_yuan=45_000)

    amounts = [
        amount_of(line, facts_of(line, certificate_grade=grade), policy) for grade in ("AAAA", "AAAAA")
    ]

    assert amounts == [45_000, 50_000]
