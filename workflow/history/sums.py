"""The sums of the applications against their events and their payments: what was approved, paid, demanded.
The totals of the years against what the applications hold of them.

What a recovery took off the payments of another claim of its pool is known only when every case was read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from workflow.storage.cases import Application
from workflow.storage.money import Payment, Reservation, YearTotal

LOWERING = "recovered_for"


@dataclass(slots=True)
class Sums:
    """What is left unexplained while the cases are read one by one."""

    # By case: how much less its row says was paid than its own events say.
    missing: Counter[int] = field(default_factory=Counter)
    # By case: how much recoveries of other cases say they took off it.
    lowered: Counter[int] = field(default_factory=Counter)

    def differ(self, row: Any, events: Iterable[Any]) -> bool:
        """Whether the row of an application says other sums than its events, or its payments another sum."""
        told, paid, for_others = {"approved_yuan": 0, "recover_yuan": 0}, 0, 0
        for standing in (event.standing for event in events):
            told |= {name: standing[name] for name in told if name in standing}
            paid += standing.get("paid_change_yuan", 0)
            lowering = standing.get(LOWERING, {})
            for_others += sum(lowering.values())
            self.lowered.update({int(case_id): part for case_id, part in lowering.items()})
        if paid != row.paid_yuan:
            self.missing[row.case_id] = paid - row.paid_yuan
        settled = row.moved_yuan == paid - for_others
        return not settled or any(getattr(row, name) != yuan for name, yuan in told.items())

    def unexplained(self) -> Iterator[int]:
        """The cases whose paid sum is not what all events together say."""
        for case_id in sorted(self.missing.keys() | self.lowered.keys()):
            if self.missing[case_id] != self.lowered[case_id]:
                yield case_id


def sums_of_applications() -> Select[*tuple[Any, ...]]:
    """The sums of every application in the order of the cases; `moved_yuan` is the net of its payments."""
    sign = case((Payment.kind == "payment", 1), (Payment.kind.in_(("returned", "recovery")), -1), else_=0)
    moved = (
        select(func.coalesce(func.sum(sign * Payment.amount_yuan), 0))
        .where(Payment.case_id == Application.case_id, Payment.status == "confirmed")
        .scalar_subquery()
    )
    return select(
        Application.case_id, Application.approved_yuan, Application.paid_yuan, Application.recover_yuan,
        moved.label("moved_yuan"),
    ).order_by(Application.case_id)  # fmt: skip


def years_that_differ(session: Session) -> list[int]:
    """The years whose totals are not the sums of their reservations."""
    sums = func.sum(Reservation.amount_yuan), func.sum(Reservation.paid_yuan)
    held = session.execute(select(Reservation.year, *sums).group_by(Reservation.year))
    counted = {year: (int(reserved), int(paid)) for year, reserved, paid in held}
    rows = session.execute(select(YearTotal.year, YearTotal.reserved_yuan, YearTotal.paid_yuan))
    # A year of which everything was freed again has a total of nothing, and no reservations.
    told = {year: (reserved, paid) for year, reserved, paid in rows if reserved or paid}
    return sorted(year for year in counted.keys() | told.keys() if counted.get(year) != told.get(year))
