"""Verifies the recorded history: every chain whole, every case standing where its events lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from workflow.process.record import CHAIN_START, link
from workflow.storage.cases import Case, Event

BATCH = 2000
_EVENT = (
    Event.case_id, Event.number, Event.action, Event.actor_id, Event.unit_id, Event.from_state,
    Event.to_state, Event.reason, Event.details, Event.at, Event.recorded_at, Event.previous, Event.digest,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with the history of one case. `kind` is a code of the catalogue below `audit`."""

    kind: str
    case_id: int
    event_number: int | None = None


@dataclass(slots=True)
class Verified:
    """How far a verification has come."""

    cases: int = 0
    events: int = 0


def event_count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Event)) or 0


def findings(session: Session, progress: Verified) -> Iterator[Finding]:
    """Everything wrong, case by case; reads in a stream, so its memory does not grow with the history."""
    events = iter(
        session.execute(
            select(*_EVENT).order_by(Event.case_id, Event.number).execution_options(yield_per=BATCH)
        )
    )
    cases = session.execute(
        select(Case.id, Case.state, Case.event_number, Case.chain_head)
        .order_by(Case.id)
        .execution_options(yield_per=BATCH)
    )
    event = next(events, None)
    for case in cases:
        while event is not None and event.case_id < case.id:
            yield Finding("case_lost", event.case_id, event.number)
            event = next(events, None)
        history: list[Row[Any]] = []
        while event is not None and event.case_id == case.id:
            history.append(event)
            event = next(events, None)
        progress.cases += 1
        progress.events += len(history)
        yield from _of_case(case, history)
    while event is not None:
        yield Finding("case_lost", event.case_id, event.number)
        event = next(events, None)


def _of_case(case: Any, history: list[Row[Any]]) -> Iterator[Finding]:
    previous, state, number = CHAIN_START, None, 0
    for event in history:
        number += 1
        if event.number != number:
            yield Finding("event_removed", case.id, number)
            return
        if event.previous != previous:
            yield Finding("order_broken", case.id, event.number)
            return
        if link(dict(event._mapping)) != event.digest:
            yield Finding("event_changed", case.id, event.number)
            return
        if event.from_state != state:
            yield Finding("does_not_replay", case.id, event.number)
            return
        previous, state = event.digest, event.to_state
    if number < case.event_number:
        yield Finding("tail_lost", case.id, number + 1)
    elif number > case.event_number:
        yield Finding("event_inserted", case.id, case.event_number + 1)
    elif previous != case.chain_head:
        yield Finding("head_changed", case.id, number)
    elif state != case.state:
        yield Finding("state_changed", case.id, number)
