"""What an act costs without any database: rules, machine, clock, digests and rows, on recorded facts."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from statistics import median
from time import perf_counter
from typing import Any, cast

from sqlalchemy.orm import Session

from tests.benchmarks.stage import ACTION, NOW, Stage, officer_of
from workflow.process.perform import perform
from workflow.storage.store import Store


class _Recorded:
    """In place of a session: its connection hands out the rows that the real one found, in order."""

    def __init__(self, real: Session) -> None:
        self._connection = _Connection(real)
        self._real = real

    def connection(self) -> _Connection:
        return self._connection

    def get_bind(self) -> Any:
        return self._real.get_bind()

    def again(self) -> None:
        """From here on, and from the beginning, without the database."""
        self._connection.cursor_ = _Supplied(self._connection.seen)


class _Connection:
    """In place of SQLAlchemy's connection, and of the driver's behind it."""

    def __init__(self, real: Session) -> None:
        connection = real.connection()
        self.dialect, self.engine, self.dispatch = connection.dialect, connection.engine, connection.dispatch
        self.connection = self.driver_connection = self
        self.seen: list[Any] = []
        self.cursor_: Any = _Recording(connection.connection, self.seen)

    def cursor(self) -> Any:
        return self.cursor_

    def pipeline(self) -> AbstractContextManager[None]:
        return nullcontext()


class _Recording:
    def __init__(self, real: Any, seen: list[Any]) -> None:
        self._real, self._seen = real, seen

    def execute(self, sql: str, values: Any) -> None:
        self._cursor = self._real.cursor()
        self._cursor.execute(sql, values)

    def fetchone(self) -> Any:
        self._seen.append(self._cursor.fetchone())
        return self._seen[-1]


class _Supplied:
    def __init__(self, rows: list[Any]) -> None:
        self._left = iter(rows)

    def execute(self, sql: str, values: Any) -> None:
        """The rows an act would write go nowhere."""

    def fetchone(self) -> Any:
        return next(self._left)


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
