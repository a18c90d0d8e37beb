"""The money of a year as the finance office sees it: set aside, promised, paid, left."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.storage.cases import Application
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
    """The budget of a year with what approvals have reserved from it, in one statement."""
    amount = select(Budget.amount_yuan).where(Budget.year == year).scalar_subquery()
    row = session.execute(
        select(
            amount.label("amount"),
            func.coalesce(func.sum(Application.approved_yuan), 0).label("reserved"),
            func.coalesce(func.sum(Application.paid_yuan), 0).label("paid"),
        ).where(Application.budget_year == year)
    ).one()
    return BudgetLine(year, row.amount, int(row.reserved), int(row.paid))
