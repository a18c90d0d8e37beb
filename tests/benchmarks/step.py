"""One act against its own floor: on SQLite, on PostgreSQL, and on PostgreSQL with eight clients at once."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.engine_cpu import engine_cpu_us
from tests.benchmarks.floor import record
from tests.benchmarks.rounds import Team, race
from tests.benchmarks.stage import Stage, postgresql_stage, sqlite_stage
from tests.postgres import Cluster

# Without the database an act is short: the more of them.
CPU_TIMES = 10


def on_sqlite(folder: Path, rounds: int, acts: int) -> dict[str, float]:
    with sqlite_stage(folder, _cases(1, rounds, acts)) as stage:
        return _measured(stage, folder, 1, rounds, acts)


def on_postgresql(server: Cluster, folder: Path, clients: int, rounds: int, acts: int) -> dict[str, float]:
    with postgresql_stage(server, _cases(clients, rounds, acts)) as stage:
        return _measured(stage, folder, clients, rounds, acts)


def our_team(stage: Stage, clients: int, share: int) -> Team:
    """Clients of ours on a fresh copy of the stage."""
    command = ["tests.benchmarks.ours", stage.copy(), str(stage.first), str(share), str(stage.version)]
    return Team("ours", command, clients)


def _cases(clients: int, rounds: int, acts: int) -> int:
    return clients * (rounds + 1) * acts


def _measured(stage: Stage, folder: Path, clients: int, rounds: int, acts: int) -> dict[str, float]:
    cases = _cases(clients, rounds, acts)
    acted = folder / "acts.pickle"
    statements = record(stage, cases, clients, acted)
    floor = Team("floor", ["tests.benchmarks.floor", stage.copy(), str(acted)], clients)
    seconds = race([our_team(stage, clients, cases // clients), floor], rounds=rounds, acts=acts)
    return {
        # Of one client: with eight, each waits for the others too.
        "us": seconds["ours"] / acts * 1e6,
        "floor_us": seconds["floor"] / acts * 1e6,
        "ratio_to_floor": seconds["floor"] / seconds["ours"],
        "statements": statements,
        "engine_cpu_us": engine_cpu_us(stage, CPU_TIMES * rounds * acts),
    }
