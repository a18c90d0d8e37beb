"""Tables of telling people: reminders, the outbox, the inbox, deliveries to channels, heartbeats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflow.storage.types import Base, Id


class Reminder(Base):
    """An alert level of a step that has begun; its key is what makes a reminder go out exactly once."""

    __tablename__ = "reminders"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    step_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    level: Mapped[str] = mapped_column(primary_key=True)
    begins_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class Outbox(Base):
    """Something to tell, written in the transaction that caused it; the worker finds the people."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_undispatched",
            "id",
            sqlite_where=text("dispatched_at IS NULL"),
            postgresql_where=text("dispatched_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    # The code of the text, for example moved or alert.red.
    topic: Mapped[str]
    # Who is to be told, as audience codes: organisation, handler, unit, head, supervisor …
    audience: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    dispatched_at: Mapped[datetime | None]


class Message(Base):
    """One line in one person's inbox (消息)."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("outbox_id", "person_id"),
        Index("ix_messages_person_id_id", "person_id", "id"),
        Index(
            "ix_messages_unread",
            "person_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    topic: Mapped[str]
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Delivery(Base):
    """One message on its way to one outside channel: at least once, under a stable message id."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("message_id", "channel"),
        Index(
            "ix_deliveries_waiting",
            "next_attempt_at",
            "id",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
        Index(
            "ix_deliveries_dead",
            "id",
            sqlite_where=text("status = 'dead'"),
            postgresql_where=text("status = 'dead'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    channel: Mapped[str]
    address: Mapped[str]
    # waiting, sent or dead
    status: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    last_error: Mapped[str | None]
    sent_at: Mapped[datetime | None]


class Heartbeat(Base):
    """When a worker last ran its sweeps; pages show it."""

    __tablename__ = "heartbeats"

    worker: Mapped[str] = mapped_column(primary_key=True)
    beat_at: Mapped[datetime]
