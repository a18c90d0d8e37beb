"""The money of a pool: granted, reserved, settled again; in whatever order, it is paid what it may have."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from tests import invariants
from tests.driving import ITEMS, POLICY, WIPED
from tests.movements import (
    CERTIFICATE,
    CITY,
    NOMINATION,
    PROVINCE,
    Act,
    amounts,
    codes,
    held,
    last_event,
    move_out,
    payments,
    race,
    revoke,
    set_budget,
)
from tests.world import World
from workflow.errors import Refused, WorkflowError
from workflow.process.definitions import money_actions, process_of
from workflow.process.perform import Outcome
from workflow.storage.tables import Application, Budget, PolicyVersion

# More orders: LIANSHEN_EXAMPLES=500 pytest tests/test_money.py
EXAMPLES = int(os.environ.get("LIANSHEN_EXAMPLES", "5"))


def test_an_approval_grants_an_amount_and_keeps_what_it_rests_on(world: World) -> None:
    case_id = world.in_notice(line=CITY)

    assert amounts(world, case_id) == (500_000, 0, 0)
    assert held(world, case_id) == {2026: 500_000}
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
    assert (world.today.year, held(world, city)) == (2027, {2027: 500_000})


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


def test_a_paid_award_is_topped_up_when_the_pool_owes_it_more(world: World) -> None:
    city = world.awaiting_payment(line=CITY)
    province = world.paid(line=PROVINCE)
    world.do("sun", "cancel_award", city, reason="不符合条件")

    world.do("zhao", "top_up", province)
    world.pay(province)

    assert amounts(world, province) == (1_000_000, 1_000_000, 0)


def test_the_actions_of_money_are_known_before_any_application_was_seen(world: World) -> None:
    with world.store.reading() as session:
        process_of(session, "referral", 1)

        assert {"approve", "confirm", "revoke", "top_up"} <= money_actions(session)


# Eligibility before the money


def test_nothing_is_endorsed_that_is_not_eligible_any_more(world: World) -> None:
    case_id = world.in_review()
    move_out(world)

    with pytest.raises(Refused) as error:
        world.do("wang", "endorse", case_id)

    assert codes(error) == ["policy.refused.not_here_at_application"]


def test_nothing_is_approved_that_is_not_eligible_any_more(world: World) -> None:
    case_id = world.in_meeting()
    move_out(world)

    with pytest.raises(Refused) as error:
        world.do("zhao", "approve", case_id)

    assert codes(error) == ["policy.refused.not_here_at_application"]


def test_nothing_is_approved_that_another_application_claims(world: World) -> None:
    first = world.in_meeting(edition="5")
    with world.store.writing() as session:
        session.execute(update(Application).values(claim_key=None))
        session.commit()
    second = world.submitted(edition="5")

    with pytest.raises(Refused) as error:
        world.do("zhao", "approve", first)

    assert codes(error) == ["application.claimed"]
    assert error.value.reasons[0].params == {"number": world.case(second).number}


# The budget


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
    with pytest.raises(Refused) as error:
        world.do("zhao", "top_up", province)
    assert codes(error) == ["reason.over_budget"]

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


# Claims of another policy


def test_a_claim_of_another_policy_competes_in_a_pool_of_its_own(world: World) -> None:
    of_the_township = world.paid(line=CITY)
    under_another_policy(world, of_the_township)

    province = world.paid(line=PROVINCE)

    assert amounts(world, province) == (1_000_000, 1_000_000, 0)
    revoke(world, of_the_township)
    assert amounts(world, of_the_township) == (0, 500_000, 500_000)


def test_a_new_version_of_a_policy_keeps_its_claims_in_one_pool(world: World) -> None:
    world.paid(line=CITY)
    with world.store.writing() as session:
        stored = session.scalars(select(PolicyVersion)).one()
        session.execute(update(Application).values(policy_id=another_policy(session, stored.source).id))
        session.commit()

    assert amounts(world, world.in_notice(line=PROVINCE)) == (500_000, 0, 0)


def under_another_policy(world: World, case_id: int) -> None:
    """The application was made under a policy of a township, with a line that the district does not know."""
    with world.store.writing() as session:
        source = session.scalars(select(PolicyVersion)).one().source
        source = source.replace(f'"{POLICY.code}"', '"meihua-quality"').replace(f'"{CITY}"', '"T1-5"')
        values = {"policy_id": another_policy(session, source).id, "line": "T1-5"}
        session.execute(update(Application).where(Application.case_id == case_id).values(values))
        session.commit()


def another_policy(session: Any, source: str) -> PolicyVersion:
    first = session.scalars(select(PolicyVersion)).first()
    code = "meihua-quality" if "meihua-quality" in source else first.code
    source += "\n"
    added = PolicyVersion(
        code=code,
        digest=hashlib.sha256(source.encode()).hexdigest(),
        source=source,
        valid_from=first.valid_from,
        valid_to=first.valid_to,
        stored_at=first.stored_at,
    )
    session.add(added)
    session.flush()
    return added


# Two at once


def test_two_approvals_at_once_share_one_pool(world: World) -> None:
    city, province = world.in_meeting(line=CITY), world.in_meeting(line=PROVINCE)

    race(world, Act("zhao", "approve", city), Act("zhao", "approve", province))

    assert (amounts(world, city)[0], amounts(world, province)[0]) == (500_000, 500_000)
    assert held(world, province) == {2026: 500_000}


def test_of_two_approvals_at_once_the_budget_covers_one(world: World) -> None:
    first, second = world.in_meeting("donglong", CITY), world.in_meeting("jinlun", CITY)
    set_budget(world, 2026, 600_000)

    won, lost = race(world, Act("zhao", "approve", first), Act("zhao", "approve", second))

    assert isinstance(won, Outcome)
    assert isinstance(lost, Refused)
    assert [reason.code for reason in lost.reasons] == ["reason.over_budget"]
    assert (world.case(second).state, held(world, second)) == ("joint_meeting_approval", {})


# In whatever order

# What may be tried in each state on claims of one pool, and by whom.
TRIED: Mapping[str, Mapping[str, Callable[[World, int], object]]] = {
    "joint_meeting_approval": {"approve": lambda world, case: world.do("zhao", "approve", case)},
    "public_notice": {
        "end_notice": lambda world, case: world.end_notice(case),
        "object": lambda world, case: world.do("xie", "object", case, objector="某某", reason="不实"),
    },
    "objection_check": {
        "uphold": lambda world, case: world.do("xie", "uphold_objection", case, reason="属实"),
        "dismiss": lambda world, case: world.do("xie", "dismiss_objection", case, reason="不属实"),
    },
    "payment_pending": {
        "pay": lambda world, case: world.pay(case),
        "close": lambda world, case: world.do("sun", "close_unpayable", case),
        "prepare": lambda world, case: world.do("sun", "prepare", case),
        "prepare_part": lambda world, case: world.do("sun", "prepare", case, amount_yuan=120_000),
        "confirm": lambda world, case: world.do("zhou", "confirm", case, voucher=voucher(world, case)),
        "cancel": lambda world, case: world.do("sun", "cancel_award", case, reason="取消"),
        "return_to_meeting": lambda world, case: world.do("sun", "return_to_meeting", case, reason="再议"),
    },
    "paid": {
        "top_up": lambda world, case: world.do("zhao", "top_up", case),
        "return": lambda world, case: world.do(
            "zheng_head",
            "record_return",
            case,
            amount_yuan=90_000,
            voucher=voucher(world, case),
            reason="退票",
        ),
        "revoke": lambda world, case: revoke(world, case),
    },
    "recognised": {
        "revive": lambda world, case: world.do("zhao", "revive", case),
        "revoke": lambda world, case: revoke(world, case),
    },
    "recovering": {
        "recover_all": lambda world, case: recover(world, case, world.application(case).recover_yuan),
        "recover": lambda world, case: recover(world, case, 70_000),
        "write_off": lambda world, case: world.do(
            "zheng_head", "write_off", case, reason="注销", document_number="文1"
        ),
    },
}
# What is done on until nothing is left to do: nobody takes anything away any more.
GOING_ON = ("approve", "end_notice", "uphold", "pay", "close", "top_up", "revive", "recover_all")
ORDERS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), min_size=8, max_size=16)
BUDGETS = st.sampled_from((None, 400_000, 1_200_000))
YEARS, AMPLE = (2026, 2027, 2028), 100_000_000


@pytest.mark.long
def test_whatever_the_order_a_pool_is_paid_what_it_is_entitled_to(world: World) -> None:
    cases = [world.in_meeting(line=line) for line in (CITY, CITY, PROVINCE, NOMINATION)]
    desk, began = desk_of(world), world.now

    @settings(max_examples=EXAMPLES)
    @given(order=ORDERS, budget=BUDGETS)
    def holds(order: list[tuple[int, int]], budget: int | None) -> None:
        world.now = began
        lay_out(world, desk, budget)
        for place, choice in order:
            acts = list(TRIED.get(world.case(cases[place]).state, {}).values())
            if acts and attempt(world, acts[choice % len(acts)], cases[place]):
                check(world, budget)
        with_ample_budgets(world)
        go_on(world, cases)
        assert_paid_in_full(world, cases)

    holds()


def desk_of(world: World) -> Mapping[Any, list[Mapping[str, Any]]]:
    """Every row that cases have left so far, by table."""
    with world.store.reading() as session:
        connection = session.connection()
        return {
            model: [dict(row) for row in connection.execute(select(model.__table__)).mappings()]
            for model in WIPED
        }


def lay_out(world: World, desk: Mapping[Any, list[Mapping[str, Any]]], budget: int | None) -> None:
    """Put the desk back as it was, quicker than by doing everything again."""
    with world.store.writing() as session:
        for model in (*WIPED, Budget):
            session.execute(delete(model))
        for model in reversed(WIPED):
            if desk[model]:
                session.connection().execute(insert(model.__table__), desk[model])
        if budget is not None:
            session.add_all(Budget(year=year, amount_yuan=budget) for year in YEARS)
        session.commit()


def with_ample_budgets(world: World) -> None:
    for year in YEARS:
        set_budget(world, year, AMPLE)


def go_on(world: World, cases: list[int]) -> None:
    """Let everything go on until nothing more can be done."""
    while sum(attempt(world, act, case_id) for case_id in cases for act in going_on(world, case_id)):
        check(world, AMPLE)


def going_on(world: World, case_id: int) -> Iterator[Callable[[World, int], object]]:
    acts = TRIED.get(world.case(case_id).state, {})
    return (act for name, act in acts.items() if name in GOING_ON)


def assert_paid_in_full(world: World, cases: list[int]) -> None:
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


def recover(world: World, case_id: int, yuan: int) -> None:
    world.do("sun", "record_recovery", case_id, amount_yuan=yuan, voucher=voucher(world, case_id))


def voucher(world: World, case_id: int) -> str:
    return f"凭{case_id}-{world.case(case_id).version}"


def check(world: World, budget: int | None) -> None:
    with world.store.reading() as session:
        rows = invariants.read_rows(session, ("applications", "payments", "reservations"))
    invariants.check_money(rows, ITEMS, set(POLICY.highest_only.items))
    invariants.check_reservations(rows, {} if budget is None else dict.fromkeys(YEARS, budget))


def with_a_cap(world: World, yuan: int) -> None:
    """The policy of the district with one more rule."""
    with world.store.writing() as session:
        stored = session.scalars(select(PolicyVersion)).one()
        rule = f'[[rules]]\nkind = "cap_per_organisation_year"\nitems = [1, 2, 3, 4]\ncap_yuan = {yuan}\n\n'
        stored.source = stored.source.replace("[[corrections]]", rule + "[[corrections]]", 1)
        stored.digest = hashlib.sha256(stored.source.encode()).hexdigest()
        session.commit()
