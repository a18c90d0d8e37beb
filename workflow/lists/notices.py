"""The applications in public notice, with what the public is told of them and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock.days import shanghai_day
from workflow.lists.paging import CAP
from workflow.lists.scope import visible
from workflow.lists.sections import SECTIONS
from workflow.people.actors import Actor
from workflow.process.scope import APPLICATION
from workflow.storage.cases import Achievement, Application, Case, Step
from workflow.storage.people import Organisation

# The condition that an application is in public notice, as the worklist of the office divides its cases.
NOTICES = "notices"


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


def running_notices(session: Session, actor: Actor) -> list[NoticeRow]:
    """What is in public notice now, by the day on which it ends; at most a thousand."""
    rows = session.execute(
        select(
            Case.number, Organisation.name.label("organisation"), Application.line,
            Achievement.title.label("achievement"), Application.award_year, Application.approved_yuan,
            Step.entered_at, Case.due_on.label("until_on"),
        )
        .join(Application, Application.case_id == Case.id)
        .join(Organisation, Organisation.id == Case.organisation_id)
        .join(Achievement, Achievement.id == Application.achievement_id)
        .join(Step, (Step.case_id == Case.id) & (Step.number == Case.step_number))
        .where(visible(actor), Case.process == APPLICATION, SECTIONS[NOTICES](actor))
        .order_by(Case.due_on, Case.id)
        .limit(CAP)
    )  # fmt: skip
    return [_notice(dict(row._mapping)) for row in rows]


def _notice(columns: dict[str, object]) -> NoticeRow:
    entered_at = columns.pop("entered_at")
    return NoticeRow(**columns, from_on=shanghai_day(entered_at))  # type: ignore[arg-type]
