"""The stage of every test: a real database on SQLite and PostgreSQL, a fixed Monday, people with a story."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

from tests import registering
from tests.postgres import Cluster, cluster, folder_for_databases
from tests.referring import written
from tests.world import MONDAY, World, people_the_district
from workflow.people.organisations import OrganisationParticulars, register_organisation
from workflow.process import definitions
from workflow.storage.store import Store
from workflow.storage.tables import Base, Organisation, Unit
from workflow.sweeps.reminders import run_reminders

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
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A database of its own with the district and its people, first on SQLite, then on PostgreSQL."""
    yield from request.getfixturevalue(f"{request.param}_home").fresh()


@pytest.fixture
def sqlite_store(sqlite_home_apart: Home) -> Iterator[Store]:
    """The same on SQLite alone, for what does not depend on the database."""
    yield from sqlite_home_apart.fresh()


@dataclass
class Home:
    """One address where each test finds a database as new; the statements compiled for it are kept."""

    store: Store
    build: Callable[[], None]

    def fresh(self) -> Iterator[Store]:
        self.build()
        # A test may have stored a definition of its own under a name that the next one uses.
        definitions.forget()
        yield self.store
        self.store.dispose()


@pytest.fixture(scope="session")
def sqlite_home(sqlite_template: Path) -> Iterator[Home]:
    yield from _sqlite_home(sqlite_template)


@pytest.fixture(scope="session")
def sqlite_home_apart(sqlite_template: Path) -> Iterator[Home]:
    """A second address, for a test that has both."""
    yield from _sqlite_home(sqlite_template)


@pytest.fixture(scope="session")
def postgresql_home(postgres: Cluster, postgres_template: str) -> Home:
    url = postgres.create_database(postgres_template)

    def build() -> None:
        postgres.drop_database(url)
        postgres.create_database(postgres_template, url)

    return Home(Store(url), build)


def _sqlite_home(template: Path) -> Iterator[Home]:
    with folder_for_databases() as folder:
        file = folder / "lianshen.db"

        def build() -> None:
            for left in folder.iterdir():
                left.unlink()
            shutil.copy(template, file)

        yield Home(Store(f"sqlite:///{file}"), build)


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return World(store, tmp_path / "evidence")


@pytest.fixture
def sqlite_world(sqlite_store: Store, tmp_path: Path) -> World:
    return World(sqlite_store, tmp_path / "evidence")


@pytest.fixture(scope="session")
def bare_postgresql(postgres: Cluster) -> str:
    return postgres.create_database()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    """A writing session on tables without a row."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'lianshen.db'}"
    else:
        url = request.getfixturevalue("bare_postgresql")
    store = Store(url)
    Base.metadata.create_all(store.writer)
    with store.writing() as session:
        yield session
    Base.metadata.drop_all(store.writer)
    store.dispose()


@pytest.fixture
def monday() -> datetime:
    """Monday 2 November 2026, nine in the morning in Changle."""
    return MONDAY.astimezone(UTC)


@pytest.fixture
def late_case(sqlite_world: World) -> int:
    """林秀英 lets an application lie in the pre-check until it is twelve days old; everybody was reminded."""
    case_id = sqlite_world.in_precheck()
    sqlite_world.working_days_later(12)
    run_reminders(sqlite_world.store, sqlite_world.now)
    return case_id


@pytest.fixture
def drafted(sqlite_world: World, late_case: int) -> int:
    """A referral about it that 钱永明 has not signed yet."""
    return written(sqlite_world, late_case)


@pytest.fixture
def sent(sqlite_world: World, drafted: int) -> int:
    """The same, signed and with the efficiency office."""
    sqlite_world.do("qian", "sign", drafted)
    return drafted


@pytest.fixture
def songxia(session: Session) -> Unit:
    return registering.township(session, "松下镇")


@pytest.fixture
def dongling(songxia: Unit) -> OrganisationParticulars:
    """What 东龙 of 松下镇 types when it registers."""
    return registering.dongling_of(songxia.id)


@pytest.fixture
def organisation(session: Session, dongling: OrganisationParticulars) -> Organisation:
    return register_organisation(session, dongling, registering.MONDAY)


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
