"""Rules of money that comes back: returned transfers, revocation, recovery, write-off."""

from __future__ import annotations

from workflow.errors import Reason
from workflow.money.ground import add_movement, own_pool
from workflow.process.facts import Facts, needs
from workflow.process.move import Move
from workflow.process.registry import chooser, effect, guard


@guard
def returnable(facts: Facts) -> list[Reason]:
    """No more can come back than was paid, and no more be recovered than is demanded."""
    amount = facts.inputs.get("amount_yuan")
    recovering = facts.case.state == "recovering"
    most = (facts.case.recover_yuan if recovering else facts.case.paid_yuan) or 0
    if amount is not None and amount > most:
        return [Reason("reason.more_than_paid", {"most": most}, "amount_yuan")]
    return []


@guard
@needs("voucher_used")
def voucher_free(facts: Facts) -> list[Reason]:
    if not facts.loaded["voucher_used"]:
        return []
    return [Reason("reason.voucher_used", {"voucher": facts.inputs["voucher"]}, "voucher")]


@effect
def record_return(move: Move) -> None:
    """退票: the bank sent the money back; it is owed again."""
    amount = move.facts.inputs["amount_yuan"]
    add_movement(move, "returned", amount, None)
    move.application["paid_yuan"] = (move.facts.case.paid_yuan or 0) - amount


@effect
@needs("pool")
def revoke_award(move: Move) -> None:
    recover = _to_recover(move.facts)
    move.application |= {
        "approved_yuan": 0,
        "approved_at": None,
        "budget_year": None,
        "recover_yuan": recover,
    }
    move.details["recover_yuan"] = recover


@effect
def record_recovery(move: Move) -> None:
    amount = move.facts.inputs["amount_yuan"]
    add_movement(move, "recovery", amount, move.facts.inputs["voucher"])
    move.application |= {
        "paid_yuan": (move.facts.case.paid_yuan or 0) - amount,
        "recover_yuan": (move.facts.case.recover_yuan or 0) - amount,
    }


@effect
def write_off(move: Move) -> None:
    """核销: what cannot be recovered is given up; it stays on record as paid."""
    amount = move.facts.case.recover_yuan or 0
    if amount:
        add_movement(move, "write_off", amount, None)
    move.application["recover_yuan"] = 0
    move.details["written_off_yuan"] = amount


@chooser
@needs("pool")
def revocation_outcome(facts: Facts) -> str:
    return "recovering" if _to_recover(facts) else "revoked"


@chooser
def recovery_outcome(facts: Facts) -> str:
    left = (facts.case.recover_yuan or 0) - facts.inputs.get("amount_yuan", 0)
    return "stay" if left > 0 else "recovered"


def _to_recover(facts: Facts) -> int:
    return min(facts.case.paid_yuan or 0, own_pool(facts).fallen().excess_yuan())
