"""How official papers write: units by their full names, days without the weekday, where objections go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import format_date
from sqlalchemy.orm import Session

from web import edge
from web.language import locale, unit_name
from workflow.district import OBJECTIONS_TO, OFFICIAL_NAME
from workflow.installation import fact
from workflow.storage.people import Unit


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the public turns to."""

    address: str
    phone: str


def official_name(session: Session, called: str) -> str:
    """The full name of the unit that pages call so; a unit without one goes by its usual name."""
    units = edge.reference().units.values()
    code = next((unit.code for unit in units if unit_name(unit.id) == called), None)
    if code is None:
        return called
    return fact(session, OFFICIAL_NAME.format(code=code, locale=locale())) or called


def objections_to(session: Session) -> Desk:
    """Address and telephone for objections to a public notice."""
    office = edge.reference().unit_of_kind("joint_meeting_office", edge.today())
    phone = session.get_one(Unit, office).phone or ""
    return Desk(fact(session, OBJECTIONS_TO[locale()]) or "", phone)


def paper_day(on: date) -> str:
    """A day as documents write it: 2026年11月2日, without the weekday."""
    return str(format_date(on, "long"))
