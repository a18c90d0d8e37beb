"""Evidence (材料) of a case: which files stand for which requirement. Their bytes are `files`' business."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from workflow.applications.editing import editable_facts
from workflow.applications.files import StoredFile
from workflow.applications.policies import policy_of
from workflow.errors import InvalidInput, NotFound, Reason
from workflow.people.actors import Actor
from workflow.policy.terms import EvidenceRequirement
from workflow.process.facts import Facts
from workflow.process.seen import seen_facts
from workflow.storage.cases import Evidence

MOST_FILES = 100
# Removed ones with them: their bytes stay, and the disk belongs to everybody.
MOST_EVER = 200


class GivenEvidence(NamedTuple):
    """A file as the rules see it."""

    requirement: str
    sha256: str


def given_evidence(session: Session, case_id: int) -> tuple[GivenEvidence, ...]:
    """What is handed in now, by requirement."""
    given = select(Evidence.requirement, Evidence.sha256).where(_given_to(case_id))
    return tuple(GivenEvidence(*row) for row in session.execute(given.order_by(Evidence.id)))


def evidence_of(session: Session, case_id: int) -> list[Evidence]:
    """The files handed in, oldest first; who may see the case is asked before."""
    given = select(Evidence).where(_given_to(case_id)).order_by(Evidence.id)
    return list(session.scalars(given.execution_options(populate_existing=True)))


def evidence_seen(session: Session, case_id: int, evidence_id: int, actor: Actor, now: datetime) -> Evidence:
    """One file of a case that exists for this person, also a removed one; else NotFound."""
    seen_facts(session, case_id, actor, now)
    found = session.get(Evidence, evidence_id, populate_existing=True)
    if found is None or found.case_id != case_id:
        raise NotFound(Reason("not_found"))
    return found


def add_evidence(
    session: Session, case_id: int, actor: Actor, requirement: str, prepared: StoredFile, *, now: datetime
) -> Evidence:
    """Hand in a stored file for a requirement of the award line, while the organisation holds the case.

    Does not change the version: who has the form open loses nothing by it. Raises NotFound, Refused, or
    InvalidInput naming file and requirement.
    """
    facts = editable_facts(session, case_id, actor, now)
    wanted = _requirement(session, facts, requirement)
    _refuse_double(session, case_id, wanted, prepared)
    _refuse_too_many_ever(session, case_id, wanted, prepared)
    added = Evidence(
        case_id=case_id,
        requirement=requirement,
        file_name=prepared.file_name,
        media_type=prepared.media_type,
        size=prepared.size,
        sha256=prepared.sha256,
        uploaded_by_id=actor.person_id,
        uploaded_at=now,
    )
    session.add(added)
    session.flush()
    return added


def remove_evidence(
    session: Session, case_id: int, actor: Actor, evidence_id: int, *, now: datetime
) -> Evidence:
    """Take a file back while the organisation holds the case; what was once submitted stays stored."""
    editable_facts(session, case_id, actor, now)
    found = session.get(Evidence, evidence_id, populate_existing=True)
    if found is None or found.case_id != case_id or found.removed_at is not None:
        raise NotFound(Reason("not_found"))
    found.removed_at = now
    session.flush()
    return found


def _given_to(case_id: int) -> ColumnElement[bool]:
    return and_(Evidence.case_id == case_id, Evidence.removed_at.is_(None))


def _requirement(session: Session, facts: Facts, code: str) -> EvidenceRequirement:
    assert facts.case.policy_id is not None
    assert facts.case.line is not None
    line = policy_of(session, facts.case.policy_id).line(facts.case.line)
    wanted = next((each for each in line.evidence if each.code == code), None)
    if wanted is None:
        raise InvalidInput(Reason("evidence.not_asked", {"requirement": code}, "requirement"))
    return wanted


def _refuse_double(session: Session, case_id: int, wanted: EvidenceRequirement, prepared: StoredFile) -> None:
    params = {
        "name": prepared.file_name,
        "requirement_zh": wanted.name.zh,
        "requirement_en": wanted.name.en,
    }
    given = given_evidence(session, case_id)
    if GivenEvidence(wanted.code, prepared.sha256) in given:
        raise InvalidInput(Reason("evidence.given_already", params, wanted.code))
    if len(given) >= MOST_FILES:
        raise InvalidInput(Reason("evidence.too_many", {**params, "most": MOST_FILES}, wanted.code))


def _refuse_too_many_ever(
    session: Session, case_id: int, wanted: EvidenceRequirement, prepared: StoredFile
) -> None:
    ever = session.scalar(select(func.count()).where(Evidence.case_id == case_id)) or 0
    if ever >= MOST_EVER:
        params = {"name": prepared.file_name, "most": MOST_EVER}
        raise InvalidInput(Reason("evidence.too_many_ever", params, wanted.code))
