"""For which unit an officer acts, from which moment an act counts, and who gets a case back."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import update

from tests.movements import last_event
from tests.world import SINCE, World
from workflow.people.memberships import add_membership
from workflow.storage.tables import Membership


def serve_also(world: World, account: str, colleague: str) -> None:
    """From today on she also serves in the unit of the colleague."""
    (unit_id,) = world.actor(colleague).unit_ids
    with world.store.writing() as session:
        add_membership(session, world.person_id(account), "township_officer", SINCE, unit_id=unit_id)
        session.commit()
    world.later(days=1)


def test_an_officer_of_two_townships_acts_for_the_one_that_holds_the_case(sqlite_world: World) -> None:
    cases = [sqlite_world.submitted("donglong"), sqlite_world.submitted("jinlun")]
    serve_also(sqlite_world, "lin", "guo")

    for case_id in cases:
        sqlite_world.do("lin", "take_on", case_id)

    holding = [sqlite_world.case(case_id).unit_id for case_id in cases]
    assert len(set(holding)) == 2
    assert [last_event(sqlite_world, case_id).unit_id for case_id in cases] == holding


def test_no_act_counts_from_before_the_step_began_that_a_timer_opened_late(sqlite_world: World) -> None:
    case_id = sqlite_world.in_notice()
    timer_at = sqlite_world.case(case_id).timer_at
    assert timer_at is not None
    sqlite_world.now = timer_at + timedelta(hours=3)
    sqlite_world.do("system", "notice_over", case_id)
    began_at = sqlite_world.now

    sqlite_world.now = timer_at + timedelta(hours=1)  # the clock was set back
    sqlite_world.do("sun", "prepare", case_id)

    assert last_event(sqlite_world, case_id).at == began_at


def last_day_of_lin(world: World, day: date) -> None:
    with world.store.writing() as session:
        hers = Membership.person_id == world.person_id("lin")
        session.execute(update(Membership).where(hers).values(to_on=day))
        session.commit()


def handler_after_correction(world: World, *, days_after_her_last: int) -> int | None:
    case_id = world.in_precheck()
    world.do("lin", "request_correction", case_id, defects=["缺合同"])
    last_day_of_lin(world, world.today - timedelta(days_after_her_last))
    world.do("donglong", "resubmit", case_id)
    return world.case(case_id).handler_id


def test_on_her_last_day_the_earlier_handler_still_gets_a_corrected_case_back(sqlite_world: World) -> None:
    assert handler_after_correction(sqlite_world, days_after_her_last=0) == sqlite_world.person_id("lin")


def test_the_day_after_her_last_a_corrected_case_comes_back_untaken(sqlite_world: World) -> None:
    assert handler_after_correction(sqlite_world, days_after_her_last=1) is None
