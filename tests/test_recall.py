"""收回: the bureau takes a return to the township back until the township has acted."""

from __future__ import annotations

import pytest

from tests.world import World
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
