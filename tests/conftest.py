"""The stage of every test: a real database on SQLite and PostgreSQL, a fixed Monday, people with a story."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

from tests import registering
from tests.homes import Home, PostgresSite, SqliteSite
from tests.postgres import Cluster, cluster, folder_for_databases
from tests.referring import written
from tests.sample_rows import install
from tests.world import MONDAY, World, people_the_district
from workflow.people.organisations import OrganisationParticulars, register_organisation
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
def sqlite_home() -> Iterator[Home]:
    yield from _on_sqlite(people_it)


@pytest.fixture(scope="session")
def sqlite_home_apart() -> Iterator[Home]:
    """A second address, for a test that has both."""
    yield from _on_sqlite(people_it)


@pytest.fixture(scope="session")
def postgresql_home(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(PostgresSite(postgres), tmp_path_factory.mktemp("home"), people_it)


def people_it(store: Store) -> None:
    """The district, and everybody in her place."""
    lay_out(store)
    with store.writing() as session:
        people_the_district(session)
        session.commit()


@pytest.fixture(params=DATABASES)
def home(request: pytest.FixtureRequest) -> Iterator[Home]:
    yield from _renewed(request, f"{request.param}_home")


@pytest.fixture
def sqlite_home_of_test(request: pytest.FixtureRequest) -> Iterator[Home]:
    yield from _renewed(request, "sqlite_home_apart")


def _renewed(request: pytest.FixtureRequest, name: str) -> Iterator[Home]:
    home: Home = request.getfixturevalue(name)
    # Where a test changes the program, others want neither what it brings about nor its pages.
    home.renew(is_unaltered="monkeypatch" not in request.fixturenames)
    yield home
    home.store.dispose()


@pytest.fixture
def store(home: Home) -> Store:
    """A database of its own with the district and its people, first on SQLite, then on PostgreSQL."""
    return home.standing()


@pytest.fixture
def sqlite_store(sqlite_home_of_test: Home) -> Store:
    """The same on SQLite alone, for what does not depend on the database."""
    return sqlite_home_of_test.standing()


@pytest.fixture
def world(home: Home) -> World:
    return World(home.store, home.evidence_folder, home=home)


@pytest.fixture
def sqlite_world(sqlite_home_of_test: Home) -> World:
    home = sqlite_home_of_test
    return World(home.store, home.evidence_folder, home=home)


@pytest.fixture(scope="session")
def bare_sqlite_home() -> Iterator[Home]:
    yield from _on_sqlite(lay_out)


def _on_sqlite(fill: Callable[[Store], None]) -> Iterator[Home]:
    with folder_for_databases() as folder:
        yield Home(SqliteSite(folder), folder, fill)


@pytest.fixture(scope="session")
def bare_postgresql_home(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(PostgresSite(postgres), tmp_path_factory.mktemp("home"), lay_out)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def bare_store(request: pytest.FixtureRequest) -> Store:
    """A database of tables without a row."""
    home: Home = request.getfixturevalue(f"bare_{request.param}_home")
    home.renew_after_commit()
    return home.store


@pytest.fixture
def session(bare_store: Store) -> Iterator[Session]:
    """A writing session on tables without a row."""
    with bare_store.writing() as session:
        yield session


@pytest.fixture
def installed(session: Session) -> None:
    """The least that the pages' lists need beside the cases that a test adds."""
    install(session)


def lay_out(store: Store) -> None:
    Base.metadata.create_all(store.writer)


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
