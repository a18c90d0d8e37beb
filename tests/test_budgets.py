"""The budget of a year: what is reserved of it, what it leaves, and what waits for it."""

from __future__ import annotations

import pytest

from tests.movements import (
    CITY,
    PROVINCE,
    Act,
    amounts,
    codes,
    held,
    last_event,
    race,
    refused,
    revoke,
    set_budget,
)
from tests.world import World
from workflow.errors import Refused
from workflow.process.perform import Outcome


def test_an_approval_keeps_within_the_budget_of_its_year(world: World) -> None:
    set_budget(world, 2026, 600_000)
    first = world.in_notice("donglong", CITY)
    second = world.in_meeting("jinlun", CITY)

    with pytest.raises(Refused) as error:
        world.do("zhao", "approve", second)
    assert codes(error) == ["reason.over_budget"]
    assert error.value.reasons[0].params == {"year": 2026, "left": 100_000, "wanted": 500_000}

    world.do("xie", "object", first, objector="某某", reason="不实")
    world.do("xie", "uphold_objection", first, reason="属实")
    world.do("zhao", "approve", second)
    assert amounts(world, second) == (500_000, 0, 0)


def test_a_revived_award_is_reserved_in_the_year_of_its_revival(world: World) -> None:
    province = world.awaiting_payment(line=PROVINCE)
    city = world.in_notice(line=CITY)
    world.end_notice(city)
    world.later(days=90)
    set_budget(world, 2027, 400_000)
    world.do("sun", "cancel_award", province, reason="不符合条件")

    assert refused(world, "zhao", "revive", city) == ["reason.over_budget"]

    set_budget(world, 2027, 500_000)
    world.do("zhao", "revive", city)
    assert (world.today.year, held(world, city)) == (2027, {2027: 500_000})


def test_the_end_of_the_notice_grants_no_more_than_the_budget_leaves(world: World) -> None:
    province, city = world.awaiting_payment(line=PROVINCE), world.in_notice(line=CITY)
    world.do("sun", "cancel_award", province, reason="不符合条件")
    set_budget(world, 2026, 200_000)

    world.end_notice(city)

    assert (world.case(city).state, amounts(world, city)) == ("payment_pending", (200_000, 0, 0))
    details = last_event(world, city).details
    assert (details["approved_yuan"], details["shortfall_yuan"]) == (200_000, 300_000)
    assert held(world, city) == {2026: 200_000}


def test_a_winner_without_any_budget_waits_for_the_money_and_is_paid_when_it_is_there(world: World) -> None:
    province, city = world.awaiting_payment(line=PROVINCE), world.in_notice(line=CITY)
    world.do("sun", "cancel_award", province, reason="不符合条件")
    world.awaiting_payment("jinlun", CITY)
    set_budget(world, 2026, 500_000)
    world.end_notice(city)
    assert (world.case(city).state, amounts(world, city)) == ("payment_pending", (0, 0, 0))

    with pytest.raises(Refused) as error:
        world.do("sun", "prepare", city)
    assert codes(error) == ["reason.over_budget"]
    assert error.value.reasons[0].params == {"year": 2026, "left": 0, "wanted": 500_000}

    set_budget(world, 2026, 1_000_000)
    world.pay(city)
    assert (world.case(city).state, amounts(world, city)) == ("paid", (500_000, 500_000, 0))


def test_what_is_reserved_is_paid_although_the_budget_has_nothing_for_what_is_owed_besides(
    world: World,
) -> None:
    city, province = world.awaiting_payment(line=CITY), world.awaiting_payment(line=PROVINCE)
    world.do("sun", "cancel_award", city, reason="不符合条件")
    world.in_notice("jinlun", CITY)
    set_budget(world, 2026, 1_000_000)

    with pytest.raises(Refused) as error:
        world.do("sun", "prepare", province, amount_yuan=500_001)
    assert [(reason.code, reason.field) for reason in error.value.reasons] == [
        ("reason.over_budget", "amount_yuan")
    ]
    world.pay(province)

    assert amounts(world, province) == (500_000, 500_000, 0)
    assert world.case(province).state == "payment_pending"


def test_a_top_up_is_reserved_in_its_own_year_and_leaves_the_old_one_as_it_was(world: World) -> None:
    city, province = world.awaiting_payment(line=CITY), world.paid(line=PROVINCE)
    world.later(days=90)
    world.do("sun", "cancel_award", city, reason="不符合条件")
    set_budget(world, 2027, 499_999)
    assert refused(world, "zhao", "top_up", province) == ["reason.over_budget"]

    set_budget(world, 2027, 500_000)
    world.do("zhao", "top_up", province)

    assert held(world, province) == {2026: 500_000, 2027: 500_000}


def test_what_was_paid_stays_spent_until_it_has_come_back(world: World) -> None:
    case_id = world.paid()
    revoke(world, case_id)
    assert held(world, case_id) == {2026: 500_000}

    world.do("sun", "record_recovery", case_id, amount_yuan=200_000, voucher="追1")
    assert held(world, case_id) == {2026: 300_000}
    world.do("sun", "record_recovery", case_id, amount_yuan=300_000, voucher="追2")

    assert held(world, case_id) == {}


def test_of_two_approvals_at_once_the_budget_covers_one(world: World) -> None:
    first, second = world.in_meeting("donglong", CITY), world.in_meeting("jinlun", CITY)
    set_budget(world, 2026, 600_000)

    won, lost = race(world, Act("zhao", "approve", first), Act("zhao", "approve", second))

    assert isinstance(won, Outcome)
    assert isinstance(lost, Refused)
    assert [reason.code for reason in lost.reasons] == ["reason.over_budget"]
    assert (world.case(second).state, held(world, second)) == ("joint_meeting_approval", {})
