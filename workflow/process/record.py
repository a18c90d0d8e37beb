"""Writes one move: case, step, event and outbox, each by one prepared statement. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update

from workflow.process.chain import sealed
from workflow.process.definition import FORMER_UNIT
from workflow.process.move import Clock, Move, clock_after, closing, origin_of
from workflow.process.reasons import permission_of
from workflow.storage.cases import Application, Case, Event, Step
from workflow.storage.prepared import Prepared, one_trip
from workflow.storage.telling import Outbox

_CASE_COLUMNS = (
    "number", "state", "origin_state", "version", "unit_id", "handler_id", "waiting", "step_number",
    "event_number", "chain_head", "was_late", "duties", "due_on", "due_version", "timer_at", "closed_at",
)  # fmt: skip
_STEP_COLUMNS = (
    "case_id", "number", "state", "unit_id", "handler_id", "entered_at", "limit_days", "used_before",
    "due_on", "left_at", "was_late",
)  # fmt: skip
_EVENT_COLUMNS = (
    "case_id", "number", "action", "actor_id", "unit_id", "from_state", "to_state", "reason", "details",
    "salt", "reason_digest", "details_digest", "standing", "at", "recorded_at", "previous", "digest",
)  # fmt: skip
_SUMS = ("approved_yuan", "paid_yuan", "recover_yuan")
# Columns of the case that few acts change; the event of one that does says what they are now.
_SELDOM = ("number", "origin_state", "waiting", "duties", "timer_at")
# What effects say of money beside its sums, which has to stay when the details are erased: the movement of
# money, whose account was confirmed by whom, and by case what a recovery took off other cases' payments.
_LASTING = ("movement", "account_confirmed", "recovered_for")
_OUTBOX_COLUMNS = ("case_id", "topic", "audience", "unit_id", "handler_id", "params", "created_at")


def _params(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


_where_case = Case.id == bindparam("case_id")
_MOVE_CASE = Prepared(update(Case).where(_where_case).values(_params((*_CASE_COLUMNS, "next_reminder_at"))))
_TOUCH_CASE = Prepared(update(Case).where(_where_case).values(_params(_CASE_COLUMNS)))
_CLOSE_STEP = Prepared(
    update(Step)
    .where(Step.case_id == bindparam("of_case"), Step.number == bindparam("of_number"))
    .values(_params(("handler_id", "left_at", "outcome", "used_days", "late_days", "was_late")))
)
_HAND_STEP = Prepared(
    update(Step)
    .where(Step.case_id == bindparam("of_case"), Step.number == bindparam("of_number"))
    .values(_params(("handler_id",)))
)
_OPEN_STEP = Prepared(insert(Step).values(_params(_STEP_COLUMNS)).inline())
_ADD_EVENT = Prepared(insert(Event).values(_params(_EVENT_COLUMNS)).inline())
_ADD_OUTBOX = Prepared(insert(Outbox).values(_params(_OUTBOX_COLUMNS)).inline())


def record(move: Move, recorded_at: datetime) -> dict[str, Any]:
    """Write the move and return the case's new columns."""
    facts, case = move.facts, move.facts.case
    connection = move.session.connection()
    columns, left = _case_columns(move), _left(move)
    # A timer is run after its moment, after an outage long after: nobody could act before it was written.
    entered_at = facts.now if move.destination.final else max(facts.now, recorded_at)
    if move.moves:
        columns |= _entering(move, clock_after(move, entered_at))
    event = sealed(_event_columns(move, recorded_at, _standing(move, columns, left)))
    columns["chain_head"] = event["digest"]
    step = {"of_case": case.id, "of_number": case.step_number}
    with one_trip(connection):
        if move.moves:
            _MOVE_CASE.run(connection, case_id=case.id, **columns)
            if left is not None:
                _CLOSE_STEP.run(connection, **step, left_at=facts.now, outcome=move.action.name, **left)
            _OPEN_STEP.run(connection, **_new_step(move, columns, entered_at))
        else:
            _TOUCH_CASE.run(connection, case_id=case.id, **columns)
            if columns["handler_id"] != case.handler_id:
                _HAND_STEP.run(connection, **step, handler_id=columns["handler_id"])
        _ADD_EVENT.run(connection, **event)
        if move.action.tell:
            _ADD_OUTBOX.run(connection, **_outbox(move, columns, recorded_at))
    if move.application:
        move.session.execute(
            update(Application).where(Application.case_id == case.id).values(**move.application)
        )
    return columns


def _event_columns(move: Move, recorded_at: datetime, standing: dict[str, Any]) -> dict[str, Any]:
    """The line of history of this move."""
    facts, case = move.facts, move.facts.case
    inputs = dict(facts.inputs)
    return {
        "case_id": case.id,
        "number": case.event_number + 1,
        "action": move.action.name,
        "actor_id": facts.actor.person_id,
        "unit_id": _unit_of_actor(move),
        "from_state": case.state,
        "to_state": move.destination.name,
        "reason": inputs.pop("reason", None) or inputs.pop("note", None),
        "details": inputs | {name: move.details[name] for name in move.details if name not in _LASTING},
        "standing": standing,
        "at": facts.now,
        "recorded_at": recorded_at,
        "previous": case.chain_head,
    }


