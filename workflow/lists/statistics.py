"""Where the time went: working days by holder, steps in time by unit, how often corrections were asked.

Everything rests on the latest closed steps of each state, so that it costs the same in every year, and the
page says so; only the rate of steps in time also counts what lies overdue today, or whoever never finishes
would look punctual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import CTE, Row, case, func, select, union_all
from sqlalchemy.orm import Session

from workflow.clock.days import start_of_day
from workflow.lists.overview import Cell, unit_name
from workflow.people.actors import Actor
from workflow.process.definition import ORGANISATION, Process, State
from workflow.process.definitions import newest_process
from workflow.process.scope import APPLICATION
from workflow.reference import Reference
from workflow.storage.cases import Step

PERIOD = timedelta(days=365)
STEPS_OF_A_STATE = 500


@dataclass(frozen=True, slots=True)
class HolderTime:
    """Working days of one stay with one kind of holder: the middle one, and the one nine in ten keep."""

    holder: str
    median_days: int
    p90_days: int
    limit_days: int | None
    steps: int


@dataclass(frozen=True, slots=True)
class UnitRate:
    """How many of a unit's steps were in time: of those that were closed, and those that lie overdue."""

    unit_id: int
    unit: str
    steps: int
    in_time: int

    @property
    def percent(self) -> int:
        return 100 * self.in_time // self.steps


@dataclass(frozen=True, slots=True)
class Statistics:
    """The last 365 days; `corrected` of `examined` applications were asked to correct something."""

    by_holder: tuple[HolderTime, ...]
    by_unit: tuple[UnitRate, ...]
    steps: int
    in_time: int
    examined: int
    corrected: int

    @property
    def in_time_percent(self) -> int | None:
        return 100 * self.in_time // self.steps if self.steps else None

    @property
    def corrected_percent(self) -> int | None:
        return 100 * self.corrected // self.examined if self.examined else None


def statistics(
    session: Session, actor: Actor, reference: Reference, today: date, overdue: Iterable[Cell]
) -> Statistics:
    """For those who see the whole district; two statements, each over a bounded number of steps.

    `overdue` is what `late_by_unit_and_state` counts today.
    """
    process = newest_process(session, APPLICATION)
    worked_on = [state for state in process.states.values() if _is_work(state)]
    sample = _latest_closed(worked_on, today - PERIOD)
    key = (sample.c.state, sample.c.unit_id, sample.c.used_days, sample.c.was_late)
    rows = session.execute(select(*key, func.count().label("steps")).group_by(*key)).all()
    by_unit = _by_unit(process, rows, overdue, actor, reference)
    asking = [state for state in worked_on if "request_correction" in state.actions]
    examined, corrected = _corrections(session, _latest_closed(asking, today - PERIOD))
    return Statistics(
        by_holder=tuple(_by_holder(process, rows)),
        by_unit=by_unit,
        steps=sum(unit.steps for unit in by_unit),
        in_time=sum(unit.in_time for unit in by_unit),
        examined=examined,
        corrected=corrected,
    )


def _is_work(state: State) -> bool:
    """Whether somebody has to act: a notice that ends by itself uses nobody's time."""
    return not state.final and state.limit_days is not None and (state.timer is None or state.waiting)


def _latest_closed(states: Iterable[State], since: date) -> CTE:
    latest = [
        select(Step.case_id, Step.state, Step.unit_id, Step.used_days, Step.was_late, Step.outcome)
        .where(Step.state == state.name, Step.left_at >= start_of_day(since))
        .order_by(Step.left_at.desc())
        .limit(STEPS_OF_A_STATE)
        .subquery()
        for state in states
    ]
    return union_all(*(select(one) for one in latest)).cte("latest")


def _by_holder(process: Process, rows: Iterable[Row[Any]]) -> Iterable[HolderTime]:
    days: dict[str, Counter[int]] = {}
    for row in rows:
        holder = process.states[row.state].holder
        days.setdefault(holder, Counter())[row.used_days or 0] += row.steps
    order = [ORGANISATION, *dict.fromkeys(state.holder for state in process.states.values())]
    for holder in dict.fromkeys(order):
        if holder in days:
            counted = days[holder]
            yield HolderTime(
                holder,
                _at_rank(counted, 50),
                _at_rank(counted, 90),
                _limit(process, holder),
                counted.total(),
            )


def _at_rank(counted: Mapping[int, int], percent: int) -> int:
    """The number of days that `percent` of the stays did not exceed."""
    wanted = -(-sum(counted.values()) * percent // 100)
    reached = 0
    for days in sorted(counted):
        reached += counted[days]
        if reached >= wanted:
            return days
    return 0


def _limit(process: Process, holder: str) -> int | None:
    """The limit of this holder's first state on the straight way, else of its first state at all."""
    states = [state for state in process.states.values() if state.holder == holder and _is_work(state)]
    return next((state.limit_days for state in sorted(states, key=lambda state: not state.on_track)), None)


def _by_unit(
    process: Process, rows: Iterable[Row[Any]], overdue: Iterable[Cell], actor: Actor, reference: Reference
) -> tuple[UnitRate, ...]:
    counted: Counter[int] = Counter()
    in_time: Counter[int] = Counter()
    for row in rows:
        if row.unit_id is not None and process.states[row.state].held_by_unit:
            counted[row.unit_id] += row.steps
            in_time[row.unit_id] += 0 if row.was_late else row.steps
    for cell in overdue:
        if cell.unit_id is not None and cell.process == process.code:
            counted[cell.unit_id] += cell.cases
    rates = (
        UnitRate(unit_id, unit_name(reference, actor, unit_id), steps, in_time[unit_id])
        for unit_id, steps in counted.items()
    )
    return tuple(sorted(rates, key=lambda rate: (rate.percent, -rate.steps, rate.unit_id)))


def _corrections(session: Session, sample: CTE) -> tuple[int, int]:
    asked = case((sample.c.outcome == "request_correction", sample.c.case_id))
    row = session.execute(
        select(
            func.count(sample.c.case_id.distinct()).label("examined"),
            func.count(asked.distinct()).label("corrected"),
        )
    ).one()
    return row.examined, row.corrected
