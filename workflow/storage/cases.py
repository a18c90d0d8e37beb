"""Tables of cases, their steps and events; applications, referrals, achievements, evidence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Connection, ForeignKey, Index, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.storage.people import Organisation, Person, Unit
from workflow.storage.types import Base, Id


class Case(Base):
    """What a process runs on (办件). Carries the open step's unit, handler and due day for the lists."""

    __tablename__ = "cases"
    __table_args__ = (
        # A worklist is one scan of this index: unit, office's own or waiting, by due day. What stands behind
        # the id, here and below, lets thousands be counted without looking them up one by one; for that
        # SQLite wants `closed_at` there too, although it is NULL in every entry.
        Index(
            "ix_cases_worklist",
            "unit_id",
            "waiting",
            "due_on",
            "id",
            "timer_at",
            "handler_id",
            "process",
            "state",
            "closed_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_cases_open_due",
            "waiting",
            "due_on",
            "id",
            "timer_at",
            "process",
            "state",
            "unit_id",
            "was_late",
            "step_number",
            "closed_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        # The sections of an office that does several things: what its cases wait for.
        Index(
            "ix_cases_section",
            "unit_id",
            "process",
            "state",
            "due_on",
            "id",
            "township_id",
            "closed_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_cases_next_reminder",
            "next_reminder_at",
            "id",
            sqlite_where=text("next_reminder_at IS NOT NULL"),
            postgresql_where=text("next_reminder_at IS NOT NULL"),
        ),
        Index(
            "ix_cases_timer",
            "timer_at",
            "id",
            sqlite_where=text("timer_at IS NOT NULL"),
            postgresql_where=text("timer_at IS NOT NULL"),
        ),
        # What lies in one person's hands, for her own list and for the search by handler.
        Index(
            "ix_cases_handler",
            "handler_id",
            "due_on",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_cases_closed_at",
            "closed_at",
            "process",
            "state",
            "number",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        # How many run on a version of a process.
        Index(
            "ix_cases_open_version",
            "process",
            "process_version",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_cases_organisation", "organisation_id", "id"),
        Index("ix_cases_township", "township_id", "id", "process", "state", "unit_id", "number"),
        Index("ix_cases_process_state", "process", "state", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    process: Mapped[str]
    process_version: Mapped[int]
    number: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str]
    # Where a correction, an objection, a referral or a revocation review leads back to.
    origin_state: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    township_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    # True while the clock of the unit is stopped because the organisation has to answer.
    waiting: Mapped[bool] = mapped_column(default=False)
    step_number: Mapped[int] = mapped_column(default=1)
    event_number: Mapped[int] = mapped_column(default=1)
    chain_head: Mapped[str]
    # Lateness stays: once a step of an office was red, the case may be referred.
    was_late: Mapped[bool] = mapped_column(default=False)
    # Who has taken part in which duty, {"precheck": [12]}; the conflict of duties is read from here.
    duties: Mapped[dict[str, Any]]
    due_on: Mapped[date | None]
    due_version: Mapped[int] = mapped_column(default=1)
    next_reminder_at: Mapped[datetime | None]
    timer_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()
    unit: Mapped[Unit | None] = relationship(foreign_keys=unit_id)
    township: Mapped[Unit | None] = relationship(foreign_keys=township_id)
    handler: Mapped[Person | None] = relationship()
    steps: Mapped[list[Step]] = relationship(order_by="Step.number")
    events: Mapped[list[Event]] = relationship(order_by="Event.number")
    application: Mapped[Application | None] = relationship(
        back_populates="case", foreign_keys="Application.case_id"
    )
    referral: Mapped[Referral | None] = relationship(back_populates="case", foreign_keys="Referral.case_id")


@event.listens_for(Case.__table__, "after_create")
def _tell_what_goes_together(_table: object, connection: Connection, **_options: object) -> None:
    # Only open cases are held by a unit. Taken for unrelated, these columns make PostgreSQL expect far fewer
    # cases than a list has, and read and sort them all where its index has them in order.
    if connection.dialect.name == "postgresql":
        columns = "unit_id, process, state, waiting, timer_at, closed_at"
        connection.exec_driver_sql(f"CREATE STATISTICS st_cases_together (mcv) ON {columns} FROM cases")


class Step(Base):
    """One stay in one state (环节): the clock and the statistics live here."""

    __tablename__ = "steps"
    __table_args__ = (
        # All that the statistics read of a closed step: a few thousand rows would be looked up one by one.
        Index(
            "ix_steps_state_left_at",
            "state",
            "left_at",
            "unit_id",
            "used_days",
            "was_late",
            "outcome",
            "case_id",
        ),
        Index("ix_steps_unit_left_at", "unit_id", "left_at"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    entered_at: Mapped[datetime]
    limit_days: Mapped[int | None]
    used_before: Mapped[int] = mapped_column(default=0)
    due_on: Mapped[date | None]
    left_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    used_days: Mapped[int | None]
    late_days: Mapped[int | None]
    was_late: Mapped[bool] = mapped_column(default=False)

    unit: Mapped[Unit | None] = relationship()
    handler: Mapped[Person | None] = relationship()


class Event(Base):
    """One line of history (办理记录), append-only, chained by digest."""

    __tablename__ = "events"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    # The words can be erased, with their salt; the chain then still holds by their digests.
    reason: Mapped[str | None]
    details: Mapped[dict[str, Any]]
    salt: Mapped[str | None]
    reason_digest: Mapped[str]
    details_digest: Mapped[str]
    # Where the case stands after this act: its open step, how the last was closed, the sums that changed.
    standing: Mapped[dict[str, Any]]
    # The moment the act counts from; a timer's is the legal moment, `recorded_at` is when it was written.
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    previous: Mapped[str]
    digest: Mapped[str]

    actor: Mapped[Person | None] = relationship()
    unit: Mapped[Unit | None] = relationship()


class Achievement(Base):
    """What an award is for (成果), shared by organisations: a standard, a project, an edition of a prize."""

    __tablename__ = "achievements"
    __table_args__ = (UniqueConstraint("kind", "key"), Index("ix_achievements_key", "key"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    title: Mapped[str]


class Application(Base):
    """One organisation's request for one award line and one achievement (申请件)."""

    __tablename__ = "applications"
    __table_args__ = (
        Index("ix_applications_pool", "organisation_id", "award_year"),
        # The register of a year is read in the order of its cases.
        Index("ix_applications_year", "award_year", "case_id"),
        Index("ix_applications_achievement", "achievement_id"),
        Index("ix_applications_policy", "policy_id"),
        CheckConstraint("approved_yuan >= 0", name="approved_not_negative"),
        CheckConstraint("paid_yuan >= 0", name="paid_not_negative"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    line: Mapped[str]
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy_versions.id"))
    # What was typed, by the codes of the award line's form fields.
    facts: Mapped[dict[str, Any]]
    achievement_id: Mapped[int | None] = mapped_column(ForeignKey("achievements.id"))
    # What the reading per_achievement takes as the achievement; coarser than the register for quality awards.
    pool_achievement: Mapped[str | None]
    awarded_on: Mapped[date | None]
    award_year: Mapped[int | None]
    amount_yuan: Mapped[int] = mapped_column(Id)
    # While the claim lives this holds organisation, line and achievement; the database keeps it unique.
    claim_key: Mapped[str | None] = mapped_column(unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("organisation_accounts.id"))
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    promised_at: Mapped[datetime | None]
    # An officer entered it for an organisation that came with paper, and saw the originals.
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_yuan: Mapped[int] = mapped_column(Id, default=0)
    paid_yuan: Mapped[int] = mapped_column(Id, default=0)
    # What has to come back while recovering.
    recover_yuan: Mapped[int] = mapped_column(Id, default=0)

    case: Mapped[Case] = relationship(back_populates="application", foreign_keys=case_id)
    organisation: Mapped[Organisation] = relationship()
    achievement: Mapped[Achievement | None] = relationship()


class Evidence(Base):
    """An uploaded file of a case (材料); the bytes are stored under their SHA-256."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_case", "case_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    requirement: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    uploaded_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Referral(Base):
    """The joint-meeting office's file on an idle or slow office (移送)."""

    __tablename__ = "referrals"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    # The step of the application the referral rests on; empty when it rests on a written clue.
    step_number: Mapped[int | None]
    about_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    about_person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    problem: Mapped[str]
    account_of_facts: Mapped[str]
    clue: Mapped[str | None]
    # When its signature sent it to the efficiency office.
    sent_at: Mapped[datetime | None]
    finding: Mapped[str | None]
    decision: Mapped[str | None]

    case: Mapped[Case] = relationship(back_populates="referral", foreign_keys=case_id)
    application: Mapped[Case | None] = relationship(foreign_keys=application_id)
    about_unit: Mapped[Unit] = relationship()
    about_person: Mapped[Person | None] = relationship()
