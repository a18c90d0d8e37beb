"""Databases to measure on: many equal cases in pre-check, copies of one that the engine brought there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from tests.postgres import Cluster
from tests.world import MONDAY, World, people_the_district
from workflow.people.actors import Actor
from workflow.storage.store import Store
from workflow.storage.tables import Application, Base, Case, Event, Step

ACTION, OFFICER = "recommend", "lin"
# After everything that happened to the case that was copied.
NOW = MONDAY + timedelta(hours=2)


@dataclass(frozen=True)
class Stage:
    """Where copies of one prepared database come from; cases `first`, `first + 1` … wait at `version`."""

    url: str
    copy: Callable[[], str]
    first: int
    version: int


@contextmanager
def sqlite_stage(folder: Path, cases: int) -> Iterator[Stage]:
    file = folder / "stage.db"
    url = f"sqlite:///{file}"
    first, version = _prepared(url, cases)
    made: list[Path] = []

    def copy() -> str:
        made.append(folder / f"copy{len(made)}.db")
        shutil.copy(file, made[-1])
        return f"sqlite:///{made[-1]}"

    yield Stage(url, copy, first, version)


@contextmanager
def postgresql_stage(server: Cluster, cases: int) -> Iterator[Stage]:
    url = server.create_database()
    first, version = _prepared(url, cases)
    yield Stage(url, lambda: server.create_database(url), first, version)


def officer_of(store: Store) -> Actor:
    """The township officer whose cases are waiting."""
    return World(store, Path("unused"), now=NOW).actor(OFFICER)


def _prepared(url: str, cases: int) -> tuple[int, int]:
    store = Store(url)
    Base.metadata.create_all(store.writer)
    with store.writing() as session:
        people_the_district(session)
        session.commit()
    world = World(store, Path("unused"))
    case_id = world.in_precheck("donglong", "S2-2")
    _multiply(store, case_id, cases)
    if store.is_sqlite:
        with store.writer.connect() as connection:
            connection.rollback()
            # All of it into the one file that is copied.
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    version = world.case(case_id).version
    store.dispose()
    return case_id + 1, version


def _multiply(store: Store, case_id: int, cases: int) -> None:
    """Copies of the case with its history; only what must be unique differs."""
    with store.writing() as session:
        for table, column in ((Case, Case.id), (Step, Step.case_id), (Event, Event.case_id)):
            _insert_copies(session, table, column, case_id, cases)
        _insert_copies(session, Application, Application.case_id, case_id, cases)
        session.commit()


def _insert_copies(session: Any, table: Any, column: Any, case_id: int, cases: int) -> None:
    rows = [
        dict(row._mapping) for row in session.execute(select(*table.__table__.c).where(column == case_id))
    ]
    copies = []
    for number in range(1, cases + 1):
        for row in rows:
            unique = {name: f"{row[name]}-{number}" for name in ("claim_key",) if row.get(name)}
            if table is Case:
                unique["number"] = f"CL2026-9{number:06d}"
            copies.append({**row, **unique, column.key: case_id + number})
    session.execute(insert(table), copies)
