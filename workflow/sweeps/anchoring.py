"""The daily anchor of the history, made once a day and kept in a file apart from the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.clock.days import shanghai_day
from workflow.history.anchors import anchor_day, keep, latest_anchor
from workflow.storage.store import Store
from workflow.sweeps.walking import walk


def run_anchor(store: Store, now: datetime, file: Path) -> int:
    """Make the anchor of the day unless there is one; returns how many. Any number of workers may."""
    made = walk(
        store,
        lambda session, last: _unanchored(session, shanghai_day(now)) if last is None else [],
        lambda session, day: _anchor(session, day, now),
    )
    with store.reading() as session:
        keep(session, file)
    return made


def _unanchored(session: Session, day: date) -> Sequence[date]:
    latest = latest_anchor(session)
    return [day] if latest is None or latest.day < day else []


def _anchor(session: Session, day: date, now: datetime) -> bool:
    if not _unanchored(session, day):
        return False
    try:
        with session.begin_nested():
            anchor_day(session, day, now)
    except IntegrityError:
        # Another worker was at it in the same moment.
        return False
    return True
