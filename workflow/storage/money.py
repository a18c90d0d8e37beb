"""Tables of money: the pool that is locked, what is reserved, payments with maker and checker, recoveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.storage.people import Person
from workflow.storage.types import Base, Id


class Pool(Base):
    """An organisation's awards of a year, among which the highest pays (就高组); the lock of their money."""

    __tablename__ = "pools"
    __table_args__ = (UniqueConstraint("organisation_id", "award_year"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    award_year: Mapped[int]


class Reservation(Base):
    """What an application holds of the budget of one year, and what of it is paid: the oldest year first."""

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("amount_yuan > 0", name="amount_positive"),
        CheckConstraint("paid_yuan >= 0 AND paid_yuan <= amount_yuan", name="paid_within_amount"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    amount_yuan: Mapped[int] = mapped_column(Id)
    paid_yuan: Mapped[int] = mapped_column(Id, default=0)


class YearTotal(Base):
    """The sums of all reservations of a year, kept with each of them: no page could add up a million."""

    __tablename__ = "year_totals"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reserved_yuan: Mapped[int] = mapped_column(Id, default=0)
    paid_yuan: Mapped[int] = mapped_column(Id, default=0)


class Payment(Base):
    """One movement of money of an application: a payment, a returned transfer, a recovery or a write-off.

    `kind` is payment, returned, recovery or write_off; `status` is prepared, confirmed or cancelled. The
    amount is positive whichever way it goes.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_yuan > 0", name="amount_positive"),
        # What waits for whom, and what came back, is asked of thousands of cases at once.
        Index("ix_payments_case", "case_id", "status"),
        Index("ix_payments_status", "status", "prepared_by_id", "case_id"),
        Index("ix_payments_kind", "kind", "case_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str]
    status: Mapped[str]
    amount_yuan: Mapped[int] = mapped_column(Id)
    # Holder, bank and number as they were when the payment was prepared.
    account: Mapped[dict[str, Any]]
    prepared_by_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    prepared_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    confirmed_at: Mapped[datetime | None]
    voucher: Mapped[str | None] = mapped_column(unique=True)

    prepared_by: Mapped[Person] = relationship(foreign_keys=prepared_by_id)
    confirmed_by: Mapped[Person | None] = relationship(foreign_keys=confirmed_by_id)
