"""Timers: a case whose time is up is moved on by the system, as of the legal moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.errors import Overtaken
from workflow.people.actors import SYSTEM
from workflow.process.definitions import process_of
from workflow.process.perform import perform
from workflow.storage.cases import Case
from workflow.storage.store import Store
from workflow.sweeps.walking import BATCH, behind, walk


class DueTimer(NamedTuple):
    """A case whose timer has run out, as it was seen."""

    id: int
    timer_at: datetime
    version: int
    process: str
    process_version: int
    state: str


def run_timers(store: Store, now: datetime) -> int:
    """Fire every timer that has run out by `now` and return how many did. Any number of workers may."""
    return walk(
        store,
        lambda session, last: due_timers(session, now, last),
        lambda session, timer: fire(session, timer, now),
    )


def due_timers(session: Session, now: datetime, last: DueTimer | None = None) -> Sequence[DueTimer]:
    """The next batch of timers that have run out, the oldest first."""
    columns = (Case.id, Case.timer_at, Case.version, Case.process, Case.process_version, Case.state)
    wanted = select(*columns).where(Case.timer_at <= now)
    if last is not None:
        wanted = wanted.where(behind(Case.timer_at, Case.id, (last.timer_at, last.id)))
    rows: Sequence[Any] = session.execute(wanted.order_by(Case.timer_at, Case.id).limit(BATCH)).all()
    return [DueTimer(*row) for row in rows]


def fire(session: Session, timer: DueTimer, now: datetime) -> bool:
    """Take the timer's action in this transaction; False when the case has moved since it was seen."""
    process = process_of(session, timer.process, timer.process_version)
    action = process.states[timer.state].timer
    assert action is not None, f"{timer.state} has no timer, yet the case has a moment for one"
    try:
        # With the version seen, a case that left and came back meanwhile is not moved by its former timer.
        perform(session, timer.id, action, SYSTEM, now=now, seen_version=timer.version)
    except Overtaken:
        return False
    return True