def _left(move: Move) -> dict[str, Any] | None:
    """How this move closes the open step; None when it goes on, or when the case had ended."""
    if not move.moves or move.facts.state.final:
        return None
    handler_id = move.facts.actor.person_id if move.takes_on else move.facts.case.handler_id
    return {"handler_id": handler_id, **closing(move.facts)}


def _standing(move: Move, columns: dict[str, Any], left: dict[str, Any] | None) -> dict[str, Any]:
    """What the chain says of the tables after this move, so that changing them there is found."""
    case = move.facts.case
    limit_days = None if move.destination.final else move.limit_days
    changed = {name: columns[name] for name in _SELDOM if columns[name] != getattr(case, name)}
    return {
        **changed,
        **standing_of(columns, limit_days, move.used_before if move.moves else case.used_before),
        **({"left": left} if left is not None else {}),
        **(_of_application(move) if move.application else {}),
        **{name: move.details[name] for name in _LASTING if name in move.details},
    }


def standing_of(columns: Mapping[str, Any], limit_days: int | None, used_before: int = 0) -> dict[str, Any]:
    """A case with its open step, from the columns of the case."""
    return {
        **{name: columns[name] for name in ("step_number", "unit_id", "handler_id", "due_on", "was_late")},
        "closed": columns["closed_at"] is not None,
        "limit_days": limit_days,
        "used_before": used_before,
    }


def _of_application(move: Move) -> dict[str, Any]:
    """What this move changes of the application: the sums by themselves, everything else together.

    Of what was paid it says by how much: a recovery elsewhere may lower it too.
    """
    changed = {name: move.application[name] for name in _SUMS if name in move.application}
    if "paid_yuan" in changed:
        changed["paid_change_yuan"] = changed.pop("paid_yuan") - (move.facts.case.paid_yuan or 0)
    claim = {name: value for name, value in move.application.items() if name not in _SUMS}
    return changed | {"application": claim} if claim else changed


def _unit_of_actor(move: Move) -> int | None:
    """The unit for which the actor acts: the holding one where she serves there, else that of her role."""
    facts = move.facts
    permission = permission_of(facts, move.action)
    serving = facts.actor.units_as(permission.role) if permission else frozenset()
    return facts.case.unit_id if facts.case.unit_id in serving else min(serving, default=None)


def _case_columns(move: Move) -> dict[str, Any]:
    case = move.facts.case
    return {
        "number": case.number,
        "state": move.destination.name,
        "origin_state": case.origin_state,
        "version": case.version + 1,
        "unit_id": move.unit_id,
        "handler_id": move.handler_id,
        "waiting": case.waiting,
        "step_number": case.step_number,
        "event_number": case.event_number + 1,
        "was_late": case.was_late or move.facts.is_late,
        "duties": {**case.duties, **move.duties},
        "due_on": case.due_on,
        "due_version": case.due_version,
        "timer_at": case.timer_at,
        "closed_at": case.closed_at,
        **move.case,
    }


def _entering(move: Move, clock: Clock) -> dict[str, Any]:
    case, destination = move.facts.case, move.destination
    return {
        "origin_state": origin_of(move),
        "waiting": destination.waiting,
        "step_number": case.step_number + 1,
        "due_on": clock.due_on,
        "due_version": 1,
        "next_reminder_at": clock.next_reminder_at,
        "timer_at": clock.timer_at,
        "closed_at": move.facts.now if destination.final else None,
    }


def _new_step(move: Move, columns: dict[str, Any], entered_at: datetime) -> dict[str, Any]:
    return {
        "case_id": move.facts.case.id,
        "number": columns["step_number"],
        "state": move.destination.name,
        "unit_id": columns["unit_id"],
        "handler_id": columns["handler_id"],
        "entered_at": entered_at,
        "limit_days": None if move.destination.final else move.limit_days,
        "used_before": move.used_before,
        "due_on": columns["due_on"],
        # A case that has ended stands in no step: its last one marks the end and takes no time.
        "left_at": columns["closed_at"],
        "was_late": False,
    }


def _outbox(move: Move, columns: dict[str, Any], recorded_at: datetime) -> dict[str, Any]:
    case = move.facts.case
    taken_from = {"from_unit_id": case.unit_id} if FORMER_UNIT in move.action.tell else {}
    return {
        "case_id": case.id,
        "topic": "moved" if move.moves else "noted",
        "audience": " ".join(move.action.tell),
        "unit_id": columns["unit_id"],
        "handler_id": columns["handler_id"],
        "params": {
            "action": move.action.name,
            "state": move.destination.name,
            "number": columns["number"],
            "organisation": case.organisation_name,
            "due_on": columns["due_on"],
            "actor_id": move.facts.actor.person_id,
            **taken_from,
            **move.told,
        },
        "created_at": recorded_at,
    }
