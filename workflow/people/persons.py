"""Adding and disabling persons. How they sign in is `accounts`, what posts they hold is `memberships`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

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
from workflow.people.trail import Signature, record
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
    password_hash: str | None = None

    def hashed(self) -> PersonParticulars:
        """With the hash of the password: slow, and therefore done before the writing transaction."""
        return self if self.password is None else replace(self, password_hash=hashed(self.password))

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
    reasons = account_reasons(person.account)
    if not reasons and _has_account(session, person.account):
        reasons.append(_taken(person.account))
    reasons += _contact_reasons(person)
    if person.password is not None:
        reasons += password_reasons(person.password, person.account, min_length=min_length)
    return reasons


def add_person(
    session: Session,
    typed: PersonParticulars,
    *,
    is_sample: bool = False,
    min_length: int = MIN_LENGTH,
    by: Signature | None = None,
) -> Person:
    """A new person, without any post yet.

    Without a signature nothing is recorded: for who registers herself, and for databases of samples.
    """
    if reasons := person_reasons(session, typed, min_length=min_length):
        raise InvalidInput(*reasons)
    assert typed.password is None or typed.password_hash, "hashed before the transaction began"
    particulars = typed.normalised()
    person = Person(
        account=particulars.account,
        name=particulars.name,
        phone=particulars.phone or None,
        email=particulars.email or None,
        locale=particulars.locale,
        password_hash=particulars.password_hash,
        session_epoch=1,
        is_sample=is_sample,
    )
    session.add(person)
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody else took the name between the look and the leap.
        raise InvalidInput(_taken(particulars.account)) from error
    if by is not None:
        record(session, by, person.id, "added", account=person.account)
    return person


def correct_person(
    session: Session, person_id: int, *, name: str, phone: str, email: str, by: Signature
) -> Person:
    """Change name, telephone or e-mail; the account name stays, it stands in the history."""
    person = _person(session, person_id)
    typed = PersonParticulars(person.account, name, phone, email).normalised()
    if reasons := _contact_reasons(typed):
        raise InvalidInput(*reasons)
    wanted = {"name": typed.name, "phone": typed.phone or None, "email": typed.email or None}
    changed = [column for column, value in wanted.items() if getattr(person, column) != value]
    for column in changed:
        setattr(person, column, wanted[column])
    # Which fields, not what stood in them: particulars can be erased one day, the trail cannot.
    if changed:
        record(session, by, person.id, "corrected", fields=changed)
    return person


def disable_person(session: Session, person_id: int, today: date, by: Signature) -> Person:
    """Close the account and end its sessions; what the person did stays hers."""
    person = _person(session, person_id)
    refuse_losing_last_administrator(session, person_id, today)
    if person.disabled_at is None:
        person.disabled_at = by.at
        person.session_epoch += 1
        record(session, by, person.id, "disabled")
    return person


def enable_person(session: Session, person_id: int, by: Signature) -> Person:
    person = _person(session, person_id)
    if person.disabled_at is not None:
        person.disabled_at = None
        record(session, by, person.id, "enabled")
    return person


def person_by_account(session: Session, account: str) -> Person | None:
    return session.scalar(select(Person).where(Person.account == normalised_account(account)))


def _contact_reasons(person: PersonParticulars) -> list[Reason]:
    reasons = person_name_reasons(person.name)
    if person.phone:
        reasons += phone_reasons(person.phone)
    if person.email:
        reasons += email_reasons(person.email)
    return reasons


def _has_account(session: Session, account: str) -> bool:
    return session.scalar(select(Person.id).where(Person.account == account)) is not None


def _taken(account: str) -> Reason:
    return Reason("account.taken", {"account": account}, "account")


def _person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound(Reason("not_found"))
    return person
