"""How many times faster one act of ours is than the same with each peer: eight processes on PostgreSQL."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

from sqlalchemy import select

from tests.benchmarks.rounds import PATIENCE_S, ROOT, Team, race
from tests.benchmarks.stage import Stage, officer_of, postgresql_stage
from tests.benchmarks.step import our_team
from tests.postgres import Cluster
from workflow.storage.store import Store
from workflow.storage.tables import Unit

CLIENTS = 8
PYTHON = ROOT / ".venv-bench" / "bin" / "python"
PEERS = {"viewflow": "flow", "django_fsm_2": "fsm", "spiffworkflow": "spiff"}


def is_possible() -> bool:
    """Whether the peers are installed: `make bench` does that."""
    return PYTHON.exists()


def against_peers(
    server: Cluster, rounds: int, acts: int, clients: int = CLIENTS
) -> dict[str, dict[str, float]]:
    share = (rounds + 1) * acts
    with postgresql_stage(server, clients * share) as stage:
        usual = Team("orm_machine_per_row", _command("orm", stage, share), clients)
        teams = [our_team(stage, clients, share), usual, *_apart(stage, clients, share)]
        seconds = race(teams, rounds=rounds, acts=acts)
    return {
        name: {"ratio": spent / seconds["ours"], "us": spent / acts * 1e6}
        for name, spent in seconds.items()
        if name != "ours"
    }


def _apart(stage: Stage, clients: int, share: int) -> Iterator[Team]:
    """The peers that live in an environment of their own."""
    for name, module in PEERS.items():
        command = _command(module, stage, share)
        prepare = [PYTHON, "-W", "ignore", "-m", *command, "prepare"]
        subprocess.run(prepare, check=True, cwd=ROOT, timeout=PATIENCE_S)
        yield Team(name, command, clients, str(PYTHON))


def _command(module: str, stage: Stage, share: int) -> list[str]:
    """How a peer's process is started, on a fresh copy of the stage."""
    store = Store(stage.url)
    post = officer_of(store).posts[0]
    with store.reading() as session:
        bureau = session.scalars(select(Unit.id).where(Unit.kind == "bureau")).one()
    person_id = officer_of(store).person_id
    store.dispose()
    numbers = (stage.first, share, person_id, post.unit_id, bureau)
    return [f"tests.benchmarks.peers.{module}", stage.copy(), *map(str, numbers)]


def versions() -> dict[str, str]:
    """Which version of each peer was measured."""
    names = {"viewflow": "django-viewflow", "django_fsm_2": "django-fsm-2", "spiffworkflow": "spiffworkflow"}
    ask = "import importlib.metadata as m, sys; print(*map(m.version, sys.argv[1:]))"
    command = [PYTHON, "-c", ask, *names.values()]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(zip(names, said.stdout.split(), strict=True))
