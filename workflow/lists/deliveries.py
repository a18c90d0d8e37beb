"""Letters on their way to outside channels: what waits, what was given up, and giving it another try."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, literal_column, select
from sqlalchemy.orm import Session

from workflow.errors import InvalidInput, Reason, Refused
from workflow.lists.paging import CAP
from workflow.people.actors import Actor
from workflow.storage.people import Person
from workflow.storage.telling import Delivery, Message, Outbox

SHOWN_AT_MOST = 50

# The words stand in the statements: a plan made for any parameter could not use the partial indexes.
_WAITS = Delivery.status == literal_column("'waiting'")
_IS_DEAD = Delivery.status == literal_column("'dead'")


@dataclass(frozen=True, slots=True)
class DeliveryHealth:
    """How much waits and how much was given up, each counted to the cap at most."""

    undispatched: int
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person over one channel; `next_attempt_at` counts only while it waits."""

    delivery_id: int
    person_id: int
    person: str
    channel: str
    address: str
    attempts: int
    last_error: str | None
    created_at: datetime
    next_attempt_at: datetime


def delivery_health(session: Session) -> DeliveryHealth:
    """One statement, however many letters there are."""
    counted = (
        select(literal(1)).where(Outbox.dispatched_at.is_(None)),
        select(literal(1)).where(_WAITS),
        select(literal(1)).where(_IS_DEAD),
    )
    row = session.execute(select(*(_capped(each) for each in counted))).one()
    return DeliveryHealth(*row)


def dead_letters(session: Session) -> list[Letter]:
    """What was given up, the latest first; at most 50."""
    return _letters(session, _rows().where(_IS_DEAD).order_by(Delivery.id.desc()))


def waiting_letters(session: Session) -> list[Letter]:
    """What is still to be sent, in the order of the next attempt; at most 50."""
    return _letters(session, _rows().where(_WAITS).order_by(Delivery.next_attempt_at, Delivery.id))


def retry_deliveries(
    session: Session, delivery_ids: Collection[int], administrator: Actor, now: datetime
) -> int:
    """Let dead letters wait again, to the address the person has now; returns how many.

    One that somebody else has retried meanwhile is passed over. InvalidInput when none was chosen or somebody
    has no address any more.
    """
    if "administrator" not in administrator.roles:
        raise Refused(Reason("delivery.administrator_only"))
    if not delivery_ids:
        raise InvalidInput(Reason("delivery.none_chosen"))
    found = session.execute(
        select(Delivery, Person)
        .join(Message, Message.id == Delivery.message_id)
        .join(Person, Person.id == Message.person_id)
        .where(Delivery.id.in_(delivery_ids), _IS_DEAD)
        .order_by(Delivery.id)
        .with_for_update(of=Delivery)
    ).all()
    if without := {person.id: person.name for _, person in found if not person.email}:
        raise InvalidInput(
            *(Reason("delivery.without_address", {"person": name}) for name in without.values())
        )
    for delivery, person in found:
        delivery.address = person.email or delivery.address
        delivery.status = "waiting"
        delivery.attempts = 0
        delivery.next_attempt_at = now
    session.flush()
    return len(found)


def _capped(statement: Select[int]) -> Any:
    return select(func.count()).select_from(statement.limit(CAP + 1).subquery()).scalar_subquery()


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Delivery.id, Person.id, Person.name, Delivery.channel, Delivery.address, Delivery.attempts,
            Delivery.last_error, Message.created_at, Delivery.next_attempt_at,
        )
        .join(Message, Message.id == Delivery.message_id)
        .join(Person, Person.id == Message.person_id)
        .limit(SHOWN_AT_MOST)
    )  # fmt: skip


def _letters(session: Session, statement: Select[*tuple[Any, ...]]) -> list[Letter]:
    return [Letter(*row) for row in session.execute(statement)]
