"""Adding and disabling persons. How they sign in is `accounts`, what posts they hold is `memberships`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.errors import InvalidInput, NotFound, Reason
from workflow.people.memberships import refuse_losing_last_administrator
from workflow.people.names import normalised_person_name, person_name_reasons
from workflow.people.particulars import (
    account_reasons,
    email_reasons,
    normalised_account,
    normalised_phone,
    phone_reasons,
)
from workflow.people.passwords import MIN_LENGTH, hashed, password_reasons
from workflow.storage.people import Person


@dataclass(frozen=True, slots=True)
class PersonParticulars:
    """What is typed about a person. Without a password she first needs a one-time code."""

    account: str
    name: str
    phone: str = ""
    email: str = ""
    password: str | None = None
    locale: str = "zh"

    def normalised(self) -> PersonParticulars:
        return replace(
            self,
            account=normalised_account(self.account),
            name=normalised_person_name(self.name),
            phone=normalised_phone(self.phone),
            email=self.email.strip(),
        )


def person_reasons(
    session: Session, typed: PersonParticulars, *, min_length: int = MIN_LENGTH
) -> list[Reason]:
    """Everything that is wrong with the particulars, each reason at its field."""
    person = typed.normalised()
    reasons = [*account_reasons(person.account), *person_name_reasons(person.name)]
    if not reasons and _has_account(session, person.account):
        reasons.append(_taken(person.account))
    if person.phone:
        reasons += phone_reasons(person.phone)
    if person.email:
        reasons += email_reasons(person.email)
    if person.password is not None:
        reasons += password_reasons(person.password, person.account, min_length=min_length)
    return reasons


def add_person(
    session: Session, typed: PersonParticulars, *, is_sample: bool = False, min_length: int = MIN_LENGTH
) -> Person:
    """A new person, without any post yet."""
    if reasons := person_reasons(session, typed, min_length=min_length):
        raise InvalidInput(*reasons)
    particulars = typed.normalised()
    person = Person(
        account=particulars.account,
        name=particulars.name,
        phone=particulars.phone or None,
        email=particulars.email or None,
        locale=particulars.locale,
        password_hash=None if particulars.password is None else hashed(particulars.password),
        session_epoch=1,
        is_sample=is_sample,
    )
    session.add(person)
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody else took the name between the look and the leap.
        raise InvalidInput(_taken(particulars.account)) from error
    return person


def disable_person(session: Session, person_id: int, today: date, now: datetime) -> Person:
    """Close the account and end its sessions; what the person did stays hers."""
    person = _person(session, person_id)
    refuse_losing_last_administrator(session, person_id, today)
    person.disabled_at = now
    person.session_epoch += 1
    return person


def enable_person(session: Session, person_id: int) -> Person:
    person = _person(session, person_id)
    person.disabled_at = None
    return person


def person_by_account(session: Session, account: str) -> Person | None:
    return session.scalar(select(Person).where(Person.account == normalised_account(account)))


def _has_account(session: Session, account: str) -> bool:
    return session.scalar(select(Person.id).where(Person.account == account)) is not None


def _taken(account: str) -> Reason:
    return Reason("account.taken", {"account": account}, "account")


def _person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound(Reason("not_found"))
    return person
