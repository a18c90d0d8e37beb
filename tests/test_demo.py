"""The demo: made through the engine, whole in its history, and with something on every list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from notifications.dispatch import run_dispatch
from tests.world import MONDAY
from workflow.applications.files import original_of
from workflow.applications.formats import FORMATS
from workflow.applications.pictures import page_count, picture_of
from workflow.check import staffing_warnings
from workflow.clock.alerts import Bucket
from workflow.clock.days import SHANGHAI, shanghai_day
from workflow.demo.commands import demo
from workflow.demo.making import MADE, make_demo
from workflow.demo.people import DEMO_PASSWORD
from workflow.demo.sample_facts import sample_facts
from workflow.district import install_district, load_district
from workflow.errors import Refused
from workflow.history.audit import Verified, findings
from workflow.installation import clock_offset, declare_demo, fact, is_demo, record_fact
from workflow.lists.inbox import unread_count
from workflow.lists.overview import Filters, district_list
from workflow.lists.worklist import bucket_counts
from workflow.people.accounts import check_credentials
from workflow.people.actors import Actor, actor_of
from workflow.people.particulars import bank_number_reasons, credit_code_reasons, email_reasons, phone_reasons
from workflow.people.passwords import password_reasons
from workflow.policy.eligibility import OrganisationFacts, parse_facts, refusals
from workflow.process.definitions import newest_process
from workflow.reference import reference_of
from workflow.settings import Settings, load_settings
from workflow.storage.cases import Application, Case, Event, Evidence, Step
from workflow.storage.people import Membership, Organisation, OrganisationAccount, Person, Unit
from workflow.storage.schema import upgrade
from workflow.storage.store import Store
from workflow.storage.telling import Message, Outbox, Reminder

CONFIG = '[database]\nurl = "{url}"\n[district]\nfolder = "changle"\n[files]\nfolder = "evidence"\n'
TODAY = shanghai_day(MONDAY)
SHORT = 40


def settings_in(folder: Path, url: str = "sqlite:///lianshen.db") -> Settings:
    file = folder / "config.toml"
    file.write_text(CONFIG.format(url=url), encoding="utf-8")
    return load_settings(file)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short demo, made once; what changes it makes a copy or leaves it as it was."""
    folder = tmp_path_factory.mktemp("demo")
    settings = settings_in(folder)
    store = Store(settings.database.url)
    make_demo(store, settings, MONDAY, applications=SHORT)
    store.dispose()
    return folder


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{folder / 'lianshen.db'}")
    yield store
    store.dispose()


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation of its own, with the configuration a command finds."""
    monkeypatch.setenv("LIANSHEN_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    return settings_in(tmp_path)


def actor(store: Store, account: str) -> Actor:
    with store.reading() as session:
        person_id = session.scalars(select(Person.id).where(Person.account == account)).one()
        found = actor_of(session, person_id, TODAY)
    assert found is not None
    return found


def test_the_history_of_a_demo_is_whole(store: Store) -> None:
    with store.reading() as session:
        assert list(findings(session, Verified())) == []


def test_the_shortest_demo_shows_every_state_of_both_processes(store: Store) -> None:
    with store.reading() as session:
        for code in ("award_application", "referral"):
            seen = set(session.scalars(select(Case.state).where(Case.process == code)))

            assert seen == set(newest_process(session, code).states)


def test_every_unit_of_a_demo_has_two_officers_and_a_head(store: Store) -> None:
    with store.reading() as session:
        reference = reference_of(session)
        townships = [unit for unit in reference.units.values() if unit.kind == "township"]
        manned = set(session.scalars(select(Membership.unit_id)))

        assert staffing_warnings(session, reference, TODAY) == []
        assert {unit.id for unit in townships if unit.is_valid_on(TODAY)} <= manned


def test_every_sample_is_right_in_form_and_marked(store: Store) -> None:
    with store.reading() as session:
        for organisation in session.scalars(select(Organisation)):
            assert organisation.is_sample
            assert "示例" in organisation.address
            assert credit_code_reasons(organisation.credit_code) == []
            assert phone_reasons(organisation.contact_phone) == []
        for account in session.scalars(select(OrganisationAccount)):
            assert "示例" in account.bank
            assert bank_number_reasons(account.number) == []
        for person in session.scalars(select(Person)):
            assert person.is_sample
            assert phone_reasons(person.phone or "") == []
            assert email_reasons(person.email or "") == []


def test_everybody_signs_in_with_the_one_password_that_keeps_the_rules(store: Store) -> None:
    with store.reading() as session:
        accounts = session.scalars(select(Person.account)).all()

        assert [each for each in accounts if password_reasons(DEMO_PASSWORD, each)] == []
        for account in ("donglong", "songxia1", "songxia-head", "shijian1", "caizheng1", "ducha", "admin"):
            assert check_credentials(session, account, DEMO_PASSWORD).matched_hash is not None


def test_names_with_rare_characters_and_a_middle_dot_are_among_the_people(store: Store) -> None:
    with store.reading() as session:
        names = "".join(session.scalars(select(Person.name)))

    assert all(character in names for character in "㛃䶮𬎆·")


def test_the_enterprise_of_the_story_has_yet_to_apply(store: Store) -> None:
    with store.reading() as session:
        donglong = session.scalars(
            select(Organisation).where(Organisation.name == "福建东龙针纺有限公司")
        ).one()

        assert donglong.township.name == "松下镇"
        assert [account.confirmed_at for account in donglong.accounts] == [None]
        assert not session.scalar(select(Case.id).where(Case.organisation_id == donglong.id))


def test_nothing_is_played_about_enterprises_that_really_exist(store: Store) -> None:
    with store.reading() as session:
        names = session.scalars(select(Organisation.name).join(Application).distinct()).all()

    assert names
    assert [name for name in names if "示例" not in name and "样本" not in name] == []


def test_people_act_on_working_days_in_office_hours_and_in_the_past(store: Store) -> None:
    with store.reading() as session:
        calendar = reference_of(session).calendar
        moments = session.scalars(select(Event.at).where(Event.actor_id.is_not(None))).all()

    assert all(calendar.is_working(shanghai_day(moment)) for moment in moments)
    assert all(8 <= moment.astimezone(SHANGHAI).hour < 19 for moment in moments)
    assert max(moments) < MONDAY


def test_timers_acted_at_the_legal_moment_and_were_written_down_at_once(store: Store) -> None:
    with store.reading() as session:
        events = session.scalars(select(Event).where(Event.actor_id.is_(None))).all()

    assert {event.action for event in events} == {"notice_over"}
    assert {(event.at.astimezone(SHANGHAI).hour, event.at.minute) for event in events} == {(0, 0)}
    assert max(event.recorded_at - event.at for event in events) < timedelta(minutes=1)


def test_no_reminder_is_dated_before_its_step_began(store: Store) -> None:
    of_step = (Step.case_id == Reminder.case_id) & (Step.number == Reminder.step_number)
    with store.reading() as session:
        dated = session.execute(select(Reminder.begins_at, Step.entered_at).join(Step, of_step)).all()

    assert dated
    assert [row for row in dated if row.begins_at <= row.entered_at] == []


def test_a_case_that_has_been_red_for_long_may_be_referred(store: Store) -> None:
    with store.reading() as session:
        listed = district_list(
            session, actor(store, "lianxi1"), reference_of(session), TODAY, Filters(suggested=True)
        )

    assert max(row.days_late for row in listed.rows) >= 5


def test_papers_of_a_demo_can_be_looked_at(store: Store, folder: Path) -> None:
    with store.reading() as session:
        files = session.execute(select(Evidence.sha256, Evidence.media_type).distinct()).all()

    assert len(files) == 3
    for sha256, media_type in files:
        original = original_of(folder / "evidence", sha256)
        assert any(each.media_type == media_type and each.pictured for each in FORMATS)
        assert page_count(original, media_type) == 1
        assert picture_of(original, media_type).startswith(b"\x89PNG")


def test_the_worker_puts_only_the_last_days_into_the_inboxes(store: Store, folder: Path) -> None:
    run_dispatch(store, MONDAY, settings_in(folder).mail)

    with store.reading() as session:
        assert session.scalars(select(func.min(Message.created_at))).one() > MONDAY - timedelta(15)
        assert session.scalars(select(func.count()).where(Outbox.topic == "alert.red")).one()
        for account in ("songxia1", "songxia-head", "lianxi-head", "ducha"):
            assert unread_count(session, actor(store, account).person_id or 0)


def test_the_clock_of_a_fresh_demo_is_the_real_one(store: Store) -> None:
    with store.reading() as session:
        assert is_demo(session)
        assert clock_offset(session) == timedelta(0)


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_the_same_moment_makes_the_same_demo(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # Not the links of the chain: each event has a salt of its own.
    told = (Event.case_id, Event.number, Event.action, Event.actor_id, Event.at, Event.reason)
    histories = []
    for name in ("one", "other"):
        home = tmp_path / name
        home.mkdir()
        url = "sqlite:///lianshen.db"
        if database == "postgresql":
            url = request.getfixturevalue("postgres").create_database()
        settings = settings_in(home, url)
        store = Store(settings.database.url)
        make_demo(store, settings, MONDAY, applications=8)
        with store.reading() as session:
            events = select(*told, Event.details, Event.standing).order_by(Event.case_id, Event.number)
            histories.append([tuple(row) for row in session.execute(events)])
        store.dispose()

    assert histories[0] == histories[1] != []


def test_sample_facts_are_accepted_on_every_award_line() -> None:
    policy = load_district(Path(__file__).parents[1] / "workflow" / "districts" / "changle").policies()[0]

    for line in policy.lines:
        facts, mistakes = parse_facts(line, sample_facts(line, 7))
        organisation = OrganisationFacts(line.recipients[0], TODAY - timedelta(3000), None)
        against = refusals(line, facts, policy, organisation=organisation, today=TODAY)

        assert (line.code, mistakes, against) == (line.code, [], [])


def test_a_real_database_is_refused_and_left_alone(at_home: Settings) -> None:
    store = Store(at_home.database.url)
    upgrade(store)
    with store.writing() as session:
        install_district(session, load_district(at_home.district.folder), MONDAY)
        session.commit()

    for arguments in ([], ["--fresh"]):
        outcome = CliRunner().invoke(demo, arguments)

        assert isinstance(outcome.exception, Refused)
        assert "不是演示库" in str(outcome.exception)
    with store.reading() as session:
        assert session.scalars(select(func.count()).select_from(Unit)).one() > 0
    store.dispose()


def test_bare_tables_of_an_interrupted_making_are_filled(at_home: Settings) -> None:
    store = Store(at_home.database.url)
    upgrade(store)

    make_demo(store, at_home, MONDAY, applications=1)

    with store.reading() as session:
        assert fact(session, MADE) == MONDAY.isoformat()
    store.dispose()


def test_a_finished_demo_is_left_alone(at_home: Settings) -> None:
    store = Store(at_home.database.url)
    make_demo(store, at_home, MONDAY, applications=1)

    outcome = CliRunner().invoke(demo)

    assert "没有改动" in outcome.output
    with store.reading() as session:
        assert fact(session, MADE) == MONDAY.isoformat()
    store.dispose()


@pytest.mark.long
def test_an_interrupted_making_is_made_anew_and_every_list_has_something(at_home: Settings) -> None:
    store = Store(at_home.database.url)
    upgrade(store)
    with store.writing() as session:
        declare_demo(session)
        record_fact(session, "left_behind", "yes")
        session.commit()

    outcome = CliRunner().invoke(demo)

    assert outcome.exception is None, outcome.output
    assert DEMO_PASSWORD in outcome.output
    with store.reading() as session:
        reference = reference_of(session)
        made_on = shanghai_day(datetime.fromisoformat(fact(session, MADE) or ""))
        assert fact(session, "left_behind") is None
        assert session.scalars(select(func.count()).where(Case.process == "award_application")).one() >= 200
        assert list(findings(session, Verified())) == []
        for account in ("songxia1", "jinfeng1", "shijian1", "lianxi1", "caizheng1"):
            person_id = session.scalars(select(Person.id).where(Person.account == account)).one()
            officer = actor_of(session, person_id, made_on)
            assert officer is not None
            counts = bucket_counts(session, officer, reference, made_on).by_bucket
            assert all(counts[each] for each in (Bucket.OVERDUE, Bucket.NEAR, Bucket.LATER))
            # On a day of rest nothing falls due.
            assert counts[Bucket.DUE_TODAY] or not reference.calendar.is_working(made_on)
            # The joint-meeting office asks nobody for a correction.
            assert counts[Bucket.WAITING] or account == "lianxi1"
    store.dispose()
