"""Every pair of acts that compete for a case or a pool, stepped by hand through every interleaving.

What has to come out of a race is worked out first: both acts one after the other in one transaction that is
then rolled back. Two sessions at once must leave the same rows, and tell the second the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests import invariants
from tests.driving import INPUTS, PROCESSES, ROLES, TWO_SIDED, Driver, wipe
from tests.movements import Act, Result, act_in, race, told
from tests.soak.situations import POOLS, Situation
from tests.world import MONDAY, OFFICERS, World
from workflow.errors import Overtaken, Refused, WorkflowError
from workflow.process.definition import Action, Permission
from workflow.process.perform import Outcome
from workflow.reference import touch_reference
from workflow.storage import tables
from workflow.storage.reference import CalendarDay

# From the first to go to the last; they come back the other way round.
ROWS = (
    tables.Outbox, tables.Evidence, tables.Payment, tables.Reservation, tables.Referral, tables.Event,
    tables.Step, tables.Application, tables.Case, tables.Achievement, tables.Pool, tables.Counter,
    tables.YearTotal,
)  # fmt: skip
# Numbers that a database gives away also where nothing came of it.
NUMBERED = dict.fromkeys(("payments", "outbox", "achievements", "pools"), "id") | {
    "applications": "achievement_id"
}
INTERLEAVINGS = ("one after the other", "while the first is not done", "while the first is undone")
MINUTE = timedelta(minutes=1)
# Reasons that no other act takes away.
PERSONAL = {"reason.not_permitted", "reason.head_only", "reason.duty_conflict", "reason.maker_is_not_checker"}
UNIT_OF = {account: unit for account, _, unit, *_ in OFFICERS}
ELSEWHERE = {account for account, *_ in TWO_SIDED} | {"jinlun", "jiance"}


@dataclass(frozen=True)
class Possible:
    """An act that somebody may take in a situation, and where in the process it stands."""

    act: Act
    process: str
    state: str
    money: bool
    # Whether it would be taken if nobody else acted; if not, another act may open the way.
    alone: bool = True

    @property
    def place(self) -> tuple[str, str, str]:
        return self.process, self.state, self.act.action


Pair = tuple[Possible, Possible]


class Stage:
    """One situation in a database, put back after every race."""

    def __init__(self, world: World, situation: Situation) -> None:
        world.now = MONDAY
        wipe(world)
        self.world = world
        self.cases = situation(world)
        _move_due_days(world, self.cases)
        timers = [case.timer_at for case in map(world.case, self.cases) if case.timer_at]
        # The last minute before a limit ends: the timer is due in the next.
        world.now = min(timers, default=world.now + 5 * MINUTE) - MINUTE
        self.begins_at = world.now
        with world.store.reading() as session:
            self._rows = {
                model: [dict(row) for row in session.execute(model.__table__.select()).mappings()]
                for model in ROWS
            }
            self._unit_codes = dict(session.execute(select(tables.Unit.id, tables.Unit.code)).all())
        self.versions = {row["id"]: row["version"] for row in self._rows[tables.Case]}

    def reset(self) -> None:
        self.world.now = self.begins_at
        with self.world.store.writing() as session:
            for model in ROWS:
                session.execute(delete(model))
            for model in reversed(ROWS):
                if self._rows[model]:
                    session.connection().execute(insert(model.__table__), self._rows[model])
            session.commit()

    def possible(self) -> list[Possible]:
        """For every action of every case's state, two people who may take it, or one who may not yet."""
        found: list[Possible] = []
        for case_id in self.cases:
            case = self.world.case(case_id)
            for action in PROCESSES[case.process].states[case.state].actions.values():
                able, unable = self._tried(case, action)
                found += [Possible(act, case.process, case.state, action.money) for act in able]
                found += [
                    Possible(act, case.process, case.state, action.money, alone=False)
                    for act in ([] if able else unable[:1])
                ]
        return found

    def _tried(self, case: Any, action: Action) -> tuple[list[Act], list[Act]]:
        """Up to two who may take the action, and those who are refused for what is not their person."""
        able, unable = list[Act](), list[Act]()
        for account in self._near(case, action.by):
            for inputs in self._inputs(case, action):
                act = Act(account, action.name, case.id, inputs, self._moment(account, case))
                result = self.tried(act)
                if isinstance(result, Outcome):
                    able.append(act)
                    break
                if not isinstance(result, Refused) or {one.code for one in result.reasons} & PERSONAL:
                    break
                unable.append(act)
            if len(able) == 2:
                break
        return able, unable

    def _moment(self, account: str, case: Any) -> datetime:
        return case.timer_at if account == "system" and case.timer_at else self.begins_at

    def _inputs(self, case: Any, action: Action) -> Iterator[Mapping[str, Any]]:
        typed = right_inputs(action)
        if "amount_yuan" in typed:
            one = self.world.application(case.id)
            typed["amount_yuan"] = one.recover_yuan or one.paid_yuan or 1
        if "voucher" in typed:
            typed["voucher"] = f"凭证{case.id}"
        if "handler" not in action.inputs:
            yield typed
            return
        # Colleagues first; whom the efficiency office names sits elsewhere.
        roles = {one.role for one in _deciding(case)} - {"system"}
        here = self._unit_codes.get(case.unit_id)
        named = (account for account, _, _, role, _ in OFFICERS if role in roles)
        for account in sorted(named, key=lambda account: UNIT_OF[account] != here):
            yield {**typed, "handler": self.world.person_id(account)}

    def _near(self, case: Any, permissions: Iterable[Permission]) -> list[str]:
        """Who may have one of these permissions: those of the role who sit where it counts."""
        places = {"holder": case.unit_id, "township": case.township_id}
        found: dict[str, None] = {}
        for one in permissions:
            code = self._unit_codes.get(places.get(one.of))
            found |= dict.fromkeys(
                account
                for account in ROLES[one.role]
                if UNIT_OF.get(account, code) == code or one.of == "any"
            )
        return [account for account in found if account not in ELSEWHERE]

    def tried(self, act: Act) -> Result:
        """What would become of the act, alone; nothing of it was."""
        with self.world.store.writing() as session:
            return self._rehearsed(session, act, self.versions[act.case_id])

    def rehearsed(self, *acts: Act) -> tuple[list[Result], invariants.Rows]:
        """What becomes of the acts one after the other, and of the rows; then nothing of it was."""
        with self.world.store.writing() as session:
            results = [self._rehearsed(session, act, self.versions[act.case_id]) for act in acts]
            session.flush()
            session.expire_all()
            return results, comparable(invariants.read_rows(session))

    def _rehearsed(self, session: Session, act: Act, seen_version: int) -> Result:
        try:
            with session.begin_nested():
                return act_in(session, self.world, act, seen_version, self.begins_at)
        except (IntegrityError, WorkflowError) as error:
            return told(error)
        finally:
            session.expire_all()

    def rows(self) -> invariants.Rows:
        with self.world.store.reading() as session:
            return comparable(invariants.read_rows(session))


