"""What makes a process definition wrong: every unknown name, dead end and missing holder, with its line."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from workflow.catalogue import texts
from workflow.errors import ConfigurationError, Reason
from workflow.process.definition import (
    AUDIENCES,
    CLOCKS,
    HOLDERS,
    RELATIONS,
    ROLES,
    STAY,
    SYSTEM_ACTIONS,
    SYSTEM_ROLE,
    Action,
    Process,
    State,
)
from workflow.process.registry import CHOOSERS, EFFECTS, GUARDS, INPUTS


def check_process(process: Process, file: str) -> None:
    """Raise ConfigurationError for the first mistake, in the order of the file."""
    # The rules fill the registries; they stand on facts, which stand on definitions and so on this module.
    importlib.import_module("workflow.rules")
    if process.initial not in process.states:
        raise ConfigurationError(file, 1, Reason("process.unknown_state", {"name": process.initial}))
    for line, reason in sorted(_mistakes(process), key=lambda mistake: mistake[0]):
        raise ConfigurationError(file, line, reason)


def _mistakes(process: Process) -> Iterator[tuple[int, Reason]]:
    for state in process.states.values():
        yield from ((state.line, reason) for reason in _state_mistakes(process, state))
        for action in state.actions.values():
            yield from ((action.line, reason) for reason in _action_mistakes(process, state, action))
    reached = _reachable(process)
    for state in process.states.values():
        if state.name not in reached:
            yield state.line, Reason("process.unreachable", {"name": state.name})


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
    ):
        yield from (Reason(code, {"name": name}) for name in names if name not in registry)
    if not action.by:
        yield Reason("process.nobody_may", {"name": action.name})
    if f"action.{action.name}" not in texts("zh"):
        yield Reason("process.no_label", {"name": action.name})
    yield from _wrong_system_actions(state, action)


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
