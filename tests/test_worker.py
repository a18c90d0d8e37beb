"""The worker and the commands: everything on time by itself, any number at once, stopped with grace."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from notifications.commands import sweep, worker
from notifications.worker import FORGOTTEN_AFTER, Swept, beat, now_of, run_sweeps_once, scheduler_of
from tests.sweeping import (
    THURSDAY,
    WEDNESDAY,
    Office,
    add_running_case,
    add_waiting_case,
    at,
    in_the_database,
    open_office,
    read_all,
    set_person,
)
from tests.world import World
from workflow.errors import Refused
from workflow.installation import declare_demo, move_clock_to
from workflow.settings import Settings, load_settings
from workflow.storage.schema import head_revision
from workflow.storage.store import Store
from workflow.storage.tables import Anchor, Event, Heartbeat, Message, Outbox, Person

PATIENCE_S = 60


@pytest.fixture
def office(store: Store) -> Office:
    return in_the_database(store, open_office)


@pytest.fixture
def config(store: Store, tmp_path: Path) -> Path:
    """A configuration file for the test's database, with the shortest pause between sweeps."""
    with store.writer.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head_revision()})
    url = store.url.render_as_string(hide_password=False)
    file = tmp_path / "config.toml"
    file.write_text(f'[database]\nurl = "{url}"\n[worker]\nseconds_between_sweeps = 5\n')
    return file


@pytest.fixture
def settings(config: Path) -> Settings:
    return load_settings(config)


def set_clock(store: Store, to: datetime) -> None:
    """Make the database a demo whose clock shows this moment now."""
    with store.writing() as session:
        declare_demo(session)
        move_clock_to(session, to, datetime.now(UTC))
        session.commit()


