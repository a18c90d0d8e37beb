"""Rules of money that comes back: returned transfers, revocation, recovery, write-off."""

from __future__ import annotations

from sqlalchemy import update

from workflow.errors import Reason
from workflow.money.ground import add_movement, own_pool
from workflow.money.reservations import lock_totals, reserve, spend
from workflow.policy.entitlement import Claim
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


@effect
def record_return(move: Move) -> None:
    """退票: the bank sent the money back; it is owed again, and stays reserved."""
    amount = move.facts.inputs["amount_yuan"]
    add_movement(move, "returned", amount)
    paid = (move.facts.case.paid_yuan or 0) - amount
    spend(move.session, move.facts.case.id, paid)
    move.application["paid_yuan"] = paid


@effect
@needs("pool")
def void_approval(move: Move) -> None:
    """The award stands no longer: what was paid too much is demanded, what was reserved and unpaid is free.

    What was paid stays spent until it has come back.
    """
    facts, recover = move.facts, _to_recover(move.facts)
    paid = facts.case.paid_yuan or 0
    reserve(move.session, facts.case.id, facts.today.year, paid, paid)
    move.application |= {"approved_yuan": 0, "approved_at": None, "recover_yuan": recover}
    move.details["recover_yuan"] = move.told["recover_yuan"] = recover


@effect
@needs("pool")
def record_recovery(move: Move) -> None:
    """What comes back lowers what was paid on this claim, then what was paid on others of its pool."""
    facts, amount = move.facts, move.facts.inputs["amount_yuan"]
    add_movement(move, "recovery", amount)
    own = min(facts.case.paid_yuan or 0, amount)
    left = (facts.case.paid_yuan or 0) - own
    move.application |= {"paid_yuan": left, "recover_yuan": (facts.case.recover_yuan or 0) - amount}
    lock_totals(move.session, own_pool(facts).case_ids)
    reserve(move.session, facts.case.id, facts.today.year, left, left)
    if own < amount:
        move.details["recovered_for"] = _lower_mates(move, amount - own)


@effect
def write_off(move: Move) -> None:
    """核销: what cannot be recovered is given up; it stays on record as paid."""
    amount = move.facts.case.recover_yuan or 0
    if amount:
        add_movement(move, "write_off", amount)
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
        mate, case_id = own.claims[place], own.case_ids[place]
        part = min(mate.paid_yuan, amount - sum(lowered.values()))
        if part:
            lowered[str(case_id)] = part
            _lower_paid(move, case_id, mate, part)
    return lowered


def _lower_paid(move: Move, case_id: int, mate: Claim, part: int) -> None:
    move.session.execute(
        update(Application)
        .where(Application.case_id == case_id)
        .values(paid_yuan=Application.paid_yuan - part)
    )
    left = mate.paid_yuan - part
    # A claim that stands is owed again what came back, and holds it.
    if mate.stands:
        spend(move.session, case_id, left)
    else:
        reserve(move.session, case_id, move.facts.today.year, left, left)