def run(
    stage: Stage, pair: Pair, interleaving: str, then: Callable[[World], None] = lambda world: None
) -> None:
    """Let the two of a pair race in one way, and compare what came of it with the rehearsal.

    `then` may look at the database before everything is put back.
    """
    first, second = (possible.act for possible in pair)
    undone = interleaving == "while the first is undone"
    expected, rows = stage.rehearsed(second) if undone else stage.rehearsed(first, second)
    if interleaving == "one after the other":
        results = _in_turn(stage, first, second)
    else:
        results = list(race(stage.world, first, second, commits=not undone))
    came_out = stage.rows()
    then(stage.world)
    stage.reset()
    won = results[1:] if undone else results
    assert list(map(_said, won)) == list(map(_said, expected)), (pair, interleaving)
    assert came_out == rows, (pair, interleaving, _difference(came_out, rows))
    if not undone and first.case_id == second.case_id and not isinstance(expected[0], WorkflowError):
        _check_overtaken(stage.world, first, results[1])


def _check_overtaken(world: World, first: Act, second: Result) -> None:
    """Whoever comes second to a case is told who acted, what and when."""
    assert isinstance(second, Overtaken), (first, second)
    name = world.actor(first.account).name if first.account != "system" else "系统"
    assert (second.actor_name, second.action, second.acted_at) == (name, first.action, first.at)


