"""The daily anchor over the heads of all chains: it shows a lost tail, a lost case and a chain made anew.

Each anchor covers the cases that have moved since the one before, and the digest of that one. Its line in a
file apart from the database is what somebody who can rewrite the whole database does not reach.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Result, exists, func, insert, literal, or_, select, true
from sqlalchemy.orm import Session

from workflow.clock.days import shanghai_day, start_of_day
from workflow.history.audit import Finding
from workflow.process.chain import ALGORITHM, CHAIN_START
from workflow.storage.anchors import Anchor, AnchoredHead
from workflow.storage.cases import Case, Event
from workflow.storage.types import canonical_json

BATCH = 2000
# So long a worker may stand still, over a weekend of work on the server, before that is found.
MOST_WITHOUT = timedelta(days=2)
_LINE = re.compile(r"(\d{4}-\d{2}-\d{2}) ([0-9a-f]{64}) \d+")


def anchor_day(session: Session, day: date, now: datetime) -> Anchor:
    """Anchor every case that has moved since the last anchor, in this transaction."""
    last = latest_anchor(session)
    known = exists().where(AnchoredHead.case_id == Case.id, AnchoredHead.event_number == Case.event_number)
    moved = select(Case.id, Case.event_number, literal(day), Case.chain_head).where(~known)
    # In order, or two workers at it in the same moment could wait for each other.
    moved = moved.order_by(Case.id)
    session.execute(insert(AnchoredHead).from_select(["case_id", "event_number", "day", "head"], moved))
    anchor = Anchor(day=day, made_at=now, previous=CHAIN_START if last is None else last.digest)
    anchor.digest, anchor.heads = _digest(session, anchor)
    session.add(anchor)
    session.flush()
    return anchor


def broken_anchors(session: Session, kept: Iterable[tuple[date, str]]) -> Iterator[Finding]:
    """What the anchors show to be lost or made anew, and where the database differs from the lines kept.

    The lines are read before the database: an anchor is in the database before it is in the file.
    """
    previous = CHAIN_START
    anchors = {anchor.day: anchor for anchor in session.scalars(select(Anchor).order_by(Anchor.day))}
    for anchor in anchors.values():
        if anchor.previous != previous or (anchor.digest, anchor.heads) != _digest(session, anchor):
            yield Finding("anchor_changed", None, day=anchor.day)
        previous = anchor.digest
    for head in session.execute(_lost_heads()):
        yield Finding("anchored_lost", head.case_id, head.event_number, head.day)
    for day, digest in kept:
        if day not in anchors or anchors[day].digest != digest:
            yield Finding("anchor_not_kept", None, day=day)


def wrong_days(session: Session, now: datetime) -> Iterator[Finding]:
    """Anchors of days that have not come yet, and anchors that were not made though something was done.

    A clock that leapt ahead once makes the one, and as no day is anchored twice, with it the other.
    """
    today = shanghai_day(now)
    for day in session.scalars(select(Anchor.day).where(Anchor.day > today).order_by(Anchor.day)):
        yield Finding("anchor_ahead", None, day=day)
    last = session.scalar(select(func.max(Anchor.day)).where(Anchor.day <= today))
    # What was done on the day of an anchor, after it, is covered by the next one.
    since = Event.recorded_at >= start_of_day(last + timedelta(1)) if last else true()
    undone = select(func.min(Event.recorded_at)).where(since, Event.recorded_at < now - MOST_WITHOUT)
    first = session.scalar(undone)
    if first is not None:
        yield Finding("anchor_missing", None, day=shanghai_day(first))


def anchor_count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Anchor)) or 0


def kept_lines(file: Path) -> list[tuple[date, str]]:
    """Day and digest of every line of the file; none where there is no file yet."""
    if not file.exists():
        return []
    # What was torn off while it was written is no line: it is written again.
    lines = map(_LINE.fullmatch, file.read_text(encoding="utf-8", errors="replace").splitlines())
    return [(date.fromisoformat(line[1]), line[2]) for line in lines if line]


def keep(session: Session, file: Path) -> None:
    """Add the anchors that the file does not have: also those of a moment when it could not be written."""
    kept = set(kept_lines(file))
    anchors = session.scalars(select(Anchor).order_by(Anchor.day)).all()
    lines = [f"{one.day} {one.digest} {one.heads}\n" for one in anchors if (one.day, one.digest) not in kept]
    if not lines:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8", errors="replace") as out:
        out.seek(0)
        torn = not (out.read() or "\n").endswith("\n")
        out.writelines(["\n", *lines] if torn else lines)
        out.flush()
        os.fsync(out.fileno())


def latest_anchor(session: Session) -> Anchor | None:
    return session.scalars(select(Anchor).order_by(Anchor.day.desc()).limit(1)).first()


def _digest(session: Session, anchor: Anchor) -> tuple[str, int]:
    """The digest of a day and how many heads it covers; reads them in a stream."""
    covered = hashlib.sha256()
    begin = {"day": anchor.day, "made_at": anchor.made_at, "previous": anchor.previous}
    covered.update(canonical_json({"algorithm": ALGORITHM, **begin}).encode())
    heads = 0
    for row in _heads_of(session, anchor.day):
        covered.update(canonical_json([row.case_id, row.event_number, row.head]).encode())
        heads += 1
    return covered.hexdigest(), heads


def _heads_of(session: Session, day: date) -> Result[int, int, str]:
    return session.execute(
        select(AnchoredHead.case_id, AnchoredHead.event_number, AnchoredHead.head)
        .where(AnchoredHead.day == day)
        .order_by(AnchoredHead.case_id, AnchoredHead.event_number)
        .execution_options(yield_per=BATCH)
    )


def _lost_heads() -> Any:
    """Anchored heads whose event is gone or another one."""
    head = AnchoredHead
    return (
        select(head.day, head.case_id, head.event_number)
        .outerjoin(Event, (Event.case_id == head.case_id) & (Event.number == head.event_number))
        .where(or_(Event.digest.is_(None), Event.digest != head.head))
        .order_by(head.case_id, head.event_number)
    )
