"""The stage of every test: a real database on SQLite and PostgreSQL, a fixed Monday, people with a story."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import Cluster, cluster
from tests.world import MONDAY, World, people_the_district
from workflow.storage.store import Store
from workflow.storage.tables import Base

settings.register_profile(
    "lianshen",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("lianshen")

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    with cluster() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.db"
    _prepare(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: Cluster) -> str:
    url = postgres.create_database()
    _prepare(url)
    return url


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database of its own with the district and its people, first on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "lianshen.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield from _opened(f"sqlite:///{file}")
        return
    server: Cluster = request.getfixturevalue("postgres")
    url = server.create_database(request.getfixturevalue("postgres_template"))
    yield from _opened(url)
    server.drop_database(url)


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """The same on SQLite alone, for what does not depend on the database."""
    file = tmp_path / "lianshen.db"
    shutil.copy(sqlite_template, file)
    yield from _opened(f"sqlite:///{file}")


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return World(store, tmp_path / "evidence")


@pytest.fixture
def sqlite_world(sqlite_store: Store, tmp_path: Path) -> World:
    return World(sqlite_store, tmp_path / "evidence")


@pytest.fixture
def monday() -> datetime:
    """Monday 2 November 2026, nine in the morning in Changle."""
    return MONDAY.astimezone(UTC)


def _opened(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.dispose()


def _prepare(url: str) -> None:
    store = Store(url)
    Base.metadata.create_all(store.writer)
    with store.writing() as session:
        people_the_district(session)
        session.commit()
    if store.is_sqlite:
        # Everything into the one file, so that copying it is enough.
        with store.writer.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    store.dispose()
