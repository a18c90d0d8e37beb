"""Daily anchors, in the database and in a file apart: they know of a history that was rewritten with care."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from click.testing import CliRunner, Result
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.tampering import found, late_in_hand, one_event, paid_among_others, tamper
from tests.world import World
from workflow.clock.days import shanghai_day
from workflow.history.anchors import anchor_day, broken_anchors, kept_lines, wrong_days
from workflow.history.audit import Finding
from workflow.history.commands import audit
from workflow.process.chain import link
from workflow.storage.schema import ALEMBIC_INI
from workflow.storage.tables import Anchor, AnchoredHead, Application, Case, Event, Evidence, Step
from workflow.sweeps.anchoring import run_anchor


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "apart" / "anchors.log"


def anchored(world: World, file: Path) -> int:
    return run_anchor(world.store, world.now, file)


def broken(world: World, file: Path) -> list[Finding]:
    with world.store.reading() as session:
        return list(broken_anchors(session, kept_lines(file)))


def test_every_day_is_anchored_once_over_what_has_moved_since(world: World, file: Path) -> None:
    paid_among_others(world)

    assert [anchored(world, file), anchored(world, file)] == [1, 0]
    world.later(days=1)
    world.submitted("jiance", line="S2-2")
    assert anchored(world, file) == 1

    with world.store.reading() as session:
        heads = list(session.scalars(select(Anchor.heads).order_by(Anchor.day)))
    assert heads == [3, 1]
    assert [day for day, _digest in kept_lines(file)] == [world.today - timedelta(days=1), world.today]
    assert broken(world, file) == []


def test_what_happens_after_an_anchor_leaves_it_whole(world: World, file: Path) -> None:
    case_id = world.in_precheck()
    anchored(world, file)

    world.do("lin", "recommend", case_id)

    assert broken(world, file) == []


def cut_tail(session: Session, case_id: int) -> None:
    """The last two acts go, and everything that tells of them, as if they had never been."""
    session.execute(delete(Event).where(Event.case_id == case_id, Event.number > 3))
    session.execute(delete(Step).where(Step.case_id == case_id, Step.number > 3))
    last = session.scalars(select(Event).where(*one_event(case_id, 3))).one()
    told = {**last.standing, "due_on": date.fromisoformat(last.standing["due_on"])}
    columns = {name: told[name] for name in ("step_number", "unit_id", "handler_id", "due_on", "was_late")}
    head = {"event_number": 3, "chain_head": last.digest, "state": last.to_state}
    session.execute(update(Case).where(Case.id == case_id).values(**columns, **head))
    open_again = {"left_at": None, "outcome": None, "used_days": None, "late_days": None, "was_late": False}
    held = {**open_again, "handler_id": columns["handler_id"]}
    session.execute(update(Step).where(Step.case_id == case_id, Step.number == 3).values(**held))


def test_only_the_anchor_knows_of_a_tail_that_was_cut_off_with_care(world: World, file: Path) -> None:
    late_id = late_in_hand(world)
    anchored(world, file)

    tamper(world, lambda session: cut_tail(session, late_id))

    assert found(world) == []
    assert broken(world, file) == [Finding("anchored_lost", late_id, 5, world.today)]


def test_only_the_anchor_knows_of_a_case_that_was_cut_out_with_care(world: World, file: Path) -> None:
    case_id = world.draft()
    anchored(world, file)

    def lose(session: Session) -> None:
        for table in (Evidence, Event, Step, Application):
            session.execute(delete(table).where(table.case_id == case_id))
        session.execute(delete(Case).where(Case.id == case_id))

    tamper(world, lose)

    assert found(world) == []
    assert broken(world, file) == [Finding("anchored_lost", case_id, 1, world.today)]


def test_only_the_anchor_knows_of_a_chain_that_was_made_anew(world: World, file: Path) -> None:
    case_id = world.draft()
    world.do("donglong", "discard", case_id)
    anchored(world, file)

    def forge(session: Session) -> None:
        last = session.scalars(select(Event).where(*one_event(case_id, 2))).one()
        columns = {column.name: getattr(last, column.name) for column in Event.__table__.columns}
        digest = link({**columns, "actor_id": 1})
        session.execute(update(Event).where(*one_event(case_id, 2)).values(actor_id=1, digest=digest))
        session.execute(update(Case).where(Case.id == case_id).values(chain_head=digest))

    tamper(world, forge)

    assert found(world) == []
    assert broken(world, file) == [Finding("anchored_lost", case_id, 2, world.today)]


def test_an_anchor_changed_in_the_database_is_found(world: World, file: Path) -> None:
    case_id = world.draft()
    anchored(world, file)

    tamper(
        world, lambda session: session.execute(delete(AnchoredHead).where(AnchoredHead.case_id == case_id))
    )

    assert broken(world, file) == [Finding("anchor_changed", None, day=world.today)]


def test_anchors_made_anew_differ_from_the_file_apart(world: World, file: Path) -> None:
    world.draft()
    anchored(world, file)

    def forge(session: Session) -> None:
        session.execute(delete(AnchoredHead))
        session.execute(delete(Anchor))
        anchor_day(session, world.today, world.now + timedelta(hours=1))

    tamper(world, forge)

    assert broken(world, file) == [Finding("anchor_not_kept", None, day=world.today)]


def test_a_file_that_could_not_be_written_is_completed_later(world: World, file: Path) -> None:
    world.draft()
    anchored(world, file)
    whole = file.read_text()
    file.write_text(whole[:30])

    anchored(world, file)

    assert file.read_text() == f"{whole[:30]}\n{whole}"
    assert [day for day, _digest in kept_lines(file)] == [world.today]
    assert broken(world, file) == []


def test_a_clock_set_back_makes_no_second_anchor(world: World, file: Path) -> None:
    world.draft()
    anchored(world, file)
    world.later(days=-2)
    world.draft("jinlun")

    assert anchored(world, file) == 0
    assert broken(world, file) == []


def test_days_with_acts_and_without_an_anchor_are_found(world: World, file: Path) -> None:
    anchored(world, file)
    world.later(days=1)
    begun_on = world.today
    world.submitted()
    world.later(days=1)
    assert wrong_on(world) == []

    world.later(days=2)

    assert wrong_on(world) == [Finding("anchor_missing", None, day=begun_on)]
    anchored(world, file)
    assert wrong_on(world) == []


def test_days_without_acts_need_no_anchor(world: World, file: Path) -> None:
    world.submitted()
    anchored(world, file)

    world.later(days=30)

    assert wrong_on(world) == []


def test_an_anchor_of_a_clock_that_leapt_ahead_is_found(world: World, file: Path) -> None:
    right, leapt = world.now, world.later(days=70 * 365)
    anchored(world, file)
    world.now = right + timedelta(days=1)
    world.submitted()
    done_on = world.today
    world.later(days=3)

    assert anchored(world, file) == 0
    ahead = Finding("anchor_ahead", None, day=shanghai_day(leapt))
    assert wrong_on(world) == [ahead, Finding("anchor_missing", None, day=done_on)]


def wrong_on(world: World) -> list[Finding]:
    with world.store.reading() as session:
        return list(wrong_days(session, world.now))


@pytest.fixture
def verified(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`lianshen audit verify` in an installation with this database, its anchors where the test put them."""
    url = world.store.url.render_as_string(hide_password=False)
    config = tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "{url}"\n[history]\nanchor_file = "apart/anchors.log"\n')
    monkeypatch.setenv("LIANSHEN_CONFIG", str(config))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with world.store.writer.begin() as connection:
        scripts = ScriptDirectory.from_config(Config(ALEMBIC_INI))
        MigrationContext.configure(connection).stamp(scripts, "head")

    def verify(*options: str) -> Result:
        with time_machine.travel(world.now, tick=False):
            return CliRunner().invoke(audit, ["verify", *options])

    return verify


