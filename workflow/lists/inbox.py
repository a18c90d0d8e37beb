"""The inbox of a person: her messages as sentences, how many are unread, and marking them read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, literal, select, update
from sqlalchemy.orm import Session

from workflow.clock.days import shanghai_day
from workflow.lists.paging import CAP, PAGE_SIZE, Page, page_of
from workflow.people.actors import Actor
from workflow.process.disclosure import is_outsider
from workflow.storage.cases import Case
from workflow.storage.telling import Message
from workflow.sweeps.wording import due_day_of, headline, headline_for_outsiders, subject_of


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One message: which case (`subject`), what happened or is due (`said`), and its alert level, if any."""

    message_id: int
    case_id: int
    topic: str
    level: str
    subject: str
    said: str
    due_on: date | None
    created_at: datetime
    is_read: bool


def inbox(
    session: Session, actor: Actor, *, after: int | None = None, limit: int = PAGE_SIZE
) -> Page[InboxLine]:
    """Her messages, newest first; `after` is the id of the last message of the page before."""
    statement = (
        select(
            Message.id, Message.case_id, Message.topic, Message.params, Message.created_at, Message.read_at,
            Case.organisation_id,
        )
        .join(Case, Case.id == Message.case_id)
        .where(Message.person_id == actor.person_id)
        .order_by(Message.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if after is not None:
        statement = statement.where(Message.id < after)
    found = session.execute(statement).all()
    return page_of(found, limit, lambda row: _line(row, actor), lambda row: row.id)


def unread_count(session: Session, person_id: int) -> int:
    """How many of her messages are unread, counted to the cap at most."""
    unread = (
        select(literal(1))
        .select_from(Message)
        .where(Message.person_id == person_id, Message.read_at.is_(None))
        .limit(CAP + 1)
        .subquery()
    )
    return session.scalars(select(func.count()).select_from(unread)).one()


def mark_read(session: Session, person_id: int, message_ids: Collection[int], now: datetime) -> None:
    """Mark these messages of this person as read; those of others, or read before, stay as they are."""
    session.execute(
        update(Message)
        .where(Message.id.in_(message_ids), Message.person_id == person_id, Message.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )


def _line(row: Row[Any], actor: Actor) -> InboxLine:
    return InboxLine(
        message_id=row.id,
        case_id=row.case_id,
        topic=row.topic,
        level=row.topic.partition("alert.")[2],
        subject=subject_of(row.params, actor.locale),
        said=_said(row, actor),
        due_on=due_day_of(row.params),
        created_at=row.created_at,
        is_read=row.read_at is not None,
    )


def _said(row: Row[Any], actor: Actor) -> str:
    speak = headline_for_outsiders if is_outsider(actor, row.organisation_id) else headline
    return speak(row.topic, row.params, actor.locale, shanghai_day(row.created_at))
