"""The pool of an application (就高组): its lock, its claims, and what is payable on one claim now."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from workflow.policy.entitlement import Claim, Entitled, entitlement, excess
from workflow.policy.terms import Policy
from workflow.process.registry import lock
from workflow.storage.cases import Application, Case
from workflow.storage.money import Payment, Pool
from workflow.storage.prepared import Prepared
from workflow.storage.reference import PolicyVersion

_LOCK = Prepared(
    select(Pool.id)
    .join(
        Application,
        (Application.organisation_id == Pool.organisation_id) & (Application.award_year == Pool.award_year),
    )
    .where(Application.case_id == bindparam("case_id"))
    .order_by(Pool.id)
    .with_for_update(of=Pool)
)


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """The approved claims of an organisation's award year, and where this case's claim stands among them."""

    policy: Policy
    claims: tuple[Claim, ...]
    case_ids: tuple[int, ...]
    own: int
    # Of each claim what is still demanded back, or was given up.
    demanded_yuan: tuple[int, ...]

    @property
    def own_claim(self) -> Claim:
        return self.claims[self.own]

    def standing(self, amount_yuan: int) -> PoolFacts:
        """The same with this case's claim among the approved ones, at what the line pays on it."""
        return self._with_own(replace(self.own_claim, stands=True, amount_yuan=amount_yuan))

    def fallen(self) -> PoolFacts:
        """The same with this case's claim revoked: its money stays, its entitlement is gone."""
        return self._with_own(replace(self.own_claim, stands=False, promised_yuan=0))

    def entitled(self, reading: str | None = None) -> tuple[Entitled, ...]:
        return entitlement(self.claims, self.policy, reading)

    def payable_yuan(self) -> int:
        """What can still be paid on this claim without the pool going over its entitlement.

        The winner is owed up to the entitlement (补差); another claim keeps what it was promised, as far as
        there is room.
        """
        results = self.entitled()
        own = results[self.own]
        if not own.claim.stands:
            return 0
        members = [result for result in results if result.pool_key == own.pool_key]
        room = sum(member.entitled_yuan for member in members) - sum(
            member.claim.committed_yuan for member in members if member is not own
        )
        left = max(0, room - own.claim.paid_yuan)
        return own.payable_yuan if own.entitled_yuan else min(own.claim.promised_yuan, left)

    def granted_yuan(self) -> int:
        """All this claim gets: what it was paid and what is payable on it."""
        return self.own_claim.paid_yuan + self.payable_yuan()

    def owed_yuan(self) -> int:
        """What the pool owes this claim beyond what it was promised: only to its winner."""
        own = self.entitled()[self.own]
        return max(0, own.payable_yuan - own.claim.promised_yuan) if own.entitled_yuan else 0

    def excess_yuan(self) -> int:
        """What was paid in this claim's pool over its entitlement and is not demanded back yet."""
        keys = [result.pool_key for result in self.entitled()]
        own = keys[self.own]
        demanded = sum(yuan for key, yuan in zip(keys, self.demanded_yuan, strict=True) if key == own)
        return max(0, excess(self.claims, self.policy)[own] - demanded)

    def pool_mates(self) -> tuple[int, ...]:
        """The places of the other claims of this claim's pool, those that stand no more first."""
        results = self.entitled()
        mates = [
            place
            for place, result in enumerate(results)
            if place != self.own and result.pool_key == results[self.own].pool_key
        ]
        return tuple(sorted(mates, key=lambda place: self.claims[place].stands))

    def _with_own(self, claim: Claim) -> PoolFacts:
        claims = [*self.claims[: self.own], claim, *self.claims[self.own + 1 :]]
        return replace(self, claims=tuple(claims))


@lock
def pool_of_case(session: Session, case_id: int) -> None:
    """Lock the pool row: the money of an organisation's award year moves one act at a time."""
    _LOCK.run(session.connection(), case_id=case_id)


def pool_facts(session: Session, case_id: int, policy: Policy) -> PoolFacts:
    """The claims of this application's organisation and award year on which money stands.

    Claims of another policy compete among themselves, and lines this version no longer has are left out.
    """
    own = session.execute(
        select(Application.organisation_id, Application.award_year).where(Application.case_id == case_id)
    ).one()
    given_up = (
        select(func.coalesce(func.sum(Payment.amount_yuan), 0))
        .where(Payment.case_id == Application.case_id, Payment.kind == "write_off")
        .scalar_subquery()
    )
    demanded = Application.recover_yuan + given_up
    found = session.execute(
        select(Application, Case.number, demanded)
        .join(Case, Case.id == Application.case_id)
        .join(PolicyVersion, PolicyVersion.id == Application.policy_id)
        .where(
            or_(PolicyVersion.code == policy.code, Application.case_id == case_id),
            Application.organisation_id == own.organisation_id,
            Application.award_year == own.award_year,
            or_(
                Application.approved_at.is_not(None),
                Application.paid_yuan > 0,
                demanded > 0,
                Application.case_id == case_id,
            ),
        )
        .order_by(Application.case_id)
        .execution_options(populate_existing=True)
    )
    rows = [row for row in found if policy.has_line(row[0].line)]
    case_ids = tuple(application.case_id for application, _, _ in rows)
    claims = tuple(claim_of(application, number) for application, number, _ in rows)
    return PoolFacts(policy, claims, case_ids, case_ids.index(case_id), tuple(int(row[2]) for row in rows))


def claim_of(application: Application, number: str | None) -> Claim:
    """An application as the entitlement rules see it."""
    assert application.awarded_on is not None
    return Claim(
        line=application.line,
        organisation=str(application.organisation_id),
        awarded_on=application.awarded_on,
        achievement=application.pool_achievement or "",
        number=number or f"#{application.case_id}",
        paid_yuan=application.paid_yuan,
        promised_yuan=max(0, application.approved_yuan - application.paid_yuan),
        stands=application.approved_at is not None,
        amount_yuan=application.amount_yuan,
    )
