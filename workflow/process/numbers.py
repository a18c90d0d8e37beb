"""Numbers given out in series: one counter a series and year, raised in the transaction of its use."""

from __future__ import annotations

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.storage.reference import Counter


def next_number(session: Session, series: str, year: int) -> int:
    """The next number of a series in a year, from 1. A rolled-back transaction gives its number back."""
    of_series = (Counter.series == series, Counter.year == year)
    if not _raised(session, series, year):
        try:
            with session.begin_nested():
                session.execute(insert(Counter).values(series=series, year=year, value=0))
        except IntegrityError:
            pass  # another transaction began the series first; its row is the one to raise
        _raised(session, series, year)
    return session.scalars(select(Counter.value).where(*of_series)).one()


def _raised(session: Session, series: str, year: int) -> bool:
    raised = session.execute(
        update(Counter)
        .where(Counter.series == series, Counter.year == year)
        .values(value=Counter.value + 1)
        .execution_options(synchronize_session=False)
    )
    return bool(raised.rowcount)  # type: ignore[attr-defined]
