"""For which organisations somebody fills in applications: her own, or those of her township with paper."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.orm import Session

from web import edge
from web.language import unit_name
from workflow.errors import NotFound, Reason, Refused
from workflow.process.definition import APPLICANT_ROLE
from workflow.reference import UnitFacts
from workflow.storage.people import Organisation


class Choice(NamedTuple):
    """One line of a list of choices: what is sent and what is read."""

    value: int
    label: str


def own_organisations() -> list[Choice]:
    """The organisations she acts for as an applicant."""
    return [
        Choice(post.organisation_id, post.organisation_name or "")
        for post in edge.actor().posts
        if post.role == APPLICANT_ROLE and post.organisation_id is not None
    ]


def is_own(organisation_id: int) -> bool:
    return any(own.value == organisation_id for own in own_organisations())


def served_townships() -> list[int]:
    """The units whose work her townships do today: themselves and those they have succeeded."""
    hers = edge.actor().units_as("township_officer")
    return [unit.id for unit in edge.reference().units.values() if _working_unit(unit) in hers]


def organisation_for(session: Session, organisation_id: int | None) -> Organisation:
    """The organisation when she may fill in applications for it; else NotFound, as if there were none."""
    found = None if organisation_id is None else session.get(Organisation, organisation_id)
    if found is None or not (is_own(found.id) or found.township_id in served_townships()):
        raise NotFound(Reason("not_found"))
    return found


def townships_today() -> list[Choice]:
    """The townships to choose from, by their code."""
    valid = [
        unit
        for unit in edge.reference().units.values()
        if unit.kind == "township" and unit.is_valid_on(edge.today())
    ]
    return [Choice(unit.id, unit_name(unit.id)) for unit in sorted(valid, key=lambda unit: unit.code)]


def _working_unit(unit: UnitFacts) -> int | None:
    try:
        return edge.reference().successor_on(unit.id, edge.today())
    except Refused:
        return None
