"""From a definition to one frozen `transitions.Machine`, which alone says whether a move exists."""

from __future__ import annotations

from typing import Any

from transitions import EventData, Machine

from workflow.process.definition import STAY, Process

_machines: dict[str, Machine] = {}
# A machine is frozen and looks at nothing but the question: it has one answer to each.
_answers: dict[tuple[str, str, str, str], str | None] = {}


class Standing:
    """The state of one case for the length of one move; the machine's model, never a database row."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def machine_of(process: Process) -> Machine:
    """The machine of this definition, built once per process and version of the content."""
    machine = _machines.get(process.digest)
    if machine is None:
        machine = _machines[process.digest] = _built(process)
    return machine


def next_state(process: Process, state: str, action: str, destination: str) -> str | None:
    """Where the action leads, or None when the machine knows no such move.

    `destination` is the one chosen among the action's destinations; `stay` keeps the state.
    """
    asked = (process.digest, state, action, destination)
    if asked not in _answers:
        _answers[asked] = _fired(machine_of(process), state, action, destination)
    return _answers[asked]


def _fired(machine: Machine, state: str, action: str, destination: str) -> str | None:
    events = machine.events
    standing = Standing(state)
    if action not in events or state not in events[action].transitions:
        return None
    moved = events[action].trigger(standing, destination=destination)
    return standing.state if moved else None


def _built(process: Process) -> Machine:
    machine = Machine(
        model=None,
        states=list(process.states),
        initial=process.initial,
        auto_transitions=False,
        send_event=True,
        queued=False,
    )
    for state in process.states.values():
        for action in state.actions.values():
            for destination in action.destinations:
                machine.add_transition(
                    action.name,
                    state.name,
                    None if destination == STAY else destination,
                    conditions=_chosen(destination),
                )
    return machine


def _chosen(destination: str) -> Any:
    def is_chosen(event: EventData) -> bool:
        return bool(event.kwargs["destination"] == destination)

    return is_chosen
