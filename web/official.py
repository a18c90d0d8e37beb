"""How official papers write: head and foot, units' full names, days without the weekday, whom to ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import format_date
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import edge
from web.language import _, locale, unit_name, wan
from workflow.clock.days import shanghai_day
from workflow.district import OBJECTIONS_TO, OFFICIAL_NAME
from workflow.installation import fact
from workflow.lists.case_history import EventLine
from workflow.lists.case_page import CasePage
from workflow.people.memberships import in_force
from workflow.policy.terms import Policy
from workflow.storage.people import Membership, Unit


@dataclass(frozen=True, slots=True)
class Paper:
    """One document: its head and foot, and what its template says in between."""

    kind: str
    title: str
    issuer: str
    day: str
    addressee: str = ""
    number: str = ""
    contents: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the public turns to."""

    address: str
    phone: str


@dataclass(frozen=True, slots=True)
class Payee:
    """The office to which money is paid back."""

    name: str
    phone: str


def paper_of(
    page: CasePage, policy: Policy, kind: str, title: str, event: EventLine, **contents: Any
) -> Paper:
    """A document on one application, signed by the unit that did the act, on its day.

    `issuer` is what pages call that unit: who prints the paper puts its full name there.
    """
    application, organisation = page.application, page.organisation
    assert application is not None, "an application has this part"
    assert organisation is not None, "an application has an organisation"
    line, number = policy.line(application.line), page.head.number or ""
    shared = {
        "organisation": organisation.name,
        "number": number,
        "line": line.name.text(locale()),
        "clause": line.clause,
        "policy": policy.document.title.text(locale()),
        "amount": wan(application.amount_yuan),
    }
    return Paper(
        kind=kind,
        title=title,
        issuer=event.unit,
        day=paper_day(shanghai_day(event.at)),
        addressee=_("%(organisation)s：", organisation=organisation.name),
        number=_("申请编号 %(number)s", number=number),
        contents={**shared, **contents},
    )


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


def payee(session: Session) -> Payee:
    """Who takes money that comes back, and says to which account."""
    office = edge.reference().unit_of_kind("finance", edge.today())
    phone = session.get_one(Unit, office).phone or ""
    return Payee(official_name(session, unit_name(office)), phone)


def may_sign_in(session: Session, organisation_id: int) -> bool:
    """Whether somebody acts for the organisation here; one whose paper an office enters may have nobody."""
    acting = select(Membership.id).where(
        Membership.organisation_id == organisation_id, in_force(edge.today())
    )
    return session.scalar(acting.limit(1)) is not None


def paper_day(on: date) -> str:
    """A day as documents write it: 2026年11月2日, without the weekday."""
    return str(format_date(on, "long"))
