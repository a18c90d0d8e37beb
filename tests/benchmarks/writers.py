"""Eight processes that write to one SQLite file, each thinking 20 ms between its acts: who waits how long.

As a process it is one of them: `python -m tests.benchmarks.writers URL FIRST SHARE VERSION FILE NUMBER`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from sqlalchemy.exc import OperationalError

from tests.benchmarks.rounds import Team, serve
from tests.benchmarks.stage import ACTION, NOW, officer_of, sqlite_stage
from workflow.process.perform import perform
from workflow.storage.store import Store

WRITERS = 8
THINKING_S = 0.02


def several_writers(folder: Path, acts: int, writers: int = WRITERS) -> dict[str, float]:
    """The errors, and the longest an act took with its wait for the others."""
    with sqlite_stage(folder, writers * (acts + 1)) as stage:
        numbers = [str(stage.first), str(acts + 1), str(stage.version)]
        command = ["tests.benchmarks.writers", stage.copy(), *numbers, str(folder / "waited")]
        team = Team("writers", command, writers)
        try:
            team.wait_until_ready()
            team.act(1)  # everybody loads the district and compiles the statements
            team.act(acts)
        finally:
            team.close()
    told = [json.loads((folder / f"waited{number}").read_text()) for number in range(writers)]
    waited = sorted(ms for each in told for ms in each["ms"][1:])
    return {
        "errors": sum(each["errors"] for each in told),
        "max_ms": waited[-1],
        "median_ms": waited[len(waited) // 2],
        "acts": len(waited),
    }


def main(url: str, first: str, share: str, version: str, file: str, number: str) -> None:
    store = Store(url)
    officer = officer_of(store)
    cases = iter(range(int(first) + int(share) * int(number), int(first) + int(share) * (int(number) + 1)))
    waited: list[float] = []
    errors = 0

    def act() -> None:
        nonlocal errors
        time.sleep(THINKING_S)
        started = time.perf_counter()
        try:
            with store.writing() as session:
                perform(session, next(cases), ACTION, officer, now=NOW, seen_version=int(version))
                session.commit()
        except OperationalError:
            errors += 1
        waited.append((time.perf_counter() - started) * 1000)

    serve(act)
    Path(f"{file}{number}").write_text(json.dumps({"ms": waited, "errors": errors}))


if __name__ == "__main__":
    main(*sys.argv[1:])
