"""`python -m tests.soak`: every race, sixteen clients on one pool, and killing, on each database in turn."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from tests.conftest import DATABASES
from tests.driving import PROCESSES
from tests.postgres import cluster
from tests.soak import killing
from tests.soak.clients import Crowd, Tally
from tests.soak.house import house_in
from tests.soak.races import INTERLEAVINGS, Stage, pairs_in, run
from tests.soak.situations import CASES, POOLS
from tests.world import World, people_the_district
from workflow.storage.store import Store
from workflow.storage.tables import Base

HISTORIES = 10_000
AT_A_TIME = 20
# Nobody comes into these states without a handler, and `refer` comes with the signature of its referral.
NEVER_ALONE = {
    ("public_notice", "take_on"), ("township_precheck", "take_on"), ("drafted", "take_on"),
    ("investigating", "take_on"), ("concluded", "take_on"),
}  # fmt: skip


def races(url: str, folder: Path, seconds: float, seed: int) -> str:
    """Every pair through every interleaving; not bounded, since nothing may be left out."""
    raced, met = set[tuple[str, str]](), 0
    with _world(url, folder) as world:
        for name, situation in {**CASES, **POOLS}.items():
            stage = Stage(world, situation)
            pairs = pairs_in(stage, name)
            _show(f"{name}: {len(pairs)}")
            for pair in pairs:
                raced |= {(one.state, one.act.action) for one in pair}
                for interleaving in INTERLEAVINGS:
                    run(stage, pair, interleaving)
                    met += 1
    known = {
        (state.name, action)
        for process in PROCESSES.values()
        for state in process.states.values()
        for action in state.actions
        if action != "refer"
    }
    assert known - raced == NEVER_ALONE, known - raced
    return f"{met} races of {len(raced)} acts, none lost or half done"


def clients(url: str, folder: Path, seconds: float, seed: int) -> str:
    """Sixteen clients on one pool until ten thousand histories, or the time, are over."""
    until, tally, done = time.monotonic() + seconds, Tally(), 0
    with _world(url, folder) as world:
        crowd = Crowd(world, seed)
        while done < HISTORIES and time.monotonic() < until:
            name = list(POOLS)[done // AT_A_TIME % len(POOLS)]
            tally += crowd.histories(name, range(done, done + AT_A_TIME))
            done += AT_A_TIME
            _show(f"{done} histories")
        crowd.store.dispose()
    taken = sum(tally.taken.values())
    return f"{done} histories, {taken} acts, {tally.collisions} tried again, never above the entitlement"


def killed(url: str, folder: Path, seconds: float, seed: int) -> str:
    """Half the time with two workers, half with four; ten days of downtime after each; a clock set back."""
    with house_in(folder, url) as house:
        seen = killing.Seen()
        for workers in (2, 4):
            killing.people_work(house, seconds / 2, seed + workers, workers=workers, seen=seen)
            killing.let_everything_settle(house)
            house.stop()
            killing.check_nothing_lost(house, seen)
            killing.ten_days_of_downtime(house, workers)
        house.set_clock(house.now() - timedelta(hours=1))
        killing.people_work(house, min(seconds / 4, 60), seed, workers=2, seen=seen)
        killing.let_everything_settle(house)
        house.stop()
        killing.check_nothing_lost(house, seen)
        accepted, kills = len(seen.accepted), sum(seen.kills.values())
        return f"{accepted} acts accepted, {kills} kills, nothing lost, nothing told twice"


RUNS: Mapping[str, Callable[[str, Path, float, int], str]] = {
    "races": races, "clients": clients, "killed": killed,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="how long each run lasts on each database")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", choices=RUNS, action="append", help="only this run; may be given again")
    parser.add_argument("--database", choices=DATABASES, action="append")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)  # noqa: T201 - what the run is there to say
    for database in chosen.database or DATABASES:
        for name in chosen.only or RUNS:
            with _database(database) as (url, folder):
                begun = time.monotonic()
                said = RUNS[name](url, folder, chosen.seconds, chosen.seed)
                print(f"{database} {name}: {said} ({time.monotonic() - begun:.0f} s)", flush=True)  # noqa: T201


@contextmanager
def _database(kind: str) -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory(prefix="lianshen-soak-") as folder:
        if kind == "sqlite":
            yield "sqlite:///var/lianshen.db", Path(folder)
            return
        with cluster() as server:
            yield server.create_database(), Path(folder)


@contextmanager
def _world(url: str, folder: Path) -> Iterator[World]:
    store = Store(url.replace("sqlite:///", f"sqlite:///{folder}/"))
    Base.metadata.create_all(store.writer)
    with store.writing() as session:
        people_the_district(session)
        session.commit()
    yield World(store, folder / "evidence")
    store.dispose()


def _show(progress: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{progress:<60}")


if __name__ == "__main__":
    main()
