"""Deliveries to outside channels: leased, sent outside any transaction, tried again, given up in the end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, literal_column, select, update

from notifications.channels.mail import Send, Unreachable
from notifications.letters import Waiting, letter_of
from workflow.storage.cases import Case
from workflow.storage.people import Membership, Person
from workflow.storage.store import Store
from workflow.storage.telling import Delivery, Message

MAIL = "mail"
WAITING, SENT, DEAD = "waiting", "sent", "dead"

# How long after each failed attempt the next one is made; after the last one the delivery is dead.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
MOST_PER_RUN = 50
# Longer than a run of that many letters to a slow server, so that no second worker takes what is being sent.
LEASE = timedelta(minutes=30)
LONGEST_ERROR = 500

log = logging.getLogger(__name__)


def run_deliveries(
    store: Store, now: datetime, send: Send, from_address: str, public_address: str = ""
) -> int:
    """Send what is waiting and due, at most `MOST_PER_RUN` letters; returns how many were sent."""
    sent = 0
    for _ in range(MOST_PER_RUN):
        leased = _lease(store, now)
        if leased is None:
            break
        try:
            sent += _deliver(
                store, leased, now, lambda each: send(letter_of(each, from_address, public_address))
            )
        except Unreachable:
            break
    return sent


def is_due(now: datetime) -> ColumnElement[bool]:
    """Which deliveries are to be attempted at a moment."""
    # The word stands in the statement: a plan made for any parameter could not use the partial index.
    return and_(Delivery.status == literal_column(f"'{WAITING}'"), Delivery.next_attempt_at <= now)


def _lease(store: Store, now: datetime) -> int | None:
    """Take the delivery that has waited longest; a worker that dies with it gives it back after the lease."""
    with store.writing() as session:
        found = session.scalar(
            select(Delivery.id)
            .where(is_due(now))
            .order_by(Delivery.next_attempt_at, Delivery.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if found is not None:
            session.execute(
                update(Delivery)
                .where(Delivery.id == found)
                .values(attempts=Delivery.attempts + 1, next_attempt_at=now + LEASE)
            )
            session.commit()
        return found


def _deliver(store: Store, delivery_id: int, now: datetime, post: Callable[[Waiting], None]) -> bool:
    waiting = _read(store, delivery_id)
    try:
        post(waiting)
    except Unreachable as error:
        log.warning("the mail server cannot be reached: %s", error)
        _put_back(store, waiting, now, str(error))
        raise
    except Exception as error:
        log.exception("delivery %s failed at attempt %s", delivery_id, waiting.attempts)
        _record_failure(store, waiting, now, f"{type(error).__name__}: {error}")
        return False
    _record(store, delivery_id, status=SENT, sent_at=now, last_error=None)
    return True


def _read(store: Store, delivery_id: int) -> Waiting:
    with store.reading() as session:
        row = session.execute(
            select(
                Delivery.id,
                Delivery.attempts,
                Delivery.address,
                Person.name,
                Person.locale,
                exists().where(
                    Membership.person_id == Message.person_id,
                    Membership.organisation_id == Case.organisation_id,
                ),
                Message.case_id,
                Message.topic,
                Message.params,
                Message.created_at,
            )
            .join(Message, Message.id == Delivery.message_id)
            .join(Person, Person.id == Message.person_id)
            .join(Case, Case.id == Message.case_id)
            .where(Delivery.id == delivery_id)
        ).one()
        return Waiting(*row)


def _put_back(store: Store, waiting: Waiting, now: datetime, error: str) -> None:
    """As if it had not been taken: however long the server is down, no letter is given up for it."""
    _record(
        store,
        waiting.id,
        attempts=waiting.attempts - 1,
        next_attempt_at=now + PAUSES[0],
        last_error=error[:LONGEST_ERROR],
    )


def _record_failure(store: Store, waiting: Waiting, now: datetime, error: str) -> None:
    last_error = error[:LONGEST_ERROR]
    if waiting.attempts > len(PAUSES):
        _record(store, waiting.id, status=DEAD, last_error=last_error)
    else:
        again_at = now + PAUSES[waiting.attempts - 1]
        _record(store, waiting.id, next_attempt_at=again_at, last_error=last_error)


def _record(store: Store, delivery_id: int, **columns: object) -> None:
    with store.writing() as session:
        session.execute(update(Delivery).where(Delivery.id == delivery_id).values(**columns))
        session.commit()
