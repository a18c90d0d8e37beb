"""试算: the open and approved claims of an organisation's award year, under each reading of highest-only.

Binding is the computation at approval; this shows what it would come to if every open claim were granted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.applications.policies import policy_of, rulings_in_force
from workflow.errors import Reason
from workflow.money.pools import claim_of
from workflow.policy.entitlement import Claim, entitlement
from workflow.policy.rulings import with_rulings
from workflow.policy.terms import READINGS, Policy
from workflow.storage.cases import Application, Case

NO_AMOUNTS: Mapping[int, int] = MappingProxyType({})


class Year(NamedTuple):
    """Whose claims compete, and for the awards of which year."""

    organisation_id: int
    award_year: int


class Competing(NamedTuple):
    """One living claim with its case and the policy it was submitted under."""

    case_id: int
    policy_id: int
    claim: Claim


@dataclass(frozen=True, slots=True)
class Trial:
    """Claims and, for each reading, the yuan each of them is entitled to; reasons under the adopted one."""

    policy: Policy
    claims: tuple[Competing, ...]
    yuan: Mapping[str, tuple[int, ...]]
    reasons: tuple[Reason, ...]

    def adopted_yuan(self, case_id: int) -> int:
        """What the adopted reading grants one of the cases."""
        place = [each.case_id for each in self.claims].index(case_id)
        return self.yuan[self.policy.reading][place]


def trials_of(
    session: Session, years: Collection[Year], today: date, amounts: Mapping[int, int] = NO_AMOUNTS
) -> dict[int, Trial]:
    """By case, the trial of each living claim of these years: one statement for all, and two a policy.

    `amounts`: by case, the yuan its line pays as ruled by today; others count with those of their submission.
    """
    found: dict[int, Trial] = {}
    by_year = _living_claims(session, years, amounts).values()
    # Read once, however many organisations of the page applied under the same policy.
    used = {each.policy_id for claims in by_year for each in claims}
    policies = {policy_id: _ruled(session, policy_id, today) for policy_id in used}
    for claims in by_year:
        for policy_id in {each.policy_id for each in claims}:
            trial = _tried(claims, policies[policy_id])
            found |= {each.case_id: trial for each in claims if each.policy_id == policy_id}
    return found


def _living_claims(
    session: Session, years: Collection[Year], amounts: Mapping[int, int]
) -> dict[Year, list[Competing]]:
    rows = session.execute(
        select(Application, Case.number)
        .join(Case, Case.id == Application.case_id)
        .where(
            Application.organisation_id.in_({year.organisation_id for year in years}),
            Application.award_year.in_({year.award_year for year in years}),
            Application.claim_key.is_not(None),
        )
        .order_by(Application.case_id)
    )
    found: dict[Year, list[Competing]] = {year: [] for year in years}
    for application, number in rows:
        year = Year(application.organisation_id, application.award_year or 0)
        # In a trial every open claim stands, also one that nobody has decided on yet.
        amount = amounts.get(application.case_id, application.amount_yuan)
        claim = replace(claim_of(application, number), stands=True, amount_yuan=amount)
        if year in found:
            found[year].append(Competing(application.case_id, application.policy_id, claim))
    return found


def _ruled(session: Session, policy_id: int, today: date) -> Policy:
    policy = policy_of(session, policy_id)
    return with_rulings(policy, rulings_in_force(session, policy, today), today)


def _tried(claims: Sequence[Competing], policy: Policy) -> Trial:
    known = [each for each in claims if policy.has_line(each.claim.line)]
    found = {reading: entitlement([each.claim for each in known], policy, reading) for reading in READINGS}
    return Trial(
        policy=policy,
        claims=tuple(known),
        yuan={reading: tuple(each.entitled_yuan for each in results) for reading, results in found.items()},
        reasons=tuple(each.reason for each in found[policy.reading]),
    )
