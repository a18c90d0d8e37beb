"""A late or idle office is referred, its application handled by others and paid; nobody late can stop it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from notifications.audience import recipients
from tests.world import World
from workflow.errors import InvalidInput, NotFound, Refused
from workflow.lists.case_page import dossier_of
from workflow.process.perform import Outcome, perform
from workflow.reference import reference_of
from workflow.referrals.drafting import draft_referral, ground_in
from workflow.storage.tables import Event, Outbox, Referral, Step
from workflow.sweeps.timers import run_timers


def codes(error: pytest.ExceptionInfo[Any]) -> list[str]:
    return [reason.code for reason in error.value.reasons]


def late_in_precheck(world: World) -> int:
    """Lin accepted it and let it lie for two days too long."""
    case_id = world.in_precheck()
    world.working_days_later(7)
    return case_id


def order(world: World, case_id: int, handler: str, limit_days: int = 3) -> Outcome:
    return world.do(
        "xuyuan",
        "order_handling",
        case_id,
        handler=world.person_id(handler),
        limit_days=limit_days,
        reason="限期办结",
    )


def rows_of(world: World, case_id: int) -> Referral:
    with world.store.reading() as session:
        referral = session.get_one(Referral, case_id)
        session.expunge(referral)
        return referral


def steps_of(world: World, case_id: int) -> list[Step]:
    with world.store.reading() as session:
        steps = list(session.scalars(select(Step).where(Step.case_id == case_id).order_by(Step.number)))
        for step in steps:
            session.expunge(step)
        return steps


def draft(world: World, account: str, about: int | None, **typed: str) -> None:
    with world.store.writing() as session:
        draft_referral(
            session,
            world.actor(account),
            now=world.now,
            application_id=about,
            about_unit_id=None,
            about_person_id=None,
            typed={"problem": "slowness", "account_of_facts": "逾期未办", **typed},
        )


def corrected_by_head(world: World, case_id: int) -> None:
    """The head takes it over from 林秀英 and asks for a correction."""
    world.do("huang", "hand_over", case_id, handler=world.person_id("huang"))
    world.do("huang", "request_correction", case_id, defects=["缺合同"])


def test_a_referral_names_the_late_step_its_office_and_its_officer(world: World) -> None:
    application = late_in_precheck(world)

    referral = rows_of(world, world.referral(application))

    late = next(step for step in steps_of(world, application) if step.left_at is None)
    assert (referral.step_number, referral.about_unit_id) == (late.number, late.unit_id)
    assert referral.about_person_id == world.person_id("lin")


def test_only_an_officer_of_the_joint_meeting_office_drafts_a_referral(world: World) -> None:
    application = late_in_precheck(world)

    for account in ("lin", "wang", "xuyuan", "zheng", "leader", "donglong"):
        with pytest.raises(Refused) as error:
            draft(world, account, application)
        assert codes(error) == ["reason.not_permitted"]


def test_without_a_late_step_a_referral_needs_a_written_clue(world: World) -> None:
    application = world.in_precheck()

    with pytest.raises(InvalidInput) as error:
        world.referral(application)
    assert codes(error) == ["referral.no_ground"]

    referral = world.referral(application, clue="群众来信反映拖延")
    assert rows_of(world, referral).clue == "群众来信反映拖延"


def test_every_mistake_of_a_draft_is_named_at_its_field(world: World) -> None:
    with pytest.raises(InvalidInput) as error:
        draft(world, "zhao", None, problem="weather", account_of_facts=" ", clue="")

    assert [(reason.code, reason.field) for reason in error.value.reasons] == [
        ("referral.problem_missing", "problem"),
        ("referral.facts_missing", "account_of_facts"),
        ("referral.unit_missing", "about_unit"),
        ("referral.no_ground", "clue"),
    ]


def test_a_referral_about_no_application_that_exists_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        draft(world, "zhao", 10_000)


def test_the_efficiency_office_is_not_referred_to_itself(world: World) -> None:
    with pytest.raises(InvalidInput) as error:
        world.referral(None, clue="来信", unit_of="xuyuan")

    assert codes(error) == ["referral.unit_not_answerable"]


def test_only_the_head_signs(world: World) -> None:
    referral = world.referral(late_in_precheck(world))

    for account in ("zhao", "xie"):
        with pytest.raises(Refused) as error:
            world.do(account, "sign", referral)
        assert codes(error) == ["reason.head_only"]
    world.do("qian", "sign", referral)

    case = world.case(referral)
    assert (case.state, case.number) == ("sent", "移〔2026〕1号")


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


def test_a_signature_that_is_not_committed_moves_neither(world: World) -> None:
    application = late_in_precheck(world)
    referral = world.referral(application)
    seen = world.case(referral).version

    with world.store.writing() as session:
        perform(session, referral, "sign", world.actor("qian"), now=world.now, seen_version=seen)

    assert world.case(referral).state == "drafted"
    assert world.case(application).state == "township_precheck"


def test_nobody_takes_an_application_along_without_a_referral(world: World) -> None:
    application = late_in_precheck(world)
    other = world.referral(late_in_precheck_of_jinlun(world))

    for named in (other, 10_000):
        with pytest.raises(Refused) as error:
            world.do("qian", "refer", application, referral=named)
        assert codes(error) == ["reason.referral_not_given"]


def late_in_precheck_of_jinlun(world: World) -> int:
    case_id = world.in_precheck("jinlun")
    world.working_days_later(7)
    return case_id


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


def test_the_late_handler_cannot_block_the_signature(world: World) -> None:
    application = late_in_precheck(world)
    referral = world.referral(application)
    world.do("lin", "comment", application, note="马上办")

    world.do("qian", "sign", referral)

    assert world.case(application).state == "efficiency_office"
    with pytest.raises(Refused):
        world.do("lin", "recommend", application)


def test_handing_over_does_not_wash_the_late_handler_clean(world: World) -> None:
    application = late_in_precheck(world)
    world.do("lin", "hand_over", application, handler=world.person_id("chen"))

    referral = world.referred(application)

    assert rows_of(world, referral).about_person_id == world.person_id("lin")
    with pytest.raises(Refused) as error:
        order(world, application, "lin")
    assert codes(error) == ["reason.late_handler"]
    order(world, application, "chen")


def test_who_handed_over_in_time_is_not_the_late_one(world: World) -> None:
    application = world.in_precheck()
    world.do("lin", "hand_over", application, handler=world.person_id("chen"))
    world.working_days_later(7)

    referral = world.referred(application)

    assert rows_of(world, referral).about_person_id == world.person_id("chen")
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


def test_an_act_done_late_leaves_the_lateness_with_the_office_that_was_late(world: World) -> None:
    application = late_in_precheck(world)
    world.do("lin", "recommend", application)
    township = world.case(application).township_id

    referral = world.referred(application)

    assert rows_of(world, referral).about_unit_id == township
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


def test_a_punctual_case_gives_no_ground_at_the_signature(world: World) -> None:
    application = world.in_precheck()
    referral = world.referral(application, clue="来信")
    with world.store.writing() as session:
        session.get_one(Referral, referral).clue = None
        session.commit()

    with pytest.raises(Refused) as error:
        world.do("qian", "sign", referral)

    assert codes(error) == ["reason.no_ground"]
    assert world.case(application).state == "township_precheck"


def test_a_referral_about_no_application_rests_on_its_clue_until_it_is_signed(world: World) -> None:
    referral = world.referral(None, clue="来信", unit_of="guo")
    with world.store.writing() as session:
        session.get_one(Referral, referral).clue = None
        session.commit()

    with pytest.raises(Refused) as error:
        world.do("qian", "sign", referral)

    assert codes(error) == ["reason.no_ground"]


def test_a_public_notice_makes_nobody_late(world: World) -> None:
    case_id = world.awaiting_payment()

    assert not world.case(case_id).was_late
    with pytest.raises(InvalidInput) as error:
        world.referral(case_id)
    assert codes(error) == ["referral.no_ground"]


def test_the_efficiency_office_draws_a_case_by_itself(world: World) -> None:
    case_id = world.in_review()
    with pytest.raises(Refused):
        world.do("zhao", "draw", case_id, reason="超期")

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


def test_a_referral_about_quality_work_needs_no_application(world: World) -> None:
    referral = world.referred(None, clue="长期不开展质量工作", unit_of="guo")

    assert world.case(referral).state == "investigating"
    assert rows_of(world, referral).application_id is None


def concluded(world: World, **of: Any) -> int:
    referral = world.referred(None, clue="长期不开展质量工作", unit_of="guo", **of)
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
    assert rows_of(world, referral).finding == "partly_true"
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
    assert rows_of(world, referral).decision == "责令整改"


def test_a_decision_is_appealed_and_reviewed_by_somebody_else(world: World) -> None:
    referral = decided(world)
    world.do("keyun", "appeal", referral, reason="事出有因")

    with pytest.raises(Refused) as error:
        world.do("xuyuan", "overturn_decision", referral, reason="维持")
    assert codes(error) == ["reason.not_the_decider"]
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


def test_a_draft_may_be_discarded_with_a_reason(world: World) -> None:
    referral = world.referral(late_in_precheck(world))

    world.do("zhao", "discard", referral, reason="已办结")

    assert world.case(referral).state == "closed"


@pytest.mark.parametrize(("account", "may"), [("zhao", True), ("qian", True), ("xie", False)])
def test_a_draft_is_discarded_by_its_drafter_or_the_head(
    sqlite_world: World, account: str, may: bool
) -> None:
    referral = sqlite_world.referral(late_in_precheck(sqlite_world))

    if may:
        sqlite_world.do(account, "discard", referral, reason="已办结")
    else:
        with pytest.raises(Refused) as error:
            sqlite_world.do(account, "discard", referral, reason="已办结")
        assert codes(error) == ["reason.head_or_drafter"]


def referral_about(world: World, account: str) -> int:
    """Drafted by 赵文斌 about an officer of his own office, on a clue."""
    with world.store.writing() as session:
        case = draft_referral(
            session,
            world.actor("zhao"),
            now=world.later(minutes=1),
            application_id=None,
            about_unit_id=next(iter(world.actor(account).unit_ids)),
            about_person_id=world.person_id(account),
            typed={"problem": "inaction", "account_of_facts": "长期不办", "clue": "来信"},
        )
        session.commit()
        return case.id


@pytest.mark.parametrize("account", ["zhao", "qian"])
def test_nobody_discards_the_referral_about_herself(world: World, account: str) -> None:
    referral = referral_about(world, account)

    with pytest.raises(Refused) as error:
        world.do(account, "discard", referral, reason="小事")

    assert codes(error) == ["reason.not_the_person_concerned"]


def test_nobody_signs_the_referral_about_herself(world: World) -> None:
    referral = referral_about(world, "qian")

    with pytest.raises(Refused) as error:
        world.do("qian", "sign", referral)

    assert codes(error) == ["reason.not_the_person_concerned"]


def test_nobody_gives_the_detail_on_herself(world: World) -> None:
    referral = referral_about(world, "zhao")
    world.do("qian", "sign", referral)
    world.do("xuyuan", "receive", referral)
    world.do("xuyuan", "ask_detail", referral, reason="时间不明")

    with pytest.raises(Refused) as error:
        world.do("zhao", "give_detail", referral, reason="没有此事")

    assert codes(error) == ["reason.not_the_person_concerned"]
    world.do("xie", "give_detail", referral, reason="补充如下")


def test_a_referral_that_is_not_being_signed_takes_no_application_along(world: World) -> None:
    application = late_in_precheck(world)
    drafted = world.referral(application)
    discarded = world.referral(application)
    world.do("zhao", "discard", discarded, reason="重复")
    signed = world.referred(application)
    order(world, application, "guo")

    for named in (drafted, discarded, signed):
        with pytest.raises(Refused) as error:
            world.do("qian", "refer", application, referral=named)
        assert codes(error) == ["reason.referral_not_given"]


@pytest.mark.parametrize("named", ["x", "0", -1, "1 OR 1=1", True])
def test_a_referral_is_named_by_its_number_alone(sqlite_world: World, named: object) -> None:
    application = late_in_precheck(sqlite_world)

    with pytest.raises(InvalidInput) as error:
        sqlite_world.do("qian", "refer", application, referral=named)

    assert codes(error) == ["input.not_case"]


def test_who_takes_on_a_late_case_that_lay_untaken_is_not_its_late_handler(world: World) -> None:
    application = world.in_review()
    world.working_days_later(17)
    world.do("wang", "take_on", application)

    with world.store.reading() as session:
        ground = ground_in(session, application, world.now)
    referral = world.referred(application)

    assert ground is not None
    assert (ground.is_late, ground.person_id) == (True, None)
    assert rows_of(world, referral).about_person_id is None
    order(world, application, "wang")


def test_who_took_it_on_in_time_is_its_late_handler(world: World) -> None:
    application = world.in_review()
    world.do("wang", "take_on", application)
    world.working_days_later(17)

    assert rows_of(world, world.referral(application)).about_person_id == world.person_id("wang")


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


def told(world: World, action: str) -> set[str]:
    """The accounts of those whom the latest message about this action goes to."""
    with world.store.reading() as session:
        rows = session.scalars(select(Outbox).order_by(Outbox.id.desc()))
        row = next(row for row in rows if row.params.get("action") == action)
        return {person.account for person in recipients(session, row, world.today)}


def test_the_unit_hears_how_its_appeal_and_its_rectification_ended(world: World) -> None:
    referral = decided(world)
    world.do("guo", "appeal", referral, reason="事出有因")
    world.do("hemin", "uphold_decision", referral, reason="事实清楚")
    assert told(world, "uphold_decision") >= {"guo", "keyun"}
    world.do("guo", "report_rectified", referral, reason="已整改")

    world.do("xuyuan", "close", referral)

    assert told(world, "close") >= {"guo", "keyun"}


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


def test_a_referral_is_not_handed_over_to_another_office(world: World) -> None:
    referral = world.referral(late_in_precheck(world))

    for account in ("xuyuan", "lin", "donglong"):
        with pytest.raises(Refused) as error:
            world.do("qian", "hand_over", referral, handler=world.person_id(account))
        assert codes(error) == ["reason.not_of_this_unit"]
    world.do("qian", "hand_over", referral, handler=world.person_id("xie"))


def test_a_clock_set_back_writes_no_history_that_runs_backwards(world: World) -> None:
    referral = world.referral(late_in_precheck(world))
    world.do("qian", "sign", referral)
    signed_at = world.now
    world.now -= timedelta(hours=20)

    world.do("xuyuan", "receive", referral)

    with world.store.reading() as session:
        moments = session.scalars(
            select(Event.at).where(Event.case_id == referral).order_by(Event.number)
        ).all()
    assert moments == sorted(moments)
    assert moments[-1] == signed_at
    assert steps_of(world, referral)[-1].entered_at == signed_at
