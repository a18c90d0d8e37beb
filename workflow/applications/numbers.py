"""Numbers of applications, counted up by series and year without gaps or doubles."""

from __future__ import annotations

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from workflow.applications.unique import insert_unless_known
from workflow.installation import fact
from workflow.storage.reference import Counter

PREFIX = "number_prefix"
DEFAULT_PREFIX = "CL"


def next_count(session: Session, series: str, year: int) -> int:
    """The next number of a series in a year; the row stays locked until the transaction ends."""
    this = (Counter.series == series, Counter.year == year)
    counted = update(Counter).where(*this).values(value=Counter.value + 1)
    counted = counted.execution_options(synchronize_session=False)
    if session.connection().execute(counted).rowcount == 0:
        insert_unless_known(session, insert(Counter).values(series=series, year=year, value=0))
        session.connection().execute(counted)
    return session.scalars(select(Counter.value).where(*this)).one()


def application_number(session: Session, series: str, year: int) -> str:
    """For example CL2026-0147: the district's prefix, the year, the count."""
    prefix = fact(session, PREFIX) or DEFAULT_PREFIX
    return f"{prefix}{year}-{next_count(session, series, year):04d}"
