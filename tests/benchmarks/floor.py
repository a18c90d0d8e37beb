"""The floor: the recorded SQL of each act, with BEGIN and COMMIT, replayed through the bare driver.

Run as a process it is one client: `python -m tests.benchmarks.floor URL FILE NUMBER`.
"""

from __future__ import annotations

import pickle
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import event, make_url

from tests.benchmarks.rounds import serve
from tests.benchmarks.stage import ACTION, NOW, Stage, officer_of
from workflow.process.perform import perform
from workflow.storage.store import Store

Statement = tuple[str, Any]


def record(stage: Stage, cases: int, clients: int, file: Path) -> float:
    """Act on every case of a copy and keep the SQL, a list of acts for each client.

    Returns the number of statements of an act, BEGIN and COMMIT not counted.
    """
    store = Store(stage.copy())
    officer = officer_of(store)
    acts: list[list[Statement]] = []

    def note(connection: Any, cursor: Any, sql: str, parameters: Any, context: Any, many: bool) -> None:
        if not sql.startswith("BEGIN"):
            acts[-1].append((sql, parameters))

    event.listen(store.writer, "before_cursor_execute", note)
    for case_id in range(stage.first, stage.first + cases):
        acts.append([])
        with store.writing() as session:
            perform(session, case_id, ACTION, officer, now=NOW, seen_version=stage.version)
            session.commit()
    store.dispose()
    share = cases // clients
    parts = [acts[number * share : (number + 1) * share] for number in range(clients)]
    # Written and read by this bench alone, in its own folder.
    file.write_bytes(pickle.dumps(parts))
    return median(map(len, acts))


def _on_sqlite(file: str) -> Callable[[list[Statement]], None]:
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")

    def replay(statements: list[Statement]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for sql, parameters in statements:
            connection.execute(sql, parameters).fetchall()
        connection.execute("COMMIT")

    return replay


def _on_postgresql(url: str) -> Callable[[list[Statement]], None]:
    connection = psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)

    def replay(statements: list[Statement]) -> None:
        connection.execute("BEGIN")
        for sql, parameters in statements:
            cursor = connection.execute(sql, parameters)
            if cursor.description:
                cursor.fetchall()
        connection.execute("COMMIT")

    return replay


def main(url: str, file: str, number: str) -> None:
    acts = iter(pickle.loads(Path(file).read_bytes())[int(number)])  # noqa: S301  see `record`
    address = make_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    replay = _on_sqlite(str(address.database)) if is_sqlite else _on_postgresql(url)
    serve(lambda: replay(next(acts)))


if __name__ == "__main__":
    main(*sys.argv[1:])
