"""The typed facts of an application under one policy as ruled on a day: parsed, dated, named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from workflow.applications.policies import policy_for, rulings_in_force
from workflow.errors import NotFound, Reason, Refused
from workflow.policy.eligibility import Fact, achievement_key, awarded_on, parse_facts
from workflow.policy.facts import date_field
from workflow.policy.rulings import rulings_on_line, with_rulings
from workflow.policy.terms import AwardLine, Policy, Ruling


@dataclass(frozen=True, slots=True)
class Reading:
    """`policy` is as ruled, by `rulings` where they concern the line.

    `mistakes` are values that are no facts, `unplaced` says why no policy fits.
    """

    policy_id: int
    policy: Policy
    line: AwardLine
    facts: Mapping[str, Fact]
    mistakes: tuple[Reason, ...]
    rulings: tuple[Ruling, ...]
    unplaced: tuple[Reason, ...] = ()

    @property
    def awarded_on(self) -> date | None:
        return awarded_on(self.line, self.facts, self.policy)

    @property
    def achievement_key(self) -> str:
        return achievement_key(self.line, self.facts)


def read_under(
    session: Session, policy_id: int, policy: Policy, line_code: str, typed: Mapping[str, str], today: date
) -> Reading:
    """The facts under this policy, with the rulings in force today."""
    line = policy.line(line_code)
    facts, mistakes = parse_facts(line, typed)
    rulings, key = rulings_in_force(session, policy, today), achievement_key(line, facts) or None
    ruled = with_rulings(policy, rulings, today, achievement=key)
    own = rulings_on_line(line, policy, rulings, today, achievement=key)
    return Reading(policy_id, ruled, line, facts, tuple(mistakes), own)


def placed(session: Session, reading: Reading, typed: Mapping[str, str], today: date) -> Reading:
    """The reading under the policy that the award date chooses; the same one while the date is not known."""
    day = reading.awarded_on
    if day is None:
        return reading
    try:
        policy_id, policy = policy_for(session, day, owner_unit=reading.policy.owner_unit)
        if policy_id == reading.policy_id:
            return reading
        return read_under(session, policy_id, policy, reading.line.code, typed, today)
    except (Refused, NotFound) as error:
        field = date_field(reading.line, reading.policy)
        found = tuple(replace(reason, field=field) for reason in error.reasons)
        return replace(reading, unplaced=found)
