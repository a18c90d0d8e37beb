"""The living claims beside an application: its organisation's own, and others' on the same achievement."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.applications.reading import Reading
from workflow.policy.eligibility import Rival, drafter_rank, parse_facts
from workflow.policy.entitlement import Claim
from workflow.storage.cases import Achievement, Application, Case
from workflow.storage.people import Organisation


class OwnClaim(NamedTuple):
    """A submitted application of the organisation whose claim lives; amounts in yuan."""

    case_id: int
    number: str
    line: str
    policy_id: int
    awarded_on: date
    amount_yuan: int
    claim_key: str
    pool_achievement: str
    submitted_at: datetime
    approved_yuan: int
    paid_yuan: int

    def as_claim(self, organisation_id: int) -> Claim:
        """The claim as the entitlement rules see it."""
        return Claim(
            line=self.line,
            organisation=str(organisation_id),
            awarded_on=self.awarded_on,
            achievement=self.pool_achievement,
            number=self.number,
            paid_yuan=self.paid_yuan,
            promised_yuan=max(0, self.approved_yuan - self.paid_yuan),
            amount_yuan=self.amount_yuan,
        )


def claims_of(session: Session, organisation_id: int, *, but: int) -> tuple[OwnClaim, ...]:
    """The living claims of an organisation, all but one case's, oldest first."""
    living = (
        select(
            Application.case_id,
            Case.number,
            Application.line,
            Application.policy_id,
            Application.awarded_on,
            Application.amount_yuan,
            Application.claim_key,
            Application.pool_achievement,
            Application.submitted_at,
            Application.approved_yuan,
            Application.paid_yuan,
        )
        .join(Case, Case.id == Application.case_id)
        .where(
            Application.organisation_id == organisation_id,
            Application.claim_key.is_not(None),
            Application.case_id != but,
        )
        .order_by(Application.case_id)
    )
    return tuple(OwnClaim._make(row) for row in session.execute(living))


def rivals_on(
    session: Session, reading: Reading, organisation_id: int, submitted_at: datetime | None
) -> tuple[Rival, ...]:
    """Living claims of other organisations on the achievement, where a ruling lets only one of them be paid.

    Of a joint project whoever came first keeps it; among drafters the rank decides, whoever came first.
    """
    line, policy = reading.line, reading.policy
    first_come = policy.chosen("joint_projects", line) == "lead_once"
    if not first_come and policy.chosen("several_drafters", line) != "top_only":
        return ()
    living = (
        select(Organisation.name, Application.line, Application.facts)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Achievement, Achievement.id == Application.achievement_id)
        .where(
            Achievement.kind == line.achievement_kind,
            Achievement.key == reading.achievement_key,
            Application.claim_key.is_not(None),
            Application.organisation_id != organisation_id,
        )
        .order_by(Application.case_id)
    )
    if first_come and submitted_at is not None:
        living = living.where(Application.submitted_at < submitted_at)
    return tuple(_rival(reading, *row) for row in session.execute(living))


def _rival(reading: Reading, organisation: str, line_code: str, typed: dict[str, str]) -> Rival:
    if not reading.policy.has_line(line_code):
        return Rival(organisation, line_code)
    line = reading.policy.line(line_code)
    facts, _ = parse_facts(line, typed)
    return Rival(organisation, line_code, drafter_rank(line, facts, reading.policy))
