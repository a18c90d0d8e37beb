"""Claims of one pool, taken on in whatever order: in the end they are paid what they may have."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from tests import invariants
from tests.driving import ITEMS, POLICY, WIPED
from tests.movements import CITY, NOMINATION, PROVINCE, payments, revoke, set_budget
from tests.world import World
from workflow.errors import WorkflowError
from workflow.storage.tables import Budget

# More orders: LIANSHEN_EXAMPLES=500 pytest tests/test_money_in_any_order.py
EXAMPLES = int(os.environ.get("LIANSHEN_EXAMPLES", "5"))

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
