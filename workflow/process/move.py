"""One move of one case while it is being made: what will change, collected before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from workflow.clock.alerts import Thresholds, alert_moments, next_alert_at
from workflow.clock.calendar import WorkingCalendar
from workflow.clock.days import shanghai_day, start_of_day
from workflow.clock.due import days_late, due_on, used_days
from workflow.process.definition import ORGANISATION, RESTART, RESUME, Action, State
from workflow.process.facts import Facts
from workflow.storage.cases import Step
from workflow.storage.people import Membership
from workflow.storage.prepared import PreparedRow


class _EarlierStay(NamedTuple):
    unit_id: int | None
    handler_id: int | None
    limit_days: int | None
    used_before: int
    used_days: int | None
    due_on: date | None
    left_at: datetime
    still_serves: int | None


_EARLIER_STAY = PreparedRow(
    select(
        Step.unit_id, Step.handler_id, Step.limit_days, Step.used_before, Step.used_days, Step.due_on,
        Step.left_at,
        Membership.id.label("still_serves"),
    )
    .outerjoin(
        Membership,
        (Membership.person_id == Step.handler_id)
        & (Membership.unit_id == Step.unit_id)
        & (Membership.from_on <= bindparam("today"))
        & (Membership.to_on.is_(None) | (Membership.to_on >= bindparam("today"))),
    )
    .where(Step.case_id == bindparam("case_id"), Step.state == bindparam("state"))
    .order_by(Step.number.desc())
    .limit(1),
    _EarlierStay,
)  # fmt: skip


@dataclass(slots=True)
class Move:
    """What an action changes. Effects fill it; `record` writes it in one go.

    `unit_id`, `handler_id`, `limit_days` and `used_before` are those of the step after the move; so is
    `due_on` where it is not to be counted from the limit. `told` is what a message about it may name beside
    the case.
    """

    session: Session
    facts: Facts
    action: Action
    destination: State
    unit_id: int | None
    handler_id: int | None
    limit_days: int | None
    used_before: int = 0
    due_on: date | None = None
    case: dict[str, Any] = field(default_factory=dict)
    application: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    duties: dict[str, list[int]] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def moves(self) -> bool:
        """False when the case stays where it is and the same step goes on."""
        return self.destination.name != self.facts.case.state

    @property
    def actor_id(self) -> int:
        """The person who acts; an effect of a person's action never runs for the system."""
        assert self.facts.actor.person_id is not None
        return self.facts.actor.person_id

    @property
    def takes_on(self) -> bool:
        """Whether the actor becomes the handler by acting for the unit on a case that nobody has taken on."""
        case, actor = self.facts.case, self.facts.actor
        decides = self.action.duty is not None or not self.action.any_officer
        untaken = case.handler_id is None and self.facts.state.held_by_unit
        return decides and untaken and case.unit_id in actor.unit_ids

    def remember_duty(self, duty: str, person_id: int) -> None:
        """Note that this person has taken part in this duty of the case."""
        taken = {**self.facts.case.duties, **self.duties}.get(duty, [])
        if person_id not in taken:
            self.duties[duty] = [*taken, person_id]


def begin_move(session: Session, facts: Facts, action: Action, destination: State) -> Move:
    """The move as the process describes it, before the effects have their say."""
    case = facts.case
    if destination.name == case.state:
        return Move(session, facts, action, destination, case.unit_id, case.handler_id, case.limit_days)
    move = Move(session, facts, action, destination, None, None, destination.limit_days)
    if destination.holder == ORGANISATION:
        # The case stays on the list of the office that asked, as "waiting".
        move.unit_id, move.handler_id = case.unit_id, case.handler_id
    elif destination.held_by_unit:
        move.unit_id = unit_for(facts, destination)
    if action.returns is not None:
        _return_to_earlier_stay(move, action.returns)
    return move


