"""What a person can do to a case now, and where each action would lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from workflow.errors import NotFound, Reason, Refused
from workflow.people.actors import Actor
from workflow.process.definition import ORGANISATION, Action
from workflow.process.facts import Facts, load_needs, read_facts
from workflow.process.move import Move, begin_move, clock_of
from workflow.process.perform import destination_of
from workflow.process.reasons import permission_of, reasons_against
from workflow.process.scope import sees


@dataclass(frozen=True, slots=True)
class Preview:
    """Where an action leads: `holder` is a unit's name, or None when the organisation or nobody holds it."""

    state: str
    stays: bool
    holder: str | None
    by_organisation: bool
    due_on: date | None
    tell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Available:
    """One action of the present state. With reasons it is not available and they say why."""

    action: str
    reasons: tuple[Reason, ...]
    inputs: Mapping[str, bool]
    preview: Preview | None


def available(session: Session, case_id: int, actor: Actor, now: datetime) -> list[Available]:
    """The actions offered to this person on this case, unavailable ones with every reason.

    Actions of other roles are not listed. Raises NotFound when the case is out of her scope.
    """
    facts = read_facts(session, case_id, actor, now, locked=False)
    if not sees(actor, facts.case):
        raise NotFound(Reason("not_found"))
    offered = [
        action
        for action in facts.state.actions.values()
        if action.offered and any(permission.role in actor.roles for permission in action.by)
    ]
    load_needs(session, facts, offered)
    listed = [
        _described(session, facts, action)
        for action in offered
        if permission_of(facts, action) or _head_only(action)
    ]
    return [one for one in listed if not (one.reasons and facts.state.actions[one.action].quiet)]


def _head_only(action: Action) -> bool:
    # Her role is right but she is not the head: the action stays visible and says so.
    return all(permission.head for permission in action.by)


def _described(session: Session, facts: Facts, action: Action) -> Available:
    reasons = tuple(reasons_against(facts, action))
    return Available(action.name, reasons, action.inputs, _preview(session, facts, action))


def _preview(session: Session, facts: Facts, action: Action) -> Preview | None:
    try:
        state = facts.process.states[destination_of(facts, action)]
        move = begin_move(session, facts, action, state)
    except Refused:
        return None
    unit_id = move.unit_id
    unit = facts.reference.units.get(unit_id) if unit_id is not None else None
    return Preview(
        state=state.name,
        stays=not move.moves,
        holder=None if unit is None or state.holder == ORGANISATION else unit.name,
        by_organisation=state.holder == ORGANISATION,
        due_on=_due_on(move),
        tell=action.tell,
    )


def _due_on(move: Move) -> date | None:
    """The due day after the move; None where it depends on a limit that is still to be typed."""
    if "limit_days" in move.action.inputs:
        return None
    facts = move.facts
    if not move.moves:
        return facts.case.due_on
    calendar = facts.reference.calendar
    return clock_of(calendar, facts.now, move.destination, move.limit_days, move.used_before).due_on
