"""What makes a process definition wrong: every unknown name, dead end and missing holder, with its line."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from workflow.catalogue import texts
from workflow.errors import ConfigurationError, Reason
from workflow.people.memberships import ROLE_UNITS
from workflow.process.definition import (
    APPLICANT_ROLE,
    AUDIENCES,
    CLOCKS,
    DUTIES,
    HOLDERS,
    ORGANISATION,
    RELATIONS,
    ROLES,
    STAY,
    SYSTEM_ACTIONS,
    SYSTEM_ROLE,
    UNIT_HOLDERS,
    Action,
    Permission,
    Process,
    State,
)
from workflow.process.registry import CHOOSERS, EFFECTS, GUARDS, INPUTS

RECALL = "recall"


def check_process(process: Process, file: str) -> None:
    """Raise ConfigurationError for the first mistake, in the order of the file."""
    fill_registries()
    if process.initial not in process.states:
        raise ConfigurationError(file, 1, Reason("process.unknown_state", {"name": process.initial}))
    for line, reason in sorted(_mistakes(process), key=lambda mistake: mistake[0]):
        raise ConfigurationError(file, line, reason)


def fill_registries() -> None:
    """Import the rules; they stand on facts, which stand on definitions and so on this module."""
    importlib.import_module("workflow.rules")


def _mistakes(process: Process) -> Iterator[tuple[int, Reason]]:
    for state in process.states.values():
        yield from ((state.line, reason) for reason in _state_mistakes(process, state))
        for action in state.actions.values():
            yield from ((action.line, reason) for reason in _action_mistakes(process, state, action))
    reached = _reachable(process)
    for state in process.states.values():
        if state.name not in reached:
            yield state.line, Reason("process.unreachable", {"name": state.name})
    yield from ((state.line, Reason("process.no_end", {"name": state.name})) for state in _endless(process))


def _state_mistakes(process: Process, state: State) -> Iterator[Reason]:
    if state.holder not in HOLDERS:
        yield Reason("process.unknown_holder", {"name": state.holder})
    if not state.final and state.holder == "nobody":
        yield Reason("process.no_holder", {"name": state.name})
    if f"state.{state.name}" not in texts("zh"):
        yield Reason("process.no_label", {"name": state.name})
    if not state.final and not _ways_out(state):
        yield Reason("process.dead_end", {"name": state.name})
    if state.timer and state.timer not in state.actions:
        yield Reason("process.unknown_action", {"name": state.timer})
    if state.timer and state.limit_days is None:
        yield Reason("process.timer_without_limit", {"name": state.name})
    if state.alerts and state.limit_days is not None:
        for level, recipients in state.alerts.recipients.items():
            if not recipients:
                yield Reason("process.no_recipient", {"level": level})
            yield from (
                Reason("process.unknown_audience", {"name": name})
                for name in recipients
                if name not in AUDIENCES
            )


def _action_mistakes(process: Process, state: State, action: Action) -> Iterator[Reason]:
    yield from _wrong_destinations(process, action)
    for names, registry, code in (
        (action.guards, GUARDS, "process.unknown_guard"),
        (action.effects, EFFECTS, "process.unknown_effect"),
        ((action.choose,) if action.choose else (), CHOOSERS, "process.unknown_chooser"),
        (tuple(action.inputs), INPUTS, "process.unknown_input"),
        (action.tell, AUDIENCES, "process.unknown_audience"),
        (tuple(permission.role for permission in action.by), ROLES, "process.unknown_role"),
        (tuple(permission.of for permission in action.by), RELATIONS, "process.unknown_relation"),
        ((action.returns,) if action.returns else (), CLOCKS, "process.unknown_return"),
        ((action.duty,) if action.duty else (), DUTIES, "process.unknown_duty"),
    ):
        yield from (Reason(code, {"name": name}) for name in names if name not in registry)
    if not action.by:
        yield Reason("process.nobody_may", {"name": action.name})
    elif _has_holder(state) and not any(_is_possible(permission, state) for permission in action.by):
        yield Reason("process.nobody_can", {"name": action.name, "state": state.name})
    if f"action.{action.name}" not in texts("zh"):
        yield Reason("process.no_label", {"name": action.name})
    yield from _wrong_system_actions(state, action)
    yield from _not_recalled(process, state, action)


def _wrong_destinations(process: Process, action: Action) -> Iterator[Reason]:
    for destination in action.destinations:
        if destination != STAY and destination not in process.states:
            yield Reason("process.unknown_state", {"name": destination})
    if len(action.destinations) > 1 and action.choose is None:
        yield Reason("process.no_choice", {"name": action.name})


def _wrong_system_actions(state: State, action: Action) -> Iterator[Reason]:
    by_system = any(permission.role == SYSTEM_ROLE for permission in action.by)
    if by_system and (action.inputs or len(action.by) > 1):
        yield Reason("process.system_only", {"name": action.name})
    if by_system and state.timer != action.name and action.name not in SYSTEM_ACTIONS:
        yield Reason("process.system_without_timer", {"name": action.name})
    if state.timer == action.name and not by_system:
        yield Reason("process.timer_not_system", {"name": action.name})


def _not_recalled(process: Process, state: State, action: Action) -> Iterator[Reason]:
    """What may be undone needs the way back in each state it leads to."""
    for destination in action.destinations if action.recallable else ():
        back = process.states[destination].actions.get(RECALL) if destination in process.states else None
        if back is None or state.name not in back.destinations:
            yield Reason("process.no_recall", {"name": action.name, "state": destination})


def _has_holder(state: State) -> bool:
    """Whether the state says soundly who holds it; where it does not, that is the mistake to be named."""
    return state.final or state.holder in (ORGANISATION, *UNIT_HOLDERS)


def _is_possible(permission: Permission, state: State) -> bool:
    """Whether anybody can ever have this permission here, by the kind of unit her role serves in."""
    kind = ROLE_UNITS.get(permission.role)
    match permission.of:
        case "system":
            return permission.role == SYSTEM_ROLE
        case "organisation":
            return permission.role == APPLICANT_ROLE
        case "any":
            return kind is not None
        case "township":
            return kind == "township"
    # While an organisation answers, the case stays with the office that asked, whichever that is.
    of_any_office = state.holder == "unit" or (state.holder == ORGANISATION and state.waiting)
    return kind in UNIT_HOLDERS if of_any_office else kind == state.holder


def _ways_out(state: State) -> list[Action]:
    return [action for action in state.actions.values() if set(action.destinations) - {STAY, state.name}]


def _reachable(process: Process) -> set[str]:
    reached, waiting = {process.initial}, [process.initial]
    while waiting:
        state = process.states[waiting.pop()]
        for action in state.actions.values():
            for destination in action.destinations:
                if destination in process.states and destination not in reached:
                    reached.add(destination)
                    waiting.append(destination)
    return reached


def _endless(process: Process) -> list[State]:
    """The states that lead to no end; dead ends and unknown names are mistakes of their own."""
    ahead = {state.name: _ahead(state) for state in process.states.values()}
    ending = {name for name in ahead if process.states[name].final or not ahead[name]}
    ending |= set().union(*ahead.values()) - set(ahead)
    while more := {name for name in ahead if ahead[name] & ending} - ending:
        ending |= more
    return [state for state in process.states.values() if state.name not in ending]


def _ahead(state: State) -> set[str]:
    return {name for action in _ways_out(state) for name in action.destinations} - {STAY, state.name}
