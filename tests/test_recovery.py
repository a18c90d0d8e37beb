"""Money that comes back: awards that fall, what is demanded, recovered, given up, and what stays covered."""

from __future__ import annotations

import pytest

from tests.movements import CITY, PROVINCE, amounts, codes, held, last_event, payments, revoke
from tests.world import World
from workflow.errors import Refused


def test_after_a_revocation_the_pool_keeps_what_the_lower_award_is_worth(world: World) -> None:
    province = world.paid(line=PROVINCE)
    city = world.in_notice(line=CITY)
    world.end_notice(city)

    revoke(world, province)

    assert (world.case(province).state, amounts(world, province)) == ("recovering", (0, 1_000_000, 500_000))
    with pytest.raises(Refused):
        world.do("zhao", "revive", city)


def test_a_revoked_top_up_is_recovered_and_no_more(world: World) -> None:
    city = world.paid(line=CITY)
    province = world.paid(line=PROVINCE)

    revoke(world, province)
    world.do("sun", "record_recovery", province, amount_yuan=200_000, voucher="追1")
    assert world.case(province).state == "recovering"
    world.do("zhou", "record_recovery", province, amount_yuan="300,000", voucher="追2")

    assert (world.case(province).state, amounts(world, province)) == ("recovered", (0, 0, 0))
    assert amounts(world, city) == (500_000, 500_000, 0)


def test_what_a_fallen_award_leaves_uncovered_is_demanded_when_the_last_one_falls(world: World) -> None:
    city = world.paid(line=CITY)
    province = world.paid(line=PROVINCE)
    revoke(world, city)
    assert world.case(city).state == "revoked"  # the provincial award covers all that was paid

    revoke(world, province)
    assert amounts(world, province) == (0, 500_000, 1_000_000)
    world.do("sun", "record_recovery", province, amount_yuan=1_000_000, voucher="追1")

    assert world.case(province).state == "recovered"
    assert (amounts(world, province), amounts(world, city)) == ((0, 0, 0), (0, 0, 0))
    assert last_event(world, province).standing["recovered_for"] == {str(city): 500_000}


def test_what_is_demanded_already_is_not_demanded_twice(world: World) -> None:
    province = world.paid(line=PROVINCE)
    city = world.in_notice(line=CITY)
    world.end_notice(city)
    revoke(world, province)

    revoke(world, city)

    assert (world.case(city).state, amounts(world, city)) == ("recovering", (0, 0, 500_000))
    assert amounts(world, province)[2] == 500_000


def test_an_award_that_covers_money_paid_before_cannot_fall_silently(world: World) -> None:
    city = world.paid(line=CITY)
    province = world.in_notice(line=PROVINCE)
    revoke(world, city)
    world.do("xie", "object", province, objector="某某", reason="材料不实")

    world.do("xie", "uphold_objection", province, reason="属实")

    assert (world.case(province).state, amounts(world, province)) == ("recovering", (0, 0, 500_000))
    assert world.case(city).state == "revoked"


def test_an_award_that_covers_money_paid_before_does_not_go_back_to_the_meeting(world: World) -> None:
    city = world.paid(line=CITY)
    province = world.awaiting_payment(line=PROVINCE)
    revoke(world, city)

    with pytest.raises(Refused) as error:
        world.do("sun", "return_to_meeting", province, reason="再议")
    assert codes(error) == ["reason.money_rests_on_it"]

    world.do("sun", "cancel_award", province, reason="取消")
    assert world.case(province).state == "recovering"


def test_what_cannot_be_recovered_is_given_up_by_the_head_and_stays_on_record(world: World) -> None:
    case_id = world.paid()
    revoke(world, case_id)
    assert amounts(world, case_id) == (0, 500_000, 500_000)
    with pytest.raises(Refused) as error:
        world.do("sun", "write_off", case_id, reason="企业已注销", document_number="长财〔2026〕3号")
    assert codes(error) == ["reason.head_only"]

    world.do("zheng_head", "write_off", case_id, reason="企业已注销", document_number="长财〔2026〕3号")

    assert (world.case(case_id).state, amounts(world, case_id)) == ("recovered", (0, 500_000, 0))
    assert payments(world, case_id)[-1] == ("write_off", "confirmed", 500_000)


