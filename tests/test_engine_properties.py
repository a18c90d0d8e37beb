"""Anybody trying anything on any case at any time: what must always hold does, after every single step."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import ClassVar, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.driving import KINDS, PROCESSES, Choose, Driver, add_two_sided, wipe
from tests.world import MONDAY, World

T = TypeVar("T")

# A long run: LIANSHEN_EXAMPLES=2000 pytest tests/test_engine_properties.py
EXAMPLES = int(os.environ.get("LIANSHEN_EXAMPLES", "25"))
STEPS = 25
# Of every hundred steps of the walk.
HOW_OFTEN = {
    "bring": 6, "claim_again": 2, "confirm_accounts": 2, "act": 10, "advance": 40, "push": 10,
    "draft_referral": 5, "pass_time": 7, "to_saturday": 1, "run_timers": 5,
}  # fmt: skip
LONGEST_WALK = 5000


@pytest.mark.long
def test_what_must_always_hold_does_whoever_does_whatever(world: World) -> None:
    add_two_sided(world)

    machine = type("EngineHere", (Engine,), {"world": world})
    run_state_machine_as_test(machine, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS))


@pytest.mark.long
def test_the_random_people_reach_every_state(sqlite_world: World) -> None:
    add_two_sided(sqlite_world)
    seeded = random.Random(4)
    driver = Driver(sqlite_world, seeded.choice)
    wanted = {state for process in PROCESSES.values() for state in process.states}

    for walked in range(LONGEST_WALK):
        if wanted <= set(driver.states):
            break
        if walked % 250 == 0:
            wipe(sqlite_world)
            driver.look()
        kind = seeded.choices(list(HOW_OFTEN), list(HOW_OFTEN.values()))[0]
        KINDS[kind](driver)

    assert wanted - set(driver.states) == set()


class Engine(RuleBasedStateMachine):
    """Every example begins with an empty desk in the same database."""

    world: ClassVar[World]

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.world.now, self.world.number_of_standards = MONDAY, 0
        wipe(self.world)
        self.driver = Driver(self.world, chooser(data))
        self.driver.bring()
        self.driver.bring()

    @rule(data=st.data())
    def advance(self, data: st.DataObject) -> None:
        self._do(data, "advance", "advance")

    @rule(data=st.data())
    def push(self, data: st.DataObject) -> None:
        self._do(data, "push")

    @rule(data=st.data())
    def act(self, data: st.DataObject) -> None:
        self._do(data, "act")

    @rule(data=st.data())
    def bring(self, data: st.DataObject) -> None:
        self._do(data, "bring")

    @rule(data=st.data())
    def claim_again(self, data: st.DataObject) -> None:
        self._do(data, "confirm_accounts", "claim_again")

    @rule(data=st.data())
    def refer(self, data: st.DataObject) -> None:
        self._do(data, "draft_referral", "advance")

    @rule(data=st.data())
    def wait(self, data: st.DataObject) -> None:
        self._do(data, "pass_time", "advance")

    @rule(data=st.data())
    def wait_for_the_weekend(self, data: st.DataObject) -> None:
        self._do(data, "to_saturday", "advance")

    @rule(data=st.data())
    def let_timers_run(self, data: st.DataObject) -> None:
        self._do(data, "pass_time", "run_timers")

    def _do(self, data: st.DataObject, *kinds: str) -> None:
        self.driver.choose = chooser(data)
        for kind in kinds:
            KINDS[kind](self.driver)


def chooser(data: st.DataObject) -> Choose:
    def choose(options: Sequence[T]) -> T:
        return options[data.draw(st.integers(0, len(options) - 1))]

    return choose
