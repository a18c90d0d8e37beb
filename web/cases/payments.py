"""A payment that waits for its second signature, in words: how much, to whom, and what came back before."""

from __future__ import annotations

from collections.abc import Sequence

from web.language import _, wan
from workflow.lists.case_history import PaymentLine


def account_words(payment: PaymentLine) -> str:
    """福建东龙针纺有限公司 · 中国示例银行长乐支行 · 示例账号"""
    return " · ".join(filter(None, (payment.account.get(name) for name in ("holder", "bank", "number"))))


def to_be_replaced(prepared: PaymentLine, _movements: Sequence[PaymentLine]) -> str:
    """What becomes of the payment when another is prepared."""
    return _("已制单 %(amount)s，待复核；重新制单，原单作废", amount=wan(prepared.amount_yuan))


def to_be_confirmed(prepared: PaymentLine, movements: Sequence[PaymentLine]) -> str:
    """What a second officer puts her name to."""
    paid = _(
        "本次拨付 %(amount)s，收款账户 %(account)s，制单 %(name)s",
        amount=wan(prepared.amount_yuan),
        account=account_words(prepared),
        name=prepared.prepared_by or "",
    )
    returned = _returned(movements)
    if returned is None:
        return paid
    again = _("退票后重新拨付，退票由 %(name)s 登记", name=returned.prepared_by or "")
    return _("%(paid)s；%(again)s", paid=paid, again=again)


def _returned(movements: Sequence[PaymentLine]) -> PaymentLine | None:
    """The transfer that came back and is not paid again yet: one officer's word that the bank sent it."""
    owed, last = 0, None
    for each in movements:
        if each.kind == "returned":
            owed, last = owed + each.amount_yuan, each
        elif each.kind == "payment" and each.status == "confirmed":
            owed = max(0, owed - each.amount_yuan)
    return last if owed else None
