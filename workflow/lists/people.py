"""Persons with the posts they hold, for the administrator: the list, one person, who serves in a unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select
from sqlalchemy.orm import Session

from workflow.errors import NotFound, Reason
from workflow.lists.paging import PAGE_SIZE, Page, page_of
from workflow.people.memberships import in_force
from workflow.people.names import normalised_person_name
from workflow.people.particulars import normalised_account
from workflow.storage.people import Membership, Organisation, Person

KINDS = ("officers", "applicants", "unposted", "disabled")
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class PostLine:
    """One membership; `organisation` is the name of the organisation it is held for, if it is not a unit."""

    membership_id: int
    role: str
    is_head: bool
    unit_id: int | None
    organisation: str | None
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person with her posts; `code_until` is when an unused one-time code runs out."""

    person_id: int
    account: str
    name: str
    phone: str | None
    email: str | None
    has_password: bool
    code_until: datetime | None
    disabled_at: datetime | None
    is_sample: bool
    posts: tuple[PostLine, ...]


def people(
    session: Session, today: date, kind: str, *, after: str | None = None, limit: int = PAGE_SIZE
) -> Page[PersonLine]:
    """The people of a kind with the posts they hold today, by account; `after` is the last account before."""
    return _page(session, today, _of_kind(kind, today), after, limit)


def people_matching(
    session: Session, today: date, text: str, *, after: str | None = None, limit: int = PAGE_SIZE
) -> Page[PersonLine]:
    """Everybody whose account begins with the text or whose name contains it, by account."""
    text = text[:LONGEST_SEARCH]
    found = or_(
        Person.account.startswith(normalised_account(text), autoescape=True),
        Person.name.contains(normalised_person_name(text), autoescape=True),
    )
    return _page(session, today, found, after, limit)


def person_line(session: Session, person_id: int) -> PersonLine:
    """One person with every post she ever held, the latest first."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(Reason("not_found"))
    posts = _posts(session, Membership.person_id == person_id)
    return _line(person, posts.get(person_id, ()))


def serving_in(session: Session, unit_id: int, today: date) -> list[tuple[Person, Membership]]:
    """Who serves in the unit today, heads first."""
    rows = session.execute(
        select(Person, Membership)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.unit_id == unit_id, in_force(today), Person.disabled_at.is_(None))
        .order_by(Membership.is_head.desc(), Person.account)
    )
    return [(person, post) for person, post in rows]


def serving_counts(session: Session, today: date) -> Mapping[int, tuple[int, int]]:
    """By unit, how many serve in it today and how many of them as head."""
    rows = session.execute(
        select(
            Membership.unit_id,
            func.count(Membership.person_id.distinct()),
            func.sum(case((Membership.is_head, 1), else_=0)),
        )
        .join(Person)
        .where(Membership.unit_id.is_not(None), in_force(today), Person.disabled_at.is_(None))
        .group_by(Membership.unit_id)
    )
    return {unit_id: (people, heads) for unit_id, people, heads in rows}


def _of_kind(kind: str, today: date) -> ColumnElement[bool]:
    held = exists().where(Membership.person_id == Person.id, in_force(today))
    match kind:
        case "officers":
            # From their posts: they are few among all who ever applied.
            # Said as a range: for "is not null" SQLite would read through everybody's.
            serving = select(Membership.person_id).where(Membership.unit_id > 0, in_force(today))
            return Person.id.in_(serving) & Person.disabled_at.is_(None)
        case "applicants":
            return held.where(Membership.organisation_id.is_not(None)) & Person.disabled_at.is_(None)
        case "unposted":
            return ~held & Person.disabled_at.is_(None)
        case _:
            return Person.disabled_at.is_not(None)


def _page(
    session: Session, today: date, condition: ColumnElement[bool], after: str | None, limit: int
) -> Page[PersonLine]:
    wanted = select(Person).where(condition).order_by(Person.account).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(Person.account > after)
    found = session.scalars(wanted).all()
    shown = [person.id for person in found[:limit]]
    posts = _posts(session, Membership.person_id.in_(shown), in_force(today))
    return page_of(found, limit, lambda each: _line(each, posts.get(each.id, ())), lambda each: each.account)


def _posts(session: Session, *conditions: ColumnElement[bool]) -> Mapping[int, Collection[PostLine]]:
    posts: dict[int, list[PostLine]] = defaultdict(list)
    for row in session.execute(_post_rows().where(*conditions)):
        posts[row.person_id].append(PostLine(*row[1:]))
    return posts


def _post_rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Membership.person_id, Membership.id, Membership.role, Membership.is_head, Membership.unit_id,
            Organisation.name, Membership.from_on, Membership.to_on,
        )
        .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
        .order_by(Membership.from_on.desc(), Membership.id.desc())
    )  # fmt: skip


def _line(person: Person, posts: Collection[PostLine]) -> PersonLine:
    return PersonLine(
        person_id=person.id,
        account=person.account,
        name=person.name,
        phone=person.phone,
        email=person.email,
        has_password=person.password_hash is not None,
        code_until=person.reset_expires_at,
        disabled_at=person.disabled_at,
        is_sample=person.is_sample,
        posts=tuple(posts),
    )
