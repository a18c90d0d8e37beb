"""Who was quicker: what the slower of two is told, whether a case was acted on or its form saved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock.days import spoken_moment
from workflow.errors import Overtaken
from workflow.process.facts import Facts
from workflow.storage.cases import Application, Event
from workflow.storage.people import Person

# Kept beside the typed facts: a saved draft makes no line of history. No field of a form begins with a dot.
LAST_SAVED = ".saved"


def overtaken(session: Session, facts: Facts) -> Overtaken:
    """Who acted last and when: the last event, or whoever saved the form after it."""
    event, typed = session.execute(
        select(Event, Application.facts)
        .outerjoin(Application, Application.case_id == Event.case_id)
        .where(Event.case_id == facts.case.id, Event.number == facts.case.event_number)
    ).one()
    person_id, action, at = event.actor_id, event.action, event.at
    saved = (typed or {}).get(LAST_SAVED)
    if saved and datetime.fromisoformat(saved["at"]) >= at:
        person_id, action, at = saved["by"], "save", datetime.fromisoformat(saved["at"])
    name = session.scalar(select(Person.name).where(Person.id == person_id))
    return Overtaken(
        actor_name=name or "系统",
        action=action,
        acted_at=at,
        when_label=spoken_moment(at, facts.actor.locale, facts.today),
        by_oneself=person_id is not None and person_id == facts.actor.person_id,
    )
