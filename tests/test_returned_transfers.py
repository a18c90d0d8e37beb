"""Transfers that the bank returns are booked, owed again, and paid again by any two of finance."""

from __future__ import annotations

import pytest

from tests.movements import amounts, codes, held, payments, refused
from tests.world import World
from workflow.errors import InvalidInput, Refused


def test_a_returned_transfer_is_owed_and_paid_again(world: World) -> None:
    case_id = world.paid()
    with pytest.raises(Refused) as error:
        world.do("zhou", "record_return", case_id, amount_yuan=500_001, voucher="退1", reason="账号错误")
    assert codes(error) == ["reason.more_than_paid"]

    send_back(world, case_id, "zheng_head")
    assert (world.case(case_id).state, amounts(world, case_id)) == ("payment_pending", (500_000, 0, 0))
    assert held(world, case_id) == {2026: 500_000}
    world.pay(case_id)

    assert (world.case(case_id).state, amounts(world, case_id)) == ("paid", (500_000, 500_000, 0))
    assert [kind for kind, _, _ in payments(world, case_id)] == ["payment", "returned", "payment"]


def test_a_returned_transfer_is_not_booked_without_a_voucher_of_its_own(world: World) -> None:
    case_id = world.awaiting_payment()
    world.pay(case_id, "凭1")

    with pytest.raises(InvalidInput) as missing:
        world.do("zhou", "record_return", case_id, amount_yuan=500_000, reason="账号错误")
    with pytest.raises(Refused) as used:
        world.do("zhou", "record_return", case_id, amount_yuan=500_000, voucher="凭1", reason="账号错误")

    assert (codes(missing), codes(used)) == (["input.missing"], ["reason.voucher_used"])


@pytest.mark.parametrize("booker", ["sun", "zhou"])
@pytest.mark.parametrize(("maker", "checker"), [("sun", "zhou"), ("zhou", "sun")])
def test_two_officers_of_finance_pay_again_what_came_back_whoever_did_what_before(
    world: World, booker: str, maker: str, checker: str
) -> None:
    case_id = world.paid()
    send_back(world, case_id, booker)

    world.do(maker, "prepare", case_id)
    world.do(checker, "confirm", case_id, voucher="凭2")

    assert (world.case(case_id).state, amounts(world, case_id)) == ("paid", (500_000, 500_000, 0))


def test_whoever_prepares_the_second_payment_does_not_confirm_it(world: World) -> None:
    case_id = world.paid()
    send_back(world, case_id, "zhou")

    assert refused(world, "zhou", "confirm", case_id, voucher="凭2") == ["reason.no_payment_prepared"]
    world.do("zhou", "prepare", case_id)

    assert refused(world, "zhou", "confirm", case_id, voucher="凭2") == ["reason.maker_is_not_checker"]


def send_back(world: World, case_id: int, account: str = "zhou") -> None:
    voucher = f"退{world.case(case_id).version}"
    world.do(account, "record_return", case_id, amount_yuan=500_000, voucher=voucher, reason="账号错误")
