"""Rules of approval: the amount granted, the budget, settlement, the end of the notice."""

from __future__ import annotations

from typing import Any

from workflow.applications.dossier import Dossier
from workflow.errors import Reason
from workflow.money.ground import budget_in, own_pool
from workflow.money.pools import PoolFacts
from workflow.money.reservations import reserve
from workflow.policy.entitlement import Entitled
from workflow.policy.terms import READINGS, Ruling
from workflow.process.facts import Facts, needs
from workflow.process.move import Move
from workflow.process.registry import chooser, effect, guard


@guard
@needs("pool", "budget", "dossier")
def within_budget(facts: Facts) -> list[Reason]:
    """What is granted beyond what the case holds is taken from this year's money, if a budget was set."""
    money, wanted = budget_in(facts), _approved(facts).granted_yuan()
    return [] if money.grantable(wanted) == wanted else [money.short(wanted)]


@guard
@needs("pool")
def pool_owes(facts: Facts) -> list[Reason]:
    return [] if own_pool(facts).owed_yuan() else [Reason("reason.pool_owes_nothing")]


@effect
@needs("pool", "budget", "dossier")
def approve_amount(move: Move) -> None:
    """The binding computation: what this claim is granted now, and the snapshot it rests on.

    What the line pays is read anew, by the rulings in force today: one that was made after the submission
    counts, one that is made after the approval does not touch what was decided and published.
    """
    facts, found = move.facts, _dossier(move.facts)
    grant(move, _approved(facts))
    move.application |= {"approved_at": facts.now, "amount_yuan": found.amount_yuan}
    move.details["rulings"] = [_ruling_line(ruling) for ruling in found.reading.rulings]
    if found.amount_yuan != facts.case.amount_yuan:
        move.details |= {"claimed_before_yuan": facts.case.amount_yuan, "claimed_yuan": found.amount_yuan}


@effect
@needs("pool", "budget")
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


def settle(move: Move, own: PoolFacts) -> int:
    """Compute again what is granted, in yuan; says what it was before where it changes."""
    granted, before = grant(move, own), move.facts.case.approved_yuan
    if granted != before:
        move.details["approved_before_yuan"] = before
    return granted


def grant(move: Move, own: PoolFacts) -> int:
    """Grant and reserve what the pool has for this claim, as far as it is covered by the budget.

    What is not covered stays owed and is on record as the shortfall: a later settlement grants it.
    """
    wanted = own.granted_yuan()
    granted = budget_in(move.facts).grantable(wanted)
    paid = move.facts.case.paid_yuan or 0
    reserve(move.session, move.facts.case.id, move.facts.today.year, granted, paid)
    move.application["approved_yuan"] = granted
    move.details |= {"approved_yuan": granted, "entitlement": snapshot(own)}
    if granted < wanted:
        move.details["shortfall_yuan"] = wanted - granted
    return granted


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


def _approved(facts: Facts) -> PoolFacts:
    return own_pool(facts).standing(_dossier(facts).amount_yuan)


def _dossier(facts: Facts) -> Dossier:
    found: Dossier = facts.loaded["dossier"]
    return found


def _ruling_line(ruling: Ruling) -> dict[str, Any]:
    return {
        "point": ruling.point,
        "option": ruling.option,
        "decided_on": ruling.decided_on.isoformat(),
        "minutes": ruling.minutes,
        "scope": ruling.scope,
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
