"""Of two simultaneous decisions one wins; the other is told who acted and when, and leaves nothing.

Here each situation races a few pairs on one of the databases; `make soak` races all of them on both.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.conftest import DATABASES
from tests.soak.races import INTERLEAVINGS, Stage, check_everything, pairs_in, ring, run
from tests.soak.situations import CASES, POOLS
from tests.world import World
from workflow.errors import Overtaken, WorkflowError
from workflow.process.perform import perform
from workflow.storage.tables import Case, Event

SITUATIONS = {**CASES, **POOLS}
EACH_ON_ONE = [(name, DATABASES[place % 2]) for place, name in enumerate(SITUATIONS)]
# Pairs of decisions that compete for one case: where it stands, and who does what.
PAIRS = [
    ("in_review", ("wang", "endorse", {}), ("wuyan", "reject", {"reason": "不符合条件"})),
    ("in_meeting", ("zhao", "approve", {}), ("donglong", "withdraw", {})),
    ("submitted", ("lin", "take_on", {}), ("chen", "take_on", {})),
    ("awaiting_payment", ("sun", "prepare", {}), ("zhou", "prepare", {})),
]


@pytest.mark.parametrize(("name", "store"), EACH_ON_ONE, indirect=["store"])
def test_a_race_leaves_what_the_two_leave_in_turn(world: World, name: str) -> None:
    stage = Stage(world, SITUATIONS[name])

    for place, pair in enumerate(ring(pairs_in(stage, name))):
        run(stage, pair, INTERLEAVINGS[place % len(INTERLEAVINGS)])


@pytest.mark.parametrize("name", ["approvals", "payments"])
def test_what_must_always_hold_does_after_a_race_for_the_money_of_a_pool(world: World, name: str) -> None:
    stage = Stage(world, POOLS[name])
    first, second = next(pair for pair in pairs_in(stage, name) if pair[0].act.action == pair[1].act.action)

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
