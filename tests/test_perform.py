"""The one door: what an action changes, who may take it, and what a refusal says."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.world import SINCE, World
from workflow.clock.calendar import WorkingCalendar
from workflow.errors import InvalidInput, NotFound, Overtaken, Refused
from workflow.people.memberships import add_membership
from workflow.process.available import available
from workflow.process.perform import perform
from workflow.reference import reference_of, touch_reference
from workflow.storage.tables import Event, Membership, Step, Unit


def codes(error: pytest.ExceptionInfo[Refused] | pytest.ExceptionInfo[InvalidInput]) -> list[str]:
    return [reason.code for reason in error.value.reasons]


def test_an_award_goes_from_draft_to_paid(world: World) -> None:
    case_id = world.paid("donglong", "Q1-5")

    case, application = world.case(case_id), world.application(case_id)
    assert (case.state, case.closed_at is not None) == ("paid", True)
    assert (application.approved_yuan, application.paid_yuan) == (500_000, 500_000)


def test_submission_gives_number_unit_and_due_day(world: World) -> None:
    case_id = world.submitted()

    case = world.case(case_id)
    assert case.number == "CL2026-0001"
    assert case.due_on == date(2026, 11, 9)


def test_the_clock_stops_for_a_correction_and_goes_on_with_what_is_left(world: World) -> None:
    case_id = world.in_precheck()
    entered = world.today

    world.working_days_later(1)
    world.do("lin", "request_correction", case_id, defects=["证书扫描件不清晰"])
    assert world.case(case_id).waiting
    world.working_days_later(3)
    world.do("donglong", "resubmit", case_id)

    case = world.case(case_id)
    assert (case.state, case.handler_id) == ("township_precheck", world.person_id("lin"))
    assert entered == date(2026, 11, 2)
    assert case.due_on == date(2026, 11, 12)  # one day used, four left from 6 November


def test_a_stale_form_is_told_who_acted(world: World) -> None:
    case_id = world.submitted()
    seen = world.case(case_id).version
    world.do("chen", "take_on", case_id)

    with pytest.raises(Overtaken) as error, world.store.writing() as session:
        perform(
            session, case_id, "take_on", world.actor("lin"), now=world.later(minutes=5), seen_version=seen
        )

    assert error.value.actor_name == "陈志强"
    assert "陈志强" in str(error.value)
    assert "认领" in str(error.value)


def test_a_case_of_another_township_does_not_exist(world: World) -> None:
    case_id = world.submitted("donglong")

    with pytest.raises(NotFound):
        world.do("guo", "accept", case_id)


def test_all_reasons_are_named_not_only_the_first(world: World) -> None:
    case_id = world.submitted()
    world.do("chen", "take_on", case_id)

    with pytest.raises(Refused) as error:
        world.do("lin", "accept", case_id)

    assert codes(error) == ["reason.in_other_hands", "application.account_unconfirmed"]


def test_nobody_takes_part_in_two_duties(world: World) -> None:
    """Also not somebody who serves in both offices: who pre-checked an application does not review it."""
    case_id = world.in_review()
    with world.store.writing() as session:
        bureau = next(iter(world.actor("wang").unit_ids))
        add_membership(session, world.person_id("lin"), "bureau_reviewer", SINCE, unit_id=bureau)
        session.commit()
    world.later(days=1)

    with pytest.raises(Refused) as error:
        world.do("lin", "endorse", case_id)

    assert codes(error) == ["reason.duty_conflict"]
    assert "乡镇初审" in str(error.value)
    world.do("wang", "endorse", case_id)


def test_maker_and_checker_of_a_payment_differ(world: World) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id)

    with pytest.raises(Refused) as error:
        world.do("sun", "confirm", case_id, voucher="V-1")

    assert codes(error) == ["reason.maker_is_not_checker"]


def test_missing_inputs_are_named_with_their_fields(world: World) -> None:
    case_id = world.submitted()

    with pytest.raises(InvalidInput) as error:
        world.do("lin", "decline", case_id, reason="   ")

    assert [(reason.code, reason.field) for reason in error.value.reasons] == [("input.missing", "reason")]


def test_a_mistake_calls_its_field_as_the_form_of_the_action_does(world: World) -> None:
    case_id = world.in_meeting()

    with pytest.raises(InvalidInput, match=r"^“审批文件文号”过长") as error:
        world.do("zhao", "approve", case_id, document_number="文" * 500)

    assert error.value.reasons[0].sentence("en").startswith("“Number of the approval document”")


@pytest.mark.parametrize("breaks", ["\n", "\r", "\x85", "\u2028", "\u2029"])
def test_what_is_one_line_has_no_break_of_any_kind(world: World, breaks: str) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id)

    with pytest.raises(InvalidInput, match="“凭证号”"):
        world.do("zhou", "confirm", case_id, voucher=f"凭{breaks}1")


def test_a_recall_works_until_the_next_office_takes_the_case_on(world: World) -> None:
    case_id = world.in_review()
    world.do("lin", "recall", case_id)
    assert world.case(case_id).state == "township_precheck"

    world.do("lin", "recommend", case_id)
    world.do("wang", "take_on", case_id)
    with pytest.raises(Refused) as error:
        world.do("lin", "recall", case_id)

    assert codes(error) == ["reason.too_late_to_recall"]


def test_the_notice_ends_by_its_timer_at_the_legal_moment(world: World) -> None:
    case_id = world.in_notice()
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None
    world.now = timer_at

    with pytest.raises(Refused) as error:
        world.do("zhao", "object", case_id, objector="示例", reason="迟到的异议")

    assert "reason.time_is_up" in codes(error)


def test_a_notice_that_ran_its_days_used_just_those(world: World) -> None:
    case_id = world.awaiting_payment()

    with world.store.reading() as session:
        used = session.scalars(
            select(Step.used_days).where(Step.case_id == case_id, Step.state == "public_notice")
        ).one()
    assert used == 5


def test_the_efficiency_office_orders_another_officer_to_handle(world: World) -> None:
    case_id = world.in_precheck()
    world.working_days_later(9)
    world.do("xuyuan", "draw", case_id, reason="超期未办")

    with pytest.raises(Refused) as error:
        world.do(
            "xuyuan", "order_handling", case_id, handler=world.person_id("lin"), limit_days=3, reason="限期"
        )
    assert codes(error) == ["reason.late_handler"]
    world.do("xuyuan", "order_handling", case_id, handler=world.person_id("guo"), limit_days=3, reason="限期")

    case = world.case(case_id)
    assert (case.state, case.handler_id, case.was_late) == ("township_precheck", world.person_id("guo"), True)
    world.do("guo", "recommend", case_id)
    assert world.case(case_id).state == "bureau_review"


def test_an_ordered_limit_outlives_a_correction(world: World) -> None:
    case_id = world.in_precheck()
    world.working_days_later(9)
    world.do("xuyuan", "draw", case_id, reason="超期未办")
    chen = world.person_id("chen")
    world.do("xuyuan", "order_handling", case_id, handler=chen, limit_days=2, reason="限期")
    world.working_days_later(1)
    world.do("chen", "request_correction", case_id, defects=["缺页"])
    world.working_days_later(3)
    resubmitted = world.today

    world.do("donglong", "resubmit", case_id)

    assert (world.case(case_id).due_on, world.case(case_id).handler_id) == (
        calendar_of(world).next_working(resubmitted),
        chen,
    )


def test_a_case_does_not_come_back_into_the_hands_of_one_who_has_left(world: World) -> None:
    case_id = world.in_precheck()
    world.do("lin", "request_correction", case_id, defects=["缺页"])
    with world.store.writing() as session:
        post = session.scalars(select(Membership).where(Membership.person_id == world.person_id("lin"))).one()
        post.to_on = world.today
        session.commit()
    world.working_days_later(2)

    world.do("donglong", "resubmit", case_id)

    assert world.case(case_id).handler_id is None
    world.do("chen", "recommend", case_id)


def test_the_cases_of_a_dissolved_township_go_on_in_its_successor(world: World) -> None:
    case_id = world.in_precheck()
    with world.store.writing() as session:
        songxia = session.scalars(select(Unit).where(Unit.code == "350112104")).one()
        jinfeng = session.scalars(select(Unit).where(Unit.code == "350112111")).one()
        songxia.valid_to, songxia.successor_id = world.today, jinfeng.id
        touch_reference(session)
        session.commit()
    world.working_days_later(1)

    world.do("keyun", "hand_over", case_id, handler=world.person_id("guo"))
    world.do("guo", "recommend", case_id)

    assert world.case(case_id).state == "bureau_review"


def test_who_prepares_a_payment_has_taken_the_case_on(world: World) -> None:
    case_id = world.awaiting_payment()

    world.do("sun", "prepare", case_id)

    assert world.case(case_id).handler_id == world.person_id("sun")


def test_an_officer_of_the_firm_neither_takes_its_case_on_nor_is_given_it(world: World) -> None:
    case_id = world.submitted()
    with world.store.writing() as session:
        firm = world.application(case_id).organisation_id
        for account in ("chen", "xuyuan"):
            add_membership(session, world.person_id(account), "applicant", SINCE, organisation_id=firm)
        session.commit()
    world.working_days_later(9)

    for account, action, inputs in (("chen", "take_on", {}), ("xuyuan", "draw", {"reason": "超期"})):
        with pytest.raises(Refused) as error:
            world.do(account, action, case_id, **inputs)
        assert "reason.own_organisation" in codes(error)
    world.do("lin", "take_on", case_id)
    with pytest.raises(Refused) as error:
        world.do("lin", "hand_over", case_id, handler=world.person_id("chen"))
    assert codes(error) == ["reason.handler_of_organisation"]


def test_a_preview_shows_the_day_and_holder_that_come_true(world: World) -> None:
    case_id = world.in_precheck()
    world.working_days_later(2)
    world.do("lin", "request_correction", case_id, defects=["缺页"])
    world.working_days_later(2)
    with world.store.reading() as session:
        offered = available(session, case_id, world.actor("donglong"), world.now)
    preview = next(one.preview for one in offered if one.action == "resubmit")

    outcome = world.do("donglong", "resubmit", case_id)

    assert preview is not None
    assert (preview.state, preview.due_on) == (outcome.to_state, outcome.due_on)


def test_a_clock_set_back_writes_no_history_that_runs_backwards(world: World) -> None:
    case_id = world.submitted()
    world.do("lin", "take_on", case_id)
    world.later(hours=-1)

    world.do("lin", "comment", case_id, note="时钟被拨回")

    with world.store.reading() as session:
        moments = session.scalars(
            select(Event.at).where(Event.case_id == case_id).order_by(Event.number)
        ).all()
    assert moments == sorted(moments)


def calendar_of(world: World) -> WorkingCalendar:
    with world.store.reading() as session:
        return reference_of(session).calendar


def test_nothing_is_done_while_the_clock_is_days_behind_the_last_act(world: World) -> None:
    """Followed, the clock that leapt to 2096 once would keep the case from ever being late again."""
    case_id = world.in_precheck()
    version = world.case(case_id).version
    right = world.now
    world.later(days=70 * 365)
    world.do("lin", "comment", case_id, note="时钟曾被拨快")
    world.now = right

    with pytest.raises(Refused) as error:
        world.do("lin", "recommend", case_id)

    assert codes(error) == ["reason.clock_is_wrong"]
    assert "2096-10-15" in str(error.value)
    assert world.case(case_id).version == version + 1
