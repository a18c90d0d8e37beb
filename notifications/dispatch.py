"""From the outbox to the inbox: every row becomes one message for each person it is meant for.

What is said lives in `workflow.sweeps.wording`; the way to mail continues in `delivery`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifications.audience import recipients
from notifications.delivery import MAIL, WAITING
from workflow.clock.days import shanghai_day
from workflow.settings import Mail
from workflow.storage.people import Person
from workflow.storage.store import Store
from workflow.storage.telling import Delivery, Message, Outbox
from workflow.sweeps.walking import BATCH, walk

log = logging.getLogger(__name__)


class Undispatched(NamedTuple):
    """An outbox row nobody has been told of."""

    id: int


def run_dispatch(store: Store, now: datetime, mail: Mail) -> int:
    """Put everything undispatched into inboxes; returns how many rows. Any number of workers may."""
    return walk(store, undispatched, lambda session, row: dispatch(session, row.id, now, mail))


def undispatched(session: Session, last: Undispatched | None = None) -> Sequence[Undispatched]:
    """The next batch of outbox rows, in the order in which things happened."""
    wanted = select(Outbox.id).where(Outbox.dispatched_at.is_(None))
    if last is not None:
        wanted = wanted.where(Outbox.id > last.id)
    return [Undispatched(*row) for row in session.execute(wanted.order_by(Outbox.id).limit(BATCH))]


def dispatch(session: Session, outbox_id: int, now: datetime, mail: Mail) -> bool:
    """Put one outbox row into inboxes in this transaction; False when somebody else has, or is about to."""
    told = session.scalars(
        select(Outbox)
        .where(Outbox.id == outbox_id, Outbox.dispatched_at.is_(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if told is None:
        return False
    people = recipients(session, told, shanghai_day(now))
    if not people:
        log.warning(
            "nobody is there to be told of outbox row %s (%s, for %s)", told.id, told.topic, told.audience
        )
    messages = [_message(told, person) for person in people]
    session.add_all(messages)
    session.flush()
    session.add_all(
        _by_mail(message, person.email, now)
        for message, person in zip(messages, people, strict=True)
        if person.email and _may_get_mail(person, mail)
    )
    told.dispatched_at = now
    return True


def _message(told: Outbox, person: Person) -> Message:
    return Message(
        outbox_id=told.id,
        person_id=person.id,
        case_id=told.case_id,
        topic=told.topic,
        params=told.params,
        created_at=told.created_at,
    )


def _by_mail(message: Message, address: str, now: datetime) -> Delivery:
    return Delivery(message_id=message.id, channel=MAIL, address=address, status=WAITING, next_attempt_at=now)


def _may_get_mail(person: Person, mail: Mail) -> bool:
    # The addresses of sample people belong to nobody, or to somebody who never asked.
    return mail.sender == "file" or not person.is_sample
