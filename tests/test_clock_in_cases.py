"""Time in running cases: due days, pauses, what is left of a limit, and who was late."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.dating import at, day
from tests.referring import steps_of
from tests.world import World
from workflow.sweeps.timers import run_timers


def test_the_worked_example_of_a_correction(world: World) -> None:
    world.now = at(11, 4)
    case_id = world.submitted()
    world.confirm_accounts()
    world.now = at(11, 5)
    world.do("lin", "accept", case_id)
    assert world.case(case_id).due_on == day(11, 12)

    world.now = at(11, 6)
    world.do("lin", "request_correction", case_id, defects=["证书不清"])
    world.now = at(11, 12)
    world.do("donglong", "resubmit", case_id)

    assert world.case(case_id).due_on == day(11, 18)
    assert [(step.state, step.used_before, step.used_days) for step in steps_of(world, case_id)[-3:]] == [
        ("township_precheck", 0, 1),
        ("awaiting_correction", 0, 4),
        ("township_precheck", 1, None),
    ]


def test_a_limit_used_up_before_the_correction_leaves_one_day(world: World) -> None:
    case_id = world.in_precheck()
    world.working_days_later(5)
    world.do("lin", "request_correction", case_id, defects=["证书不清"])
    world.working_days_later(2)

    world.do("donglong", "resubmit", case_id)

    assert world.case(case_id).due_on == day(11, 12)
    assert world.today == day(11, 11)
    assert not world.case(case_id).was_late


def test_a_return_begins_the_limit_anew_with_the_same_officer(world: World) -> None:
    case_id = world.in_precheck()
    world.working_days_later(3)
    world.do("lin", "recommend", case_id)
    world.working_days_later(2)

    world.do("wang", "return_to_township", case_id, reason="请核实")

    case, step = world.case(case_id), steps_of(world, case_id)[-1]
    assert (case.due_on, case.handler_id) == (day(11, 16), world.person_id("lin"))
    assert (step.limit_days, step.used_before) == (5, 0)


def test_a_recall_goes_on_with_the_days_that_were_left(world: World) -> None:
    case_id = world.in_precheck()
    world.working_days_later(2)
    world.do("lin", "recommend", case_id)

    world.do("lin", "recall", case_id)

    assert world.case(case_id).due_on == day(11, 9)  # the day it had before


def test_waiting_for_a_meeting_does_not_stop_the_clock(world: World) -> None:
    case_id = world.in_meeting()
    due = world.case(case_id).due_on
    world.working_days_later(5)

    world.do("zhao", "defer", case_id, reason="下次会议再议")

    assert (world.case(case_id).due_on, len(steps_of(world, case_id))) == (due, 5)


def test_an_objection_stops_the_notice_and_leaves_it_what_was_left(world: World) -> None:
    case_id = world.in_notice()
    assert world.case(case_id).due_on == day(11, 9)
    world.working_days_later(2)
    world.do("xie", "object", case_id, objector="某某", reason="材料不实")
    assert world.case(case_id).timer_at is None
    world.working_days_later(3)

    world.do("xie", "dismiss_objection", case_id, reason="查无实据")

    assert world.today == day(11, 9)
    assert world.case(case_id).due_on == day(11, 12)
    assert world.case(case_id).timer_at == at(11, 13, 0)


def test_an_objection_on_the_last_day_leaves_the_notice_one_day(world: World) -> None:
    case_id = world.in_notice()
    world.now = at(11, 9, 23)
    world.do("xie", "object", case_id, objector="某某", reason="材料不实")
    world.working_days_later(4)

    world.do("xie", "dismiss_objection", case_id, reason="查无实据")

    assert (world.today, world.case(case_id).due_on) == (day(11, 13), day(11, 16))


def test_due_today_is_in_time(world: World) -> None:
    case_id = world.in_precheck()
    world.now = at(11, 9, 23)

    world.do("lin", "recommend", case_id)

    assert world.today == day(11, 9)
    assert not world.case(case_id).was_late
    assert not steps_of(world, case_id)[2].was_late


@pytest.mark.parametrize(
    ("left", "late_days"), [(at(11, 10, 0), 1), (at(11, 14), 4), (at(11, 15), 4), (at(11, 16), 5)]
)
def test_the_day_after_is_late_also_on_a_saturday(world: World, left: datetime, late_days: int) -> None:
    case_id = world.in_precheck()
    world.now = left

    world.do("lin", "recommend", case_id)

    step = steps_of(world, case_id)[2]
    assert (step.was_late, step.late_days, world.case(case_id).was_late) == (True, late_days, True)


def test_due_on_a_friday_is_late_on_saturday_without_a_working_day(world: World) -> None:
    world.now = at(10, 30)
    case_id = world.in_precheck()
    assert world.case(case_id).due_on == day(11, 6)
    world.now = at(11, 7, 0)

    world.do("lin", "recommend", case_id)

    step = steps_of(world, case_id)[2]
    assert (step.was_late, step.late_days, step.used_days) == (True, 0, 5)


def test_lateness_is_told_of_the_step_that_was_late_and_of_the_case(world: World) -> None:
    case_id = world.in_precheck()
    world.working_days_later(8)
    world.do("lin", "recommend", case_id)
    world.do("wang", "endorse", case_id)

    lateness = [(step.state, step.was_late, step.late_days) for step in steps_of(world, case_id)]
    assert lateness == [
        ("draft", False, 0),
        ("submitted", False, 0),
        ("township_precheck", True, 3),
        ("bureau_review", False, 0),
        ("joint_meeting_approval", False, None),
    ]
    assert world.case(case_id).was_late


def test_a_late_act_that_moves_nothing_makes_the_case_late(world: World) -> None:
    case_id = world.in_precheck()
    world.working_days_later(8)

    world.do("lin", "comment", case_id, note="正在办")

    assert world.case(case_id).was_late


def test_the_organisation_that_waits_makes_no_office_late(world: World) -> None:
    case_id = world.in_precheck()
    world.do("lin", "request_correction", case_id, defects=["证书不清"])
    world.working_days_later(10)

    world.do("donglong", "resubmit", case_id)

    assert not world.case(case_id).was_late


def test_a_notice_that_runs_out_makes_no_office_late(world: World) -> None:
    case_id = world.in_notice()
    world.now = at(12, 24)
    run_timers(world.store, world.now)

    assert not world.case(case_id).was_late
    assert not any(step.was_late or step.late_days for step in steps_of(world, case_id))


def test_holidays_and_weekends_use_no_days(world: World) -> None:
    world.now = at(9, 30, year=2026)
    case_id = world.submitted()

    # 1 to 7 October are holidays, 10 October is worked in exchange.
    assert world.case(case_id).due_on == day(10, 13)


def test_a_clock_set_back_neither_stops_the_work_nor_turns_time_round(world: World) -> None:
    case_id = world.in_review()
    entered = steps_of(world, case_id)[-1].entered_at
    world.now = entered - timedelta(hours=20)

    world.do("wang", "comment", case_id, note="时钟倒退")
    world.do("wang", "endorse", case_id)

    left, entered_next = steps_of(world, case_id)[-2], steps_of(world, case_id)[-1]
    assert left.left_at == entered_next.entered_at == entered
    assert left.used_days == 0


def test_a_new_step_counts_as_the_first_change_of_its_due_day(world: World) -> None:
    case_id = world.in_precheck()

    assert world.case(case_id).due_version == 1
    assert world.case(case_id).next_reminder_at is not None


def test_a_step_of_two_days_is_first_reminded_of_on_its_last_day(world: World) -> None:
    sent = world.referral(world.in_precheck(), clue="群众来信")
    world.do("qian", "sign", sent)

    case = world.case(sent)
    assert (case.due_on, case.next_reminder_at) == (day(11, 4), at(11, 4, 8) + timedelta(minutes=30))


def test_a_case_that_has_ended_has_no_due_day_and_no_open_step(world: World) -> None:
    case_id = world.paid()

    case = world.case(case_id)
    assert (case.due_on, case.timer_at, case.next_reminder_at) == (None, None, None)
    assert all(step.left_at is not None for step in steps_of(world, case_id))


def test_a_limit_ordered_for_one_office_is_not_that_of_the_next(world: World) -> None:
    case_id = world.in_precheck()
    world.do("xuyuan", "draw", case_id, reason="催办")
    world.do(
        "xuyuan", "order_handling", case_id, handler=world.person_id("chen"), limit_days=2, reason="限两日"
    )
    assert world.case(case_id).due_on == day(11, 4)

    world.do("chen", "recommend", case_id)

    assert steps_of(world, case_id)[-1].limit_days == 15
