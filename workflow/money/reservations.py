"""What an application holds of the budgets of the years, and their totals. Nothing else writes either."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast

from sqlalchemy import CursorResult, insert, select, update
from sqlalchemy.orm import Session

from workflow.applications.unique import insert_unless_known
from workflow.storage.money import Reservation, YearTotal


def reserve(session: Session, case_id: int, year: int, committed_yuan: int, paid_yuan: int) -> None:
    """Let an application hold `committed_yuan` in all, of which `paid_yuan` are paid.

    More comes from `year`, less frees the newest first. What is paid comes out of the oldest year, so only
    what is unpaid is freed while anything is.
    """
    held = _held(session, case_id)
    amounts = _resized({each.year: each.amount_yuan for each in held.values()}, year, committed_yuan)
    _hold(session, case_id, held, amounts, paid_yuan)


def spend(session: Session, case_id: int, paid_yuan: int) -> None:
    """Of what an application holds `paid_yuan` are paid now; it holds as much as before."""
    held = _held(session, case_id)
    _hold(session, case_id, held, {each.year: each.amount_yuan for each in held.values()}, paid_yuan)


def lock_totals(session: Session, case_ids: Collection[int]) -> None:
    """Lock the totals of all years these applications hold money of, for an act that changes several.

    Everybody locks the newest year first, or two acts could wait for each other.
    """
    years = select(Reservation.year).where(Reservation.case_id.in_(case_ids))
    wanted = select(YearTotal.year).where(YearTotal.year.in_(years)).order_by(YearTotal.year.desc())
    session.execute(wanted.with_for_update())


def _held(session: Session, case_id: int) -> dict[int, Reservation]:
    """The reservations of an application by year."""
    rows = session.scalars(
        select(Reservation).where(Reservation.case_id == case_id).execution_options(populate_existing=True)
    )
    return {row.year: row for row in rows}


def _resized(amounts: Mapping[int, int], year: int, committed_yuan: int) -> dict[int, int]:
    """The amounts by year that add up to `committed_yuan`."""
    sized = dict(amounts)
    more = committed_yuan - sum(sized.values())
    if more > 0:
        sized[year] = sized.get(year, 0) + more
    for each in sorted(amounts, reverse=True):
        freed = min(amounts[each], max(0, -more))
        sized[each] -= freed
        more += freed
    return sized


def _hold(
    session: Session,
    case_id: int,
    held: Mapping[int, Reservation],
    amounts: Mapping[int, int],
    paid_yuan: int,
) -> None:
    paid = _paid_by_year(amounts, paid_yuan)
    # The newest year first, as `lock_totals` does.
    for year in sorted(amounts, reverse=True):
        row = held.get(year) or Reservation(case_id=case_id, year=year, amount_yuan=0, paid_yuan=0)
        _add_to_total(session, year, amounts[year] - row.amount_yuan, paid[year] - row.paid_yuan)
        row.amount_yuan, row.paid_yuan = amounts[year], paid[year]
        if amounts[year]:
            session.add(row)
        elif year in held:
            session.delete(row)
    session.flush()


def _paid_by_year(amounts: Mapping[int, int], paid_yuan: int) -> dict[int, int]:
    """What is paid of each year's amount: all of the oldest before anything of the next."""
    paid = {}
    for year in sorted(amounts):
        paid[year] = min(amounts[year], paid_yuan)
        paid_yuan -= paid[year]
    return paid


def _add_to_total(session: Session, year: int, reserved_yuan: int, paid_yuan: int) -> None:
    if not reserved_yuan and not paid_yuan:
        return
    # Added by the database, because others add to the same row at the same time.
    adding = (
        update(YearTotal)
        .where(YearTotal.year == year)
        .values(
            reserved_yuan=YearTotal.reserved_yuan + reserved_yuan,
            paid_yuan=YearTotal.paid_yuan + paid_yuan,
        )
        .execution_options(synchronize_session=False)
    )
    if not cast(CursorResult[Any], session.execute(adding)).rowcount:
        insert_unless_known(session, insert(YearTotal).values(year=year, reserved_yuan=0, paid_yuan=0))
        session.execute(adding)
