"""`lianshen check`, `init`, `user` and `db upgrade`, as a clerk runs them."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from tests.sample_rows import add_organisation
from workflow.check import findings_of, staffing_warnings
from workflow.cli import main
from workflow.installation import declare_demo, move_clock_to
from workflow.people.actors import SYSTEM, actor_of
from workflow.people.memberships import add_membership
from workflow.people.persons import PersonParticulars, add_person, disable_person, person_by_account
from workflow.people.trail import Signature
from workflow.reference import reference_of
from workflow.settings import DISTRICTS
from workflow.storage.store import Store
from workflow.storage.tables import CalendarDay, CalendarYear, Person, Unit

NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
TODAY = date(2026, 6, 1)
PASSWORD = "Zhangsan-2026-x"

Run = Callable[..., Result]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration of its own and a district whose files a test may change."""
    return installed_in(tmp_path, monkeypatch)


def installed_in(folder: Path, environment: pytest.MonkeyPatch) -> Path:
    shutil.copytree(DISTRICTS / "changle", folder / "changle")
    (folder / "config.toml").write_text('[district]\nfolder = "changle"\n', encoding="utf-8")
    (folder / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    environment.setenv("LIANSHEN_CONFIG", str(folder / "config.toml"))
    environment.setenv("LC_ALL", "zh_CN.UTF-8")
    return folder


@pytest.fixture
def run(installation: Path) -> Run:
    return invoke


def invoke(*words: str, typed: Sequence[str] = ()) -> Result:
    return CliRunner().invoke(main, words, input="".join(f"{line}\n" for line in typed))


@pytest.fixture(scope="module")
def initialised_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation in which `init` has run; each test has a copy of what it left."""
    with pytest.MonkeyPatch.context() as environment:
        folder = installed_in(tmp_path_factory.mktemp("initialised"), environment)
        password = str(folder / "password")
        result = invoke("init", "--account", "chief", "--name", "管理员", "--password-file", password)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def initialised(installation: Path, initialised_once: Path) -> Path:
    shutil.copytree(initialised_once / "var", installation / "var")
    return installation


@pytest.fixture
def store(initialised: Path) -> Store:
    return Store(f"sqlite:///{initialised / 'var' / 'lianshen.db'}")


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_first_administrator_is_made_with_the_whole_district(store: Store) -> None:
    with store.reading() as session:
        person = person_by_account(session, "chief")
        assert person is not None
        actor = actor_of(session, person.id, date.max)
        assert actor is not None
        assert actor.roles == {"administrator"}
        assert len(reference_of(session).units) == 25


def test_init_asks_for_what_was_not_said(run: Run) -> None:
    result = run("init", typed=["chief", "管理员", PASSWORD, PASSWORD])

    assert result.exit_code == 0
    assert "已建立管理员“chief”" in result.output
    assert PASSWORD not in result.output


def test_init_asks_again_for_a_password_that_was_typed_in_two_ways(run: Run) -> None:
    result = run("init", typed=["chief", "管理员", PASSWORD, "another", PASSWORD, PASSWORD])

    assert result.exit_code == 0
    assert result.output.count("两次输入的密码不一致，请重新输入。") == 1


def test_there_is_no_second_first_administrator(initialised: Path, run: Run) -> None:
    result = run(
        "init", "--account", "other", "--name", "某人", "--password-file", str(initialised / "password")
    )

    assert result.exit_code == 2
    assert "已经有系统管理员" in result.output


def test_a_first_administrator_with_a_weak_password_is_told_all_and_can_try_again(
    installation: Path, run: Run
) -> None:
    (installation / "weak").write_text("chief", encoding="utf-8")

    refused = run(
        "init", "--account", "chief", "--name", "管理员", "--password-file", str(installation / "weak")
    )
    again = run(
        "init", "--account", "chief", "--name", "管理员", "--password-file", str(installation / "password")
    )

    assert refused.exit_code == 2
    assert len(refused.output.strip().splitlines()) == 3
    assert again.exit_code == 0


def test_an_added_person_gets_a_post_and_a_one_time_code(store: Store, run: Run) -> None:
    result = run(
        "user", "add", "--account", "lin.mei", "--name", "林㛃", "--unit", "350112113",
        "--role", "township_officer", "--head", "--from", "2026-01-01",
    )  # fmt: skip

    assert result.exit_code == 0
    assert "一次性验证码：" in result.output
    with store.reading() as session:
        person = session.scalars(select(Person).where(Person.account == "lin.mei")).one()
        assert person.reset_code_hash is not None
        actor = actor_of(session, person.id, TODAY)
        assert actor is not None
        assert [(post.unit_name, post.is_head) for post in actor.posts] == [("梅花镇", True)]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"--unit": "0"}, "没有代码为“0”的机构"),
        ({"--role": "supervisor"}, "“督查员”只能在"),
        ({"--account": "chief"}, "账号名“chief”已被使用"),
        ({"--phone": "12"}, "电话“12”不正确"),
    ],
)
def test_a_person_who_cannot_be_added_leaves_nothing(
    store: Store, run: Run, changed: dict[str, str], sentence: str
) -> None:
    usual = {"--account": "lin.mei", "--name": "林", "--unit": "350112113", "--role": "township_officer"}

    result = run("user", "add", *[word for option in (usual | changed).items() for word in option])

    assert result.exit_code == 2
    assert sentence in result.output
    with store.reading() as session:
        assert [person.account for person in session.scalars(select(Person))] == ["chief"]


def test_nobody_is_added_before_the_database_exists(run: Run) -> None:
    result = run(
        "user", "add", "--account", "lin", "--name", "林", "--unit", "350112113", "--role", "township_officer"
    )

    assert result.exit_code == 2
    assert "请先运行 lianshen init" in result.output


def test_no_history_is_verified_before_the_database_exists(run: Run) -> None:
    result = run("audit", "verify")

    assert result.exit_code == 2
    assert "请先运行 lianshen init" in result.output


def test_a_forgotten_password_is_reset_at_the_terminal(store: Store, run: Run) -> None:
    result = run("user", "reset", "CHIEF")
    unknown = run("user", "reset", "nobody")

    assert "一次性验证码：" in result.output
    with store.reading() as session:
        person = person_by_account(session, "chief")
        assert person is not None
        assert person.password_hash is None
    assert unknown.exit_code == 2
    assert "没有账号名为“nobody”的人员" in unknown.output


def test_an_upgrade_brings_new_versions_of_the_district_into_use(initialised: Path, run: Run) -> None:
    edit(initialised / "changle" / "processes" / "referral.toml", "version = 1", "version = 2")

    first, second = run("db", "upgrade"), run("db", "upgrade")

    assert "流程 1 版" in first.output
    assert "区的资料没有变化" in second.output


def test_without_a_database_the_files_alone_are_checked(run: Run) -> None:
    result = run("check")

    assert result.exit_code == 0
    assert "还没有数据库，只检查了文件" in result.output
    assert "错误 0 处，提醒 1 处。" in result.output


def test_a_database_that_is_still_empty_is_none_yet(installation: Path, run: Run) -> None:
    (installation / "var").mkdir()
    (installation / "var" / "lianshen.db").touch()

    result = run("check")

    assert result.exit_code == 0
    assert "错误 0 处，提醒 1 处。" in result.output


def test_the_database_is_its_owners_alone(initialised_once: Path) -> None:
    assert stat.S_IMODE((initialised_once / "var" / "lianshen.db").stat().st_mode) == 0o600


def test_every_file_with_a_fault_is_named_in_one_run(installation: Path, run: Run) -> None:
    district = installation / "changle"
    edit(district / "units.csv", "350112103,township", "350112103,village")
    edit(district / "calendar.csv", "2019-01-01,no", "2019-01-32,no")
    edit(district / "processes" / "referral.toml", "version = 1", "version = 'one'")
    edit(district / "policy" / "opinions-2020.toml", "lines = 35", "lines = 36")

    result = run("check", "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert found["ok"] is False
    assert [(Path(error["file"]).name, error["line"] is not None) for error in found["errors"]] == [
        ("units.csv", True), ("calendar.csv", True), ("opinions-2020.toml", True), ("referral.toml", True),
    ]  # fmt: skip
    assert f"{district / 'units.csv'}:9：没有“village”这类机构" in found["errors"][0]["sentence"]


def test_a_faulty_configuration_is_named_by_line_in_the_language_of_the_terminal(
    installation: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(installation / "config.toml", "folder", "foldr")
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    result = run("check")

    assert result.exit_code == 1
    assert f"{installation / 'config.toml'}:2" in result.output
    assert "Errors: 1, warnings: 0." in result.output


def test_a_missing_district_file_is_an_error(installation: Path, run: Run) -> None:
    (installation / "changle" / "district.toml").unlink()

    result = run("check")

    assert result.exit_code == 1
    assert "district.toml：文件不存在" in result.output


def test_a_process_changed_under_its_version_is_an_error(initialised: Path, run: Run) -> None:
    edit(initialised / "changle" / "processes" / "referral.toml", "near_days = 2", "near_days = 3")

    result = run("check")

    assert result.exit_code == 1
    assert "referral.toml:3：流程“referral”的第 1 版已在使用" in result.output


def test_files_that_are_not_in_use_yet_are_a_warning(initialised: Path, run: Run) -> None:
    edit(initialised / "changle" / "processes" / "referral.toml", "version = 1", "version = 2")
    edit(initialised / "changle" / "policy" / "opinions-2020.toml", "lines = 35", "lines = 35  # counted")

    result = run("check")

    assert result.exit_code == 0
    assert "流程“referral”第 2 版尚未采用" in result.output
    assert "政策“changle-quality-2020”的现行文件尚未采用" in result.output


def test_a_file_that_is_no_database_is_an_error(initialised: Path, run: Run) -> None:
    for file in (initialised / "var").glob("lianshen.db-*"):
        file.unlink()
    (initialised / "var" / "lianshen.db").write_text("not a database, but long enough to be looked at" * 50)

    result = run("check")

    assert result.exit_code == 1
    assert "无法打开数据库" in result.output


def test_units_in_use_without_two_officers_or_a_head_are_warned_of(store: Store) -> None:
    with store.writing() as session:
        meihua = session.scalars(select(Unit).where(Unit.code == "350112113")).one()
        for account in ("lin", "chen"):
            person = add_person(session, PersonParticulars(f"{account}.mh", "林"))
            add_membership(session, person.id, "township_officer", TODAY, unit_id=meihua.id)

        before = {reason.sentence() for reason in staffing_warnings(session, reference_of(session), TODAY)}
        disable_person(session, person.id, TODAY, Signature(SYSTEM, NOW))
        after = {reason.sentence() for reason in staffing_warnings(session, reference_of(session), TODAY)}

    no_head = "“梅花镇”没有分管领导，预警、延期和审签无人负责。"
    one_officer = "“梅花镇”现有 1 名工作人员，至少应有 2 名，否则无法回避和转办。"
    assert no_head in before
    assert one_officer not in before
    assert {no_head, one_officer} <= after


def test_offices_are_always_in_use_and_townships_once_a_firm_of_theirs_may_apply(store: Store) -> None:
    offices = {"区市场监管局", "联席会议办公室", "区财政局", "区效能办", "区政府督查室", "系统管理"}
    with store.writing() as session:
        before = staffing_warnings(session, reference_of(session), TODAY)
        meihua = session.scalars(select(Unit).where(Unit.code == "350112113")).one()
        add_organisation(session, meihua.id, "福建示例渔网有限公司")
        after = staffing_warnings(session, reference_of(session), TODAY)

    assert {reason.params["unit"] for reason in before} == offices
    assert {reason.params["unit"] for reason in after} == {*offices, "梅花镇"}


def test_a_calendar_that_ends_soon_is_warned_of_on_the_clock_of_the_installation(
    store: Store, initialised: Path
) -> None:
    config = initialised / "config.toml"
    before = findings_of(config, NOW)
    with store.writing() as session:
        last = session.scalars(select(CalendarYear.year).order_by(CalendarYear.year.desc())).first()
        assert last is not None
        declare_demo(session)
        move_clock_to(session, datetime(last, 11, 1, tzinfo=UTC), NOW)
        session.commit()

    after = findings_of(config, NOW)

    codes = [warning.reason.code for warning in before.warnings], [w.reason.code for w in after.warnings]
    assert "check.calendar_ends" not in codes[0]
    assert "check.calendar_ends" in codes[1]


def test_a_database_older_than_the_program_is_an_error(store: Store, run: Run) -> None:
    with store.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM alembic_version")
        session.commit()

    result = run("check")

    assert result.exit_code == 1
    assert "lianshen init" in result.output


def test_a_check_changes_nothing(store: Store, run: Run) -> None:
    with store.reading() as session:
        before = len(session.scalars(select(CalendarDay)).all())

    run("check")

    with store.reading() as session:
        assert len(session.scalars(select(CalendarDay)).all()) == before