def test_what_was_given_up_still_fills_its_pool(world: World) -> None:
    given_up = world.paid(line=CITY)
    revoke(world, given_up)
    world.do("zheng_head", "write_off", given_up, reason="企业已注销", document_number="长财〔2026〕3号")

    assert amounts(world, world.in_notice(line=PROVINCE)) == (500_000, 0, 0)


def test_a_write_off_is_a_movement_of_all_that_was_left(world: World) -> None:
    case_id = world.paid()
    revoke(world, case_id)
    world.do("sun", "record_recovery", case_id, amount_yuan=200_000, voucher="追1")

    world.do("zheng_head", "write_off", case_id, reason="企业已注销", document_number="长财〔2026〕3号")

    assert payments(world, case_id)[1:] == [
        ("recovery", "confirmed", 200_000),
        ("write_off", "confirmed", 300_000),
    ]
    assert last_event(world, case_id).details["written_off_yuan"] == 300_000
    assert (amounts(world, case_id), held(world, case_id)) == ((0, 300_000, 0), {2026: 300_000})


def test_a_recovery_is_not_more_than_is_demanded(world: World) -> None:
    case_id = world.paid()
    revoke(world, case_id)

    with pytest.raises(Refused) as error:
        world.do("sun", "record_recovery", case_id, amount_yuan=500_001, voucher="追1")

    assert codes(error) == ["reason.more_than_paid"]


def test_a_cancelled_award_is_rejected_and_frees_its_claim_and_its_money(world: World) -> None:
    case_id = world.awaiting_payment()

    world.do("sun", "cancel_award", case_id, reason="不符合条件")

    one = world.application(case_id)
    assert (world.case(case_id).state, amounts(world, case_id)) == ("rejected", (0, 0, 0))
    assert (one.approved_at, one.claim_key, held(world, case_id)) == (None, None, {})


def test_an_award_returned_to_the_meeting_keeps_its_claim_and_is_approved_anew(world: World) -> None:
    case_id = world.awaiting_payment()

    world.do("sun", "return_to_meeting", case_id, reason="再议")

    one = world.application(case_id)
    assert (world.case(case_id).state, one.approved_at) == ("joint_meeting_approval", None)
    assert one.claim_key is not None
    assert held(world, case_id) == {}
    world.do("zhao", "approve", case_id)
    assert (amounts(world, case_id), held(world, case_id)) == ((500_000, 0, 0), {2026: 500_000})


def test_an_upheld_objection_rejects_the_award_and_frees_its_claim_and_its_money(world: World) -> None:
    case_id = objected(world)

    world.do("xie", "uphold_objection", case_id, reason="属实")

    one = world.application(case_id)
    assert (world.case(case_id).state, amounts(world, case_id)) == ("rejected", (0, 0, 0))
    assert (one.approved_at, one.claim_key, held(world, case_id)) == (None, None, {})


def test_a_dismissed_objection_leaves_the_award_as_it_was_and_the_notice_goes_on(world: World) -> None:
    case_id = objected(world)

    world.do("xie", "dismiss_objection", case_id, reason="不属实")

    assert (world.case(case_id).state, amounts(world, case_id)) == ("public_notice", (500_000, 0, 0))
    assert held(world, case_id) == {2026: 500_000}
    world.end_notice(case_id)
    assert world.case(case_id).state == "payment_pending"


def objected(world: World) -> int:
    case_id = world.in_notice()
    world.do("xie", "object", case_id, objector="某某", reason="材料不实")
    return case_id
