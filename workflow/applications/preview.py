"""What an application would come to as it stands: its problems, its amount, its place under highest-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow.applications.dossier import Dossier, read_dossier
from workflow.applications.evidence import given_evidence
from workflow.applications.rules import account_given, application_complete, claim_free, eligible
from workflow.applications.snapshot import changes_between, last_snapshot, snapshot_of
from workflow.errors import NotFound, Reason
from workflow.people.actors import Actor
from workflow.policy.eligibility import notices, pool_achievement
from workflow.policy.entitlement import Claim, Entitled, entitlement
from workflow.policy.terms import AwardLine, EvidenceRequirement, Policy
from workflow.process.facts import Facts, read_facts
from workflow.process.scope import sees


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


def preview(session: Session, case_id: int, actor: Actor, now: datetime) -> AwardPreview:
    """What the line pays, asks for, and what the highest-only rule would make of it now. Raises NotFound."""
    facts = _seen_facts(session, case_id, actor, now)
    dossier = read_dossier(session, facts)
    reading = dossier.reading
    given = [each.requirement for each in given_evidence(session, case_id)]
    return AwardPreview(
        line=dossier.line,
        policy=dossier.policy,
        awarded_on=reading.awarded_on,
        amount_yuan=dossier.amount_yuan,
        evidence=tuple(EvidenceState(each, given.count(each.code)) for each in dossier.line.evidence),
        entitled=_entitled(dossier, facts.case.number or ""),
        notices=tuple(notices(dossier.line, reading.facts, dossier.policy, earlier=dossier.earlier)),
    )


def problems(session: Session, case_id: int, actor: Actor, now: datetime) -> list[Reason]:
    """Everything that would stop a submission as it stands, each reason at its field. Raises NotFound."""
    facts = _seen_facts(session, case_id, actor, now)
    facts.loaded["dossier"] = read_dossier(session, facts)
    facts.loaded["evidence_given"] = given_evidence(session, case_id)
    return [*application_complete(facts), *eligible(facts), *claim_free(facts)]


def changes(session: Session, case_id: int, actor: Actor, now: datetime) -> Mapping[str, Any]:
    """What a correction would change by now, as the history will tell it. Raises NotFound."""
    facts = _seen_facts(session, case_id, actor, now)
    given = given_evidence(session, case_id)
    submitted = snapshot_of(read_dossier(session, facts), given, account_given(session, facts))
    return changes_between(last_snapshot(session, case_id), submitted)


def _seen_facts(session: Session, case_id: int, actor: Actor, now: datetime) -> Facts:
    facts = read_facts(session, case_id, actor, now, locked=False)
    if not sees(actor, facts.case) or facts.case.line is None:
        raise NotFound(Reason("not_found"))
    return facts


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
