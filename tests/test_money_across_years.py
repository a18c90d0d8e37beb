"""What an award of an earlier year holds of that year's budget, when it falls in a later one."""

from __future__ import annotations

from tests.movements import CITY, held, revoke
from tests.world import World


def test_an_award_cancelled_the_year_after_frees_the_year_it_was_reserved_in(sqlite_world: World) -> None:
    case_id = sqlite_world.awaiting_payment(line=CITY)
    assert held(sqlite_world, case_id) == {2026: 500_000}
    sqlite_world.later(days=90)

    sqlite_world.do("sun", "cancel_award", case_id, reason="不符合条件")

    assert (sqlite_world.today.year, held(sqlite_world, case_id)) == (2027, {})


def test_what_comes_back_the_year_after_a_revocation_frees_the_year_it_was_paid_from(
    sqlite_world: World,
) -> None:
    case_id = sqlite_world.paid(line=CITY)
    sqlite_world.later(days=90)
    revoke(sqlite_world, case_id)
    assert (sqlite_world.today.year, held(sqlite_world, case_id)) == (2027, {2026: 500_000})

    sqlite_world.do("sun", "record_recovery", case_id, amount_yuan=500_000, voucher="追1")

    assert held(sqlite_world, case_id) == {}
