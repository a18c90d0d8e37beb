"""An application taken from a late office is handled by others and paid; no way leads around that."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.movements import codes, refused
from tests.referring import corrected_by_head, late_in_precheck, order, steps_of, told
from tests.world import World
from workflow.errors import InvalidInput, Refused
from workflow.storage.tables import Event
from workflow.sweeps.timers import run_timers


def test_with_the_signature_the_application_goes_to_the_efficiency_office(world: World) -> None:
    application = late_in_precheck(world)
    referral = world.referral(application)

    world.do("qian", "sign", referral)

    case = world.case(application)
    assert (case.state, case.origin_state) == ("efficiency_office", "township_precheck")
    assert case.unit_id in world.actor("xuyuan").unit_ids
    with world.store.reading() as session:
        event = session.scalars(select(Event).where(Event.action == "refer")).one()
        signature = session.scalars(select(Event).where(Event.action == "sign")).one()
    assert (event.details["referral"], event.at) == (referral, signature.at)
    assert signature.details["application_referred"] == application


def test_nobody_takes_an_application_along_without_a_referral(world: World) -> None:
    application = late_in_precheck(world)
    other = world.referral(late_in_precheck(world, "jinlun"))

    for named in (other, 10_000):
        assert refused(world, "qian", "refer", application, referral=named) == ["reason.referral_not_given"]


def test_a_referred_application_comes_back_with_another_officer_and_is_paid(world: World) -> None:
    application = late_in_precheck(world)
    world.referred(application)
    with pytest.raises(Refused) as error:
        order(world, application, "lin")
    assert codes(error) == ["reason.late_handler"]

    back = order(world, application, "guo", limit_days=3)
    assert (back.to_state, back.handler_id) == ("township_precheck", world.person_id("guo"))
    assert (back.due_on or world.today) > world.today
    step = next(step for step in steps_of(world, application) if step.left_at is None)
    assert (step.limit_days, step.used_before) == (3, 0)
    world.do("guo", "recommend", application)
    world.do("wang", "endorse", application)
    world.do("zhao", "approve", application)
    world.end_notice(application)
    world.pay(application)

    assert world.case(application).state == "paid"
    assert world.case(application).was_late


@pytest.mark.parametrize("handler", ["wang", "zhao", "donglong", "zheng", "admin"])
def test_handling_is_ordered_only_from_an_officer_of_that_kind_of_office(
    sqlite_world: World, handler: str
) -> None:
    application = late_in_precheck(sqlite_world)
    sqlite_world.referred(application)

    with pytest.raises(Refused) as error:
        order(sqlite_world, application, handler)

    assert codes(error) == ["reason.not_fit_to_handle"]


def test_handling_is_not_ordered_from_somebody_with_another_duty_in_the_case(world: World) -> None:
    case_id = world.in_notice()
    world.do("xie", "object", case_id, objector="某某", reason="不实")
    world.working_days_later(12)
    world.do("xuyuan", "draw", case_id, reason="异议核查超期")

    with pytest.raises(Refused) as error:
        order(world, case_id, "zhao")  # who approved it

    assert codes(error) == ["reason.handler_duty_conflict"]
    order(world, case_id, "qian")


def test_while_the_organisation_answers_the_referral_goes_ahead_and_the_application_stays(
    world: World,
) -> None:
    application = late_in_precheck(world)
    corrected_by_head(world, application)

    referral = world.referred(application)

    assert world.case(application).state == "awaiting_correction"
    assert world.case(referral).state == "investigating"
    with world.store.reading() as session:
        signature = session.scalars(select(Event).where(Event.action == "sign")).one()
    assert signature.details["application_stays"] == "awaiting_correction"


def test_what_was_referred_meanwhile_goes_to_the_efficiency_office_when_answered(world: World) -> None:
    application = late_in_precheck(world)
    corrected_by_head(world, application)
    referral = world.referred(application)

    world.do("donglong", "resubmit", application)

    case = world.case(application)
    assert (case.state, case.origin_state) == ("efficiency_office", "township_precheck")
    assert (case.unit_id, case.handler_id) == (next(iter(world.actor("xuyuan").unit_ids)), None)
    assert steps_of(world, application)[-1].limit_days == 5
    with world.store.reading() as session:
        answer = session.scalars(select(Event).where(Event.action == "resubmit")).one()
    assert answer.details["referral"] == referral
    with pytest.raises(Refused) as error:
        order(world, application, "lin")
    assert codes(error) == ["reason.late_handler"]
    order(world, application, "guo")
    assert world.case(application).state == "township_precheck"


def test_a_correction_asked_for_after_the_handling_was_ordered_comes_back_to_who_asked(world: World) -> None:
    application = late_in_precheck(world)
    corrected_by_head(world, application)
    world.referred(application)
    world.do("donglong", "resubmit", application)
    order(world, application, "chen")
    world.do("huang", "hand_over", application, handler=world.person_id("huang"))
    world.do("huang", "request_correction", application, defects=["缺页"])

    world.do("donglong", "resubmit", application)

    assert world.case(application).state == "township_precheck"


def test_an_answer_in_a_referral_closed_meanwhile_goes_to_the_office_that_asked(world: World) -> None:
    application = late_in_precheck(world)
    corrected_by_head(world, application)
    referral = world.referred(application)
    world.do("xuyuan", "close_without_action", referral, reason="不属实")

    world.do("donglong", "resubmit", application)

    assert world.case(application).state == "township_precheck"


def test_what_was_referred_meanwhile_does_not_lapse(world: World) -> None:
    application = late_in_precheck(world)
    corrected_by_head(world, application)
    world.referred(application)
    timer_at = world.case(application).timer_at
    assert timer_at is not None

    run_timers(world.store, timer_at)

    assert world.case(application).state == "efficiency_office"
    assert world.application(application).claim_key is not None


def test_the_efficiency_office_draws_a_case_by_itself(world: World) -> None:
    case_id = world.in_review()
    assert refused(world, "zhao", "draw", case_id, reason="超期") == ["reason.not_permitted"]

    world.do("xuyuan", "draw", case_id, reason="群众反映")
    order(world, case_id, "wuyan")

    case = world.case(case_id)
    assert (case.state, case.handler_id) == ("bureau_review", world.person_id("wuyan"))


def test_a_drawn_revocation_review_still_knows_where_it_came_from(world: World) -> None:
    case_id = world.paid()
    world.do("wang", "open_revocation", case_id, reason="举报")
    world.do("xuyuan", "draw", case_id, reason="超期")
    order(world, case_id, "wuyan")

    world.do("wuyan", "dismiss", case_id, reason="查无实据")

    assert world.case(case_id).state == "paid"


def test_a_referral_that_is_not_being_signed_takes_no_application_along(world: World) -> None:
    application = late_in_precheck(world)
    drafted = world.referral(application)
    discarded = world.referral(application)
    world.do("zhao", "discard", discarded, reason="重复")
    signed = world.referred(application)
    order(world, application, "guo")

    for named in (drafted, discarded, signed):
        assert refused(world, "qian", "refer", application, referral=named) == ["reason.referral_not_given"]


@pytest.mark.parametrize("named", ["x", "0", -1, "1 OR 1=1", True])
def test_a_referral_is_named_by_its_number_alone(sqlite_world: World, named: object) -> None:
    application = late_in_precheck(sqlite_world)

    with pytest.raises(InvalidInput) as error:
        sqlite_world.do("qian", "refer", application, referral=named)

    assert codes(error) == ["input.not_case"]


def test_the_office_a_case_is_taken_from_is_told(world: World) -> None:
    referred, drawn = late_in_precheck(world), world.in_review("jinlun")
    referral = world.referral(referred)
    world.do("qian", "sign", referral)
    world.do("xuyuan", "draw", drawn, reason="群众反映")

    assert told(world, "refer") == {"lin", "chen", "huang", "donglong", "xuyuan", "hemin"}
    assert told(world, "draw") == {"wang", "wuyan", "jinlun"}


def test_the_office_is_told_when_an_answer_goes_to_the_efficiency_office(world: World) -> None:
    application = late_in_precheck(world)
    corrected_by_head(world, application)
    world.referred(application)
    world.do("donglong", "resubmit", application)

    assert told(world, "resubmit") == {"lin", "chen", "huang", "xuyuan", "hemin"}


def test_an_ordinary_answer_is_told_to_the_handler_alone(world: World) -> None:
    application = world.in_precheck()
    world.do("lin", "request_correction", application, defects=["缺合同"])
    world.do("donglong", "resubmit", application)

    assert told(world, "resubmit") == {"lin"}
