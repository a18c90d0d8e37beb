"""Speed as ratios: one step through `perform` against its own recorded SQL replayed through the bare driver.

Writes var/bench.json and prints a table. `python -m tests.benchmarks.bench [--rounds N]`
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event

from tests.postgres import cluster
from tests.world import World, people_the_district
from workflow.process.perform import perform
from workflow.storage.store import Store
from workflow.storage.tables import Base

ROUNDS = 200
Statement = tuple[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="steps timed on each database")
    rounds = parser.parse_args().rounds
    figures: dict[str, Any] = {
        "step": {"sqlite_full_1": _on_sqlite(rounds), "postgresql_1": _on_postgresql(rounds)},
        "fsync_us": _fsync_us(),
    }
    target = Path("var/bench.json")
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(_table(figures))


def _table(figures: dict[str, Any]) -> str:
    rows = [
        f"{name:16} {row['us']:8.0f} µs, {row['statements']:.0f} statements, "
        f"{row['ratio_to_floor']:.2f} of the floor"
        for name, row in figures["step"].items()
    ]
    return "\n".join([*rows, f"{'fsync':16} {figures['fsync_us']:8.0f} µs", ""])


def _on_sqlite(rounds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        file, twin = Path(folder) / "step.db", Path(folder) / "floor.db"
        store = Store(f"sqlite:///{file}")
        world, cases = _cases_in_precheck(store, rounds)
        with sqlite3.connect(file) as source, sqlite3.connect(twin) as copy:
            source.backup(copy)
        copy.close()
        source.close()
        floor = sqlite3.connect(twin, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            floor.execute(f"PRAGMA {pragma}")

        def replay(statements: list[Statement]) -> None:
            for sql, parameters in statements:
                floor.execute(sql, parameters).fetchall()
            floor.execute("COMMIT")

        figures = _measured(world, cases, replay)
        floor.close()
        store.dispose()
        return figures


def _on_postgresql(rounds: int) -> dict[str, float]:
    with cluster(durable=True) as server:
        url = server.create_database()
        store = Store(url)
        world, cases = _cases_in_precheck(store, rounds)
        store.dispose()
        floor_url = server.create_database(url).replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(floor_url, autocommit=True) as floor:

            def replay(statements: list[Statement]) -> None:
                floor.execute("BEGIN")
                for sql, parameters in statements:
                    cursor = floor.execute(sql, parameters)
                    if cursor.description:
                        cursor.fetchall()
                floor.execute("COMMIT")

            return _measured(world, cases, replay)


def _cases_in_precheck(store: Store, number: int) -> tuple[World, list[int]]:
    Base.metadata.create_all(store.writer)
    with store.writing() as session:
        people_the_district(session)
        session.commit()
    world = World(store, Path("unused"))
    return world, [world.in_precheck("donglong", "S2-2") for _ in range(number)]


def _measured(world: World, cases: list[int], replay: Callable[[list[Statement]], None]) -> dict[str, float]:
    officer = world.actor("lin")
    ours, floor, counts = [], [], []
    for case_id in cases:
        version = world.case(case_id).version
        now = world.later(minutes=1)
        with _recorded(world.store) as statements:
            started = time.perf_counter()
            with world.store.writing() as session:
                perform(session, case_id, "recommend", officer, now=now, seen_version=version)
                session.commit()
            ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        replay(statements)
        floor.append(time.perf_counter() - started)
        counts.append(len(statements))
    us, floor_us = statistics.median(ours) * 1e6, statistics.median(floor) * 1e6
    without_begin = statistics.median(counts) - (1 if world.store.is_sqlite else 0)
    return {"us": us, "floor_us": floor_us, "ratio_to_floor": floor_us / us, "statements": without_begin}


@contextmanager
def _recorded(store: Store) -> Iterator[list[Statement]]:
    statements: list[Statement] = []

    def note(connection: Any, cursor: Any, sql: str, parameters: Any, context: Any, many: bool) -> None:
        statements.append((sql, parameters))

    event.listen(store.writer, "before_cursor_execute", note)
    yield statements
    event.remove(store.writer, "before_cursor_execute", note)


def _fsync_us() -> float:
    """What one durable write of a page costs on this disk: the part no code of ours can save."""
    times = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(50):
            started = time.perf_counter()
            file.write(b"0" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6


if __name__ == "__main__":
    main()
