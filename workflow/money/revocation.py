"""Rules of money that comes back: returned transfers, revocation, recovery, write-off."""

from __future__ import annotations

from sqlalchemy import update

from workflow.errors import Reason
from workflow.money.ground import add_movement, cancel_prepared, own_pool
from workflow.process.facts import Facts, needs
from workflow.process.move import Move
from workflow.process.registry import chooser, effect, guard
from workflow.storage.cases import Application


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
def void_approval(move: Move) -> None:
    """The award stands no longer: what was reserved is free again, what was paid too much is demanded."""
    cancel_prepared(move)
    recover = _to_recover(move.facts)
    move.application |= {
        "approved_yuan": 0,
        "approved_at": None,
        "budget_year": None,
        "recover_yuan": recover,
    }
    move.details["recover_yuan"] = recover


@effect
@needs("pool")
def record_recovery(move: Move) -> None:
    """What comes back lowers what was paid on this claim, then what was paid on others of its pool."""
    facts, amount = move.facts, move.facts.inputs["amount_yuan"]
    add_movement(move, "recovery", amount, facts.inputs["voucher"])
    own = min(facts.case.paid_yuan or 0, amount)
    move.application |= {
        "paid_yuan": (facts.case.paid_yuan or 0) - own,
        "recover_yuan": (facts.case.recover_yuan or 0) - amount,
    }
    if own < amount:
        move.details["recovered_for"] = _lower_mates(move, amount - own)


@effect
def write_off(move: Move) -> None:
    """核销: what cannot be recovered is given up; it stays on record as paid."""
    amount = move.facts.case.recover_yuan or 0
    if amount:
        add_movement(move, "write_off", amount, None)
    move.application["recover_yuan"] = 0
    move.details["written_off_yuan"] = amount


@guard
@needs("pool")
def nothing_rests_on_it(facts: Facts) -> list[Reason]:
    """No money of the pool stays covered by this award alone."""
    resting = _to_recover(facts)
    return [Reason("reason.money_rests_on_it", {"resting": resting})] if resting else []


@chooser
@needs("pool")
def revocation_outcome(facts: Facts) -> str:
    return "recovering" if _to_recover(facts) else "revoked"


@chooser
@needs("pool")
def cancellation_outcome(facts: Facts) -> str:
    """An award that was never paid falls; money of the pool that it covered has to come back all the same."""
    return "recovering" if _to_recover(facts) else "rejected"


@chooser
def recovery_outcome(facts: Facts) -> str:
    left = (facts.case.recover_yuan or 0) - facts.inputs.get("amount_yuan", 0)
    return "stay" if left > 0 else "recovered"


def _to_recover(facts: Facts) -> int:
    """All that was paid in the pool beyond what it is entitled to without this claim.

    That can be more than was paid on the claim itself: where a lower one had been paid before and fell
    earlier, its money stayed covered by this one until now.
    """
    return own_pool(facts).fallen().excess_yuan()


def _lower_mates(move: Move, amount: int) -> dict[str, int]:
    """Take `amount` off what was paid on the other claims of the pool; by case, what was taken."""
    own = own_pool(move.facts)
    lowered: dict[str, int] = {}
    for place in own.pool_mates():
        part = min(own.claims[place].paid_yuan, amount - sum(lowered.values()))
        if part:
            case_id = own.case_ids[place]
            lowered[str(case_id)] = part
            move.session.execute(
                update(Application)
                .where(Application.case_id == case_id)
                .values(paid_yuan=Application.paid_yuan - part)
            )
    return lowered
