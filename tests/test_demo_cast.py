"""Who acts in the demo: the engine is asked, so that no story breaks on a rule about persons."""

from __future__ import annotations

from random import Random

import pytest

from tests.world import World
from workflow.demo.cast import Cast, standing_of


def cast_for(world: World, case_id: int, act: str, by: str = "handler") -> set[str]:
    """The names of all who were drawn for an act in a dozen demos."""
    with world.store.reading() as session:
        at = standing_of(session, case_id)
        casts = [Cast(session, Random(seed), world.today) for seed in range(12)]
        return {cast.person_for(session, act, by, at, world.now).name for cast in casts}


def names(world: World, *accounts: str) -> set[str]:
    return {world.actor(account).name for account in accounts}


@pytest.mark.parametrize("act", ["take_on", "prepare"])
def test_any_officer_of_finance_has_a_returned_transfer_paid_again(sqlite_world: World, act: str) -> None:
    world = sqlite_world
    case_id = world.paid()
    world.do("sun", "record_return", case_id, amount_yuan=500_000, voucher="T-1", reason="账号有误")

    assert cast_for(world, case_id, act) == names(world, "sun", "zhou")


def test_whoever_prepared_a_payment_does_not_confirm_it(sqlite_world: World) -> None:
    world = sqlite_world
    case_id = world.awaiting_payment()
    world.do("zhou", "prepare", case_id)

    assert cast_for(world, case_id, "confirm") == names(world, "sun")


def test_whoever_approved_does_not_take_the_objection_on(sqlite_world: World) -> None:
    world = sqlite_world
    case_id = world.in_notice()
    world.do("xie", "object", case_id, objector="某某", reason="材料不实")

    assert cast_for(world, case_id, "take_on") == names(world, "xie")


def test_the_handler_goes_on_with_her_case_and_the_chief_stays_out_of_it(sqlite_world: World) -> None:
    world = sqlite_world
    untaken, taken = world.submitted(), world.submitted(line="S2-2")
    world.do("chen", "take_on", taken)

    assert cast_for(world, untaken, "take_on") == names(world, "lin", "chen")
    assert cast_for(world, taken, "decline") == names(world, "chen")
    assert cast_for(world, taken, "take_on", "colleague") == names(world, "lin")
