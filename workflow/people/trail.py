"""The trail of accounts: what was done to whom, by whom and when. Lines are only ever added."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflow.people.actors import Actor
from workflow.storage.people import AccountEvent, Membership, Person

SHOWN_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Signature:
    """Under whose hand, and when. The system signs what is done at the server's command line."""

    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One line of the trail; `actor` is None for the system."""

    at: datetime
    action: str
    actor: str | None
    details: dict[str, Any]


def record(session: Session, by: Signature, person_id: int, action: str, **details: object) -> None:
    """Add a line in the transaction that does what it says."""
    session.add(
        AccountEvent(
            at=by.at, actor_id=by.actor.person_id, person_id=person_id, action=action, details=details
        )
    )


def record_post(session: Session, by: Signature, action: str, post: Membership) -> None:
    """The same for a membership, with what it was, so that the line can be read without it."""
    record(
        session,
        by,
        post.person_id,
        action,
        post=post.id,
        role=post.role,
        unit=post.unit_id,
        organisation=post.organisation_id,
        is_head=post.is_head,
        from_on=post.from_on,
        to_on=post.to_on,
    )


def trail_of(session: Session, person_id: int) -> Iterator[TrailLine]:
    """What was done to the account, the latest first; at most 100 lines."""
    actor = aliased(Person)
    lines = (
        select(AccountEvent.at, AccountEvent.action, actor.name, AccountEvent.details)
        .outerjoin(actor, actor.id == AccountEvent.actor_id)
        .where(AccountEvent.person_id == person_id)
        .order_by(AccountEvent.id.desc())
        .limit(SHOWN_AT_MOST)
    )
    return (TrailLine(*line) for line in session.execute(lines))