def unit_for(facts: Facts, state: State) -> int | None:
    """The unit that holds this state for this case today."""
    if not state.held_by_unit:
        return None
    if state.holder == "township":
        township = facts.case.township_id
        return None if township is None else facts.reference.successor_on(township, facts.today)
    if state.holder == "unit":
        return int(facts.loaded["about_unit"])
    return facts.reference.unit_of_kind(state.holder, facts.today)


def _return_to_earlier_stay(move: Move, clock: str) -> None:
    facts = move.facts
    earlier = _EARLIER_STAY.first(
        move.session.connection(), case_id=facts.case.id, state=move.destination.name, today=facts.today
    )
    if earlier is None:
        return
    if earlier.unit_id is not None:
        move.unit_id = facts.reference.successor_on(earlier.unit_id, facts.today)
    move.handler_id = earlier.handler_id if earlier.still_serves is not None else None
    if clock == RESTART:
        return
    # An ordered limit stays the limit after a correction.
    move.limit_days = earlier.limit_days
    move.used_before = earlier.used_before + (earlier.used_days or 0)
    if clock == RESUME:
        # As if the case had never left: the days away count, and what was late is late.
        away_since = shanghai_day(earlier.left_at)
        move.used_before += used_days(away_since, facts.today, facts.reference.calendar)
        move.due_on = earlier.due_on


def origin_of(move: Move) -> str | None:
    """Where the state that is entered will lead back to, when it leads back at all."""
    case, origins = move.facts.case, move.destination.origins
    if not origins or case.state in origins:
        return case.state if origins else None
    # Back from a detour over the efficiency office: it came from where it had come from before.
    return move.session.scalar(
        select(Step.state)
        .where(Step.case_id == case.id, Step.state.in_(origins))
        .order_by(Step.number.desc())
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class Clock:
    """The time side of a step: what the lists and the sweeps need of it."""

    due_on: date | None
    next_reminder_at: datetime | None
    timer_at: datetime | None


def clock_of(calendar: WorkingCalendar, now: datetime, state: State, limit_days: int | None) -> Clock:
    """Due day, first reminder and timer of a step of this state entered now, with its whole limit."""
    return _clock(calendar, now, state, limit_days)


def clock_after(move: Move, entered_at: datetime) -> Clock:
    """Due day, first reminder and timer of the step that the move begins."""
    calendar = move.facts.reference.calendar
    if move.due_on is not None:
        return clock_until(move.due_on, calendar, entered_at, move.destination, shanghai_day(entered_at))
    return _clock(calendar, entered_at, move.destination, move.limit_days, move.used_before)


def _clock(
    calendar: WorkingCalendar, now: datetime, state: State, limit_days: int | None, used_before: int = 0
) -> Clock:
    if limit_days is None or state.final:
        return Clock(None, None, None)
    entered_on = shanghai_day(now)
    due = due_on(entered_on, limit_days, used_before, calendar)
    return clock_until(due, calendar, now, state, entered_on)


def clock_until(due: date, calendar: WorkingCalendar, now: datetime, state: State, entered_on: date) -> Clock:
    """What follows from a due day for a step of this state of which nobody was reminded yet."""
    timer_at = start_of_day(due + timedelta(1)) if state.timer else None
    if state.alerts is None or not state.is_reminded:
        return Clock(due, None, timer_at)
    moments = alert_moments(entered_on, due, calendar, Thresholds(near_days=state.alerts.near_days))
    return Clock(due, next_alert_at(moments, now), timer_at)


def closing(facts: Facts) -> dict[str, Any]:
    """The columns that close the open step: days used, days late."""
    case, calendar = facts.case, facts.reference.calendar
    entered_on = shanghai_day(case.entered_at)
    # A timer acts in the first moment after the last day; that new day was not used.
    last_day = case.due_on if facts.actor.is_system and case.due_on is not None else facts.today
    return {
        "used_days": used_days(entered_on, last_day, calendar),
        "late_days": days_late(case.due_on, facts.today, calendar) if facts.state.can_be_late else 0,
        "was_late": facts.is_late,
    }
