"""Numbers given out in series: one counter a series and year, raised in the transaction of its use."""

from __future__ import annotations

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.installation import fact
from workflow.storage.reference import Counter

NUMBER_PREFIX = "number_prefix"
DEFAULT_PREFIX = "CL"
# How numbers are written, for example CL2026-0147: applications, and every series without a way of its own.
APPLICATION_NUMBER = "{prefix}{year}-{number:04d}"
REFERRAL_NUMBER = "移〔{year}〕{number}号"


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


def number_prefix(session: Session) -> str:
    """What the district's application numbers begin with."""
    return fact(session, NUMBER_PREFIX) or DEFAULT_PREFIX


def numbers_counted(session: Session, number: int, year: int | None = None) -> list[str]:
    """The numbers that were given out under this count, in the year or in any: one a series and year."""
    given_out = select(Counter.series, Counter.year).where(Counter.value >= number)
    if year is not None:
        given_out = given_out.where(Counter.year == year)
    prefix = number_prefix(session)
    return [
        _written(series).format(prefix=prefix, year=of_year, number=number)
        for series, of_year in session.execute(given_out)
    ]


def _written(series: str) -> str:
    return REFERRAL_NUMBER if series == "referral" else APPLICATION_NUMBER


def _raised(session: Session, series: str, year: int) -> bool:
    raised = session.execute(
        update(Counter)
        .where(Counter.series == series, Counter.year == year)
        .values(value=Counter.value + 1)
        .execution_options(synchronize_session=False)
    )
    return bool(raised.rowcount)  # type: ignore[attr-defined]
