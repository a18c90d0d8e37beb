"""A case that leaves the finance office unpaid leaves no payment prepared."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update

from tests.driving import PROCESSES
from tests.movements import payments, refused
from tests.world import World
from workflow.storage.tables import Application


def refer(world: World, case_id: int) -> None:
    world.do("qian", "sign", world.referral(case_id, clue="群众来信"))


# Everything that takes a case away from the finance office without paying it.
LEAVING: dict[str, Callable[[World, int], object]] = {
    "request_correction": lambda world, case: world.do("sun", "request_correction", case, defects=["账号"]),
    "return_to_meeting": lambda world, case: world.do("sun", "return_to_meeting", case, reason="再议"),
    "cancel_award": lambda world, case: world.do("sun", "cancel_award", case, reason="取消"),
    "close_unpayable": lambda world, case: close_unpayable(world, case),
    "draw": lambda world, case: world.do("xuyuan", "draw", case, reason="久拖不付"),
    "refer": refer,
}


def close_unpayable(world: World, case_id: int) -> None:
    """Closed after all that is payable was paid by another way."""
    with world.store.writing() as session:
        session.execute(update(Application).values(paid_yuan=Application.approved_yuan))
        session.commit()
    world.do("sun", "close_unpayable", case_id)


@pytest.mark.parametrize("leaving", LEAVING)
def test_a_case_that_leaves_the_finance_office_leaves_no_payment_prepared(world: World, leaving: str) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id)

    LEAVING[leaving](world, case_id)

    assert world.case(case_id).state != "payment_pending"
    assert payments(world, case_id) == [("payment", "cancelled", 500_000)]


def test_every_way_out_of_the_finance_office_but_the_payment_cancels_what_was_prepared() -> None:
    actions = PROCESSES["award_application"].states["payment_pending"].actions.values()
    ways_out = {action.name: action for action in actions if not action.stays and action.name != "confirm"}

    assert set(ways_out) == set(LEAVING)
    assert {name for name, way in ways_out.items() if "cancel_preparation" not in way.effects} == set()


def test_what_was_prepared_before_the_efficiency_office_drew_the_case_is_not_confirmed_after(
    world: World,
) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "take_on", case_id)
    world.do("sun", "prepare", case_id)
    world.do("xuyuan", "draw", case_id, reason="久拖不付")
    handler = world.person_id("zhou")
    world.do("xuyuan", "order_handling", case_id, handler=handler, limit_days=3, reason="限期")

    assert refused(world, "zhou", "confirm", case_id, voucher="凭1") == ["reason.no_payment_prepared"]
