"""The one door: `perform` takes an action on a case and records it; `open_case` brings a case into being."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from workflow.clock.days import SHANGHAI
from workflow.errors import NotFound, Reason, Refused, refuse_if
from workflow.people.actors import Actor
from workflow.process.chain import CHAIN_START, sealed
from workflow.process.definition import STAY, Action, Process
from workflow.process.definitions import money_actions
from workflow.process.facts import Facts, load_needs, read_facts
from workflow.process.inputs import checked_inputs
from workflow.process.machine import next_state
from workflow.process.move import Move, begin_move, clock_of
from workflow.process.overtaking import overtaken
from workflow.process.reasons import permission_of, reasons_against
from workflow.process.record import record, standing_of
from workflow.process.registry import CHOOSERS, EFFECTS, LOCKS
from workflow.process.scope import sees
from workflow.reference import reference_of
from workflow.storage.cases import Case, Event, Step

# How far a clock may be behind what it said before: an hour in autumn, a server that was set right.
MOST_SET_BACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action did, for the sentence that follows it."""

    case_id: int
    number: str | None
    action: str
    from_state: str
    to_state: str
    version: int
    unit_id: int | None
    handler_id: int | None
    due_on: date | None


def perform(
    session: Session,
    case_id: int,
    action: str,
    actor: Actor,
    *,
    now: datetime,
    seen_version: int | None,
    **inputs: object,
) -> Outcome:
    """Take one action on a case and record it. Nothing else may set its state.

    `seen_version` is the version the form was made from; only the system passes None. What a timer does
    counts from its legal moment, also where that is long past. The step that begins by it begins `now`:
    before, the office could not act, and its limit did not run.

    Raises NotFound when the case is not in the actor's scope, InvalidInput with every wrong input, Refused
    with every reason when the action is not available to the actor, and Overtaken, naming who acted and when,
    when the case has moved since it was seen.
    """
    _lock_money(session, case_id, action)
    facts = read_facts(session, case_id, actor, now, locked=True)
    if not sees(actor, facts.case):
        raise NotFound(Reason("not_found"))
    if seen_version is not None and seen_version != facts.case.version:
        raise overtaken(session, facts)
    facts.now = _moment(facts, now)
    defined = defined_action(facts, action)
    if permission_of(facts, defined) is not None:
        facts.inputs = checked_inputs(defined, inputs)
    load_needs(session, facts, [defined])
    refuse_if(reasons_against(facts, defined))
    move = begin_move(session, facts, defined, facts.process.states[destination_of(facts, defined)])
    _take_part(move)
    for effect in defined.effects:
        EFFECTS[effect](move)
    columns = record(move, now)
    return Outcome(
        case_id=case_id,
        number=columns["number"],
        action=action,
        from_state=facts.case.state,
        to_state=columns["state"],
        version=columns["version"],
        unit_id=columns["unit_id"],
        handler_id=columns["handler_id"],
        due_on=columns["due_on"],
    )


def defined_action(facts: Facts, name: str) -> Action:
    """The action in the case's present state. Raises Refused when the state does not know it."""
    action = facts.process.action(facts.case.state, name)
    if action is None:
        known = name in facts.process.actions
        label = f"action.{name}" if known else "reason.unknown_action"
        raise Refused(
            Reason("reason.not_in_state", {"action_label": label, "state_label": f"state.{facts.case.state}"})
        )
    return action


def destination_of(facts: Facts, action: Action) -> str:
    """The state the action leads to, as the machine confirms it; the present one when the case stays."""
    chosen = CHOOSERS[action.choose](facts) if action.choose else action.destinations[0]
    reached = next_state(facts.process, facts.case.state, action.name, chosen)
    if reached is None or (chosen != STAY and reached != chosen):
        raise Refused(
            Reason(
                "reason.not_in_state",
                {"action_label": f"action.{action.name}", "state_label": f"state.{facts.case.state}"},
            )
        )
    return reached


def open_case(
    session: Session,
    process: Process,
    actor: Actor,
    *,
    now: datetime,
    organisation_id: int | None = None,
    township_id: int | None = None,
    unit_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> Case:
    """A new case in the initial state of its process, with its first step and first event."""
    state = process.states[process.initial]
    clock = clock_of(reference_of(session).calendar, now, state, state.limit_days)
    case = Case(
        process=process.code,
        process_version=process.version,
        state=process.initial,
        organisation_id=organisation_id,
        township_id=township_id,
        unit_id=unit_id,
        handler_id=actor.person_id if unit_id in actor.unit_ids else None,
        duties={},
        due_on=clock.due_on,
        next_reminder_at=clock.next_reminder_at,
        timer_at=clock.timer_at,
        chain_head=CHAIN_START,
        opened_at=now,
    )
    session.add(case)
    session.flush()
    lasting = {
        "process": process.code,
        "process_version": process.version,
        "organisation_id": organisation_id,
        "township_id": township_id,
        "timer_at": clock.timer_at,
    }
    begun = {
        "step_number": 1,
        "unit_id": unit_id,
        "handler_id": case.handler_id,
        "due_on": clock.due_on,
        "was_late": False,
        "closed_at": None,
    }
    opened = {
        "case_id": case.id,
        "number": 1,
        "action": "open",
        "actor_id": actor.person_id,
        "unit_id": next(iter(sorted(actor.unit_ids)), None),
        "from_state": None,
        "to_state": process.initial,
        "reason": None,
        "details": dict(details or {}),
        "standing": {**lasting, **standing_of(begun, state.limit_days)},
        "at": now,
        "recorded_at": now,
        "previous": CHAIN_START,
    }
    event = sealed(opened)
    case.chain_head = event["digest"]
    session.add(
        Step(
            case_id=case.id,
            number=1,
            state=process.initial,
            unit_id=unit_id,
            handler_id=case.handler_id,
            entered_at=now,
            limit_days=state.limit_days,
            due_on=clock.due_on,
        )
    )
    session.add(Event(**event))
    session.flush()
    return case


def _lock_money(session: Session, case_id: int, action: str) -> None:
    """Lock the pool before the case, always in this order; on SQLite a writer is alone already."""
    if session.connection().dialect.name != "sqlite" and action in money_actions(session):
        for lock in LOCKS.values():
            lock(session, case_id)


def _moment(facts: Facts, now: datetime) -> datetime:
    """The moment the act counts from. Raises Refused where the clock cannot be right."""
    case, timer_at = facts.case, facts.case.timer_at
    last = max(case.last_acted_at, case.entered_at)
    if last - now > MOST_SET_BACK:
        # One of the two moments is wrong: dated by the last, the case would not be late before that day.
        raise Refused(
            Reason("reason.clock_is_wrong", {"now": _to_the_minute(now), "last": _to_the_minute(last)})
        )
    if facts.actor.is_system and timer_at is not None and timer_at <= now:
        return timer_at
    # A clock that was set back must not write a history that runs backwards.
    return max(now, last)


def _to_the_minute(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _take_part(move: Move) -> None:
    """Note the duty the actor takes part in; whoever acts on an untaken case takes it on."""
    actor = move.facts.actor
    if actor.person_id is None:
        return
    if move.action.duty is not None:
        move.remember_duty(move.action.duty, actor.person_id)
    if move.takes_on:
        move.details["taken_on"] = True
        if not move.moves:
            move.handler_id = actor.person_id
