"""Tables the engine refers to: installation, calendar, processes, policies, rulings, budgets, counters."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from workflow.storage.types import Base, Id


class Installation(Base):
    """Single facts of this installation by name: the demo clock, the revision of the reference tables."""

    __tablename__ = "installation"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class CalendarDay(Base):
    """A day that differs from Monday to Friday: a holiday or a make-up working day."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name_zh: Mapped[str]
    name_en: Mapped[str]


class CalendarYear(Base):
    """A year for which the State Council's list is known; every other year is estimated."""

    __tablename__ = "calendar_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class ProcessVersion(Base):
    """A process definition as it was given to running cases."""

    __tablename__ = "process_versions"

    code: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str]
    source: Mapped[str]
    stored_at: Mapped[datetime]


class PolicyVersion(Base):
    """A policy file as it was given to running applications."""

    __tablename__ = "policy_versions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    stored_at: Mapped[datetime]


class RulingRow(Base):
    """A dated decision of the bureau on a doubtful point of a policy (解释)."""

    __tablename__ = "rulings"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    policy: Mapped[str]
    point: Mapped[str]
    option: Mapped[str]
    scope: Mapped[str | None]
    decided_on: Mapped[date]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    minutes: Mapped[str | None]


class Budget(Base):
    """The money of a year; approvals reserve from it."""

    __tablename__ = "budgets"
    __table_args__ = (CheckConstraint("amount_yuan >= 0", name="amount_not_negative"),)

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    amount_yuan: Mapped[int] = mapped_column(Id)
    # Who set the amount that stands, and when; empty in a demo.
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    set_at: Mapped[datetime | None]


class Counter(Base):
    """The last number given out in a series of a year, for example applications of 2026."""

    __tablename__ = "counters"

    series: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int]
