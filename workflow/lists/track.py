"""The way of a case drawn: the straight way, what happened off it, and when the rest is due at the latest.

Pure: it is told the process, the steps on record and the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from workflow.clock.calendar import WorkingCalendar
from workflow.clock.due import due_on, used_days
from workflow.process.definition import CONTINUE, RESUME, Process, State
from workflow.process.disclosure import action_label, state_label


class Mark(StrEnum):
    """How a node stands. `ended` is the end of a case that left the straight way."""

    DONE = "done"
    NOW = "now"
    LATE = "late"
    TODO = "todo"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Stop:
    """One stay of the case in a state, in days; `left_on` is None while it lasts.

    `used_days` and the lateness are what was recorded when it ended.
    """

    number: int
    state: str
    unit: str
    handler: str | None
    entered_on: date
    left_on: date | None
    limit_days: int | None
    used_before: int
    due_on: date | None
    outcome: str | None
    used_days: int | None = None
    was_late: bool = False
    late_days: int = 0


@dataclass(frozen=True, slots=True)
class LateStay:
    """A stay that ended late: the how manieth in its state, the days of its limit, and who held it."""

    visit: int
    used_days: int
    limit_days: int | None
    late_days: int
    handler: str | None


@dataclass(frozen=True, slots=True)
class Branch:
    """What happened off the straight way at a node; `kind` is correction, objection, referral or return."""

    kind: str
    label: str
    from_on: date
    until_on: date | None
    used_days: int
    limit_days: int | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class Node:
    """A state of the straight way; `latest_on` is when it will be left at the latest.

    `used_days` and `limit_days` are of its last stay, with what earlier stays had used of the same limit;
    `late_stays` keeps the lateness of every stay that ended, also after a return or with another officer.
    `is_estimated`: the latest day rests on a year without an official list of holidays.
    """

    state: str
    label: str
    mark: Mark
    limit_days: int | None = None
    used_days: int | None = None
    unit: str = ""
    handler: str | None = None
    entered_on: date | None = None
    left_on: date | None = None
    latest_on: date | None = None
    is_estimated: bool = False
    branches: tuple[Branch, ...] = ()
    visits: int = 0
    late_stays: tuple[LateStay, ...] = ()


_KINDS: Mapping[str, str] = {
    "awaiting_correction": "correction",
    "awaiting_detail": "correction",
    "objection_check": "objection",
    "under_appeal": "objection",
    "efficiency_office": "referral",
}


def track_of(
    process: Process,
    stops: Sequence[Stop],
    today: date,
    calendar: WorkingCalendar,
    *,
    is_late: bool = False,
    outsider: bool = False,
) -> tuple[Node, ...]:
    """The nodes in order; a case that ended elsewhere has its end in place of the rest of the way.

    `is_late` is what `clock.due` says of the case today.
    """
    way = _Way(process, stops, today, calendar, is_late, outsider)
    nodes = [way.node(state) for state in process.track]
    last = process.states[stops[-1].state]
    if last.final and not last.on_track:
        return (*nodes[: way.reached + 1], way.end(stops[-1]))
    return tuple(way.with_latest_days(nodes))


def short_track(
    process: Process, visited: Mapping[str, int], state: str, *, is_late: bool
) -> tuple[Node, ...]:
    """The track of a card, without days: from the last step number in each state the case has been in."""
    numbers = {name: visited[name] for name in process.track if name in visited}
    if not numbers and process.states[state].final:
        # A draft that was deleted: it has gone no part of the way.
        return (Node(state, state_label(state, outsider=True), Mark.ENDED),)
    position = max(numbers, key=lambda name: numbers[name], default=process.track[0])
    reached = process.track.index(position)
    final = process.states[state].final
    here = Mark.DONE if final else Mark.LATE if is_late else Mark.NOW
    marks = [Mark.DONE] * reached + [here] + [Mark.TODO] * (len(process.track) - reached - 1)
    nodes = [
        Node(name, state_label(name, outsider=True), mark)
        for name, mark in zip(process.track, marks, strict=True)
    ]
    if final and not process.states[state].on_track:
        return (*nodes[: reached + 1], Node(state, state_label(state, outsider=True), Mark.ENDED))
    return tuple(nodes)


class _Way:
    """The stops of one case sorted onto the states of the straight way."""

    def __init__(
        self,
        process: Process,
        stops: Sequence[Stop],
        today: date,
        calendar: WorkingCalendar,
        is_late: bool,
        outsider: bool,
    ) -> None:
        self.process = process
        self.today = today
        self.calendar = calendar
        self.is_late = is_late
        self.outsider = outsider
        self.current = stops[-1]
        self.is_closed = process.states[self.current.state].final
        self.stays: dict[str, list[Stop]] = {}
        self.branches: dict[str, list[Branch]] = {}
        self.at: str | None = None
        for stop in stops:
            self._place(stop)

    @property
    def reached(self) -> int:
        return -1 if self.at is None else self.process.track.index(self.at)

    def node(self, name: str) -> Node:
        state, stays = self.process.states[name], self.stays.get(name, [])
        node = Node(
            name,
            state_label(name, outsider=self.outsider),
            self._mark(name),
            limit_days=state.limit_days,
            branches=tuple(self.branches.get(name, ())),
        )
        if not stays:
            return node
        stop = stays[-1]
        return replace(
            node,
            limit_days=stop.limit_days,
            used_days=None if state.final else self._used_of_limit(stop),
            unit=stop.unit,
            handler=stop.handler,
            entered_on=stop.entered_on,
            left_on=stop.left_on,
            visits=len(stays),
            late_stays=tuple(self._late(stays)),
        )

    def end(self, stop: Stop) -> Node:
        label = state_label(stop.state, outsider=self.outsider)
        return Node(stop.state, label, Mark.ENDED, entered_on=stop.entered_on)

    def with_latest_days(self, nodes: Sequence[Node]) -> Iterator[Node]:
        """The nodes with the latest day of the present one and, step by step, of those to come."""
        day = self.current.due_on
        for node in nodes:
            is_ahead = node.mark is not Mark.DONE and not self.is_closed
            if not is_ahead or day is None:
                yield node
                continue
            if node.state != self.current.state:
                day = self._left_at_latest(node, max(day, self.today))
            estimated = self.calendar.estimated_between(self.today, day)
            yield replace(node, latest_on=max(day, self.today), is_estimated=estimated)

    def _place(self, stop: Stop) -> None:
        state = self.process.states[stop.state]
        if state.on_track:
            self._note_return(state, stop)
            self.stays.setdefault(stop.state, []).append(stop)
            self.at = stop.state
        elif self.at is not None and not state.final:
            branch = self._branch(_KINDS.get(stop.state, "return"), state.name, stop)
            self.branches.setdefault(self.at, []).append(branch)

    def _note_return(self, state: State, stop: Stop) -> None:
        track = self.process.track
        if self.at is None or track.index(state.name) >= track.index(self.at):
            return
        left = self.stays[self.at][-1]
        label = action_label(left.outcome, outsider=self.outsider) if left.outcome else f"state.{state.name}"
        note = Branch("return", label, stop.entered_on, stop.entered_on, 0, None, Mark.DONE)
        self.branches.setdefault(self.at, []).append(note)

    def _branch(self, kind: str, name: str, stop: Stop) -> Branch:
        return Branch(
            kind,
            state_label(name, outsider=self.outsider),
            stop.entered_on,
            stop.left_on,
            self._used_of_limit(stop),
            stop.limit_days,
            self._present() if stop is self.current else Mark.DONE,
        )

    def _mark(self, name: str) -> Mark:
        position = self.process.track.index(name)
        if position < self.reached:
            return Mark.DONE
        if position > self.reached:
            return Mark.TODO
        if self.is_closed:
            return Mark.DONE
        return self._present() if self.current.state == name else Mark.NOW

    def _present(self) -> Mark:
        return Mark.LATE if self.is_late else Mark.NOW

    def _used_of_limit(self, stop: Stop) -> int:
        used = stop.used_days
        if used is None:
            used = used_days(stop.entered_on, stop.left_on or self.today, self.calendar)
        return stop.used_before + used

    def _late(self, stays: Sequence[Stop]) -> Iterator[LateStay]:
        for visit, stop in enumerate(stays, start=1):
            if stop.was_late:
                used = self._used_of_limit(stop)
                yield LateStay(visit, used, stop.limit_days, stop.late_days, stop.handler or stop.unit)

    def _left_at_latest(self, node: Node, entered: date) -> date:
        if node.limit_days is None:
            return entered
        # What a stay that was interrupted has used counts when the case comes back to it.
        used = node.used_days or 0 if node.state == self.at and self._clock_goes_on() else 0
        return due_on(entered, node.limit_days, used, self.calendar)

    def _clock_goes_on(self) -> bool:
        actions = self.process.states[self.current.state].actions.values()
        return any(action.returns in (CONTINUE, RESUME) for action in actions)
