"""What an act costs without any database: rules, machine, clock, digests and rows, on recorded facts."""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import Any, cast

from sqlalchemy.orm import Session

from tests.benchmarks.stage import ACTION, NOW, Stage, officer_of
from workflow.process.perform import perform
from workflow.storage.store import Store


class _Rows:
    """The result of a statement: one row that was recorded, or none."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def first(self) -> Any:
        return self._row


class _Recorded:
    """In place of a session and its connection: hands out the rows that the real one found, in order."""

    def __init__(self, real: Session) -> None:
        self._real = real
        self.dialect = real.connection().dialect
        self.rows: list[Any] | None = None
        self.seen: list[Any] = []

    def connection(self) -> _Recorded:
        return self

    def get_bind(self) -> Any:
        return self._real.get_bind()

    def exec_driver_sql(self, sql: str, parameters: Any) -> _Rows:
        if self.rows is not None:
            return _Rows(next(self._left))
        result = self._real.connection().exec_driver_sql(sql, parameters)
        self.seen.append(result.first() if result.returns_rows else None)
        return _Rows(self.seen[-1])

    def again(self) -> None:
        """From here on, and from the beginning, without the database."""
        self.rows = self.seen
        self._left = iter(self.seen)


def engine_cpu_us(stage: Stage, acts: int) -> float:
    """The median microseconds of an act whose rows are supplied."""
    store = Store(stage.copy())
    officer = officer_of(store)
    times = []
    with store.writing() as real:
        # Calendar, units and process are in the memory of every process that has acted once.
        perform(real, stage.first + 1, ACTION, officer, now=NOW, seen_version=stage.version)
        session = _Recorded(real)

        def act() -> None:
            perform(cast(Session, session), stage.first, ACTION, officer, now=NOW, seen_version=stage.version)

        act()
        for _ in range(acts):
            session.again()
            started = perf_counter()
            act()
            times.append(perf_counter() - started)
    store.dispose()
    return median(times) * 1e6
