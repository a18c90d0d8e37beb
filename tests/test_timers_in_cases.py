"""Timers in running cases: they act as of their legal moment, once, also after a downtime."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.dating import at, day
from tests.referring import steps_of
from tests.world import World
from workflow.errors import Refused
from workflow.lists.case_page import dossier_of
from workflow.process.available import available
from workflow.process.perform import perform
from workflow.reference import reference_of
from workflow.storage.tables import Event
from workflow.sweeps.reminders import run_reminders
from workflow.sweeps.timers import due_timers, run_timers


def test_the_last_moment_of_the_notice_is_the_end_of_its_last_day(world: World) -> None:
    case_id = world.in_notice()
    timer_at = world.case(case_id).timer_at
    assert timer_at == at(11, 10, 0)
    with world.store.reading() as session:
        assert list(due_timers(session, timer_at - timedelta(seconds=1))) == []

    assert run_timers(world.store, timer_at) == 1

    assert world.case(case_id).state == "payment_pending"


def test_the_system_does_not_act_before_its_moment(world: World) -> None:
    case_id = world.in_notice()
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None
    world.now = timer_at - timedelta(minutes=2)

    with pytest.raises(Refused) as error:
        world.do("system", "notice_over", case_id)

    assert [reason.code for reason in error.value.reasons] == ["reason.not_yet_time"]


def test_nobody_acts_between_the_moment_and_the_sweep(world: World) -> None:
    case_id = world.in_precheck()
    world.do("lin", "request_correction", case_id, defects=["证书不清"])
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None
    world.now = timer_at

    for account, action in (("donglong", "resubmit"), ("donglong", "withdraw"), ("lin", "comment")):
        with world.store.reading() as session:
            listed = {one.action: one for one in available(session, case_id, world.actor(account), world.now)}
        assert "reason.time_is_up" in [reason.code for reason in listed[action].reasons]
        with pytest.raises(Refused) as error:
            world.do(account, action, case_id, **({"note": "迟了"} if action == "comment" else {}))
        assert "reason.time_is_up" in [reason.code for reason in error.value.reasons]


def test_a_correction_not_answered_in_ten_working_days_lapses(world: World) -> None:
    case_id = world.in_precheck()
    world.do("lin", "request_correction", case_id, defects=["证书不清"])
    case = world.case(case_id)
    assert (case.due_on, case.timer_at) == (day(11, 16), at(11, 17, 0))
    world.now = at(11, 16, 23)
    assert run_timers(world.store, world.now) == 0

    world.now = at(11, 17, 0)
    assert run_timers(world.store, world.now) == 1

    assert world.case(case_id).state == "withdrawn"
    assert world.application(case_id).claim_key is None


def test_a_correction_of_the_account_that_lapses_leaves_the_award(world: World) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "request_correction", case_id, defects=["账号有误"])
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None

    run_timers(world.store, timer_at)

    assert world.case(case_id).state == "payment_pending"
    assert world.application(case_id).claim_key is not None
    assert world.application(case_id).approved_yuan == 500_000


def test_timers_that_fell_into_a_downtime_act_as_of_their_moment(world: World) -> None:
    notice = world.in_notice()
    correction = world.in_precheck("jinlun")
    world.do("guo", "request_correction", correction, defects=["证书不清"])
    world.now = at(12, 24)

    assert run_timers(world.store, world.now) == 2

    with world.store.reading() as session:
        events = {
            event.case_id: event for event in session.scalars(select(Event).where(Event.actor_id.is_(None)))
        }
    assert (events[notice].at, events[correction].at) == (at(11, 10, 0), at(11, 17, 0))
    assert {event.recorded_at for event in events.values()} == {world.now}
    left, entered = steps_of(world, notice)[-2:]
    assert (left.left_at, left.used_days, entered.entered_at) == (at(11, 10, 0), 5, world.now)


def test_an_office_that_could_not_act_during_a_downtime_has_its_whole_limit_after_it(world: World) -> None:
    case_id = world.in_notice()
    world.now = at(12, 24)

    run_timers(world.store, world.now)

    case = world.case(case_id)
    assert (case.state, case.due_on) == ("payment_pending", date(2027, 1, 15))
    assert run_reminders(world.store, at(1, 13, 8, year=2027)) == 0
    assert run_reminders(world.store, at(1, 13, 9, year=2027)) == 1
    world.now = at(1, 15, 16, year=2027)
    world.pay(case_id)
    assert not world.case(case_id).was_late


def test_the_days_between_the_end_of_a_notice_and_the_downtimes_end_are_explained(world: World) -> None:
    case_id = world.in_notice()
    world.now = at(12, 24)
    run_timers(world.store, world.now)

    with world.store.reading() as session:
        page = dossier_of(session, world.actor("sun"), reference_of(session), world.today, case_id)
    assert [line.sentence("zh", world.today) for line in page.clock][:2] == [
        "上一环节已于11月10日（二）自动结束，系统至12月24日（四）才登记，其间不计入本环节时限。",
        "12月24日（四）收件，自次一工作日12月25日（五）起算，时限 15 个工作日。",
    ]


def test_the_system_acts_once_for_each_timer(world: World) -> None:
    case_id = world.in_notice()
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None

    assert [run_timers(world.store, timer_at), run_timers(world.store, timer_at)] == [1, 0]
    with pytest.raises(Refused), world.store.writing() as session:
        perform(session, case_id, "notice_over", world.actor("system"), now=timer_at, seen_version=None)
