"""The payments of a case told anew from its events, and whether their rows say something else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from workflow.storage.money import Payment

MOVEMENT = "movement"


@dataclass(slots=True)
class ToldPayment:
    """A movement of money as the events tell it; the names are those of its row."""

    kind: str
    status: str
    amount_yuan: int
    voucher: str | None
    prepared_by_id: int | None
    prepared_at: datetime
    confirmed_by_id: int | None = None
    confirmed_at: datetime | None = None
    # The account as maker and checker saw it; erased from the history it has to be erased from the row too.
    accounts: list[dict[str, str]] = field(default_factory=list)

    def differs_from(self, row: Any) -> bool:
        if any(account != row.account for account in self.accounts):
            return True
        names = (name for name in ToldPayment.__slots__ if name != "accounts")
        return any(getattr(row, name) != getattr(self, name) for name in names)


def payments_differ(history: Iterable[Any], rows: Sequence[Any]) -> bool:
    """Whether the payments of a case are others than its events tell; both in their order."""
    told = payments_told_by(history)
    return len(told) != len(rows) or any(one.differs_from(row) for one, row in zip(told, rows, strict=True))


def payments_told_by(history: Iterable[Any]) -> list[ToldPayment]:
    told: list[ToldPayment] = []
    for event in history:
        movement = event.standing.get(MOVEMENT)
        if movement is None:
            continue
        prepared = told[-1] if told and told[-1].status == "prepared" else None
        if movement["status"] == "prepared" or prepared is None:
            if prepared is not None:
                prepared.status = "cancelled"
            told.append(_begun(event, movement))
        else:
            _end(prepared, event, movement)
    return told


def payments_of_cases() -> Select[*tuple[Any, ...]]:
    """The payments in the order of the cases, of each case in their own."""
    return select(*Payment.__table__.c).order_by(Payment.case_id, Payment.id)


def _begun(event: Any, movement: dict[str, Any]) -> ToldPayment:
    begun = ToldPayment(
        **movement,
        prepared_by_id=event.actor_id,
        prepared_at=event.at,
        accounts=[event.details.get("account", {})],
    )
    if begun.status == "confirmed":
        # A return or a recovery is booked in one hand: the bank has moved the money already.
        begun.confirmed_by_id, begun.confirmed_at = event.actor_id, event.at
    return begun


def _end(prepared: ToldPayment, event: Any, movement: dict[str, Any]) -> None:
    prepared.status = movement["status"]
    if prepared.status == "confirmed":
        prepared.confirmed_by_id, prepared.confirmed_at = event.actor_id, event.at
        prepared.voucher = movement["voucher"]
        prepared.accounts.append(event.details.get("account", {}))
