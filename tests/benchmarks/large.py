"""Databases of many applications, filled as `lianshen demo --scale` does, both kinds at the same time.

As a process it fills one: `python -m tests.benchmarks.large URL FOLDER APPLICATIONS PLAYED`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from time import monotonic

from tests.benchmarks.rounds import ROOT
from tests.postgres import Cluster
from workflow.demo.scale import make_large_demo
from workflow.installation import fact
from workflow.settings import load_settings
from workflow.storage.store import Store

CONFIG = '[database]\nurl = "{url}"\n[files]\nfolder = "evidence"\n'
# Enough played cases for every state; a million are copied from as many as a demo has.
FEW, MANY = 40, 200


class TookTooLong(Exception):
    """There was no time left in the bench to fill the databases."""


def filled(
    server: Cluster, folder: Path, applications: int, until: float
) -> Mapping[str, tuple[Store, float]]:
    """A store of each kind with so many applications, and the seconds it took to fill.

    Raises TookTooLong when the monotonic clock passes `until` meanwhile.
    """
    urls = {
        "sqlite": f"sqlite:///{folder / f'large{applications}.db'}",
        "postgresql": server.create_database(),
    }
    played = MANY if applications > 50 * MANY else FEW
    begun = monotonic()
    command = [sys.executable, "-m", "tests.benchmarks.large"]
    running = {
        name: subprocess.Popen([*command, url, str(folder), str(applications), str(played)], cwd=ROOT)
        for name, url in urls.items()
    }
    return {
        name: (Store(urls[name]), _seconds(process, begun, until, running))
        for name, process in running.items()
    }


def _seconds(
    process: subprocess.Popen[bytes],
    begun: float,
    until: float,
    running: Mapping[str, subprocess.Popen[bytes]],
) -> float:
    try:
        if process.wait(max(1.0, until - monotonic())):
            raise RuntimeError("a database could not be filled; what went wrong stands above")
    except (subprocess.TimeoutExpired, RuntimeError) as error:
        for each in running.values():
            each.kill()
        raise TookTooLong if isinstance(error, subprocess.TimeoutExpired) else error from error
    return monotonic() - begun


def made_at(store: Store) -> datetime:
    """The moment at which a demo ends."""
    with store.reading() as session:
        return datetime.fromisoformat(fact(session, "demo_made_at") or "")


def main(url: str, folder: str, applications: str, played: str) -> None:
    home = Path(folder) / url.split(":")[0].split("+")[0]
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(CONFIG.format(url=url), encoding="utf-8")
    store, settings = Store(url), load_settings(home / "config.toml")
    make_large_demo(store, settings, datetime.now().astimezone(), int(applications), played=int(played))
    store.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
