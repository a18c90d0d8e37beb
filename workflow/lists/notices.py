"""The applications in public notice, with what the public is told of them and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from workflow.clock.days import shanghai_day
from workflow.lists.paging import EVERY_DAY, Page, Place, by_due, page_of
from workflow.lists.scope import is_one_of
from workflow.lists.sections import SECTIONS
from workflow.people.actors import Actor
from workflow.reference import Reference
from workflow.storage.cases import Achievement, Application, Case, Step
from workflow.storage.people import Organisation

# The condition that an application is in public notice, as the worklist of the office divides its cases.
NOTICES = "notices"
OFFICE = "joint_meeting_office"
# A sheet to put up on the wall has all of them at once; no district gives notice of more at a time.
PER_PAGE = 200


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One application as it is made public."""

    number: str
    organisation: str
    line: str
    achievement: str
    award_year: int
    approved_yuan: int
    from_on: date
    until_on: date


def running_notices(
    session: Session, actor: Actor, reference: Reference, *, after: Place | None = None
) -> Page[NoticeRow]:
    """What is in public notice now, by the day on which it ends."""
    rows = by_due(session, _notices(actor, reference), EVERY_DAY, after, PER_PAGE + 1)
    return page_of(rows, PER_PAGE, _notice, lambda row: Place(row.until_on, row.case_id))


def _notices(actor: Actor, reference: Reference) -> Select[*tuple[Any, ...]]:
    # By the offices that give notice, because their index has what they hold in the order of its days.
    offices = [unit.id for unit in reference.units.values() if unit.kind == OFFICE]
    return (
        select(
            Case.id.label("case_id"), Case.number, Organisation.name.label("organisation"), Application.line,
            Achievement.title.label("achievement"), Application.award_year, Application.approved_yuan,
            Step.entered_at, Case.due_on.label("until_on"),
        )
        .join(Application, Application.case_id == Case.id)
        .join(Organisation, Organisation.id == Case.organisation_id)
        .join(Achievement, Achievement.id == Application.achievement_id)
        .join(Step, (Step.case_id == Case.id) & (Step.number == Case.step_number))
        # Whom the page is for may see all of them, as the public does.
        .where(Case.closed_at.is_(None), is_one_of(Case.unit_id, offices), SECTIONS[NOTICES](actor))
    )  # fmt: skip


def _notice(row: Row[Any]) -> NoticeRow:
    columns = dict(row._mapping)
    entered_at, _case_id = columns.pop("entered_at"), columns.pop("case_id")
    return NoticeRow(**columns, from_on=shanghai_day(entered_at))
