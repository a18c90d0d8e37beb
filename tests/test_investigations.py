"""A referral from its receipt to its end: investigated, decided, appealed, rectified, and who sees it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.movements import codes, refused
from tests.referring import referral_of, steps_of, told
from tests.world import World
from workflow.errors import InvalidInput, NotFound
from workflow.lists.case_page import dossier_of
from workflow.reference import reference_of


def concluded(world: World) -> int:
    referral = world.referred(None, clue="长期不开展质量工作", unit_of="guo")
    world.do("xuyuan", "conclude", referral, finding="partly_true", reason="部分属实")
    return referral


def decided(world: World) -> int:
    referral = concluded(world)
    world.do("xuyuan", "decide", referral, decision="责令整改")
    return referral


def test_an_investigation_asks_for_detail_and_goes_on_with_its_days(world: World) -> None:
    referral = world.referred(None, clue="来信", unit_of="guo")
    world.working_days_later(4)
    world.do("xuyuan", "ask_detail", referral, reason="时间地点不明")
    world.working_days_later(3)
    with pytest.raises(NotFound):
        world.do("guo", "give_detail", referral, reason="不关我事")

    world.do("zhao", "give_detail", referral, reason="补充如下")

    case, step = world.case(referral), steps_of(world, referral)[-1]
    assert (case.state, case.handler_id) == ("investigating", world.person_id("xuyuan"))
    assert (step.limit_days, step.used_before) == (20, 4)


def test_a_referral_goes_to_the_office_to_rectify_and_is_verified_and_closed(world: World) -> None:
    referral = concluded(world)
    assert referral_of(world, referral).finding == "partly_true"
    world.do("xuyuan", "decide", referral, decision="责令整改", document_number="长效〔2026〕1号")
    case = world.case(referral)
    assert (case.state, case.unit_id) == ("rectifying", next(iter(world.actor("guo").unit_ids)))
    with pytest.raises(NotFound):
        world.do("lin", "report_rectified", referral, reason="别的镇")

    world.do("guo", "report_rectified", referral, reason="已整改")
    world.do("xuyuan", "send_back", referral, reason="不到位")
    assert world.case(referral).handler_id == world.person_id("guo")
    world.do("guo", "report_rectified", referral, reason="再次整改")
    world.do("xuyuan", "close", referral)

    case = world.case(referral)
    assert (case.state, case.closed_at is not None) == ("closed", True)
    assert referral_of(world, referral).decision == "责令整改"


def test_a_decision_is_appealed_and_reviewed_by_somebody_else(world: World) -> None:
    referral = decided(world)
    world.do("keyun", "appeal", referral, reason="事出有因")

    assert refused(world, "xuyuan", "overturn_decision", referral, reason="维持") == [
        "reason.not_the_decider"
    ]
    world.do("hemin", "uphold_decision", referral, reason="事实清楚")

    assert world.case(referral).state == "rectifying"


def test_an_appeal_that_succeeds_closes_the_referral(world: World) -> None:
    referral = decided(world)
    world.do("guo", "appeal", referral, reason="事出有因")

    world.do("hemin", "overturn_decision", referral, reason="依据不足")

    assert world.case(referral).state == "closed"


def test_what_proves_unfounded_is_closed_without_action(world: World) -> None:
    referral = concluded(world)

    world.do("xuyuan", "close_without_action", referral, reason="不属实")

    assert world.case(referral).state == "closed"


def test_a_finding_is_one_of_three(world: World) -> None:
    referral = world.referred(None, clue="来信", unit_of="guo")

    with pytest.raises(InvalidInput) as error:
        world.do("xuyuan", "conclude", referral, finding="perhaps", reason="说不清")

    assert codes(error) == ["input.not_choice"]


def test_the_unit_follows_its_appeal_to_the_end(world: World) -> None:
    referral = concluded(world)
    with pytest.raises(NotFound):
        page_of(world, "guo", referral)
    world.do("xuyuan", "decide", referral, decision="责令整改")
    world.do("guo", "appeal", referral, reason="事出有因")
    assert page_of(world, "guo", referral).head.state == "under_appeal"
    assert page_of(world, "keyun", referral).referral.decision == "责令整改"

    world.do("hemin", "overturn_decision", referral, reason="依据不足")

    assert page_of(world, "guo", referral).head.state == "closed"
    assert told(world, "overturn_decision") >= {"guo", "keyun"}
    with pytest.raises(NotFound):
        page_of(world, "lin", referral)


def page_of(world: World, account: str, case_id: int) -> Any:
    with world.store.reading() as session:
        return dossier_of(session, world.actor(account), reference_of(session), world.today, case_id)


def test_the_unit_hears_how_its_appeal_and_its_rectification_ended(world: World) -> None:
    referral = decided(world)
    world.do("guo", "appeal", referral, reason="事出有因")
    world.do("hemin", "uphold_decision", referral, reason="事实清楚")
    assert told(world, "uphold_decision") >= {"guo", "keyun"}
    world.do("guo", "report_rectified", referral, reason="已整改")

    world.do("xuyuan", "close", referral)

    assert told(world, "close") >= {"guo", "keyun"}
