"""Which units there are on a day, and under which telephone numbers they answer."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from workflow.errors import InvalidInput, NotFound, Reason
from workflow.people.particulars import normalised_phone, phone_reasons
from workflow.reference import Reference, UnitFacts
from workflow.storage.people import Unit


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
