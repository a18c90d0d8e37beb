"""What the rules of money look at: the pool, the budget, the payment in hand; and the rows they write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.applications.policies import policy_of, rulings_in_force
from workflow.errors import Reason
from workflow.lists.budget import budget_of
from workflow.money.pools import PoolFacts, pool_facts
from workflow.policy.rulings import with_rulings
from workflow.process.facts import Facts, loader
from workflow.process.move import Move
from workflow.storage.money import Payment, Reservation
from workflow.storage.reference import Budget


@dataclass(frozen=True, slots=True)
class BudgetFacts:
    """What is left of this year's money, None without a budget, and what the case holds of any year."""

    year: int
    left_yuan: int | None
    held_yuan: int

    def grantable(self, wanted_yuan: int) -> int:
        """As much of a sum for this case as it holds already or this year's money covers."""
        if self.left_yuan is None or wanted_yuan <= self.held_yuan:
            return wanted_yuan
        return min(wanted_yuan, self.held_yuan + self.left_yuan)

    def short(self, wanted_yuan: int, field: str | None = None) -> Reason:
        """The reason against a sum that is not covered."""
        params = {"year": self.year, "left": self.left_yuan, "wanted": wanted_yuan - self.held_yuan}
        return Reason("reason.over_budget", params, field)


@loader
def pool(session: Session, facts: Facts) -> PoolFacts:
    assert facts.case.policy_id is not None
    policy = policy_of(session, facts.case.policy_id)
    ruled = with_rulings(policy, rulings_in_force(session, policy, facts.today), facts.today)
    return pool_facts(session, facts.case.id, ruled)


@loader
def budget(session: Session, facts: Facts) -> BudgetFacts:
    year = facts.today.year
    if facts.locked:
        session.execute(select(Budget.year).where(Budget.year == year).with_for_update())
    left = budget_of(session, year).left_yuan
    held = select(func.sum(Reservation.amount_yuan)).where(Reservation.case_id == facts.case.id)
    return BudgetFacts(year, None if left is None else max(0, left), int(session.scalar(held) or 0))


@loader
def prepared_payment(session: Session, facts: Facts) -> Payment | None:
    return session.scalars(
        select(Payment)
        .where(Payment.case_id == facts.case.id, Payment.status == "prepared")
        .execution_options(populate_existing=True)
    ).first()


@loader
def voucher_used(session: Session, facts: Facts) -> bool:
    voucher = facts.inputs.get("voucher")
    return (
        voucher is not None
        and session.scalar(select(Payment.id).where(Payment.voucher == voucher)) is not None
    )


def budget_in(facts: Facts) -> BudgetFacts:
    money: BudgetFacts = facts.loaded["budget"]
    return money


def own_pool(facts: Facts) -> PoolFacts:
    own: PoolFacts = facts.loaded["pool"]
    return own


def payment_in_hand(facts: Facts) -> Payment | None:
    payment: Payment | None = facts.loaded["prepared_payment"]
    return payment


def cancel_prepared(move: Move) -> None:
    prepared = move.session.scalars(
        select(Payment)
        .where(Payment.case_id == move.facts.case.id, Payment.status == "prepared")
        .execution_options(populate_existing=True)
    ).all()
    for payment in prepared:
        payment.status = "cancelled"
        move.details["movement"] = movement(payment)
    move.session.flush()


def add_movement(move: Move, kind: str, amount: int) -> None:
    payment = Payment(
        case_id=move.facts.case.id,
        kind=kind,
        status="confirmed",
        amount_yuan=amount,
        account={},
        prepared_by_id=move.actor_id,
        prepared_at=move.facts.now,
        confirmed_by_id=move.actor_id,
        confirmed_at=move.facts.now,
        voucher=move.facts.inputs.get("voucher"),
    )
    move.session.add(payment)
    move.session.flush()
    move.details["movement"] = movement(payment)
    move.told["amount_yuan"] = amount


def movement(payment: Payment) -> dict[str, Any]:
    """A movement of money as the chain keeps it; by whom and when is said by its event."""
    return {
        "kind": payment.kind,
        "status": payment.status,
        "amount_yuan": payment.amount_yuan,
        "voucher": payment.voucher,
    }
