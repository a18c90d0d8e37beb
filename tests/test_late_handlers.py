"""Who was late: the step, the office and the officer a referral names, whatever happens to the case later."""

from __future__ import annotations

import pytest

from tests.movements import codes, refused
from tests.referring import corrected_by_head, late_in_precheck, order, referral_of, steps_of
from tests.world import World
from workflow.errors import Refused
from workflow.referrals.drafting import ground_in


def test_a_referral_names_the_late_step_its_office_and_its_officer(world: World) -> None:
    application = late_in_precheck(world)

    referral = referral_of(world, world.referral(application))

    late = next(step for step in steps_of(world, application) if step.left_at is None)
    assert (referral.step_number, referral.about_unit_id) == (late.number, late.unit_id)
    assert referral.about_person_id == world.person_id("lin")


def test_the_late_handler_cannot_block_the_signature(world: World) -> None:
    application = late_in_precheck(world)
    referral = world.referral(application)
    world.do("lin", "comment", application, note="马上办")

    world.do("qian", "sign", referral)

    assert world.case(application).state == "efficiency_office"
    assert refused(world, "lin", "recommend", application) == ["reason.not_in_state"]


def test_handing_over_does_not_wash_the_late_handler_clean(world: World) -> None:
    application = late_in_precheck(world)
    world.do("lin", "hand_over", application, handler=world.person_id("chen"))

    referral = world.referred(application)

    assert referral_of(world, referral).about_person_id == world.person_id("lin")
    with pytest.raises(Refused) as error:
        order(world, application, "lin")
    assert codes(error) == ["reason.late_handler"]
    order(world, application, "chen")


def test_who_handed_over_in_time_is_not_the_late_one(world: World) -> None:
    application = world.in_precheck()
    world.do("lin", "hand_over", application, handler=world.person_id("chen"))
    world.working_days_later(7)

    referral = world.referred(application)

    assert referral_of(world, referral).about_person_id == world.person_id("chen")
    order(world, application, "lin")


def test_a_correction_asked_for_late_leaves_the_lateness_and_the_ground(world: World) -> None:
    application = late_in_precheck(world)
    corrected_by_head(world, application)
    with world.store.reading() as session:
        ground = ground_in(session, application, world.now)
    assert ground is not None
    assert ground.is_late
    assert ground.person_id == world.person_id("lin")

    referral = world.referral(application)
    world.do("donglong", "resubmit", application)
    world.do("qian", "sign", referral)

    assert world.case(application).state == "efficiency_office"
    assert [step.was_late for step in steps_of(world, application)] == [
        False, False, True, False, False, False,
    ]  # fmt: skip


def test_a_red_step_is_not_paused_by_who_let_it_become_red(world: World) -> None:
    application = late_in_precheck(world)

    with pytest.raises(Refused) as error:
        world.do("lin", "request_correction", application, defects=["缺合同"])

    assert codes(error) == ["reason.head_when_late"]
    corrected_by_head(world, application)
    assert world.case(application).state == "awaiting_correction"


def test_in_time_a_correction_is_the_handlers_to_ask(world: World) -> None:
    application = world.in_precheck()
    world.working_days_later(5)  # the last day

    world.do("lin", "request_correction", application, defects=["缺合同"])

    assert world.case(application).state == "awaiting_correction"


def test_an_act_done_late_leaves_the_lateness_with_the_office_that_was_late(world: World) -> None:
    application = late_in_precheck(world)
    world.do("lin", "recommend", application)
    township = world.case(application).township_id

    referral = world.referred(application)

    assert referral_of(world, referral).about_unit_id == township
    assert world.case(application).origin_state == "bureau_review"


def test_a_return_does_not_make_a_late_office_punctual(world: World) -> None:
    case_id = world.in_review()
    world.do("wang", "take_on", case_id)
    world.working_days_later(17)
    world.do("wang", "return_to_township", case_id, reason="材料不齐")

    with world.store.reading() as session:
        ground = ground_in(session, case_id, world.now)

    assert world.case(case_id).was_late
    assert ground is not None
    assert (ground.unit_id, ground.person_id) == (
        next(iter(world.actor("wang").unit_ids)), world.person_id("wang"),
    )  # fmt: skip


def test_who_takes_on_a_late_case_that_lay_untaken_is_not_its_late_handler(world: World) -> None:
    application = world.in_review()
    world.working_days_later(17)
    world.do("wang", "take_on", application)

    with world.store.reading() as session:
        ground = ground_in(session, application, world.now)
    referral = world.referred(application)

    assert ground is not None
    assert (ground.is_late, ground.person_id) == (True, None)
    assert referral_of(world, referral).about_person_id is None
    order(world, application, "wang")


def test_who_took_it_on_in_time_is_its_late_handler(world: World) -> None:
    application = world.in_review()
    world.do("wang", "take_on", application)
    world.working_days_later(17)

    assert referral_of(world, world.referral(application)).about_person_id == world.person_id("wang")
