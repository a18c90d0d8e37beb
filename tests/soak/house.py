"""An installation of its own with its programs, started and killed as processes, as on a server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from tests.world import MONDAY, World, people_the_district
from workflow.demo.making import MADE
from workflow.installation import CLOCK_OFFSET, declare_demo, moment, record_fact
from workflow.settings import Settings, load_settings
from workflow.storage.schema import upgrade
from workflow.storage.store import Store

CONFIG = Path(__file__).parents[2] / "config.toml"
PROGRAM = [sys.executable, "-c", "from workflow.cli import main; main()"]
PATIENCE_S = 60


class House:
    """An installation of its own: a folder with configuration, database and anchors, and its programs."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        told = CONFIG.read_text(encoding="utf-8").replace("sqlite:///var/lianshen.db", url)
        told = told.replace("seconds_between_sweeps = 30", "seconds_between_sweeps = 5")
        (folder / "config.toml").write_text(told, encoding="utf-8")
        (folder / "var").mkdir()
        self.settings: Settings = load_settings(folder / "config.toml")
        self.store = Store(self.settings.database.url)
        self.world = World(self.store, folder / "var" / "evidence")
        self.running: list[subprocess.Popen[bytes]] = []
        self._furnish()

    def _furnish(self) -> None:
        upgrade(self.store)
        with self.store.writing() as session:
            people_the_district(session)
            declare_demo(session)
            record_fact(session, MADE, MONDAY.isoformat())
            session.commit()
        self.set_clock(MONDAY)

    def now(self) -> datetime:
        with self.store.reading() as session:
            return moment(session, datetime.now(UTC))

    def set_clock(self, to: datetime) -> None:
        """Also back, which no page allows: as when somebody sets the clock of the machine."""
        with self.store.writing() as session:
            record_fact(session, CLOCK_OFFSET, str(int((to - datetime.now(UTC)).total_seconds())))
            session.commit()

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A program of this installation in a group of its own, so that a kill takes all of it at once."""
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [*PROGRAM, *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={
                    **os.environ,
                    "LIANSHEN_CONFIG": str(self.folder / "config.toml"),
                    "PYTHONPATH": str(CONFIG.parent),
                    "PYTHONUTF8": "1",
                },
            )
        self.running.append(process)
        return process

    def serve(self) -> subprocess.Popen[bytes]:
        server = self.start("serve", "--port", str(self.port))
        until = time.monotonic() + PATIENCE_S
        while not _answers(self.port):
            assert server.poll() is None, (self.folder / "serve.log").read_text()
            assert time.monotonic() < until, "the pages never came"
            time.sleep(0.05)
        return server

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.running.remove(process)

    def stop(self) -> None:
        for process in list(self.running):
            self.kill(process)

    def audit(self) -> tuple[int, str]:
        done = subprocess.run(
            [*PROGRAM, "audit", "verify", "--json"],
            env={**os.environ, "LIANSHEN_CONFIG": str(self.folder / "config.toml")},
            cwd=CONFIG.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


@contextmanager
def house_in(folder: Path, url: str) -> Iterator[House]:
    house = House(folder, url)
    try:
        yield house
    finally:
        house.stop()
        house.store.dispose()


def _answers(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
