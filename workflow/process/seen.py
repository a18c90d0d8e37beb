"""A case as one person reads it for a page: its facts, where the case exists for her at all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.errors import NotFound, Reason
from workflow.people.actors import Actor
from workflow.process.facts import Facts, read_facts
from workflow.process.scope import sees


def seen_facts(session: Session, case_id: int, actor: Actor, now: datetime) -> Facts:
    """The facts of a case, unlocked. Raises NotFound where there is none, or none that is hers to see."""
    facts = read_facts(session, case_id, actor, now, locked=False)
    if not sees(actor, facts.case):
        raise NotFound(Reason("not_found"))
    return facts
