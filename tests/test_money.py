"""The money of a pool: granted, reserved, paid by two, topped up, sent back, demanded back, given up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import product
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests import invariants
from tests.driving import ITEMS, POLICY, wipe
from tests.world import MONDAY, World
from workflow.clock.days import shanghai_day
from workflow.errors import InvalidInput, NotFound, Reason, Refused, WorkflowError
from workflow.process.definitions import money_actions, process_of
from workflow.process.perform import perform
from workflow.storage.tables import Budget, Event, Payment, PolicyVersion

CITY, PROVINCE, NOMINATION, CERTIFICATE = "Q1-5", "Q1-3", "Q1-4", "M4-1"


def codes(error: pytest.ExceptionInfo[Any]) -> list[str]:
    return [reason.code for reason in error.value.reasons]


def last_event(world: World, case_id: int) -> Event:
    with world.store.reading() as session:
        event = session.scalars(
            select(Event).where(Event.case_id == case_id).order_by(Event.number.desc())
        ).first()
        assert event is not None
        session.expunge(event)
        return event


def payments(world: World, case_id: int) -> list[tuple[str, str, int]]:
    with world.store.reading() as session:
        rows = session.scalars(select(Payment).where(Payment.case_id == case_id).order_by(Payment.id))
        return [(row.kind, row.status, row.amount_yuan) for row in rows]


def amounts(world: World, case_id: int) -> tuple[int, int, int]:
    one = world.application(case_id)
    return one.approved_yuan, one.paid_yuan, one.recover_yuan


def set_budget(world: World, year: int, yuan: int) -> None:
    with world.store.writing() as session:
        session.merge(Budget(year=year, amount_yuan=yuan))
        session.commit()


def revoke(world: World, case_id: int) -> None:
    world.do("wuyan", "open_revocation", case_id, reason="弄虚作假")
    world.do("wuyan", "revoke", case_id, reason="查实", document_number="长市监撤〔2026〕1号")


def test_an_approval_grants_an_amount_and_keeps_what_it_rests_on(world: World) -> None:
    case_id = world.in_notice(line=CITY)

    assert amounts(world, case_id) == (500_000, 0, 0)
    assert world.application(case_id).budget_year == 2026
    snapshot = last_event(world, case_id).details["entitlement"]
    assert snapshot["reading"] == "per_item"
    assert snapshot["policy_digest"] == POLICY.digest
    assert snapshot["readings"] == dict.fromkeys(
        ("per_item", "pooled", "per_subclause", "per_achievement"), 500_000
    )
    assert snapshot["claims"][0]["reason"] == "policy.entitled.only"


def test_the_higher_award_of_the_year_is_owed_the_difference(world: World) -> None:
    world.paid(line=CITY)
    province = world.in_notice(line=PROVINCE)
    assert amounts(world, province) == (500_000, 0, 0)

    world.end_notice(province)
    world.pay(province)

    assert amounts(world, province) == (500_000, 500_000, 0)


def test_a_lower_award_of_the_year_is_recognised_and_not_paid(world: World) -> None:
    world.paid(line=PROVINCE)
    city = world.in_notice(line=CITY)

    world.end_notice(city)

    case = world.case(city)
    assert (case.state, amounts(world, city)) == ("recognised", (0, 0, 0))
    assert case.closed_at is not None


def test_a_certificate_adds_to_what_the_award_pays(world: World) -> None:
    world.paid(line=PROVINCE)

    assert amounts(world, world.paid(line=CERTIFICATE)) == (30_000, 30_000, 0)


def test_a_recognised_award_revives_when_the_higher_one_falls(world: World) -> None:
    province = world.awaiting_payment(line=PROVINCE)
    city = world.in_notice(line=CITY)
    world.end_notice(city)
    with pytest.raises(Refused) as error:
        world.do("zhao", "revive", city)
    assert codes(error) == ["reason.pool_owes_nothing"]

    world.do("sun", "cancel_award", province, reason="不符合条件")
    world.do("zhao", "revive", city)
    world.pay(city)

    assert (world.case(city).state, amounts(world, city)) == ("paid", (500_000, 500_000, 0))


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
    assert last_event(world, province).details["recovered_for"] == {str(city): 500_000}


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


def test_a_returned_transfer_is_owed_and_paid_again(world: World) -> None:
    case_id = world.paid()
    with pytest.raises(Refused) as error:
        world.do("sun", "record_return", case_id, amount_yuan=500_001, reason="账号错误", voucher="退1")
    assert codes(error) == ["reason.more_than_paid"]

    world.do("sun", "record_return", case_id, amount_yuan=500_000, reason="账号错误")
    assert (world.case(case_id).state, amounts(world, case_id)) == ("payment_pending", (500_000, 0, 0))
    world.pay(case_id)

    assert (world.case(case_id).state, amounts(world, case_id)) == ("paid", (500_000, 500_000, 0))
    assert [kind for kind, _, _ in payments(world, case_id)] == ["payment", "returned", "payment"]


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

    with pytest.raises(Refused) as error:
        world.do("zhao", "revive", city)
    assert codes(error) == ["reason.over_budget"]

    set_budget(world, 2027, 500_000)
    world.do("zhao", "revive", city)
    assert (shanghai_day(world.now).year, world.application(city).budget_year) == (2027, 2027)


def test_a_voucher_number_is_used_once(world: World) -> None:
    first = world.awaiting_payment(line=CITY)
    second = world.awaiting_payment(line=CERTIFICATE)
    world.pay(first, "凭1")
    world.do("sun", "prepare", second)

    with pytest.raises(Refused) as error:
        world.do("zhou", "confirm", second, voucher=" 凭1 ")
    assert codes(error) == ["reason.voucher_used"]

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
    with pytest.raises(Refused) as error:
        world.do("sun", "confirm", case_id, voucher="凭1")
    assert codes(error) == ["reason.no_payment_prepared"]
    world.do("sun", "prepare", case_id)

    with pytest.raises(Refused) as error:
        world.do("sun", "confirm", case_id, voucher="凭1")

    assert codes(error) == ["reason.maker_is_not_checker"]
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
    with pytest.raises(Refused) as error:
        world.do("zhou", "confirm", case_id, voucher="凭1")
    assert codes(error) == ["reason.no_payment_prepared"]


def test_no_organisation_gets_more_than_the_cap_of_the_year(world: World) -> None:
    with_a_cap(world, 520_000)
    world.paid(line=CITY)

    certificate = world.in_notice(line=CERTIFICATE)

    assert amounts(world, certificate) == (20_000, 0, 0)
    claims = last_event(world, certificate).details["entitlement"]["claims"]
    assert [claim["reason"] for claim in claims][1] == "policy.entitled.capped"


def test_the_amount_is_settled_again_when_the_notice_is_over(world: World) -> None:
    province = world.awaiting_payment(line=PROVINCE)
    city = world.in_notice(line=CITY)
    assert amounts(world, city) == (0, 0, 0)
    world.do("sun", "cancel_award", province, reason="不符合条件")

    world.end_notice(city)

    assert (world.case(city).state, amounts(world, city)) == ("payment_pending", (500_000, 0, 0))
    details = last_event(world, city).details
    assert (details["approved_before_yuan"], details["approved_yuan"]) == (0, 500_000)


def test_the_amount_is_settled_again_at_the_payment(world: World) -> None:
    city = world.awaiting_payment(line=CITY)
    province = world.awaiting_payment(line=PROVINCE)
    assert amounts(world, province) == (500_000, 0, 0)
    world.do("sun", "cancel_award", city, reason="不符合条件")

    world.do("sun", "prepare", province)

    assert amounts(world, province) == (1_000_000, 0, 0)
    assert last_event(world, province).details["approved_before_yuan"] == 500_000


def test_a_paid_award_is_topped_up_when_the_pool_owes_it_more(world: World) -> None:
    city = world.awaiting_payment(line=CITY)
    province = world.paid(line=PROVINCE)
    world.do("sun", "cancel_award", city, reason="不符合条件")

    world.do("zhao", "top_up", province)
    world.pay(province)

    assert amounts(world, province) == (1_000_000, 1_000_000, 0)


def test_what_was_promised_is_not_paid_once_the_pool_has_no_room_for_it(world: World) -> None:
    first, second = world.in_meeting(line=CITY), world.in_meeting(line=CITY)
    world.do("zhao", "approve", second)
    world.do("zhao", "approve", first)  # it would win, but what it is worth is promised already
    assert (amounts(world, first)[0], amounts(world, second)[0]) == (0, 500_000)
    world.end_notice(second)
    province = world.paid(line=PROVINCE)
    revoke(world, province)
    assert (world.case(province).state, amounts(world, province)[1]) == ("revoked", 500_000)

    with pytest.raises(Refused) as error:
        world.do("sun", "prepare", second)
    assert codes(error) == ["reason.nothing_payable"]
    world.do("sun", "close_unpayable", second)

    assert (world.case(second).state, amounts(world, second)) == ("recognised", (0, 0, 0))


def test_a_timer_moves_no_money(world: World) -> None:
    case_id = world.awaiting_payment()

    assert payments(world, case_id) == []
    assert world.application(case_id).paid_yuan == 0


def test_two_approvals_at_once_share_one_pool(world: World) -> None:
    city, province = world.in_meeting(line=CITY), world.in_meeting(line=PROVINCE)
    versions = {case_id: world.case(case_id).version for case_id in (city, province)}
    now, joint = world.later(minutes=1), world.actor("zhao")

    def approve(case_id: int, before_commit: Callable[[], None]) -> None:
        with world.store.writing() as session:
            perform(session, case_id, "approve", joint, now=now, seen_version=versions[case_id])
            before_commit()
            session.commit()

    second = Thread(target=approve, args=(province, lambda: None))

    def let_the_second_begin() -> None:
        second.start()
        second.join(0.5)

    approve(city, let_the_second_begin)
    second.join()

    assert amounts(world, city)[0] + amounts(world, province)[0] == 1_000_000


def test_the_actions_of_money_are_known_before_any_application_was_seen(world: World) -> None:
    with world.store.reading() as session:
        process_of(session, "referral", 1)

        assert {"approve", "confirm", "revoke", "top_up"} <= money_actions(session)


# What may be tried on each of four claims of one pool, by whom, in whatever order.
TRIED: dict[str, Callable[[World, int], object]] = {
    "approve": lambda world, case: world.do("zhao", "approve", case),
    "end_notice": lambda world, case: end_notice(world, case),
    "object": lambda world, case: world.do("xie", "object", case, objector="某某", reason="不实"),
    "uphold": lambda world, case: world.do("xie", "uphold_objection", case, reason="属实"),
    "prepare": lambda world, case: world.do("sun", "prepare", case),
    "prepare_part": lambda world, case: world.do("sun", "prepare", case, amount_yuan=120_000),
    "confirm": lambda world, case: world.do("zhou", "confirm", case, voucher=voucher(world, case)),
    "pay": lambda world, case: world.pay(case),
    "cancel": lambda world, case: world.do("sun", "cancel_award", case, reason="取消"),
    "return": lambda world, case: world.do("sun", "record_return", case, amount_yuan=90_000, reason="退票"),
    "revoke": lambda world, case: revoke(world, case),
    "recover": lambda world, case: world.do(
        "sun", "record_recovery", case, amount_yuan=70_000, voucher=voucher(world, case)
    ),
    "write_off": lambda world, case: world.do(
        "zheng_head", "write_off", case, reason="注销", document_number="文1"
    ),
    "top_up": lambda world, case: world.do("zhao", "top_up", case),
    "revive": lambda world, case: world.do("zhao", "revive", case),
}


def voucher(world: World, case_id: int) -> str:
    return f"凭{case_id}-{world.case(case_id).version}"


ORDERS = st.lists(st.tuples(st.sampled_from(sorted(TRIED)), st.integers(0, 3)), min_size=5, max_size=25)


@pytest.mark.long
@settings(max_examples=20)
@given(order=ORDERS)
def test_whatever_the_order_a_pool_is_paid_what_it_is_entitled_to(
    world: World, order: list[tuple[str, int]]
) -> None:
    world.now, world.number_of_standards = MONDAY, 0
    wipe(world)
    cases = [world.in_meeting(line=line) for line in (CITY, CITY, PROVINCE, NOMINATION)]

    for act, place in order:
        if attempt(world, TRIED[act], cases[place]):
            check(world)
    settle(world, cases)

    applications = [world.application(case_id) for case_id in cases]
    moved = [movement for case_id in cases for movement in payments(world, case_id)]
    given_up = sum(yuan for kind, _, yuan in moved if kind == "write_off")
    paid = sum(one.paid_yuan for one in applications)
    entitled = max((one.amount_yuan for one in applications if one.approved_at), default=0)
    assert entitled <= paid <= entitled + given_up


def attempt(world: World, act: Callable[[World, int], object], case_id: int) -> bool:
    try:
        act(world, case_id)
    except WorkflowError:
        return False
    return True


def end_notice(world: World, case_id: int) -> None:
    if world.case(case_id).timer_at is None:
        raise NotFound(Reason("not_found"))
    world.end_notice(case_id)


def recover_all(world: World, case_id: int) -> None:
    demanded = world.application(case_id).recover_yuan
    world.do("sun", "record_recovery", case_id, amount_yuan=demanded, voucher=voucher(world, case_id))


def settle(world: World, cases: list[int]) -> None:
    """Let everything go on until nothing more can be done."""
    doing = True
    while doing:
        doing = False
        for act, case_id in product(SETTLING, cases):
            doing |= attempt(world, SETTLING[act], case_id)
    check(world)


SETTLING = {act: TRIED[act] for act in ("approve", "end_notice", "uphold", "pay", "top_up", "revive")}
SETTLING["recover_all"] = recover_all


def check(world: World) -> None:
    with world.store.reading() as session:
        rows = invariants.read_rows(session)
    invariants.check_money(rows, ITEMS, set(POLICY.highest_only.items))


def with_a_cap(world: World, yuan: int) -> None:
    """The policy of the district with one more rule."""
    with world.store.writing() as session:
        stored = session.scalars(select(PolicyVersion)).one()
        rule = f'[[rules]]\nkind = "cap_per_organisation_year"\nitems = [1, 2, 3, 4]\ncap_yuan = {yuan}\n\n'
        stored.source = stored.source.replace("[[corrections]]", rule + "[[corrections]]", 1)
        stored.digest = hashlib.sha256(stored.source.encode()).hexdigest()
        session.commit()
