"""What the rules of money look at: the pool, the budget, the payment in hand; and the rows they write."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from workflow.applications.policies import policy_of, rulings_in_force
from workflow.money.pools import PoolFacts, pool_facts
from workflow.policy.rulings import with_rulings
from workflow.process.facts import Facts, loader
from workflow.process.move import Move
from workflow.storage.cases import Application
from workflow.storage.money import Payment
from workflow.storage.reference import Budget


@dataclass(frozen=True, slots=True)
class BudgetFacts:
    """This year's money: None where no budget was set."""

    year: int
    amount_yuan: int | None
    reserved_yuan: int


@loader
def pool(session: Session, facts: Facts) -> PoolFacts:
    assert facts.case.policy_id is not None
    policy = policy_of(session, facts.case.policy_id)
    ruled = with_rulings(policy, rulings_in_force(session, policy, facts.today), facts.today)
    return pool_facts(session, facts.case.id, ruled)


@loader
def budget(session: Session, facts: Facts) -> BudgetFacts:
    year = facts.today.year
    amount = session.scalar(
        select(Budget.amount_yuan).where(Budget.year == year).with_for_update()
        if facts.locked
        else select(Budget.amount_yuan).where(Budget.year == year)
    )
    reserved = session.scalar(
        select(func.coalesce(func.sum(Application.approved_yuan), 0)).where(Application.budget_year == year)
    )
    return BudgetFacts(year, amount, reserved or 0)


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


def own_pool(facts: Facts) -> PoolFacts:
    own: PoolFacts = facts.loaded["pool"]
    return own


def payment_in_hand(facts: Facts) -> Payment | None:
    payment: Payment | None = facts.loaded["prepared_payment"]
    return payment


def cancel_prepared(move: Move) -> None:
    move.session.execute(
        update(Payment)
        .where(Payment.case_id == move.facts.case.id, Payment.status == "prepared")
        .values(status="cancelled")
    )


def add_movement(move: Move, kind: str, amount: int, voucher: str | None) -> None:
    move.session.add(
        Payment(
            case_id=move.facts.case.id,
            kind=kind,
            status="confirmed",
            amount_yuan=amount,
            account={},
            prepared_by_id=move.actor_id,
            prepared_at=move.facts.now,
            confirmed_by_id=move.actor_id,
            confirmed_at=move.facts.now,
            voucher=voucher,
        )
    )
    move.session.flush()
