"""The played demo in memory: its rows by table and by case, and which cases belong together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.reference import Reference, reference_of
from workflow.storage.tables import Base

Row = Mapping[str, Any]


class Played:
    """Every row of a played demo; a small one, or it would not fit."""

    def __init__(self, session: Session) -> None:
        self.dialect = session.get_bind().dialect
        self.reference: Reference = reference_of(session)
        self.tables: dict[str, list[Row]] = {}
        for table in Base.metadata.sorted_tables:
            found = session.execute(select(*table.c).order_by(*table.primary_key))
            self.tables[table.name] = [dict(row._mapping) for row in found]
        self.cases = {case["id"]: case for case in self.tables["cases"]}
        self.groups = self._grouped()
        self._by_case = {name: _by(rows, "case_id") for name, rows in self.tables.items()}

    def rows(self, table: str, case_ids: Iterable[int]) -> list[Row]:
        """The rows of these cases, case by case."""
        return [row for case_id in case_ids for row in self._by_case[table].get(case_id, ())]

    def of(self, table: str, column: str, value: object) -> list[Row]:
        return [row for row in self.tables[table] if row[column] == value]

    def _grouped(self) -> Mapping[int, Sequence[Sequence[int]]]:
        """By organisation its cases of one award year, with the referrals about them."""
        about = _by(self.tables["referrals"], "application_id")
        pools: dict[tuple[int, int | None], list[int]] = defaultdict(list)
        for application in self.tables["applications"]:
            case_id = application["case_id"]
            key = application["organisation_id"], application["award_year"]
            pools[key] += [case_id, *(referral["case_id"] for referral in about.get(case_id, ()))]
        groups: dict[int, list[list[int]]] = defaultdict(list)
        for (organisation_id, _), case_ids in pools.items():
            groups[organisation_id].append(sorted(case_ids))
        return groups


def _by(rows: Iterable[Row], column: str) -> Mapping[Any, Sequence[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        if column in row:
            found[row[column]].append(row)
    return found
