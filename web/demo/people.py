"""The sample people of a demo by the place they serve in, read for the page where one of them is chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.people.memberships import in_force
from workflow.storage.people import Membership, Organisation, Person, Unit


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample person in one of her posts."""

    person_id: int
    account: str
    name: str
    role: str
    is_head: bool
    place: str


@dataclass(frozen=True, slots=True)
class Place:
    """A unit or an organisation with its sample people."""

    unit_id: int | None
    kind: str
    name: str
    people: list[Sample] = field(default_factory=list)


def sample_places(session: Session, today: date) -> list[Place]:
    """Units by their code, then organisations, each with who serves there today."""
    rows = session.execute(
        select(Membership, Person, Unit, Organisation)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
        .where(Person.is_sample, Person.disabled_at.is_(None), in_force(today))
        .order_by(Unit.code.is_(None), Unit.code, Organisation.id, Membership.is_head, Person.id)
    )
    places: dict[tuple[int | None, int | None], Place] = {}
    for post, person, unit, organisation in rows:
        where = (post.unit_id, post.organisation_id)
        if where not in places:
            places[where] = _place(unit, organisation)
        place = places[where]
        place.people.append(
            Sample(person.id, person.account, person.name, post.role, post.is_head, place.name)
        )
    return list(places.values())


def one_of_each_role(session: Session, today: date) -> list[Sample]:
    """The first sample person of every role, and every head apart from her officers."""
    samples = [sample for place in sample_places(session, today) for sample in place.people]
    first = {(sample.role, sample.is_head): sample for sample in reversed(samples)}
    return list(reversed(first.values()))


def _place(unit: Unit | None, organisation: Organisation | None) -> Place:
    if unit is not None:
        return Place(unit.id, unit.kind, unit.name)
    assert organisation is not None, "a post is held in a unit or for an organisation"
    return Place(None, "organisation", organisation.name)
