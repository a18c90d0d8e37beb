"""Rules of approval: the amount granted, the budget, settlement, the end of the notice."""

from __future__ import annotations

from typing import Any

from workflow.errors import Reason
from workflow.money.ground import BudgetFacts, own_pool
from workflow.money.pools import PoolFacts
from workflow.policy.entitlement import Entitled
from workflow.policy.terms import READINGS
from workflow.process.facts import Facts, needs
from workflow.process.move import Move
from workflow.process.registry import chooser, effect, guard


@guard
@needs("pool", "budget")
def within_budget(facts: Facts) -> list[Reason]:
    """An approval reserves its amount; without a budget for the year nothing is refused."""
    money: BudgetFacts = facts.loaded["budget"]
    wanted = own_pool(facts).standing().payable_yuan()
    if money.amount_yuan is None or wanted <= money.amount_yuan - money.reserved_yuan:
        return []
    left = max(0, money.amount_yuan - money.reserved_yuan)
    return [Reason("reason.over_budget", {"year": money.year, "left": left, "wanted": wanted})]


@guard
@needs("pool")
def pool_owes(facts: Facts) -> list[Reason]:
    return [] if own_pool(facts).owed_yuan() else [Reason("reason.pool_owes_nothing")]


@effect
@needs("pool")
def approve_amount(move: Move) -> None:
    """The binding computation: what this claim is granted now, and the snapshot it rests on."""
    standing = own_pool(move.facts).standing()
    granted = standing.payable_yuan()
    move.application |= {
        "approved_yuan": granted,
        "approved_at": move.facts.now,
        "budget_year": move.facts.today.year,
    }
    move.details |= {"approved_yuan": granted, "entitlement": snapshot(standing)}


@effect
@needs("pool")
def settle_amount(move: Move) -> None:
    """Compute again; a changed amount is part of the record."""
    settle(move, own_pool(move.facts))


@chooser
@needs("pool")
def notice_outcome(facts: Facts) -> str:
    return "payment_pending" if own_pool(facts).payable_yuan() else "recognised"


@chooser
def unpayable_outcome(facts: Facts) -> str:
    return "paid" if facts.case.paid_yuan else "recognised"


@guard
@needs("pool")
def nothing_payable(facts: Facts) -> list[Reason]:
    payable = own_pool(facts).payable_yuan()
    return [Reason("reason.still_payable", {"payable": payable})] if payable else []


def settle(move: Move, own: PoolFacts) -> None:
    granted = own.own_claim.paid_yuan + own.payable_yuan()
    move.details |= {"approved_yuan": granted, "entitlement": snapshot(own)}
    before = move.facts.case.approved_yuan
    if granted != before:
        move.application["approved_yuan"] = granted
        move.details["approved_before_yuan"] = before
    if granted and not before:
        # What nothing was reserved for so far is taken from this year's money.
        move.application["budget_year"] = move.facts.today.year


def snapshot(own: PoolFacts) -> dict[str, Any]:
    """What a decision about money rests on: policy, reading, every claim, and all four readings."""
    return {
        "policy": own.policy.code,
        "policy_digest": own.policy.digest,
        "reading": own.policy.reading,
        "claims": [_claim_line(result) for result in own.entitled()],
        "readings": {
            reading: sum(result.entitled_yuan for result in own.entitled(reading)) for reading in READINGS
        },
    }


def _claim_line(result: Entitled) -> dict[str, Any]:
    return {
        "number": result.claim.number,
        "line": result.claim.line,
        "entitled_yuan": result.entitled_yuan,
        "payable_yuan": result.payable_yuan,
        "paid_yuan": result.claim.paid_yuan,
        "promised_yuan": result.claim.promised_yuan,
        "reason": result.reason.code,
    }
