"""Who serves in a unit on a day, which units there are on it, and their telephone numbers."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workflow.errors import InvalidInput, NotFound, Reason
from workflow.people.memberships import in_force
from workflow.people.particulars import normalised_phone, phone_reasons
from workflow.reference import Reference, UnitFacts
from workflow.storage.people import Membership, Person, Unit


def units_on(reference: Reference, day: date, kind: str | None = None) -> list[UnitFacts]:
    """The units valid on a day, of one kind or of all, by code."""
    valid = [unit for unit in reference.units.values() if unit.is_valid_on(day) and kind in (None, unit.kind)]
    return sorted(valid, key=lambda unit: unit.code)


def change_telephone(session: Session, unit_id: int, typed: str) -> Unit:
    """The number under which the unit answers; empty when nobody shall be told one."""
    unit = session.get(Unit, unit_id, with_for_update=True)
    if unit is None:
        raise NotFound(Reason("not_found"))
    phone = normalised_phone(typed)
    # What stands there already is not put into question: it may be a sample, or from the district's file.
    if phone == normalised_phone(unit.phone or ""):
        return unit
    if phone and (reasons := phone_reasons(phone)):
        raise InvalidInput(*reasons)
    unit.phone = phone or None
    session.flush()
    return unit


def officers_of(session: Session, unit_id: int, role: str | None, today: date) -> list[Person]:
    """Who serves in the unit today, in one role or in any."""
    serving = _serving(today).where(Membership.unit_id == unit_id)
    if role is not None:
        serving = serving.where(Membership.role == role)
    return list(session.scalars(serving))


def heads_of(session: Session, unit_id: int, today: date) -> list[Person]:
    """Who is chief of the unit today (分管领导)."""
    heads = _serving(today).where(Membership.unit_id == unit_id, Membership.is_head.is_(True))
    return list(session.scalars(heads))


def holders_of(session: Session, role: str, today: date) -> list[Person]:
    """Who holds a role today, in whichever unit."""
    return list(session.scalars(_serving(today).where(Membership.role == role)))


def colleagues(session: Session, person_id: int, unit_id: int, today: date) -> list[Person]:
    """Who else serves in the unit today in a role the person holds there, so that a case can go to them."""
    own_roles = select(Membership.role).where(
        Membership.person_id == person_id, Membership.unit_id == unit_id, in_force(today)
    )
    others = _serving(today).where(
        Membership.unit_id == unit_id, Membership.person_id != person_id, Membership.role.in_(own_roles)
    )
    return list(session.scalars(others))


def _serving(day: date) -> Select[Person]:
    serving = select(Person).join(Membership).where(in_force(day), Person.disabled_at.is_(None))
    return serving.distinct().order_by(Person.id)
