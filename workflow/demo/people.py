"""The officers of the demo: at least two and a head in every unit, all with one password."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import NamedTuple

from sqlalchemy.orm import Session

from workflow.clock.days import start_of_day
from workflow.demo.names import invented_names, sample_email, sample_mobile
from workflow.people.actors import SYSTEM
from workflow.people.memberships import ROLE_UNITS, add_membership
from workflow.people.passwords import hashed
from workflow.people.persons import PersonParticulars, add_person
from workflow.people.trail import Signature
from workflow.people.units import units_on
from workflow.reference import UnitFacts, reference_of
from workflow.storage.people import Person

DEMO_PASSWORD = "Changle-2026"  # noqa: S105  it is told to everybody who sees the demo
_ACCOUNTS = {
    "bureau": "shijian",
    "joint_meeting_office": "lianxi",
    "finance": "caizheng",
    "efficiency_office": "xiaoneng",
}


class Post(NamedTuple):
    """Somebody to be appointed."""

    account: str
    role: str
    is_head: bool = False


class Accounts:
    """Makes accounts of sample people, each with a name, a telephone and the password of the demo."""

    def __init__(self, session: Session, chance: Random, since: date) -> None:
        self._session = session
        self.signature = Signature(SYSTEM, start_of_day(since))
        self._names = invented_names(chance)
        self._number = 0
        # One hash for all: it takes as long as a sign-in, and there are more than a hundred people.
        self._password_hash = hashed(DEMO_PASSWORD)

    def add(self, account: str) -> Person:
        self._number += 1
        typed = PersonParticulars(
            account,
            next(self._names),
            phone=sample_mobile(self._number),
            email=sample_email(account),
        )
        person = add_person(self._session, typed, is_sample=True, by=self.signature)
        person.password_hash = self._password_hash
        return person


def appoint_officers(session: Session, accounts: Accounts, since: date) -> None:
    """Put people into every unit that exists on the day."""
    for unit in units_on(reference_of(session), since):
        for post in _posts_of(unit):
            person = accounts.add(post.account)
            add_membership(
                session,
                person.id,
                post.role,
                since,
                unit_id=unit.id,
                is_head=post.is_head,
                by=accounts.signature,
            )


def _posts_of(unit: UnitFacts) -> Iterator[Post]:
    match unit.kind:
        case "supervision":
            yield Post("ducha", "supervisor")
            yield Post("ducha2", "supervisor")
            yield Post("lingdao", "leader", is_head=True)
        case "administration":
            yield Post("admin", "administrator")
            yield Post("admin2", "administrator")
        case kind:
            role = next(role for role, of_kind in ROLE_UNITS.items() if of_kind == kind)
            # A township is called in its accounts what it is called in English: Songxia Town, songxia1.
            prefix = _ACCOUNTS.get(kind) or unit.name_en.split()[0].lower()
            yield from (Post(f"{prefix}{number}", role) for number in (1, 2))
            yield Post(f"{prefix}-head", role, is_head=True)
