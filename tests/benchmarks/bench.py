"""The measurements: `python -m tests.benchmarks.bench` writes var/bench.json and prints a table.

Everything runs on this machine, in one folder that is removed at the end, and within the minutes it is given:
what does not fit is left out and named.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from tests.benchmarks.large import TookTooLong, filled
from tests.benchmarks.lists import due_row_us, idle_sweep_ms, worklist_ms
from tests.benchmarks.pages import pages
from tests.benchmarks.peers.race import against_peers, is_possible, versions
from tests.benchmarks.report import table
from tests.benchmarks.starting import due_s, fsync_us
from tests.benchmarks.step import on_postgresql, on_sqlite
from tests.benchmarks.writers import several_writers
from tests.postgres import Cluster, cluster
from workflow.storage.store import Store

FIGURES = Path("var/bench.json")
SMALL, LARGE = 10_000, 1_000_000
# What the measurements on the large databases need after these are filled.
RESERVE_S = 60


@dataclass(frozen=True)
class Effort:
    """How much is done: rounds of acts, and how many applications are many."""

    rounds: int = 20
    acts: int = 10
    writes: int = 40
    applications: int = LARGE
    minutes: float = 10.0


@dataclass
class Bench:
    """One run: its effort, its folder and server, and the figures so far."""

    effort: Effort
    folder: Path
    server: Cluster
    until: float
    figures: dict[str, Any] = field(default_factory=dict)
    written: Callable[[dict[str, Any]], None] = lambda figures: None

    def run(self) -> None:
        for section in (self._machine, self._step, self._peers, self._writers, self._small, self._large):
            begun = monotonic()
            section()
            self.figures.setdefault("seconds", {})[section.__name__.strip("_")] = round(
                monotonic() - begun, 1
            )
            self.written(self.figures)

    def _machine(self) -> None:
        with self.server.connect() as connection:
            version = connection.execute("SHOW server_version").fetchone()
        self.figures["machine"] = {
            "python": platform.python_version(),
            "postgresql": version[0] if version else "?",
            "system": f"{platform.system()} {platform.machine()}",
        }
        self.figures |= {"fsync_us": fsync_us(), "due_s": due_s()}

    def _step(self) -> None:
        rounds, acts = self.effort.rounds, self.effort.acts
        step = self.figures["step"] = {}
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            step["sqlite_full_1"] = on_sqlite(Path(folder), rounds, acts)
            for clients in (1, 8):
                measured = on_postgresql(self.server, Path(folder), clients, rounds, acts)
                step[f"postgresql_{clients}"] = measured

    def _peers(self) -> None:
        if not is_possible():
            self._leave_out("peers", "the peers are not installed; `make bench` installs them")
            return
        self.figures["peers"] = against_peers(self.server, max(1, self.effort.rounds // 2), self.effort.acts)
        self.figures["machine"]["peers"] = versions()

    def _writers(self) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            self.figures["sqlite_8_writers"] = several_writers(Path(folder), self.effort.writes)

    def _small(self) -> None:
        try:
            stores = filled(self.server, self.folder, SMALL, self.until)
        except TookTooLong:
            self._leave_out("10k", f"{SMALL:,} applications did not fit into the time")
            return
        for name, (store, _) in stores.items():
            self._note("worklist", name, "10k_ms", worklist_ms(store))
            store.dispose()

    def _large(self) -> None:
        applications = self.effort.applications
        until = self.until - RESERVE_S
        try:
            stores = filled(self.server, self.folder, applications, until)
        except TookTooLong:
            self._leave_out("1m", f"{applications:,} applications did not fit into the time")
            return
        self.figures["large"] = {"applications": applications}
        for name, (store, seconds) in stores.items():
            self.figures["large"][f"{name}_s"] = seconds
            self._on_large(name, store)
            store.dispose()

    def _on_large(self, name: str, store: Store) -> None:
        self._note("worklist", name, "1m_ms", worklist_ms(store))
        self._note("sweep", name, "idle_1m_ms", idle_sweep_ms(store))
        self.figures.setdefault("pages", {})[name] = pages(store, self.folder)
        self._note("sweep", name, "us_per_due_row", due_row_us(store))

    def _note(self, section: str, database: str, name: str, value: float) -> None:
        self.figures.setdefault(section, {}).setdefault(database, {})[name] = value

    def _leave_out(self, what: str, why: str) -> None:
        self.figures.setdefault("left_out", {})[what] = why


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--rounds", type=int, default=Effort.rounds, help="rounds of acts that are timed")
    given.add_argument("--scale", type=int, default=LARGE, help="applications of the large databases")
    given.add_argument("--minutes", type=float, default=Effort.minutes, help="when it has to be done")
    arguments = given.parse_args()
    effort = Effort(rounds=arguments.rounds, applications=arguments.scale, minutes=arguments.minutes)
    sys.stdout.write(table(measured(effort, FIGURES)))


def measured(effort: Effort, target: Path) -> dict[str, Any]:
    """Measure everything; what is known is written to `target` after every section."""
    until = monotonic() + effort.minutes * 60
    target.parent.mkdir(exist_ok=True)

    def write(figures: dict[str, Any]) -> None:
        target.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    with tempfile.TemporaryDirectory(prefix="lianshen-bench-") as folder, cluster(durable=True) as server:
        bench = Bench(effort, Path(folder), server, until, written=write)
        bench.run()
        return bench.figures


if __name__ == "__main__":
    main()