def _in_turn(stage: Stage, *acts: Act) -> list[Result]:
    """Each in a transaction of its own; the second one's page was made before the first acted."""
    results, versions = list[Result](), stage.versions
    for act in acts:
        try:
            with stage.world.store.writing() as session:
                results.append(act_in(session, stage.world, act, versions[act.case_id], stage.begins_at))
                session.commit()
        except (IntegrityError, WorkflowError) as error:
            results.append(told(error))
    return results


def pairs_on_a_case(stage: Stage) -> list[Pair]:
    """Everything against everything, also one's own act against itself in another window."""
    possible = [one for one in stage.possible() if one.alone]
    return list(product(possible, possible))


def pairs_on_a_pool(stage: Stage) -> list[Pair]:
    """Every act on money against every act on money of another case of the pool."""
    possible = [one for one in stage.possible() if one.money]
    return [
        (first, second)
        for first, second in product(possible, possible)
        if first.act.case_id != second.act.case_id and first.alone
    ]


def ring(pairs: Sequence[Pair]) -> list[Pair]:
    """A fixed few: every act once against the next one, so that each is once first and once second."""
    acts = list(dict.fromkeys(first.act.action for first, _ in pairs))
    following = dict(zip(acts, acts[1:] + acts[:1], strict=True))
    chosen: dict[str, Pair] = {}
    # Two people before one in two windows.
    for first, second in sorted(pairs, key=lambda pair: pair[0].act.account == pair[1].act.account):
        if second.act.action == following[first.act.action]:
            chosen.setdefault(first.act.action, (first, second))
    return list(chosen.values())


def comparable(rows: invariants.Rows) -> invariants.Rows:
    """The rows without what is different every time, also where the history says it once more."""
    left: invariants.Rows = {}
    for table, its in rows.items():
        dropped = {*invariants.BY_CHANCE, NUMBERED.get(table)}
        left[table] = sorted((_without(row, dropped) for row in its), key=repr)
    return left


def _without(row: invariants.Row, dropped: set[str | None]) -> invariants.Row:
    kept = {name: value for name, value in row.items() if name not in dropped}
    if application := (kept.get("standing") or {}).get("application"):
        said = {name: value for name, value in application.items() if name != "achievement_id"}
        kept["standing"] = {**kept["standing"], "application": said}
    return kept


def pairs_in(stage: Stage, name: str) -> list[Pair]:
    return pairs_on_a_pool(stage) if name in POOLS else pairs_on_a_case(stage)


def check_everything(world: World) -> None:
    """All that must always hold, on the rows as they stand."""
    Driver(world, lambda options: options[0]).check()


def right_inputs(action: Action) -> dict[str, Any]:
    """What has to be typed, as everybody types it; a correction that changes nothing has to say why."""
    typed = {name for name, required in action.inputs.items() if required or name == "note"}
    return {name: INPUTS[name][0] for name in action.inputs if name in typed & INPUTS.keys()}


def _move_due_days(world: World, cases: Sequence[int]) -> None:
    """The days on which the cases are due become days of rest, and nobody has moved them yet."""
    with world.store.writing() as session:
        for due_on in {case.due_on for case in map(world.case, cases) if case.due_on}:
            session.merge(CalendarDay(day=due_on, working=False, name_zh="放假", name_en="Rest"))
        touch_reference(session)
        session.commit()


def _deciding(case: Any) -> Iterator[Permission]:
    """Who decides where the case stands, or where it comes back to."""
    process = PROCESSES[case.process]
    for name in filter(None, (case.origin_state, case.state)):
        for action in process.states[name].actions.values():
            yield from action.by


def _said(result: Result) -> object:
    if isinstance(result, WorkflowError):
        return type(result).__name__, [(reason.code, dict(reason.params)) for reason in result.reasons]
    return replace(result)


def _difference(one: invariants.Rows, other: invariants.Rows) -> list[object]:
    return [
        (table, row, "only in one")
        for table in one
        for row in (*one[table], *other[table])
        if (row in one[table]) != (row in other[table])
    ]
