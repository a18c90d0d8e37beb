"""What an application would come to as it stands: its problems, its amount, its place under highest-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow.applications.dossier import Dossier
from workflow.applications.rules import application_complete, claim_free, eligible, submission
from workflow.applications.snapshot import changes_between
from workflow.errors import NotFound, Reason
from workflow.people.actors import Actor
from workflow.policy.eligibility import notices, pool_achievement
from workflow.policy.entitlement import Claim, Entitled, entitlement
from workflow.policy.terms import AwardLine, EvidenceRequirement, Policy
from workflow.process.facts import Facts, load
from workflow.process.seen import seen_facts


@dataclass(frozen=True, slots=True)
class EvidenceState:
    """One requirement and how many files are handed in for it."""

    requirement: EvidenceRequirement
    files: int


@dataclass(frozen=True, slots=True)
class AwardPreview:
    """The award as it would be on what is typed now. `entitled` is None until the award date is known.

    `entitled` stands beside the organisation's other living claims under the adopted reading; binding is
    the computation at approval.
    """

    line: AwardLine
    policy: Policy
    awarded_on: date | None
    amount_yuan: int
    evidence: tuple[EvidenceState, ...]
    entitled: Entitled | None
    notices: tuple[Reason, ...]


def read_application(session: Session, case_id: int, actor: Actor, now: datetime) -> Facts:
    """The facts of an application with all that the questions below look at. Raises NotFound."""
    facts = seen_facts(session, case_id, actor, now)
    if facts.case.line is None:
        raise NotFound(Reason("not_found"))
    load(session, facts, "dossier", "evidence_given")
    return facts


def preview(facts: Facts) -> AwardPreview:
    """What the line pays, asks for, and what the highest-only rule would make of it now."""
    dossier: Dossier = facts.loaded["dossier"]
    reading = dossier.reading
    given = [each.requirement for each in facts.loaded["evidence_given"]]
    return AwardPreview(
        line=dossier.line,
        policy=dossier.policy,
        awarded_on=reading.awarded_on,
        amount_yuan=dossier.amount_yuan,
        evidence=tuple(EvidenceState(each, given.count(each.code)) for each in dossier.line.evidence),
        entitled=_entitled(dossier, facts.case.number or ""),
        notices=tuple(notices(dossier.line, reading.facts, dossier.policy, earlier=dossier.earlier)),
    )


def problems(facts: Facts) -> list[Reason]:
    """Everything that would stop a submission as it stands, each reason at its field."""
    return [*application_complete(facts), *eligible(facts), *claim_free(facts)]


def changes(session: Session, facts: Facts) -> Mapping[str, Any]:
    """What a correction would change by now, as the history will tell it."""
    load(session, facts, "account_given", "last_submission")
    return changes_between(facts.loaded["last_submission"], submission(facts))


def _entitled(dossier: Dossier, number: str) -> Entitled | None:
    reading = dossier.reading
    if reading.awarded_on is None:
        return None
    own = Claim(
        line=dossier.line.code,
        organisation=str(dossier.organisation_id),
        awarded_on=reading.awarded_on,
        achievement=pool_achievement(dossier.line, reading.achievement_key),
        number=number,
        amount_yuan=dossier.amount_yuan,
    )
    others = [
        each.as_claim(dossier.organisation_id)
        for each in dossier.own_claims
        if dossier.policy.has_line(each.line)
    ]
    return entitlement([own, *others], dossier.policy)[0]
