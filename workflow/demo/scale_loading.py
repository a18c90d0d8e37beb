"""Loads many rows fast: without indexes and foreign keys, which are put back and checked at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.schema import AddConstraint, DropConstraint

from workflow.storage.store import Store
from workflow.storage.tables import Base

# By table, rows with a value for every column, as the driver takes them.
Rows = dict[str, list[Sequence[Any]]]
Write = Callable[[Mapping[str, Sequence[Sequence[Any]]]], None]

# Only a machine that loses its power can hurt the file meanwhile, and an unfinished demo is made anew.
_SQLITE_FAST = ("foreign_keys=OFF", "synchronous=OFF", "journal_mode=TRUNCATE", "cache_size=-200000")
_SQLITE_SAFE = ("cache_size=-2000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


@contextmanager
def loading(store: Store) -> Iterator[Write]:
    """A function that writes rows of several tables and commits them."""
    with (_loading_sqlite if store.is_sqlite else _loading_postgresql)(store) as write:
        yield write


@contextmanager
def _loading_sqlite(store: Store) -> Iterator[Write]:
    # The journal changes its kind only for somebody who is alone.
    store.dispose()
    with store.writer.connect() as connection:
        connection.rollback()
        raw: Any = connection.connection.driver_connection
        for pragma in _SQLITE_FAST:
            raw.execute(f"PRAGMA {pragma}").fetchall()
        for index in _indexes():
            raw.execute(f"DROP INDEX {index.name}")

        def write(rows: Mapping[str, Sequence[Sequence[Any]]]) -> None:
            raw.execute("BEGIN IMMEDIATE")
            for table, lines in rows.items():
                marks = ", ".join("?" * len(lines[0]))
                raw.executemany(f"INSERT INTO {table} ({_columns(table)}) VALUES ({marks})", lines)  # noqa: S608
            raw.execute("COMMIT")

        yield write
        _put_indexes_back(connection)
        raw.execute("PRAGMA analysis_limit=1000")
        raw.execute("ANALYZE")
        for pragma in _SQLITE_SAFE:
            raw.execute(f"PRAGMA {pragma}").fetchall()
        connection.invalidate()


@contextmanager
def _loading_postgresql(store: Store) -> Iterator[Write]:
    keys = [key for table in Base.metadata.sorted_tables for key in table.foreign_key_constraints]
    with store.writer.connect() as connection:
        for key in keys:
            connection.execute(DropConstraint(key))
        for index in _indexes():
            index.drop(connection)
        connection.commit()
        raw: Any = connection.connection.driver_connection

        def write(rows: Mapping[str, Sequence[Sequence[Any]]]) -> None:
            with raw.cursor() as cursor:
                for table, lines in rows.items():
                    with cursor.copy(f"COPY {table} ({_columns(table)}) FROM STDIN") as copy:
                        for line in lines:
                            copy.write_row(line)
            raw.commit()

        yield write
        _put_indexes_back(connection)
        for key in keys:
            connection.execute(AddConstraint(key, isolate_from_table=False))
        _move_sequences(connection)
        connection.execute(text("ANALYZE"))
        connection.commit()


def _columns(table: str) -> str:
    return ", ".join(Base.metadata.tables[table].c.keys())


def _indexes() -> list[Any]:
    return [index for table in Base.metadata.sorted_tables for index in sorted(table.indexes, key=_name)]


def _name(index: Any) -> str:
    return str(index.name)


def _put_indexes_back(connection: Connection) -> None:
    for index in _indexes():
        index.create(connection)
    connection.commit()


def _move_sequences(connection: Connection) -> None:
    """The rows came with their ids: what counts them goes on after the highest."""
    for table in Base.metadata.sorted_tables:
        if "id" in table.c:
            highest = f"(SELECT coalesce(max(id), 0) + 1 FROM {table.name})"  # noqa: S608
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {highest}, false)")
            )
