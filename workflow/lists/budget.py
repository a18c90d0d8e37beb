"""The money of a year as the finance office sees it: set aside, promised, paid, left."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from workflow.storage.cases import Application
from workflow.storage.money import Reservation
from workflow.storage.reference import Budget


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A year's budget in yuan; `amount_yuan` is None where none was set. Approvals reserve from it."""

    year: int
    amount_yuan: int | None
    reserved_yuan: int
    paid_yuan: int

    @property
    def left_yuan(self) -> int | None:
        return None if self.amount_yuan is None else self.amount_yuan - self.reserved_yuan


def budget_of(session: Session, year: int) -> BudgetLine:
    """The budget of a year with what applications hold of it, in one statement.

    An application that holds money of several years is paid out of the oldest first.
    """
    amount = select(Budget.amount_yuan).where(Budget.year == year).scalar_subquery()
    older = aliased(Reservation)
    held_before = (
        select(func.coalesce(func.sum(older.amount_yuan), 0))
        .where(older.case_id == Reservation.case_id, older.year < year)
        .scalar_subquery()
    )
    from_here = Application.paid_yuan - held_before
    paid = case(
        (from_here <= 0, 0), (from_here < Reservation.amount_yuan, from_here), else_=Reservation.amount_yuan
    )
    row = session.execute(
        select(
            amount.label("amount"),
            func.coalesce(func.sum(Reservation.amount_yuan), 0).label("reserved"),
            func.coalesce(func.sum(paid), 0).label("paid"),
        )
        .join(Application, Application.case_id == Reservation.case_id)
        .where(Reservation.year == year)
    ).one()
    return BudgetLine(year, row.amount, int(row.reserved), int(row.paid))