def test_the_command_says_that_everything_is_whole(
    world: World, file: Path, verified: Callable[..., Result]
) -> None:
    world.in_precheck()
    anchored(world, file)

    spoken, counted = verified(), verified("--json")

    assert (spoken.exit_code, counted.exit_code) == (0, 0)
    assert spoken.output.splitlines() == [
        "已核验 1 件、3 条办理记录（其中 0 条的文字已删除），链条完整，数据与记录一致。",
        "另核对每日存证：数据库中 1 个，数据库以外的文件中 1 个。",
    ]
    expected = {"cases": 1, "events": 3, "erased": 0, "anchors": 1, "kept": 1, "findings": []}
    assert json.loads(counted.output) == expected


def test_the_command_says_that_the_clock_was_ahead(
    world: World, file: Path, verified: Callable[..., Result]
) -> None:
    world.later(days=9)
    anchored(world, file)
    day = world.today
    world.later(days=-9)

    spoken = verified()

    assert spoken.exit_code == 1
    assert spoken.output.splitlines()[1] == (
        f"{day} 的每日存证：日期尚未到来：服务器时钟曾被拨快，此后各日不再存证"
    )


def test_the_command_names_everything_that_is_wrong(
    world: World, file: Path, verified: Callable[..., Result]
) -> None:
    case_id = world.in_precheck()
    anchored(world, file)
    tamper(world, lambda session: session.execute(delete(Event).where(*one_event(case_id, 3))))
    tamper(world, lambda session: session.execute(update(Anchor).values(digest="f" * 64)))

    spoken, counted = verified(), verified("--json")

    assert (spoken.exit_code, counted.exit_code) == (1, 1)
    day = world.today.isoformat()
    assert spoken.output.splitlines()[1:-1] == [
        f"办件 {case_id} 第 3 条：最后的记录缺失",
        f"{day} 的每日存证：存证被改动",
        f"办件 {case_id} 第 3 条：已存证的记录缺失或被重写",
        f"{day} 的每日存证：数据库中没有文件所记的存证；数据库可能被替换或退回到以前",
    ]
    assert json.loads(counted.output)["findings"] == [
        {"kind": "tail_lost", "case": case_id, "event": 3, "anchor": None, "year": None},
        {"kind": "anchor_changed", "case": None, "event": None, "anchor": day, "year": None},
        {"kind": "anchored_lost", "case": case_id, "event": 3, "anchor": day, "year": None},
        {"kind": "anchor_not_kept", "case": None, "event": None, "anchor": day, "year": None},
    ]
