"""Of two simultaneous decisions one wins; the other is told who acted and when, and leaves nothing.

Here each situation races a few pairs on one of the databases; `make soak` races all of them on both.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select, text

from tests.movements import Act, act_in, last_event, race, until_it_waits
from tests.pages import signed_in
from tests.soak.races import INTERLEAVINGS, Stage, check_everything, pairs_in, ring, run
from tests.soak.situations import CASES, POOLS, Situation
from tests.world import World
from workflow.clock.calendar import CalendarDay
from workflow.errors import Overtaken, WorkflowError
from workflow.process.calendar_change import apply_calendar
from workflow.process.perform import perform
from workflow.storage.store import Store
from workflow.storage.tables import Case, Event

SOME = {"sqlite": slice(0, None, 7), "postgresql": slice(3, None, 7)}
# Pairs of decisions that compete for one case: where it stands, and who does what.
PAIRS = [
    ("in_review", ("wang", "endorse", {}), ("wuyan", "reject", {"reason": "不符合条件"})),
    ("in_meeting", ("zhao", "approve", {}), ("donglong", "withdraw", {})),
    ("submitted", ("lin", "take_on", {}), ("chen", "take_on", {})),
    ("awaiting_payment", ("sun", "prepare", {}), ("zhou", "prepare", {})),
]


@pytest.mark.long
@pytest.mark.parametrize("kind", [CASES, POOLS], ids=["cases", "pools"])
def test_a_race_leaves_what_the_two_leave_in_turn(world: World, kind: Mapping[str, Situation]) -> None:
    # Some situations on each database; in one test, because a new database begins slowly.
    for name in list(kind)[SOME["sqlite" if world.store.is_sqlite else "postgresql"]]:
        stage = Stage(world, kind[name])
        for place, pair in enumerate(ring(pairs_in(stage, name))):
            run(stage, pair, INTERLEAVINGS[place % len(INTERLEAVINGS)])


@pytest.mark.long
def test_what_must_always_hold_does_after_two_approvals_at_once(world: World) -> None:
    stage = Stage(world, POOLS["approvals"])
    first, second = next(
        pair
        for pair in pairs_in(stage, "approvals")
        if {one.act.action for one in pair} == {"approve"} and pair[1].alone
    )

    run(stage, (first, second), "while the first is not done", then=check_everything)


@pytest.mark.parametrize(
    ("place", "one", "other"), PAIRS, ids=lambda value: value[1] if len(value) == 3 else ""
)
def test_of_two_at_once_one_wins_and_the_other_is_told_who(world: World, place, one, other) -> None:
    case_id = getattr(world, place)()
    version, now, start = world.case(case_id).version, world.later(minutes=5), Barrier(2)
    actors = {account: world.actor(account) for account, _, _ in (one, other)}

    def attempt(account: str, action: str, inputs: dict[str, str]) -> WorkflowError | None:
        start.wait()
        try:
            with world.store.writing() as session:
                perform(session, case_id, action, actors[account], now=now, seen_version=version, **inputs)
                session.commit()
        except WorkflowError as error:
            return error
        return None

    with ThreadPoolExecutor(2) as pool:
        outcomes = [future.result() for future in [pool.submit(attempt, *each) for each in (one, other)]]

    lost = [error for error in outcomes if error is not None]
    assert [type(error) for error in lost] == [Overtaken]
    with world.store.reading() as session:
        events = session.scalar(select(func.count()).select_from(Event).where(Event.case_id == case_id))
        assert session.get_one(Case, case_id).event_number == events
        assert session.get_one(Case, case_id).version == version + 1


@pytest.mark.parametrize("home", ["postgresql"], indirect=True)
def test_a_new_calendar_and_a_signature_do_not_wait_for_each_other(world: World) -> None:
    application = world.in_review()
    referral = world.referral(application, clue="群众来信")
    due = [world.case(case_id).due_on for case_id in (application, referral)]
    holidays, now = [CalendarDay(day, False) for day in due if day], world.later(minutes=1)
    world.actor("qian")

    def close_the_office() -> int:
        with world.store.writing() as session:
            moved = apply_calendar(session, holidays, (), now)
            session.commit()
        return len(moved)

    with ThreadPoolExecutor(1) as threads:
        # She has begun: her referral is locked, its application is not yet.
        with world.store.writing() as session:
            session.get_one(Case, referral, with_for_update=True)
            closing = threads.submit(close_the_office)
            until_it_waits(world, closing, whole_case=True)
            act_in(session, world, Act("qian", "sign", referral), world.case(referral).version, now)
            session.commit()
        closing.result(timeout=30)

    assert world.case(application).state == "efficiency_office"
    check_everything(world)


@pytest.mark.parametrize("home", ["postgresql"], indirect=True)
def test_a_form_that_the_database_gave_up_is_taken_again(store: Store, tmp_path: Path) -> None:
    # Whoever waits this long while others wait for her is given up.
    patient = Store(store.url.update_query_dict({"options": "-c deadlock_timeout=3s"}))
    world = World(patient, tmp_path)
    application = world.in_review()
    referral = world.referral(application, clue="群众来信")
    seen, browser = {"seen_version": str(world.case(referral).version)}, signed_in(world, "qian")

    with ThreadPoolExecutor(1) as threads:
        with store.writing() as session:
            session.execute(text("SET LOCAL deadlock_timeout = '60s'"))
            session.get_one(Case, application, with_for_update=True)
            signing = threads.submit(browser.post, f"/referrals/{referral}/act/sign", seen)
            until_it_waits(world, signing, whole_case=True)
            # Now the two wait for each other, and she is given up.
            session.get_one(Case, referral, with_for_update=True)
        answer = signing.result(timeout=30)

    assert answer.status_code == 303
    assert world.case(referral).state == "sent"
    patient.dispose()


def test_a_referral_signed_while_its_application_ends_is_sent_without_it(world: World) -> None:
    application = world.in_review()
    referral = world.referral(application, clue="群众来信")

    race(world, Act("donglong", "withdraw", application), Act("qian", "sign", referral))

    assert (world.case(application).state, world.case(referral).state) == ("withdrawn", "sent")
    assert last_event(world, referral).details == {"application_stays": "withdrawn"}
