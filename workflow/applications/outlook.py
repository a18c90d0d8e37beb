"""What an award line would come to for an organisation before any form is begun. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from workflow.applications.claims import OwnClaim, claims_of
from workflow.applications.policies import (
    current_policies,
    newest_policy,
    policy_for,
    rulings_in_force,
)
from workflow.errors import NotFound, Reason, Refused
from workflow.policy.eligibility import (
    EarlierClaim,
    Fact,
    OrganisationFacts,
    amount_of,
    pool_achievement,
    refusals,
    with_rulings,
)
from workflow.policy.entitlement import Claim, Entitled, entitlement, pool_key_of
from workflow.policy.facts import date_field
from workflow.policy.terms import AwardLine, Policy
from workflow.storage.people import Organisation

# No case has this id: every claim of the organisation is another one.
NO_CASE = 0


class Offer(NamedTuple):
    """An award line and every reason known already why this organisation cannot claim it."""

    line: AwardLine
    policy: Policy
    reasons: tuple[Reason, ...]


class Prospect(NamedTuple):
    """What the highest-only rule would grant on an award of one year beside the claims of that year."""

    year: int
    entitled: Entitled


@dataclass(frozen=True, slots=True)
class Outlook:
    """One line for one organisation. `prospects` are the years in which it competes with another claim.

    With an award date there is one prospect, of that year; the reasons then include those of the date.
    """

    line: AwardLine
    policy: Policy
    amount_yuan: int
    reasons: tuple[Reason, ...]
    prospects: tuple[Prospect, ...]


def offers(session: Session, organisation: Organisation, today: date) -> list[Offer]:
    """Every line of the policies in use, in their order, as it stands for this organisation today."""
    own = claims_of(session, organisation.id, but=NO_CASE)
    found: dict[tuple[str, str], Offer] = {}
    for _, stored in sorted(current_policies(session), key=lambda each: each[1].valid_from, reverse=True):
        policy = with_rulings(stored, rulings_in_force(session, stored, today), today)
        for line in policy.lines:
            # Of two policies of one owner the newer one offers the line; the award date may choose the older.
            if (policy.owner_unit, line.code) not in found:
                reasons = _reasons(line, policy, organisation, own, today)
                found[policy.owner_unit, line.code] = Offer(line, policy, reasons)
    return list(found.values())


def outlook(
    session: Session, organisation: Organisation, line_code: str, today: date, awarded_on: date | None = None
) -> Outlook:
    """What one line would come to, for an award of a day when that is known. Raises NotFound."""
    stored, unplaced = _policy_on(session, line_code, awarded_on)
    policy = with_rulings(stored, rulings_in_force(session, stored, today), today)
    line = policy.line(line_code)
    own = claims_of(session, organisation.id, but=NO_CASE)
    reasons = _reasons(line, policy, organisation, own, today, awarded_on)
    days = (
        {awarded_on.year: awarded_on}
        if awarded_on
        else {each.awarded_on.year: each.awarded_on for each in own}
    )
    prospects = [
        Prospect(year, _entitled(line, policy, organisation.id, own, day))
        for year, day in sorted(days.items())
    ]
    return Outlook(
        line=line,
        policy=policy,
        amount_yuan=line.amount_yuan,
        # A day outside every policy has been said with the bounds of this one already.
        reasons=reasons or unplaced,
        prospects=tuple(
            each for each in prospects if awarded_on or _competes(each, policy, organisation.id, own)
        ),
    )


def _policy_on(session: Session, line_code: str, day: date | None) -> tuple[Policy, tuple[Reason, ...]]:
    """The policy of the day, else the newest one that has the line, with the reason why none fits."""
    newest = newest_policy(session, line_code)[1]
    if day is None:
        return newest, ()
    try:
        chosen = policy_for(session, day, owner_unit=newest.owner_unit)[1]
    except (Refused, NotFound) as error:
        return newest, error.reasons
    return (chosen, ()) if chosen.has_line(line_code) else (newest, ())


def _reasons(
    line: AwardLine,
    policy: Policy,
    organisation: Organisation,
    own: Sequence[OwnClaim],
    today: date,
    day: date | None = None,
) -> tuple[Reason, ...]:
    reasons = refusals(
        line,
        _dated(line, policy, day),
        policy,
        organisation=OrganisationFacts(
            organisation.kind, organisation.registered_on, organisation.moved_out_on
        ),
        today=today,
        earlier=[EarlierClaim(each.number, each.line, each.awarded_on, each.amount_yuan) for each in own],
    )
    if line.once_per == "organisation":
        taken = [each.number for each in own if each.line == line.code]
        reasons += [Reason("application.claimed_by_line", {"number": number}) for number in taken]
    return tuple(replace(reason, field=None) for reason in reasons)


def _dated(line: AwardLine, policy: Policy, day: date | None) -> dict[str, Fact]:
    """The facts of a form on which nothing stands but the day that fixes the award year."""
    return {} if day is None else {date_field(line, policy): day}


def _entitled(
    line: AwardLine, policy: Policy, organisation_id: int, own: Sequence[OwnClaim], day: date
) -> Entitled:
    wanted = Claim(
        line=line.code,
        organisation=str(organisation_id),
        awarded_on=day,
        achievement=pool_achievement(line, ""),
        amount_yuan=amount_of(line, _dated(line, policy, day), policy),
    )
    others = [each.as_claim(organisation_id) for each in own if policy.has_line(each.line)]
    return entitlement([wanted, *others], policy)[0]


def _competes(prospect: Prospect, policy: Policy, organisation_id: int, own: Sequence[OwnClaim]) -> bool:
    keys = {pool_key_of(each.as_claim(organisation_id), policy) for each in own if policy.has_line(each.line)}
    return policy.line(prospect.entitled.claim.line).highest_only and prospect.entitled.pool_key in keys
