"""The migrations create exactly the tables the program was written for, on both databases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from workflow.errors import Refused
from workflow.storage.schema import ALEMBIC_INI, head_revision, refuse_unless_current, revision_of, upgrade
from workflow.storage.store import Store
from workflow.storage.tables import Base

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
VERSIONS = Path(__file__).parents[1] / "workflow" / "storage" / "migrations" / "versions"


def empty_store(request: pytest.FixtureRequest, folder: Path) -> Store:
    if request.param == "sqlite":
        return Store(f"sqlite:///{folder / 'lianshen.db'}")
    return Store(request.getfixturevalue("postgres").create_database())


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = empty_store(request, tmp_path)
    yield store
    store.dispose()


@pytest.fixture(params=BOTH)
def two_stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    stores = empty_store(request, tmp_path / "a"), empty_store(request, tmp_path / "b")
    yield stores
    for store in stores:
        store.dispose()


def described(connection: Connection) -> Mapping[str, object]:
    """All that the database itself knows of its tables, in one comparable form."""
    seen = inspect(connection)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in seen.get_columns(table)
            ],
            "primary key": seen.get_pk_constraint(table),
            "foreign keys": sorted(map(repr, seen.get_foreign_keys(table))),
            "unique": sorted(map(repr, seen.get_unique_constraints(table))),
            "checks": sorted(map(repr, seen.get_check_constraints(table))),
            "indexes": sorted(
                (
                    index["name"],
                    index["column_names"],
                    index["unique"],
                    sorted(
                        (option, str(value)) for option, value in index.get("dialect_options", {}).items()
                    ),
                )
                for index in seen.get_indexes(table)
            ),
        }
        for table in sorted(set(seen.get_table_names()) - {"alembic_version"})
    }


def foreseen(connection: Connection) -> list[tuple[str, str]]:
    """What PostgreSQL keeps beside its columns to foresee how many rows it will find."""
    if connection.dialect.name == "sqlite":
        return []
    found = connection.execute(
        text("SELECT stxname, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext ORDER BY 1")
    )
    statistics = [(row.stxname, row[1]) for row in found]
    assert [name for name, _columns in statistics] == ["st_cases_together"]
    return statistics


def test_the_migrations_build_what_the_tables_say(two_stores: tuple[Store, Store]) -> None:
    migrated, created = two_stores

    upgrade(migrated)
    Base.metadata.create_all(created.writer)

    with migrated.reader.connect() as one, created.reader.connect() as other:
        assert described(one) == described(other)
        assert foreseen(one) == foreseen(other)


def test_alembic_finds_nothing_left_to_migrate(store: Store) -> None:
    upgrade(store)

    with store.reader.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_database_is_brought_to_the_head_once(store: Store) -> None:
    assert revision_of(store) is None

    assert upgrade(store) is None
    assert upgrade(store) == head_revision() == revision_of(store)


def test_an_empty_database_is_refused_with_what_to_do(store: Store) -> None:
    with pytest.raises(Refused, match="请先运行 lianshen init"):
        refuse_unless_current(store)
    upgrade(store)
    refuse_unless_current(store)


def test_a_database_newer_than_the_program_is_refused(store: Store) -> None:
    upgrade(store)
    with store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        session.commit()

    for attempt in (upgrade, refuse_unless_current):
        with pytest.raises(Refused, match="（9999）比程序新"):
            attempt(store)


def test_a_migration_that_fails_leaves_nothing_behind(store: Store) -> None:
    with store.writing() as session:
        session.execute(text("CREATE TABLE units (id INTEGER)"))
        session.commit()

    with pytest.raises(Exception, match="already exists"):
        upgrade(store)

    with store.reader.connect() as connection:
        assert inspect(connection).get_table_names() == ["units"]


def test_organisations_of_before_are_found_by_the_end_of_their_code(store: Store) -> None:
    with store.writer.begin() as connection:
        config = Config(ALEMBIC_INI)
        config.attributes["connection"] = connection
        command.upgrade(config, "0101")
        connection.execute(
            text("INSERT INTO units (id, code, kind, name, name_en) VALUES (1, 'u', 'k', 'n', 'n')")
        )
        connection.execute(
            text(
                "INSERT INTO organisations (credit_code, name, kind, township_id, address, contact_name,"
                " contact_phone, registered_on, is_sample)"
                " VALUES ('91350112MA0000004X', 'n', 'k', 1, 'a', 'c', 'p', '2026-11-02', :is_sample)"
            ),
            {"is_sample": False},
        )

    upgrade(store)

    with store.reader.connect() as connection:
        assert connection.execute(text("SELECT code_end FROM organisations")).scalar_one() == "004X"


@pytest.mark.parametrize("revision", ["0001", "0003"])
def test_a_database_of_before_the_first_version_is_refused_saying_what_to_do(
    store: Store, revision: str
) -> None:
    upgrade(store)
    with store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        session.commit()

    for attempt in (upgrade, refuse_unless_current):
        with pytest.raises(Refused, match=r"试用程序建立的.*lianshen init.*--fresh"):
            attempt(store)


def test_a_migration_is_never_edited_once_databases_were_made_with_it() -> None:
    """A change of the tables is a migration of its own: its digest is added here, no other is touched."""
    files = VERSIONS.glob("[0-9]*.py")
    digests = {file.name[:4]: hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in files}

    assert digests == {
        "0101": "256f9172b0e8f8f2",
        "0102": "9ccde1842c357e4d",
        "0103": "bd49f5ecdb175f25",
        "0104": "98fb05f9b5c24288",
        "0105": "4b2a5db3b0c1d5d3",
    }


def test_no_migration_leads_down() -> None:
    migrations = list(VERSIONS.glob("*.py"))

    assert migrations
    assert [file.name for file in migrations if "def downgrade" in file.read_text(encoding="utf-8")] == []
