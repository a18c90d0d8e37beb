"""Payments: prepared by one, confirmed by another, each with its voucher, never more than is payable."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from tests.movements import (
    CERTIFICATE,
    CITY,
    PROVINCE,
    Act,
    amounts,
    codes,
    last_event,
    move_out,
    payments,
    race,
    refused,
    revoke,
)
from tests.pages import app_of
from tests.world import World
from workflow.errors import InvalidInput, Overtaken, Refused
from workflow.process.perform import Outcome
from workflow.storage.tables import Application, OrganisationAccount


def test_a_payment_may_be_made_in_parts(world: World) -> None:
    case_id = world.awaiting_payment()

    world.do("sun", "prepare", case_id, amount_yuan=200_000)
    world.do("zhou", "confirm", case_id, voucher="凭1")
    assert (world.case(case_id).state, amounts(world, case_id)) == ("payment_pending", (500_000, 200_000, 0))
    world.do("zhou", "prepare", case_id)
    world.do("sun", "confirm", case_id, voucher="凭2")

    assert (world.case(case_id).state, amounts(world, case_id)) == ("paid", (500_000, 500_000, 0))


def test_a_part_paid_award_is_neither_sent_back_nor_cancelled(world: World) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id, amount_yuan=200_000)
    world.do("zhou", "confirm", case_id, voucher="凭1")

    for action in ("return_to_meeting", "cancel_award"):
        with pytest.raises(Refused) as error:
            world.do("sun", action, case_id, reason="取消")
        assert "reason.already_paid" in codes(error)


def test_a_voucher_number_is_used_once(world: World) -> None:
    first = world.awaiting_payment(line=CITY)
    second = world.awaiting_payment(line=CERTIFICATE)
    world.pay(first, "凭1")
    world.do("sun", "prepare", second)

    assert refused(world, "zhou", "confirm", second, voucher=" 凭1 ") == ["reason.voucher_used"]

    revoke(world, first)
    with pytest.raises(Refused) as error:
        world.do("sun", "record_recovery", first, amount_yuan=1, voucher="凭1")
    assert codes(error) == ["reason.voucher_used"]


def test_no_more_is_paid_than_is_payable(world: World) -> None:
    case_id = world.awaiting_payment()

    with pytest.raises(Refused) as error:
        world.do("sun", "prepare", case_id, amount_yuan=500_001)

    assert [(reason.code, reason.field) for reason in error.value.reasons] == [
        ("reason.more_than_payable", "amount_yuan")
    ]


@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "五万", "1e5", "9" * 20, "1,00", True])
def test_an_amount_is_a_whole_number_of_yuan(sqlite_world: World, typed: object) -> None:
    case_id = sqlite_world.awaiting_payment()

    with pytest.raises(InvalidInput) as error:
        sqlite_world.do("sun", "prepare", case_id, amount_yuan=typed)

    assert codes(error) == ["input.not_money"]


def test_maker_and_checker_are_two_people(world: World) -> None:
    case_id = world.awaiting_payment()
    assert refused(world, "sun", "confirm", case_id, voucher="凭1") == ["reason.no_payment_prepared"]
    world.do("sun", "prepare", case_id)

    assert refused(world, "sun", "confirm", case_id, voucher="凭1") == ["reason.maker_is_not_checker"]
    assert amounts(world, case_id) == (500_000, 0, 0)


def test_preparing_again_replaces_what_was_prepared(world: World) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id, amount_yuan=400_000)

    world.do("zhou", "prepare", case_id)
    world.do("sun", "confirm", case_id, voucher="凭1")

    assert [(status, amount) for _, status, amount in payments(world, case_id)] == [
        ("cancelled", 400_000),
        ("confirmed", 500_000),
    ]


def test_a_correction_of_the_account_cancels_what_was_prepared(world: World) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id)

    world.do("sun", "request_correction", case_id, defects=["账号有误"])
    world.do("donglong", "resubmit", case_id)

    assert world.case(case_id).state == "payment_pending"
    assert refused(world, "zhou", "confirm", case_id, voucher="凭1") == ["reason.no_payment_prepared"]


def test_the_amount_is_settled_again_at_the_payment(world: World) -> None:
    city = world.awaiting_payment(line=CITY)
    province = world.awaiting_payment(line=PROVINCE)
    assert amounts(world, province) == (500_000, 0, 0)
    world.do("sun", "cancel_award", city, reason="不符合条件")

    world.do("sun", "prepare", province)

    assert amounts(world, province) == (1_000_000, 0, 0)
    assert last_event(world, province).details["approved_before_yuan"] == 500_000


def test_what_was_promised_is_not_paid_once_the_pool_has_no_room_for_it(world: World) -> None:
    first, second = world.in_meeting(line=CITY), world.in_meeting(line=CITY)
    world.do("zhao", "approve", second)
    world.do("zhao", "approve", first)  # it would win, but what it is worth is promised already
    assert (amounts(world, first)[0], amounts(world, second)[0]) == (0, 500_000)
    world.end_notice(second)
    province = world.paid(line=PROVINCE)
    revoke(world, province)
    assert (world.case(province).state, amounts(world, province)[1]) == ("revoked", 500_000)

    assert refused(world, "sun", "prepare", second) == ["reason.nothing_payable"]
    world.do("sun", "close_unpayable", second)

    assert (world.case(second).state, amounts(world, second)) == ("recognised", (0, 0, 0))


def test_a_timer_moves_no_money(world: World) -> None:
    case_id = world.awaiting_payment()

    assert payments(world, case_id) == []
    assert world.application(case_id).paid_yuan == 0


def test_preparing_settles_the_amount_and_keeps_what_it_rests_on(world: World) -> None:
    case_id = world.awaiting_payment()

    world.do("sun", "prepare", case_id)

    details = last_event(world, case_id).details
    assert (details["amount_yuan"], details["approved_yuan"]) == (500_000, 500_000)
    assert [claim["payable_yuan"] for claim in details["entitlement"]["claims"]] == [500_000]


def test_what_was_prepared_is_not_confirmed_once_the_pool_has_no_room_for_it(world: World) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id)
    # Another account of the same money, as a correction of the books would make it.
    with world.store.writing() as session:
        session.execute(update(Application).values(paid_yuan=400_000))
        session.commit()

    with pytest.raises(Refused) as error:
        world.do("zhou", "confirm", case_id, voucher="凭1")

    assert codes(error) == ["reason.prepared_too_much"]
    assert error.value.reasons[0].params == {"prepared": 500_000, "payable": 100_000}


def test_a_payment_is_not_confirmed_to_an_account_nobody_has_confirmed(world: World) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id)
    with world.store.writing() as session:
        session.execute(update(OrganisationAccount).values(confirmed_at=None))
        session.commit()

    assert refused(world, "zhou", "confirm", case_id, voucher="凭1") == ["application.account_unconfirmed"]


def test_nothing_is_paid_to_an_organisation_of_another_district(world: World) -> None:
    case_id = world.awaiting_payment()
    move_out(world)

    assert refused(world, "sun", "prepare", case_id) == ["policy.refused.not_here_at_payment"]


def test_what_is_payable_is_not_closed_unpaid(world: World) -> None:
    case_id = world.awaiting_payment()

    assert refused(world, "sun", "close_unpayable", case_id) == ["reason.still_payable"]


def test_of_two_payments_with_one_voucher_at_once_one_is_refused_and_leaves_nothing(world: World) -> None:
    first, second = world.awaiting_payment("donglong"), world.awaiting_payment("jinlun")
    for case_id in (first, second):
        world.do("sun", "prepare", case_id)
    seen = world.case(second).version

    won, lost = race(
        world,
        Act("zhou", "confirm", first, {"voucher": "凭1"}),
        Act("zheng_head", "confirm", second, {"voucher": "凭1"}),
    )

    assert isinstance(won, Outcome)
    assert isinstance(lost, Refused)
    assert [reason.code for reason in lost.reasons] == ["reason.voucher_used"]
    assert "凭1" in lost.reasons[0].sentence("zh")
    assert (world.case(second).version, amounts(world, second)) == (seen, (500_000, 0, 0))
    assert payments(world, second) == [("payment", "prepared", 500_000)]


def test_of_two_confirmations_of_one_payment_at_once_the_second_is_told_of_the_first(world: World) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id)

    won, lost = race(
        world,
        Act("zhou", "confirm", case_id, {"voucher": "凭1"}),
        Act("zheng_head", "confirm", case_id, {"voucher": "凭2"}),
    )

    assert isinstance(won, Outcome)
    assert isinstance(lost, Overtaken)
    assert (lost.actor_name, lost.action) == ("周静", "confirm")
    assert amounts(world, case_id) == (500_000, 500_000, 0)
    assert payments(world, case_id) == [("payment", "confirmed", 500_000)]


def test_a_voucher_that_collides_in_the_database_is_answered_with_a_sentence(sqlite_world: World) -> None:
    app = app_of(sqlite_world)
    broken = 'duplicate key value violates unique constraint "uq_payments_voucher"\nDETAIL:  claim_key'
    collision = IntegrityError("UPDATE payments", {"voucher": "凭1"}, Exception(broken))

    with app.test_request_context("/"):
        page, status = app.handle_user_exception(collision)

    assert status == 403
    assert "凭证号 凭1 已经使用过。" in page
