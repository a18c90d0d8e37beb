"""What a person can do to a case now, what speaks against it, and where each action would lead."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from workflow.clock.due import Clocked, ends_by_itself
from workflow.errors import Reason, Refused
from workflow.people.actors import SYSTEM, Actor
from workflow.process.definition import ORGANISATION, Action
from workflow.process.facts import Facts, load_needs, read_facts
from workflow.process.move import Move, begin_move, clock_after
from workflow.process.perform import defined_action, destination_of
from workflow.process.reasons import permission_of, reasons_against
from workflow.process.seen import seen_facts


@dataclass(frozen=True, slots=True)
class Preview:
    """Where an action leads: `holder` is a unit's name, or None when the organisation or nobody holds it."""

    state: str
    stays: bool
    holder: str | None
    by_organisation: bool
    due_on: date | None
    waiting: bool
    # Nobody has to act until the day is over.
    ends_by_itself: bool
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
    return available_on(session, seen_facts(session, case_id, actor, now))


def available_on(session: Session, facts: Facts) -> list[Available]:
    """The same on facts that were read, and found to be hers to see, before."""
    offered = [
        action
        for action in facts.state.actions.values()
        if action.offered and any(permission.role in facts.actor.roles for permission in action.by)
    ]
    load_needs(session, facts, offered)
    listed = [
        _described(session, facts, action)
        for action in offered
        if permission_of(facts, action) or action.head_only
    ]
    return [one for one in listed if not (one.reasons and facts.state.actions[one.action].quiet)]


def reasons_for(
    session: Session,
    case_id: int,
    actions: Collection[str],
    actors: Sequence[Actor],
    now: datetime,
    **inputs: object,
) -> list[list[Reason]]:
    """For each person, every reason `perform` would refuse her with, were she to take these actions now.

    The inputs are looked at by the rules as they are, without the checks of a form.
    """
    facts = read_facts(session, case_id, SYSTEM, now, locked=False)
    facts.inputs = inputs
    wanted = [defined_action(facts, name) for name in actions]
    load_needs(session, facts, wanted)
    each = [replace(facts, actor=actor) for actor in actors]
    return [[reason for action in wanted for reason in reasons_against(hers, action)] for hers in each]


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
    stay = _stay_after(move)
    return Preview(
        state=state.name,
        stays=not move.moves,
        holder=None if unit is None or state.holder == ORGANISATION else unit.name,
        by_organisation=state.holder == ORGANISATION,
        due_on=stay.due_on,
        waiting=stay.waiting,
        ends_by_itself=ends_by_itself(stay),
        tell=action.tell,
    )


class _Stay(NamedTuple):
    """A stay that a move would begin, as far as lateness goes."""

    due_on: date | None
    waiting: bool
    timer_at: datetime | None
    closed_at: datetime | None = None


def _stay_after(move: Move) -> Clocked:
    """The stay after the move; without a day where that depends on a limit that is still to be typed."""
    waiting = move.destination.waiting
    if "limit_days" in move.action.inputs:
        return _Stay(None, waiting, None)
    if not move.moves:
        return move.facts.case
    clock = clock_after(move, move.facts.now)
    return _Stay(clock.due_on, waiting, clock.timer_at)
