"""Highest only, not twice: the worked examples are the oracle."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

from tests.claiming import CHANGLE
from tests.granting import JUNE, capped, payable, ruled
from workflow.errors import InvalidInput, NotFound
from workflow.policy.entitlement import Claim, entitlement, excess, owed, pool_key_of
from workflow.policy.terms import READINGS, CapPerOrganisationYear, Policy

EXAMPLES = json.loads((Path(__file__).parent / "worked_examples.json").read_text(encoding="utf-8"))
QUALITY = "quality award"
PROVINCIAL_AWARD = Claim("Q1-3", "甲", JUNE, QUALITY, "乐质奖〔2024〕1号")
CITY_AWARD = Claim("Q1-5", "甲", JUNE, QUALITY, "乐质奖〔2024〕2号")


def claim_of(entry: dict[str, str]) -> Claim:
    day = date.fromisoformat(entry["awarded_on"])
    return Claim(entry["line"], entry["organisation"], day, entry["achievement"])


def reasons(claims: list[Claim], policy: Policy = CHANGLE) -> list[str]:
    return [each.reason.code.removeprefix("policy.entitled.") for each in entitlement(claims, policy)]


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["id"])
def test_the_worked_examples_come_out(example: dict[str, object], reading: str) -> None:
    claims = [claim_of(entry) for entry in example["claims"]]

    assert sum(payable(claims, reading=reading)) == example["payable_yuan"][reading]


def test_results_stand_in_the_order_of_the_claims() -> None:
    for order in permutations([PROVINCIAL_AWARD, CITY_AWARD, Claim("M4-1", "甲", JUNE, "ISO 10012")]):
        assert [each.claim for each in entitlement(order, CHANGLE)] == list(order)


def test_the_policys_own_reading_is_the_default() -> None:
    claims = [claim_of(entry) for entry in EXAMPLES[0]["claims"]]

    for reading in READINGS:
        own = replace(CHANGLE, reading=reading)
        assert entitlement(claims, own) == entitlement(claims, CHANGLE, reading)


def test_a_lower_award_gets_nothing_and_names_the_winner() -> None:
    lower = entitlement([CITY_AWARD, PROVINCIAL_AWARD], CHANGLE)[0]

    assert (lower.entitled_yuan, lower.payable_yuan) == (0, 0)
    assert lower.reason.params["winner"] == PROVINCIAL_AWARD.number


def test_a_winner_without_a_number_is_named_by_line_and_achievement() -> None:
    lower = entitlement([CITY_AWARD, replace(PROVINCIAL_AWARD, number="")], CHANGLE)[0]

    assert lower.reason.params["winner"] == "Q1-3 (quality award)"


def test_of_two_equal_amounts_the_higher_level_wins() -> None:
    national = Claim("Q1-2", "甲", date(2024, 9, 1), QUALITY, "9")

    assert payable([PROVINCIAL_AWARD, national]) == [0, 1_000_000]


def test_of_two_equal_levels_the_earlier_award_wins() -> None:
    earlier = Claim("S2-2", "甲", date(2024, 5, 31), "B", "9")

    assert payable([Claim("S2-2", "甲", JUNE, "A", "1"), earlier]) == [0, 300_000]


def test_of_two_equal_days_the_lower_number_wins() -> None:
    first, second = Claim("S2-2", "甲", JUNE, "A", "2024-0007"), Claim("S2-2", "甲", JUNE, "B", "2024-0008")

    assert payable([second, first]) == [0, 300_000]


def test_of_claims_equal_in_everything_the_first_wins() -> None:
    assert payable([Claim("S2-2", "甲", JUNE, "A"), Claim("S2-2", "甲", JUNE, "B")]) == [300_000, 0]


def test_awards_of_different_years_do_not_meet() -> None:
    year_before = Claim("Q1-5", "甲", date(2023, 12, 31), QUALITY)

    assert payable([year_before, PROVINCIAL_AWARD]) == [500_000, 1_000_000]


def test_organisations_do_not_meet() -> None:
    assert payable([PROVINCIAL_AWARD, replace(CITY_AWARD, organisation="乙")]) == [1_000_000, 500_000]


@pytest.mark.parametrize("reading", READINGS)
def test_items_2_and_4_always_add_up(reading: str) -> None:
    claims = [Claim("L2-1", "甲", JUNE, "A"), Claim("M4-1", "甲", JUNE, "A"), Claim("M4-1", "甲", JUNE, "A")]

    assert payable(claims, reading=reading) == [300_000, 30_000, 30_000]
    assert reasons(claims) == ["adds", "adds", "adds"]


def test_items_2_and_4_owe_what_is_unpaid() -> None:
    half_paid = Claim("L2-1", "甲", JUNE, "A", paid_yuan=100_000)

    assert payable([half_paid]) == [200_000]


def test_a_higher_award_filed_later_is_paid_the_difference() -> None:
    claims = [replace(CITY_AWARD, paid_yuan=500_000), PROVINCIAL_AWARD]

    assert payable(claims) == [0, 500_000]
    assert reasons(claims) == ["lower", "difference"]
    assert list(owed(claims, CHANGLE).values()) == [500_000]


def test_a_lower_award_filed_later_is_paid_nothing() -> None:
    claims = [replace(PROVINCIAL_AWARD, paid_yuan=1_000_000), CITY_AWARD]

    assert payable(claims) == [0, 0]
    assert reasons(claims) == ["paid", "lower"]


def test_what_is_promised_on_a_rival_occupies_the_pool() -> None:
    assert payable([replace(CITY_AWARD, promised_yuan=500_000), PROVINCIAL_AWARD]) == [0, 500_000]


def test_what_is_promised_on_the_winner_itself_can_be_paid_but_is_not_owed_again() -> None:
    claims = [replace(PROVINCIAL_AWARD, promised_yuan=1_000_000)]

    assert payable(claims) == [1_000_000]
    assert list(owed(claims, CHANGLE).values()) == [0]


def test_after_a_revocation_the_lower_award_revives() -> None:
    revoked = replace(PROVINCIAL_AWARD, stands=False)

    assert payable([revoked, CITY_AWARD]) == [0, 500_000]
    assert reasons([revoked, CITY_AWARD]) == ["revoked", "only"]


def test_the_promise_of_a_revoked_claim_is_off() -> None:
    revoked = replace(PROVINCIAL_AWARD, stands=False, promised_yuan=1_000_000)

    assert payable([revoked, CITY_AWARD]) == [0, 500_000]


def test_money_paid_on_a_revoked_claim_still_occupies_its_pool() -> None:
    claims = [replace(PROVINCIAL_AWARD, stands=False, paid_yuan=1_000_000), CITY_AWARD]

    assert payable(claims) == [0, 0]
    assert list(excess(claims, CHANGLE).values()) == [500_000]
    assert list(owed(claims, CHANGLE).values()) == [0]


def test_a_pool_without_standing_claims_gives_back_all() -> None:
    claims = [replace(CITY_AWARD, stands=False, paid_yuan=500_000)]

    assert payable(claims) == [0]
    assert list(excess(claims, CHANGLE).values()) == [500_000]
    assert list(owed(claims, CHANGLE).values()) == [0]


def test_an_amount_set_by_a_ruling_replaces_that_of_the_line() -> None:
    committee = Claim("S1-1", "甲", JUNE, "ISO/TC 38/SC 24", amount_yuan=300_000)

    assert payable([committee, Claim("S1-2", "甲", JUNE, "SAC/TC 209", amount_yuan=500_000)]) == [0, 500_000]


def test_an_amount_of_zero_is_an_amount() -> None:
    assert payable([replace(CITY_AWARD, amount_yuan=0)]) == [0]


@pytest.mark.parametrize("reading", READINGS)
def test_products_counted_each_are_paid_each(reading: str) -> None:
    policy = ruled("A13", "s37_per_item")
    one_product = [Claim("S7-1", "甲", JUNE, "product A"), Claim("S7-2", "甲", JUNE, "product A")]
    two_products = [Claim("S7-1", "甲", JUNE, "product A"), Claim("S7-2", "甲", JUNE, "product B")]

    assert sum(payable(one_product, policy, reading)) == 200_000
    assert sum(payable(two_products, policy, reading)) == 400_000


def test_products_counted_each_leave_the_rest_of_item_3_alone() -> None:
    claims = [Claim("S7-1", "甲", JUNE, "product A"), Claim("S2-2", "甲", JUNE, "standard A")]

    assert payable(claims, ruled("A13", "s37_per_item")) == [200_000, 300_000]
    assert payable(claims, ruled("A13", "whole_item")) == [0, 300_000]


@pytest.mark.parametrize("reading", READINGS)
def test_subsidies_outside_the_rule_add_up(reading: str) -> None:
    claims = [Claim("S6-1", "甲", JUNE, "A"), Claim("S7-1", "甲", JUNE, "A"), Claim("S2-2", "甲", JUNE, "A")]

    assert payable(claims, ruled("A14", "outside"), reading) == [50_000, 200_000, 300_000]
    assert payable(claims, ruled("A14", "covered"), reading) == payable(claims, CHANGLE, reading)


def test_subsidies_are_covered_by_default() -> None:
    claims = [Claim("S6-1", "甲", JUNE, "A"), Claim("S7-1", "甲", JUNE, "B"), Claim("S2-2", "甲", JUNE, "C")]

    assert payable(claims) == [0, 0, 300_000]


def test_the_cap_cuts_from_the_lowest_priority_upward() -> None:
    claims = [
        Claim("M4-1", "甲", JUNE, "ISO 10012"),
        Claim("S2-2", "甲", date(2024, 6, 2), "standard A"),
        Claim("L2-1", "甲", JUNE, "CNAS L1"),
        PROVINCIAL_AWARD,
    ]

    found = entitlement(claims, capped(1_400_000))

    assert [each.entitled_yuan for each in found] == [0, 100_000, 300_000, 1_000_000]
    assert [each.payable_yuan for each in found] == [0, 100_000, 300_000, 1_000_000]
    assert [each.reason.code for each in found[:2]] == ["policy.entitled.capped"] * 2
    assert found[1].reason.params["cap"] == 1_400_000


def test_the_cap_counts_each_organisation_and_year_by_itself() -> None:
    claims = [
        PROVINCIAL_AWARD,
        replace(PROVINCIAL_AWARD, organisation="乙"),
        replace(PROVINCIAL_AWARD, awarded_on=date(2023, 6, 1)),
    ]

    assert payable(claims, capped(600_000)) == [600_000, 600_000, 600_000]


def test_the_cap_leaves_other_items_alone() -> None:
    policy = replace(CHANGLE, cap=CapPerOrganisationYear((3,), 100_000))
    claims = [PROVINCIAL_AWARD, Claim("S2-2", "甲", JUNE, "standard A")]

    assert payable(claims, policy) == [1_000_000, 100_000]


def test_money_paid_on_a_lower_claim_keeps_a_higher_one_under_the_cap() -> None:
    claims = [Claim("L2-1", "甲", JUNE, "CNAS L1", paid_yuan=300_000), PROVINCIAL_AWARD]

    found = entitlement(claims, capped(1_000_000))

    assert [each.payable_yuan for each in found] == [0, 700_000]
    assert found[1].reason.code == "policy.entitled.cap_is_used"
    assert sum(excess(claims, capped(1_000_000)).values()) == 300_000


def test_money_not_yet_recovered_takes_room_under_the_cap_once() -> None:
    revoked = Claim("M4-1", "甲", JUNE, "ISO 10012", paid_yuan=30_000, stands=False)
    claims = [PROVINCIAL_AWARD, Claim("S2-2", "甲", JUNE, "standard A"), revoked]

    assert payable(claims, capped(1_300_000)) == [1_000_000, 270_000, 0]


def test_a_promise_that_fills_the_cap_can_be_paid() -> None:
    promised = replace(PROVINCIAL_AWARD, promised_yuan=600_000)

    assert payable([promised], capped(600_000)) == [600_000]


def test_an_unknown_line_is_named() -> None:
    with pytest.raises(NotFound) as refusal:
        entitlement([Claim("Q9-9", "甲", JUNE, "A")], CHANGLE)

    assert refusal.value.reasons[0].params["line"] == "Q9-9"


def test_an_unknown_reading_is_named() -> None:
    with pytest.raises(InvalidInput) as refusal:
        entitlement([CITY_AWARD], CHANGLE, "per_moon")

    assert refusal.value.reasons[0].params["reading"] == "per_moon"


def test_a_pool_is_named_by_organisation_year_and_reading() -> None:
    keys = {reading: pool_key_of(CITY_AWARD, CHANGLE, reading) for reading in READINGS}

    assert keys == {
        "per_item": "甲/2024/per_item/item:1",
        "pooled": "甲/2024/pooled/all",
        "per_subclause": "甲/2024/per_subclause/clause:1",
        "per_achievement": "甲/2024/per_achievement/achievement:quality award",
    }
    assert pool_key_of(CITY_AWARD, CHANGLE) == keys[CHANGLE.reading]
