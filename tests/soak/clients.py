"""Sixteen clients on one pool: approvals, payments and revocations at random, all at the same moment.

Before every commit of money the client sees whether the pool is within its entitlement; after every history
everything that must hold is looked at.
"""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tests import invariants
from tests.driving import ITEMS, POLICY, PROCESSES, ROLES, Driver
from tests.movements import told
from tests.soak.races import ELSEWHERE, Stage, right_inputs
from tests.soak.situations import POOLS
from tests.world import World
from workflow.errors import WorkflowError
from workflow.process.calendar_change import MOVE
from workflow.process.definition import Action
from workflow.process.perform import perform
from workflow.storage.store import Store
from workflow.storage.tables import Application, Case

CLIENTS = 16
ACTS = 4
# PostgreSQL ends one of several transactions that wait for each other in a circle; it may be tried again.
COLLISIONS = {"40P01", "40001"}
MONEY = ("applications", "payments")


@dataclass
class Tally:
    """What became of the acts of all clients, and which actions were taken."""

    taken: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    collisions: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.taken + other.taken, self.refused + other.refused, self.collisions + other.collisions
        )


class Crowd:
    """Sixteen clients, each with a connection of its own, on the pools of the situations in turn."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.seed = seed
        # Each waits on its own connection for the others.
        self.store = Store(world.store.url, pool_size=CLIENTS)

    def histories(self, name: str, numbers: range) -> Tally:
        """So many histories that begin in one situation; the n-th is the same draw of acts every time."""
        stage, tally = Stage(self.world, POOLS[name]), Tally()
        for account in (account for accounts in ROLES.values() for account in accounts):
            if account not in ELSEWHERE:
                self.world.actor(account)
        with ThreadPoolExecutor(CLIENTS) as threads:
            for number in numbers:
                stage.reset()
                start = Barrier(CLIENTS)
                for one in threads.map(
                    lambda client, number=number, start=start: self._client(stage, number, client, start),
                    range(CLIENTS),
                ):
                    tally += one
                Driver(self.world, lambda options: options[0]).check()
        return tally

    def _client(self, stage: Stage, history: int, client: int, start: Barrier) -> Tally:
        drawn, tally = random.Random(f"{self.seed}/{history}/{client}"), Tally()
        start.wait()
        for _ in range(ACTS):
            self._act(drawn, drawn.choice(stage.cases), stage.begins_at, tally)
        return tally

    def _act(self, drawn: random.Random, case_id: int, now: Any, tally: Tally) -> None:
        with self.store.reading() as session:
            case = session.get_one(Case, case_id)
            version, timer_at = case.version, case.timer_at
            actions = PROCESSES[case.process].states[case.state].actions
        # Money first; a changed calendar is nothing a client has in hand.
        names = [name for name in actions for _ in range(5 if actions[name].money else 1) if name != MOVE]
        if not names:
            return
        action = actions[drawn.choice(names)]
        accounts = [a for one in action.by for a in ROLES[one.role] if a not in ELSEWHERE]
        account = drawn.choice(accounts)
        if account == "system":
            now = timer_at or now
        for _ in range(5):
            try:
                self._take(case_id, action, account, version, now, self._inputs(drawn, case_id, action))
                tally.taken[action.name] += 1
            except (IntegrityError, WorkflowError) as error:
                tally.refused[type(told(error)).__name__] += 1
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in COLLISIONS:
                    raise
                tally.collisions += 1
                continue
            return
        raise AssertionError(f"{action.name} of case {case_id} never came through")

    def _take(self, case_id: int, action: Action, account: str, version: int, now: Any, inputs: Any) -> None:
        with self.store.writing() as session:
            actor = self.world.actor(account)
            perform(session, case_id, action.name, actor, now=now, seen_version=version, **inputs)
            if action.money:
                within_entitlement(session, case_id)
            session.commit()

    def _inputs(self, drawn: random.Random, case_id: int, action: Action) -> dict[str, Any]:
        typed = right_inputs(action)
        if "voucher" in action.inputs:
            typed["voucher"] = f"凭证{drawn.randrange(10**9)}"
        if "amount_yuan" in action.inputs:
            with self.store.reading() as session:
                one = session.get_one(Application, case_id)
                most = one.recover_yuan or one.paid_yuan or one.approved_yuan or 1
            typed["amount_yuan"] = drawn.choice((most, most, most // 2 or 1))
        if "handler" in action.inputs:
            typed["handler"] = self.world.person_id(drawn.choice(("sun", "zhou", "wang", "wuyan", "zhao")))
        return typed


def within_entitlement(session: Session, case_id: int) -> None:
    """Invariant 5, seen by the one who holds the pool and is about to commit."""
    session.flush()
    own = session.execute(
        select(Application.organisation_id, Application.award_year).where(Application.case_id == case_id)
    ).one()
    rows = invariants.read_rows(session, MONEY)
    rows["applications"] = [
        row for row in rows["applications"] if (row["organisation_id"], row["award_year"]) == tuple(own)
    ]
    invariants.check_money(rows, ITEMS, set(POLICY.highest_only.items))
