"""The command `lianshen serve` as it is run: what it refuses, that it answers, how long the worker lives."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import delete

from tests.pages import CONFIG
from tests.world import MONDAY, people_the_district
from web.server import WORKER
from workflow.demo.making import MADE
from workflow.errors import Reason
from workflow.installation import declare_demo, record_fact
from workflow.storage.reference import Installation
from workflow.storage.schema import upgrade
from workflow.storage.store import Store
from workflow.storage.telling import Heartbeat

PROGRAM = [sys.executable, "-c", "from workflow.cli import main; main()", "serve"]
PATIENCE_S = 40


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with a configuration, and no database yet."""
    shutil.copy(CONFIG, tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("demo") / "lianshen.db"
    store = Store(f"sqlite:///{file}")
    upgrade(store)
    with store.writing() as session:
        people_the_district(session)
        declare_demo(session)
        record_fact(session, MADE, MONDAY.isoformat())
        session.commit()
    # The last connection that closes leaves everything in the one file.
    store.dispose()
    return file


@pytest.fixture
def demo_store(house: Path, demo_file: Path) -> Iterator[Store]:
    (house / "var").mkdir()
    shutil.copy(demo_file, house / "var")
    store = Store(f"sqlite:///{house / 'var' / 'lianshen.db'}")
    yield store
    store.dispose()


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def started(house: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={
            **os.environ,
            "LIANSHEN_CONFIG": str(house / "config.toml"),
            "PYTHONPATH": str(CONFIG.parent),
            "LC_ALL": "zh_CN.UTF-8",
            "PYTHONUTF8": "1",
        },
    )


def refused(house: Path, *arguments: str) -> str:
    process = started(house, *arguments)
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    return said.strip()


@pytest.fixture
def server(house: Path, demo_store: Store, port: int) -> Iterator[subprocess.Popen[str]]:
    process = started(house, "--port", str(port))
    eventually(lambda: "Ctrl-C" in (process.stdout.readline() if process.stdout else ""))
    yield process
    process.terminate()
    process.communicate(timeout=PATIENCE_S)


def eventually(is_so: Callable[[], object]) -> object:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if found := is_so():
            return found
        time.sleep(0.1)
    raise AssertionError("it never came to be")


def worker_of(store: Store, other_than: int = 0) -> int:
    """The process that last told it was alive."""

    def beating() -> int:
        with store.reading() as session:
            pids = [int(row.worker.split(":")[1]) for row in session.query(Heartbeat)]
        return next((pid for pid in pids if pid != other_than and is_alive(pid)), 0)

    found = eventually(beating)
    assert isinstance(found, int)
    return found


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_without_a_database_it_says_which_command_makes_one(house):
    assert refused(house) == Reason("schema.empty").sentence()
    assert not (house / "var" / "lianshen.db").exists()


def test_the_worker_is_ours_whatever_lies_where_the_server_was_started(tmp_path):
    (tmp_path / "workflow.py").write_text("raise SystemExit('not ours')")

    said = subprocess.run([*WORKER, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert "worker" in said.stdout


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "lianshen.example"])  # noqa: S104 - it is refused
def test_a_demo_is_for_this_machine_alone(house, demo_store, host):
    assert refused(house, "--host", host) == Reason("serve.demo_only_here", {"host": host}).sentence()


def test_a_demo_that_was_not_finished_is_not_served(house, demo_store):
    with demo_store.writing() as session:
        session.execute(delete(Installation).where(Installation.name == MADE))
        session.commit()

    assert refused(house) == Reason("serve.demo_unfinished").sentence()


def test_a_taken_port_is_said(house, demo_store, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()

        assert f"端口 {port} 已被占用" in refused(house, "--port", str(port))


@pytest.mark.long
def test_it_serves_the_pages_and_ends_with_its_worker(server, demo_store, port):
    with urlopen(f"http://127.0.0.1:{port}/sign-in") as page:
        assert "登录联审" in page.read().decode()
    worker = worker_of(demo_store)

    server.terminate()

    assert server.wait(PATIENCE_S) == 0
    assert not is_alive(worker)


@pytest.mark.long
def test_a_worker_that_dies_is_started_again(server, demo_store):
    first = worker_of(demo_store)

    os.kill(first, signal.SIGKILL)

    assert worker_of(demo_store, other_than=first) != first


@pytest.mark.long
def test_the_worker_does_not_outlive_a_server_that_is_killed(server, demo_store):
    worker = worker_of(demo_store)

    server.kill()

    eventually(lambda: not is_alive(worker))


@pytest.mark.long
def test_too_large_a_form_gets_its_page_and_not_a_broken_connection(server, demo_store, port):
    megabytes = 150
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        connection.sendall(
            b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n" % (megabytes * 1024 * 1024)
        )
        for _ in range(megabytes):
            connection.sendall(b"x" * 1024 * 1024)
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413")
