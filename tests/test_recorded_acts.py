"""What the history keeps of each act, and that no act which did not happen leaves a line."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from tests.movements import refused
from tests.tampering import found
from tests.world import World
from workflow.history.audit import Verified, event_count, findings
from workflow.process.perform import perform
from workflow.storage.tables import Event, Payment, Step
from workflow.sweeps.timers import run_timers


def test_what_is_done_while_the_history_is_verified_breaks_nothing(world: World) -> None:
    case_id, progress, heard = world.submitted(), Verified(), list[int]()

    with world.store.reading_one_moment() as session:
        before = event_count(session)
        world.do("lin", "take_on", case_id)
        wrong = list(findings(session, progress, heard.append))

    assert wrong == []
    assert before == progress.events == sum(heard)


def test_the_history_says_to_which_account_money_went_and_who_had_confirmed_it(world: World) -> None:
    world.paid()

    with world.store.reading() as session:
        acts = {event.action: event for event in session.scalars(select(Event))}
        paid = session.scalars(select(Payment)).one()
    for action in ("submit", "prepare", "confirm"):
        assert acts[action].details["account"] == paid.account
    for action in ("accept", "prepare"):
        assert acts[action].standing["account_confirmed"]["officer_id"] == world.person_id("lin")


def test_an_act_keeps_when_it_counted_and_when_it_was_written(world: World) -> None:
    case_id = world.in_notice()
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None
    world.now = timer_at + timedelta(days=3)

    assert run_timers(world.store, world.now) == 1

    with world.store.reading() as session:
        event = session.scalars(select(Event).where(Event.action == "notice_over")).one()
        step = session.scalars(select(Step).where(Step.case_id == case_id, Step.left_at.is_(None))).one()
    assert (event.at, event.recorded_at) == (timer_at, world.now)
    assert (event.actor_id, step.entered_at) == (None, world.now)


def test_an_act_is_recorded_with_who_where_why_and_what_was_typed(world: World) -> None:
    case_id = world.in_precheck()

    world.do("lin", "request_correction", case_id, defects=["证书不清", "缺合同"])

    with world.store.reading() as session:
        event = session.scalars(select(Event).where(Event.action == "request_correction")).one()
    assert event.actor_id == world.person_id("lin")
    assert event.unit_id == world.case(case_id).unit_id
    assert (event.from_state, event.to_state) == ("township_precheck", "awaiting_correction")
    assert event.details["defects"] == ["证书不清", "缺合同"]
    assert event.at == event.recorded_at == world.now


def test_a_refused_act_leaves_no_line(world: World) -> None:
    case_id = world.submitted()

    assert refused(world, "lin", "accept", case_id) == ["application.account_unconfirmed"]

    with world.store.reading() as session:
        lines = select(Event.action).where(Event.case_id == case_id).order_by(Event.number)
        assert session.scalars(lines).all() == ["open", "submit"]
    assert found(world) == []


def test_an_act_that_is_not_committed_leaves_nothing(world: World) -> None:
    case_id = world.submitted()
    before = world.case(case_id)

    with world.store.writing() as session:
        perform(
            session,
            case_id,
            "take_on",
            world.actor("lin"),
            now=world.later(minutes=1),
            seen_version=before.version,
        )

    after = world.case(case_id)
    assert (after.version, after.handler_id, after.chain_head) == (
        before.version, None, before.chain_head,
    )  # fmt: skip
    assert found(world) == []
