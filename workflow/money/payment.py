"""Rules of payment: prepared by the maker, confirmed by the checker, in whole or in part."""

from __future__ import annotations

from workflow.applications.snapshot import account_words
from workflow.errors import Reason
from workflow.money.approval import settle
from workflow.money.ground import budget_in, cancel_prepared, movement, own_pool, payment_in_hand
from workflow.money.reservations import spend
from workflow.process.facts import Facts, needs
from workflow.process.move import Move
from workflow.process.registry import chooser, effect, guard
from workflow.storage.money import Payment
from workflow.storage.people import OrganisationAccount


@guard
@needs("pool")
def something_payable(facts: Facts) -> list[Reason]:
    payable = own_pool(facts).payable_yuan()
    if payable == 0:
        return [Reason("reason.nothing_payable")]
    amount = facts.inputs.get("amount_yuan")
    if amount is not None and amount > payable:
        return [Reason("reason.more_than_payable", {"payable": payable}, "amount_yuan")]
    return []


@guard
@needs("pool", "budget")
def budget_covers_payment(facts: Facts) -> list[Reason]:
    """What the case holds is paid whatever else is owed; only a payment beyond it needs this year's money."""
    own, money = own_pool(facts), budget_in(facts)
    paid, payable = own.own_claim.paid_yuan, own.payable_yuan()
    covered, amount = money.grantable(paid + payable) - paid, facts.inputs.get("amount_yuan")
    if payable and not covered:
        return [money.short(paid + payable)]
    if amount is not None and covered < amount <= payable:
        return [money.short(paid + amount, "amount_yuan")]
    return []


@guard
@needs("prepared_payment", "pool")
def payment_prepared(facts: Facts) -> list[Reason]:
    payment = payment_in_hand(facts)
    if payment is None:
        return [Reason("reason.no_payment_prepared")]
    payable = own_pool(facts).payable_yuan()
    if payment.amount_yuan > payable:
        return [Reason("reason.prepared_too_much", {"prepared": payment.amount_yuan, "payable": payable})]
    return []


@guard
@needs("prepared_payment")
def not_the_maker(facts: Facts) -> list[Reason]:
    payment = payment_in_hand(facts)
    is_maker = payment is not None and payment.prepared_by_id == facts.actor.person_id
    return [Reason("reason.maker_is_not_checker")] if is_maker else []


@guard
@needs("voucher_used")
def voucher_free(facts: Facts) -> list[Reason]:
    if not facts.loaded["voucher_used"]:
        return []
    return [Reason("reason.voucher_used", {"voucher": facts.inputs["voucher"]}, "voucher")]


@guard
def nothing_paid(facts: Facts) -> list[Reason]:
    paid = facts.case.paid_yuan or 0
    return [Reason("reason.already_paid", {"paid": paid})] if paid else []


@effect
@needs("pool", "budget")
def prepare_payment(move: Move) -> None:
    """Prepare the amount that was typed, or all that is granted and unpaid."""
    own = own_pool(move.facts)
    unpaid = settle(move, own) - own.own_claim.paid_yuan
    amount = move.facts.inputs.get("amount_yuan") or unpaid
    account = move.session.get_one(OrganisationAccount, move.facts.case.account_id)
    cancel_prepared(move)
    payment = Payment(
        case_id=move.facts.case.id,
        kind="payment",
        status="prepared",
        amount_yuan=amount,
        account=account_words(account),
        prepared_by_id=move.actor_id,
        prepared_at=move.facts.now,
    )
    move.session.add(payment)
    move.session.flush()
    move.details |= {"amount_yuan": amount, "account": payment.account, "movement": movement(payment)}


@effect
@needs("prepared_payment")
def confirm_payment(move: Move) -> None:
    payment = payment_in_hand(move.facts)
    assert payment is not None
    payment.status = "confirmed"
    payment.confirmed_by_id = move.actor_id
    payment.confirmed_at = move.facts.now
    payment.voucher = move.facts.inputs["voucher"]
    move.session.flush()
    paid = (move.facts.case.paid_yuan or 0) + payment.amount_yuan
    spend(move.session, move.facts.case.id, paid)
    move.application["paid_yuan"] = paid
    moved = {"account": payment.account, "movement": movement(payment)}
    move.details |= {"amount_yuan": payment.amount_yuan, "paid_yuan": paid, **moved}
    move.told |= {"amount_yuan": payment.amount_yuan, "voucher": payment.voucher}


@effect
def cancel_preparation(move: Move) -> None:
    cancel_prepared(move)


@chooser
@needs("pool", "prepared_payment")
def payment_outcome(facts: Facts) -> str:
    """A part payment leaves the case where it is, until the rest is paid."""
    payment = payment_in_hand(facts)
    left = own_pool(facts).payable_yuan() - (payment.amount_yuan if payment else 0)
    return "stay" if left > 0 else "paid"
