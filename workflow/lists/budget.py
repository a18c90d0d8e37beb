"""The money of a year as the finance office sees it: set aside, promised, paid, left."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.storage.money import YearTotal
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
    """The budget of a year with what applications hold of it: two rows, however many applications there are.

    An application that holds money of several years is paid out of the oldest first.
    """
    amount = select(Budget.amount_yuan).where(Budget.year == year).scalar_subquery()
    reserved, paid = (
        func.coalesce(select(column).where(YearTotal.year == year).scalar_subquery(), 0)
        for column in (YearTotal.reserved_yuan, YearTotal.paid_yuan)
    )
    return BudgetLine(year, *session.execute(select(amount, reserved, paid)).one())