@contextmanager
def running_worker(config: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", "from notifications.commands import worker; worker()"],
        env={**os.environ, "LIANSHEN_CONFIG": str(config), "LANG": "zh_CN.UTF-8", "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def eventually(ask: Callable[[], Any]) -> Any:
    """The first true answer; the test fails when there is none for long."""
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := ask()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
    return answer


def names_told(store: Store) -> set[str]:
    with store.reading() as session:
        return set(session.scalars(select(Person.name).join(Message, Message.person_id == Person.id)))


def test_one_look_does_everything_that_is_due(store, office, settings, tmp_path: Path) -> None:
    set_person(store, office.lin, email="lin@example.org")
    set_person(store, office.huang, email=None)
    in_the_database(store, lambda session: add_running_case(session, office))
    in_the_database(store, lambda session: add_waiting_case(session, office, date(2026, 11, 24)))

    swept = run_sweeps_once(store, settings, at(WEDNESDAY, 9))

    assert swept == Swept(timers=1, reminders=1, messages=2, mails=2)
    assert {row.topic for row in read_all(store, Message)} == {"moved", "alert.yellow"}
    assert names_told(store) == {"林秀英", "黄丽华"}
    assert len(list((tmp_path / "var" / "mail").iterdir())) == 2


def test_a_second_look_finds_nothing_left_to_do(store, office, settings) -> None:
    in_the_database(store, lambda session: add_running_case(session, office))
    run_sweeps_once(store, settings, at(WEDNESDAY, 9))

    assert run_sweeps_once(store, settings, at(WEDNESDAY, 10)) == Swept(0, 0, 0, 0)


def test_an_application_nobody_touches_is_told_of_until_it_is_red(world: World, settings) -> None:
    case_id = world.submitted()
    told = []
    for _ in range(8):
        world.now = at(world.today + timedelta(1), 9)
        run_sweeps_once(world.store, settings, world.now)
        told.append([row.topic for row in read_all(world.store, Outbox) if row.case_id == case_id][-1])

    # Submitted on Monday the 2nd with 5 working days: due on Monday the 9th.
    blue, yellow, red = "alert.blue", "alert.yellow", "alert.red"
    assert told == ["moved", "moved", blue, blue, blue, blue, yellow, red]
    assert "郑国栋" in names_told(world.store)


def test_a_public_notice_ends_by_itself_at_the_legal_moment(world: World, settings) -> None:
    case_id = world.in_notice()
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None

    run_sweeps_once(world.store, settings, timer_at + timedelta(days=3))

    assert world.case(case_id).state == "payment_pending"
    ended = [row for row in read_all(world.store, Event) if row.action == "notice_over"]
    assert [(row.at, row.actor_id, row.recorded_at) for row in ended] == [
        (timer_at, None, timer_at + timedelta(days=3))
    ]
    assert {"董晓东", "孙立新", "周静"} <= names_told(world.store)


def test_the_worker_anchors_the_history_once_a_day(world: World, settings: Settings) -> None:
    world.submitted()

    run_sweeps_once(world.store, settings, world.now)
    run_sweeps_once(world.store, settings, world.now)
    run_sweeps_once(world.store, settings, world.now + timedelta(days=1))

    lines = settings.history.anchor_file.read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["2026-11-02", "2026-11-03"]
    assert [one.heads for one in read_all(world.store, Anchor)] == [1, 0]


def test_the_worker_tells_people_and_shows_that_it_lives(store, office, config) -> None:
    in_the_database(store, lambda session: add_running_case(session, office))
    set_clock(store, at(THURSDAY, 9))

    with running_worker(config) as process:
        eventually(lambda: names_told(store) == {"林秀英", "黄丽华", "郑国栋"})
        [heartbeat] = eventually(lambda: read_all(store, Heartbeat))

    assert heartbeat.worker.endswith(f":{process.pid}")
    # The clock of the demo is days ahead; a heartbeat goes by the real one.
    assert abs(datetime.now(UTC) - heartbeat.beat_at) < timedelta(minutes=1)


def test_several_workers_share_the_work_without_a_double(store, office, config) -> None:
    in_the_database(store, lambda session: [add_running_case(session, office) for _ in range(10)])
    set_clock(store, at(THURSDAY, 9))

    with running_worker(config), running_worker(config):
        eventually(lambda: len(read_all(store, Message)) >= 30 and len(read_all(store, Heartbeat)) == 2)

    assert len(read_all(store, Outbox)) == 10
    assert len(read_all(store, Message)) == 30


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_asked_to_stop_ends_well(store, config, asked: signal.Signals) -> None:
    with running_worker(config) as process:
        eventually(lambda: read_all(store, Heartbeat))
        process.send_signal(asked)
        out, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0
    assert out.splitlines() == ["后台任务已启动，每 5 秒检查一次；按 Ctrl-C 停止。", "后台任务已停止。"]
    assert err == ""


def test_a_late_run_is_still_made_and_never_twice_at_once(sqlite_store, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("")
    scheduler = scheduler_of(sqlite_store, load_settings(file))
    scheduler.start(paused=True)

    jobs = scheduler.get_jobs()

    scheduler.shutdown()
    assert {(job.misfire_grace_time, job.coalesce, job.max_instances) for job in jobs} == {(None, True, 1)}
    assert {job.trigger.interval for job in jobs} == {timedelta(seconds=30)}


def test_a_worker_not_heard_of_for_long_is_forgotten(store) -> None:
    now = datetime.now(UTC)
    with store.writing() as session:
        session.add(Heartbeat(worker="gone:1", beat_at=now - FORGOTTEN_AFTER - timedelta(seconds=1)))
        session.add(Heartbeat(worker="other:2", beat_at=now - timedelta(days=1)))
        session.commit()

    beat(store, now)

    assert {row.worker for row in read_all(store, Heartbeat)} == {
        "other:2",
        f"{os.uname().nodename}:{os.getpid()}",
    }


def test_now_is_the_clock_of_a_demo(store) -> None:
    set_clock(store, at(date(2031, 11, 3), 9))

    assert abs(now_of(store) - at(date(2031, 11, 3), 9)) < timedelta(minutes=1)


def test_the_command_says_what_it_has_done(store, office, config, monkeypatch: pytest.MonkeyPatch) -> None:
    in_the_database(store, lambda session: add_running_case(session, office))
    set_clock(store, at(THURSDAY, 9))
    monkeypatch.setenv("LIANSHEN_CONFIG", str(config))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    spoken = CliRunner().invoke(sweep)
    counted = CliRunner().invoke(sweep, ["--json"])

    assert spoken.output.splitlines()[:3] == [
        "自动办理（时限届满）：0 件",
        "到期提醒：1 件",
        "送入消息箱：1 条",
    ]
    assert json.loads(counted.output) == {"timers": 0, "reminders": 0, "messages": 0, "mails": 0}
    assert len(read_all(store, Heartbeat)) == 1


@pytest.mark.parametrize("command", [sweep, worker])
def test_a_database_that_was_never_set_up_is_refused_and_not_made(
    command: click.Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text("")
    monkeypatch.setenv("LIANSHEN_CONFIG", str(tmp_path / "config.toml"))

    refused = CliRunner().invoke(command)

    assert isinstance(refused.exception, Refused)
    assert list(tmp_path.rglob("*.db")) == []
