"""Tables of the daily anchor: how far every case had come on a day, and one digest over all of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from workflow.storage.types import Base


class Anchor(Base):
    """One day's anchor: chained to the one before, over the heads of the cases that had moved since."""

    __tablename__ = "anchors"

    day: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    heads: Mapped[int]
    previous: Mapped[str]
    digest: Mapped[str]


class AnchoredHead(Base):
    """The last event of a case when a day was anchored; no foreign keys, so that it outlives the case."""

    __tablename__ = "anchored_heads"
    __table_args__ = (Index("ix_anchored_heads_day", "day", "case_id"),)

    case_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date]
    head: Mapped[str]
