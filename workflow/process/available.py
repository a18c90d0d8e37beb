"""What a person can do to a case now, and where each action would lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from workflow.errors import NotFound, Reason, Refused
from workflow.people.actors import Actor
from workflow.process.definition import ORGANISATION, Action, State
from workflow.process.facts import Facts, load_needs, read_facts
from workflow.process.move import clock_of, unit_for
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
        _described(facts, action) for action in offered if permission_of(facts, action) or _head_only(action)
    ]
    return [one for one in listed if not (one.reasons and facts.state.actions[one.action].quiet)]


def _head_only(action: Action) -> bool:
    # Her role is right but she is not the head: the action stays visible and says so.
    return all(permission.head for permission in action.by)


def _described(facts: Facts, action: Action) -> Available:
    reasons = tuple(reasons_against(facts, action))
    return Available(action.name, reasons, action.inputs, _preview(facts, action))


def _due_on(facts: Facts, state: State) -> date | None:
    return clock_of(facts.reference.calendar, facts.now, state, state.limit_days).due_on


def _preview(facts: Facts, action: Action) -> Preview | None:
    try:
        state = facts.process.states[destination_of(facts, action)]
        stays = state.name == facts.case.state
        unit_id = facts.case.unit_id if stays else unit_for(facts, state)
    except Refused:
        return None
    unit = facts.reference.units.get(unit_id) if unit_id is not None else None
    due = facts.case.due_on if stays else _due_on(facts, state)
    return Preview(
        state=state.name,
        stays=stays,
        holder=None if unit is None or state.holder == ORGANISATION else unit.name,
        by_organisation=state.holder == ORGANISATION,
        due_on=due,
        tell=action.tell,
    )
