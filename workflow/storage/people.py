"""Tables of units, persons and their memberships, organisations and their accounts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.storage.types import Base, Id

# Of a credit code people remember the last characters: so many have an index.
CODE_END = 4


def _end_of_code(insert: Any) -> str:
    code: str = insert.get_current_parameters()["credit_code"]
    return code[-CODE_END:]


class Unit(Base):
    """An office (机构). Rows have a period of validity and a successor; they are never deleted."""

    __tablename__ = "units"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    name_en: Mapped[str]
    phone: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))


class Person(Base):
    """Somebody who signs in. What she may do follows from her memberships alone."""

    __tablename__ = "persons"
    __table_args__ = (
        # The few people of a demo whom one may be.
        Index(
            "ix_persons_sample",
            "id",
            sqlite_where=text("is_sample = 1"),
            postgresql_where=text("is_sample"),
        ),
        Index(
            "ix_persons_disabled",
            "account",
            sqlite_where=text("disabled_at IS NOT NULL"),
            postgresql_where=text("disabled_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    locale: Mapped[str] = mapped_column(default="zh")
    password_hash: Mapped[str | None]
    # A new epoch ends every session that was signed in before.
    session_epoch: Mapped[int] = mapped_column(default=1)
    reset_code_hash: Mapped[str | None]
    reset_expires_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    is_sample: Mapped[bool] = mapped_column(default=False)

    memberships: Mapped[list[Membership]] = relationship(back_populates="person")


class Membership(Base):
    """A person serves in a unit, or acts for an organisation, in a role from a day to a day."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint("(unit_id IS NULL) <> (organisation_id IS NULL)", name="unit_or_organisation"),
        Index("ix_memberships_person_id", "person_id"),
        Index("ix_memberships_unit_id_role", "unit_id", "role"),
        Index("ix_memberships_organisation_id", "organisation_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    role: Mapped[str]
    is_head: Mapped[bool] = mapped_column(default=False)
    from_on: Mapped[date]
    to_on: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="memberships")
    unit: Mapped[Unit | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()


class AccountEvent(Base):
    """One thing that was done to a person's account or posts, append-only; nobody did what the system did."""

    __tablename__ = "account_events"
    __table_args__ = (Index("ix_account_events_person_id_id", "person_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    action: Mapped[str]
    details: Mapped[dict[str, Any]]


class SignInFailure(Base):
    """One failed sign-in; enough of them in a short time lock the account."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_account_failed_at", "account", "failed_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account: Mapped[str]
    address: Mapped[str]
    failed_at: Mapped[datetime]


class Organisation(Base):
    """An enterprise or other body that applies (申报单位), by its unified social credit code."""

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    credit_code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    township_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    address: Mapped[str]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    registered_on: Mapped[date]
    moved_out_on: Mapped[date | None]
    is_sample: Mapped[bool] = mapped_column(default=False)
    # A column of its own, because no index answers LIKE '%X'. A code never changes.
    code_end: Mapped[str] = mapped_column(default=_end_of_code, server_default="", index=True)

    township: Mapped[Unit] = relationship()
    accounts: Mapped[list[OrganisationAccount]] = relationship(
        back_populates="organisation", order_by="OrganisationAccount.id"
    )


class OrganisationTag(Base):
    """A dated mark on an organisation, for example its being on the list of the seriously dishonest."""

    __tablename__ = "organisation_tags"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)
    from_on: Mapped[date] = mapped_column(primary_key=True)
    to_on: Mapped[date | None]


class OrganisationAccount(Base):
    """A bank account; money goes to it only once an officer has confirmed that it is the organisation's."""

    __tablename__ = "organisation_accounts"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    holder: Mapped[str]
    bank: Mapped[str]
    number: Mapped[str]
    # Whoever brings an account in does not confirm it.
    added_by_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    confirmed_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(back_populates="accounts")
