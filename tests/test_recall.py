"""收回: the bureau takes a return to the township back until the township has acted."""

from __future__ import annotations

import pytest

from tests.pages import signed_in, words
from tests.world import World
from workflow.clock.due import is_late
from workflow.errors import Refused


def test_the_bureau_recalls_a_return_with_the_days_that_were_left(world: World) -> None:
    case_id = world.in_review()
    due_on = world.case(case_id).due_on
    world.do("wang", "return_to_township", case_id, reason="请核实")

    world.do("wang", "recall", case_id)

    case = world.case(case_id)
    assert (case.state, case.handler_id, case.due_on) == ("bureau_review", world.person_id("wang"), due_on)


def test_a_return_is_recalled_by_who_made_it_and_only_until_the_township_acts(world: World) -> None:
    case_id = world.in_review()
    world.do("wang", "return_to_township", case_id, reason="请核实")

    with pytest.raises(Refused):
        world.do("wuyan", "recall", case_id)
    world.do("lin", "comment", case_id, note="已电话核实")
    with pytest.raises(Refused) as refusal:
        world.do("wang", "recall", case_id)

    assert [reason.code for reason in refusal.value.reasons] == ["reason.too_late_to_recall"]


def test_a_red_step_is_red_again_when_it_is_recalled(world: World) -> None:
    case_id = world.in_precheck()
    due_on = world.case(case_id).due_on
    world.working_days_later(8)
    world.do("lin", "recommend", case_id)

    world.do("lin", "recall", case_id)

    case = world.case(case_id)
    assert (case.due_on, case.was_late, is_late(case, world.today)) == (due_on, True, True)
    with pytest.raises(Refused) as refusal:
        world.do("lin", "request_correction", case_id, defects="缺页")
    assert [reason.code for reason in refusal.value.reasons] == ["reason.head_when_late"]


def test_sending_on_and_recalling_every_day_moves_no_due_day(world: World) -> None:
    case_id = world.in_precheck()
    due_on = world.case(case_id).due_on

    for _ in range(7):
        world.do("lin", "recommend", case_id)
        world.working_days_later(1)
        world.do("lin", "recall", case_id)

    case = world.case(case_id)
    assert (case.due_on, is_late(case, world.today)) == (due_on, True)


def test_the_page_says_that_a_recalled_step_counts_as_never_left(world: World) -> None:
    case_id = world.in_precheck()
    world.do("lin", "recommend", case_id)
    world.working_days_later(2)
    world.do("lin", "recall", case_id)

    page = words(signed_in(world, "lin").get(f"/applications/{case_id}"))

    assert "视同没有离开，时限照原来计算" in page
