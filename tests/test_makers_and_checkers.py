"""The check that every history in the tests passes through: whoever confirms a payment did not prepare it."""

from __future__ import annotations

import pytest

from tests.invariants import Row, check_makers_and_checkers, read_rows
from tests.world import World


def test_the_maker_of_a_cancelled_preparation_may_confirm_the_next_one(sqlite_world: World) -> None:
    check_makers_and_checkers(_prepared_cancelled_and_paid(sqlite_world))


def test_the_maker_of_a_preparation_that_another_replaced_may_confirm_that_one(sqlite_world: World) -> None:
    case_id = sqlite_world.awaiting_payment()
    sqlite_world.do("sun", "prepare", case_id)
    sqlite_world.do("zhou", "prepare", case_id)
    sqlite_world.do("sun", "confirm", case_id, voucher="凭1")

    check_makers_and_checkers(_events(sqlite_world))


def test_a_payment_confirmed_by_its_own_maker_is_found(sqlite_world: World) -> None:
    *before, confirm = _prepared_cancelled_and_paid(sqlite_world)
    maker = sqlite_world.person_id("zhou")

    with pytest.raises(AssertionError):
        check_makers_and_checkers([*before, {**confirm, "actor_id": maker}])


def test_a_payment_of_which_only_a_cancelled_preparation_is_known_is_found(sqlite_world: World) -> None:
    *before, _prepare, confirm = _prepared_cancelled_and_paid(sqlite_world)
    another = sqlite_world.person_id("zhou")

    with pytest.raises(AssertionError):
        check_makers_and_checkers([*before, {**confirm, "actor_id": another}])


def test_a_payment_is_prepared_anew_after_one_that_was_paid(sqlite_world: World) -> None:
    *before, confirm = _prepared_cancelled_and_paid(sqlite_world)

    with pytest.raises(AssertionError):
        check_makers_and_checkers([*before, confirm, confirm])


def _prepared_cancelled_and_paid(world: World) -> list[Row]:
    """孙 prepares and cancels by asking for a correction; 周 prepares anew, 孙 confirms."""
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id)
    world.do("sun", "request_correction", case_id, defects=["账号有误"])
    world.do("donglong", "resubmit", case_id)
    world.do("zhou", "prepare", case_id)
    world.do("sun", "confirm", case_id, voucher="凭1")
    return _events(world)


def _events(world: World) -> list[Row]:
    with world.store.reading() as session:
        return read_rows(session, ["events"])["events"]
