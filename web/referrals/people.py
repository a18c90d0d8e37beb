"""Whom a referral can be about: the units that handle applications, and who serves in them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from web import edge
from web.cases.handlers import Group
from web.language import _, label, unit_name
from workflow.people.memberships import in_force
from workflow.people.units import units_on
from workflow.referrals.drafting import ANSWERABLE
from workflow.storage.people import Membership, Person


def answerable_units() -> list[tuple[int, str]]:
    """The units that can be told to rectify, by kind."""
    units = [unit for kind in ANSWERABLE for unit in units_on(edge.reference(), edge.today(), kind)]
    return [(unit.id, unit_name(unit.id)) for unit in units]


def officers_by_unit(session: Session, beside: int | None, first: int | None) -> list[Group]:
    """Who serves in these units today, those of the `first` one on top; `beside` one who may have left."""
    units = sorted(answerable_units(), key=lambda unit: unit[0] != first)
    rows = session.execute(
        select(Membership.unit_id, Person.id, Person.name)
        .join(Person, Person.id == Membership.person_id)
        .where(in_force(edge.today()), Membership.unit_id.in_([unit_id for unit_id, _name in units]))
        .order_by(Person.id)
    ).all()
    groups = [
        Group(name, tuple((row.id, row.name) for row in rows if row.unit_id == unit_id))
        for unit_id, name in units
    ]
    return [
        *_left_since(session, beside, {row.id for row in rows}),
        *(each for each in groups if each.officers),
    ]


def post_of(session: Session, person_id: int | None, unit_id: int) -> str:
    """The post somebody holds, or last held, in a unit."""
    held = session.execute(
        select(Membership.role, Membership.is_head)
        .where(Membership.person_id == person_id, Membership.unit_id == unit_id)
        .order_by(Membership.is_head.desc(), Membership.from_on.desc())
        .limit(1)
    ).first()
    if held is None:
        return ""
    return _("分管领导") if held.is_head else label("role", held.role)


def _left_since(session: Session, person_id: int | None, present: set[int]) -> list[Group]:
    person = session.get(Person, person_id) if person_id is not None and person_id not in present else None
    return [] if person is None else [Group(_("已离任"), ((person.id, person.name),))]
