"""What an application holds of the budgets of the years. Nothing else writes reservations."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.storage.money import Reservation


def reserve(session: Session, case_id: int, year: int, committed_yuan: int) -> None:
    """Let an application hold `committed_yuan` in all: more comes from `year`, less frees the newest first.

    What is paid comes out of the oldest year, so only what is unpaid is freed while anything is.
    """
    held = _held(session, case_id)
    change = committed_yuan - sum(each.amount_yuan for each in held)
    if change > 0:
        _take(session, held, case_id, year, change)
    for each in held:
        freed = min(each.amount_yuan, max(0, -change))
        change += freed
        if freed == each.amount_yuan:
            session.delete(each)
        else:
            each.amount_yuan -= freed
    session.flush()


def _held(session: Session, case_id: int) -> list[Reservation]:
    """The reservations of an application, the newest year first."""
    rows = select(Reservation).where(Reservation.case_id == case_id).order_by(Reservation.year.desc())
    return list(session.scalars(rows.execution_options(populate_existing=True)))


def _take(session: Session, held: list[Reservation], case_id: int, year: int, more_yuan: int) -> None:
    same_year = next((each for each in held if each.year == year), None)
    if same_year is None:
        session.add(Reservation(case_id=case_id, year=year, amount_yuan=more_yuan))
    else:
        same_year.amount_yuan += more_yuan
