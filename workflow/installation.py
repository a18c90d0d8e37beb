"""Single facts of this installation by name: whether it is a demo, how far its clock was moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.errors import Reason, Refused
from workflow.storage.reference import Installation

DEMO = "demo"
CLOCK_OFFSET = "clock_offset_seconds"


def fact(session: Session, name: str) -> str | None:
    """What the installation says under this name; None when it says nothing."""
    return facts(session, name).get(name)


def facts(session: Session, *names: str) -> Mapping[str, str]:
    """Several facts with one statement; a name without a fact is missing from the answer."""
    rows = session.execute(select(Installation.name, Installation.value).where(Installation.name.in_(names)))
    return dict(rows.all())


def record_fact(session: Session, name: str, value: str) -> None:
    row = session.get(Installation, name, populate_existing=True)
    if row is None:
        session.add(Installation(name=name, value=value))
    else:
        row.value = value
    session.flush()


def is_demo(session: Session) -> bool:
    return fact(session, DEMO) == "yes"


def declare_demo(session: Session) -> None:
    """Make this a demo database: its clock can be moved, and it cannot become a real one again."""
    record_fact(session, DEMO, "yes")


def clock_offset(session: Session) -> timedelta:
    """How far the clock is ahead of the real one; zero outside a demo, whatever the row says."""
    found = facts(session, DEMO, CLOCK_OFFSET)
    if found.get(DEMO) != "yes":
        return timedelta(0)
    return timedelta(seconds=int(found.get(CLOCK_OFFSET, "0")))


def moment(session: Session, real_now: datetime) -> datetime:
    """The moment that counts as now; every edge asks here, so that a demo has one clock."""
    return real_now + clock_offset(session)


def move_clock(session: Session, by: timedelta) -> timedelta:
    """Move a demo clock forward, in whole seconds, and return the new offset; else Refused."""
    if not is_demo(session):
        raise Refused(Reason("installation.not_a_demo"))
    # A clock set back would put acts before those already recorded in the chained history.
    if by < timedelta(0):
        raise Refused(Reason("installation.clock_backward"))
    offset = timedelta(seconds=int((clock_offset(session) + by).total_seconds()))
    record_fact(session, CLOCK_OFFSET, str(int(offset.total_seconds())))
    return offset


def move_clock_to(session: Session, to: datetime, real_now: datetime) -> timedelta:
    """Move a demo's clock forward so that it shows `to` at the real moment `real_now`."""
    return move_clock(session, to - moment(session, real_now))
