"""Who may change an application while the organisation holds it, and how what was typed is written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflow.errors import NotFound, Reason, refuse_if
from workflow.people.actors import Actor
from workflow.process.definition import APPLICANT_ROLE, ORGANISATION
from workflow.process.disclosure import state_label
from workflow.process.facts import Facts, read_facts
from workflow.process.overtaking import LAST_SAVED, overtaken
from workflow.process.scope import sees
from workflow.storage.cases import Application, Case


def editable_facts(
    session: Session, case_id: int, actor: Actor, now: datetime, *, seen_version: int | None = None
) -> Facts:
    """The facts of a case, its row locked, that this person may change now.

    Raises NotFound out of her scope, Overtaken when the case is not the version she saw, and Refused with
    every reason when it is not hers to change.
    """
    facts = read_facts(session, case_id, actor, now, locked=True)
    if not sees(actor, facts.case):
        raise NotFound(Reason("not_found"))
    if seen_version is not None and seen_version != facts.case.version:
        raise overtaken(session, facts)
    refuse_if(editing_reasons(facts))
    return facts


def editing_reasons(facts: Facts) -> list[Reason]:
    """Why this person cannot change the application now; empty when she can."""
    case = facts.case
    if case.line is None or facts.state.holder != ORGANISATION:
        return [Reason("application.not_editable", {"state_label": state_label(case.state, outsider=True)})]
    reasons = []
    if not acts_for_organisation(facts):
        if case.township_id not in facts.actor.units_as("township_officer"):
            reasons.append(Reason("application.not_yours_to_edit"))
        elif case.entered_by_id is None:
            reasons.append(Reason("application.entered_by_organisation"))
    if case.timer_at is not None and case.timer_at <= facts.now:
        reasons.append(Reason("reason.time_is_up"))
    return reasons


def acts_for_organisation(facts: Facts) -> bool:
    """Whether the actor is an applicant of the case's organisation."""
    return any(
        post.role == APPLICANT_ROLE and post.organisation_id == facts.case.organisation_id
        for post in facts.actor.posts
    )


def write_application(session: Session, facts: Facts, typed: dict[str, Any], columns: dict[str, Any]) -> int:
    """Write the form and count up the version of the locked case; returns the new version."""
    saved = {"by": facts.actor.person_id, "at": facts.now.isoformat()}
    session.execute(
        update(Application)
        .where(Application.case_id == facts.case.id)
        .values(facts={**typed, LAST_SAVED: saved}, **columns)
    )
    version = facts.case.version + 1
    session.execute(update(Case).where(Case.id == facts.case.id).values(version=version))
    return version
