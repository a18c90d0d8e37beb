"""A demo of any size: copies of played applications, as whole and as well-formed as those."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests.postgres import Cluster
from tests.world import MONDAY
from workflow.clock.days import shanghai_day
from workflow.demo.commands import demo
from workflow.demo.making import MADE, make_demo
from workflow.demo.scale import make_large_demo
from workflow.district import load_district
from workflow.errors import Refused
from workflow.history.audit import Verified, findings
from workflow.installation import fact
from workflow.people.particulars import credit_code_reasons
from workflow.policy.eligibility import achievement_key, parse_facts
from workflow.process.scope import APPLICATION
from workflow.reference import reference_of
from workflow.settings import Settings, load_settings
from workflow.storage.store import Store
from workflow.storage.tables import Achievement, Application, Case, Organisation, Step

APPLICATIONS, PLAYED = 400, 18


def settings_in(folder: Path, url: str = "sqlite:///lianshen.db") -> Settings:
    file = folder / "config.toml"
    file.write_text(f'[database]\nurl = "{url}"\n[files]\nfolder = "evidence"\n', encoding="utf-8")
    return load_settings(file)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store(request: pytest.FixtureRequest) -> Store:
    filled: Store = request.getfixturevalue(f"{request.param}_filled")
    return filled


@pytest.fixture(scope="module")
def sqlite_filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    settings = settings_in(tmp_path_factory.mktemp("large"))
    yield from filled(settings.database.url, settings)


@pytest.fixture(scope="module")
def postgresql_filled(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from filled(postgres.create_database(), settings_in(tmp_path_factory.mktemp("large")))


def filled(url: str, settings: Settings) -> Iterator[Store]:
    store = Store(url)
    make_large_demo(store, settings, MONDAY, APPLICATIONS, played=PLAYED)
    yield store
    store.dispose()


@pytest.mark.long
def test_every_chain_of_a_large_demo_is_whole_and_a_fifth_is_under_way(store: Store) -> None:
    with store.reading() as session:
        verified = Verified()
        assert list(findings(session, verified)) == []
        assert fact(session, MADE) == MONDAY.isoformat()
        of_applications = select(func.count()).where(Case.process == APPLICATION)
        made = session.scalars(of_applications).one()
        assert APPLICATIONS - 5 <= made <= APPLICATIONS
        assert 0.17 < session.scalars(of_applications.where(Case.closed_at.is_(None))).one() / made < 0.24
    assert verified.events > 4 * made


@pytest.mark.long
def test_what_a_copy_says_on_its_forms_is_valid_and_its_own(store: Store) -> None:
    policy = load_district(Path("workflow/districts/changle")).policies()[-1]
    with store.reading() as session:
        claims = session.execute(
            select(Application.line, Application.facts, Achievement.kind, Achievement.key)
            .join(Achievement, Achievement.id == Application.achievement_id)
            .where(Application.claim_key.is_not(None))
        ).all()
        codes = session.scalars(select(Organisation.credit_code)).all()

    claimed = Counter()
    for code, typed, kind, key in claims:
        line = policy.line(code)
        facts, mistakes = parse_facts(line, typed)
        assert not mistakes
        assert achievement_key(line, facts) == key
        claimed[kind, key] += kind != "award_edition"
    assert max(claimed.values()) == 1
    assert not any(credit_code_reasons(code) for code in codes)


@pytest.mark.long
def test_moved_copies_keep_their_working_days(store: Store) -> None:
    with store.reading() as session:
        calendar = reference_of(session).calendar
        steps = session.scalars(select(Step).where(Step.left_at.is_not(None), Step.used_days > 0)).all()
        opened = session.execute(select(func.min(Case.opened_at), func.max(Case.opened_at))).one()

    for step in steps:
        between = calendar.working_days_between(shanghai_day(step.entered_at), shanghai_day(step.left_at))
        assert step.used_days in (between, between - 1), (step.case_id, step.number)
    assert (opened[1] - opened[0]).days > 365


def test_the_command_refuses_a_database_that_holds_a_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIANSHEN_CONFIG", str(tmp_path / "config.toml"))
    settings = settings_in(tmp_path)
    store = Store(settings.database.url)
    make_demo(store, settings, MONDAY, applications=1)

    outcome = CliRunner().invoke(demo, ["--scale", "1000"])

    assert isinstance(outcome.exception, Refused)
    assert "--fresh" in str(outcome.exception)
    store.dispose()
