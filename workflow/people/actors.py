"""The person as the rules see her: who she is and which posts she holds on a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Nullable, or_, select
from sqlalchemy.orm import Session, aliased

from workflow.storage.people import Membership, Organisation, Person, Unit


@dataclass(frozen=True, slots=True)
class Post:
    """One membership in force: a role in a unit, or for an organisation."""

    role: str
    is_head: bool = False
    unit_id: int | None = None
    unit_kind: str | None = None
    unit_name: str | None = None
    organisation_id: int | None = None
    organisation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `person_id` is None for the system, which acts only through timers."""

    person_id: int | None
    name: str
    posts: tuple[Post, ...] = ()
    locale: str = "zh"

    @property
    def is_system(self) -> bool:
        return self.person_id is None

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(post.role for post in self.posts)

    @property
    def unit_ids(self) -> frozenset[int]:
        return frozenset(post.unit_id for post in self.posts if post.unit_id is not None)

    @property
    def organisation_ids(self) -> frozenset[int]:
        return frozenset(post.organisation_id for post in self.posts if post.organisation_id is not None)

    def units_as(self, role: str) -> frozenset[int]:
        """The units in which she serves in this role."""
        return frozenset(p.unit_id for p in self.posts if p.role == role and p.unit_id is not None)

    def heads(self, unit_id: int | None) -> bool:
        return any(post.is_head and post.unit_id == unit_id for post in self.posts if unit_id is not None)


SYSTEM = Actor(person_id=None, name="系统", posts=(Post(role="system"),))


def actor_of(session: Session, person_id: int, today: date) -> Actor | None:
    """The person with the posts she holds today; None when there is no such person or she is disabled.

    Who serves in the successor of a dissolved unit also serves in that unit, whose cases lie with her now.
    """
    dissolved = aliased(Unit)
    rows = session.execute(
        select(
            Person,
            Nullable(Membership),
            Nullable(Unit.kind),
            Nullable(Unit.name),
            Nullable(Organisation.name),
            Nullable(dissolved.id),
        )
        .outerjoin(
            Membership,
            (Membership.person_id == Person.id)
            & (Membership.from_on <= today)
            & or_(Membership.to_on.is_(None), Membership.to_on >= today),
        )
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
        .outerjoin(dissolved, (dissolved.successor_id == Unit.id) & (dissolved.valid_to < today))
        .where(Person.id == person_id, Person.disabled_at.is_(None))
        .order_by(Membership.id)
    ).all()
    if not rows:
        return None
    person = rows[0][0]
    held: list[Post] = []
    inherited: list[Post] = []
    for _, m, kind, unit_name, organisation_name, dissolved_id in rows:
        if m is None:
            continue
        post = Post(m.role, m.is_head, m.unit_id, kind, unit_name, m.organisation_id, organisation_name)
        if post not in held:
            held.append(post)
        if dissolved_id is not None:
            inherited.append(replace(post, unit_id=dissolved_id))
    return Actor(person.id, person.name, (*held, *inherited), person.locale)
