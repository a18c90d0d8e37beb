"""Of two simultaneous decisions one wins; the other is told who acted and when, and leaves nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.world import World
from workflow.errors import Overtaken, WorkflowError
from workflow.process.perform import perform
from workflow.storage.tables import Case, Event

# Pairs of decisions that compete for one case: where it stands, and who does what.
PAIRS = [
    ("in_review", ("wang", "endorse", {}), ("wuyan", "reject", {"reason": "不符合条件"})),
    ("in_meeting", ("zhao", "approve", {}), ("donglong", "withdraw", {})),
    ("submitted", ("lin", "take_on", {}), ("chen", "take_on", {})),
    ("awaiting_payment", ("sun", "prepare", {}), ("zhou", "prepare", {})),
]


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
