"""The policies stored in the database, parsed once, and the rulings in force on them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.errors import NotFound, Reason
from workflow.policy.policy import in_force_on, policy_from_text
from workflow.policy.terms import Policy, Ruling
from workflow.storage.people import Person
from workflow.storage.reference import PolicyVersion, RulingRow

# By digest, so the same text is the same policy in every database this process opens.
_parsed: dict[str, Policy] = {}


def policy_of(session: Session, policy_id: int) -> Policy:
    """The policy an application was given. Raises NotFound when it was never stored."""
    digest = session.scalar(select(PolicyVersion.digest).where(PolicyVersion.id == policy_id))
    if digest is None:
        raise NotFound(Reason("not_found"))
    return policy_by_digest(session, digest)


def policy_by_digest(session: Session, digest: str) -> Policy:
    """The stored policy of this digest, without a statement once it was parsed."""
    if digest not in _parsed:
        stored = select(PolicyVersion.code, PolicyVersion.source).where(PolicyVersion.digest == digest)
        code, source = session.execute(stored).one()
        _parsed[digest] = policy_from_text(source, f"{code}.toml")
    return _parsed[digest]


def policy_for(session: Session, awarded_on: date, *, owner_unit: str | None = None) -> tuple[int, Policy]:
    """The policy an award of this day falls under, with its id; of one owner when `owner_unit` is given.

    Raises Refused, naming the days, when none was in force.
    """
    stored = {
        policy_id: policy
        for policy_id, policy in current_policies(session)
        if owner_unit in (None, policy.owner_unit)
    }
    chosen = in_force_on(stored.values(), awarded_on)
    return next((policy_id, policy) for policy_id, policy in stored.items() if policy is chosen)


def newest_policy(session: Session, line_code: str | None = None) -> tuple[int, Policy]:
    """The policy that begins last, with its id, among those that have the line if one is given.

    Raises NotFound when there is none.
    """
    having = [each for each in current_policies(session) if line_code is None or each[1].has_line(line_code)]
    if not having:
        raise NotFound(Reason("application.no_policy"))
    return max(having, key=lambda each: (each[1].valid_from, each[0]))


def rulings_in_force(session: Session, policy: Policy, on: date) -> tuple[Ruling, ...]:
    """The bureau's decisions on the policy up to and including a day, oldest first."""
    decided = (
        select(RulingRow, Person.name)
        .join(Person, Person.id == RulingRow.decided_by_id)
        .where(RulingRow.policy == policy.code, RulingRow.decided_on <= on)
        .order_by(RulingRow.decided_on, RulingRow.id)
    )
    return tuple(
        Ruling(row.point, row.option, row.decided_on, name, row.minutes or "", row.scope)
        for row, name in session.execute(decided)
    )


def current_policies(session: Session) -> list[tuple[int, Policy]]:
    """The latest stored version of every policy; an older version of a code serves running cases alone."""
    versions = select(PolicyVersion.code, PolicyVersion.id, PolicyVersion.digest).order_by(PolicyVersion.id)
    latest = {code: (policy_id, digest) for code, policy_id, digest in session.execute(versions)}
    return [(policy_id, policy_by_digest(session, digest)) for policy_id, digest in latest.values()]
