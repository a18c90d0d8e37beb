"""Rounds of acts by several processes at once: they wait for each other, and a round is timed as a whole.

Both ends of the talk between a contender's processes and the bench; only the standard library, because the
peers run in an environment of their own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
# Whoever has not answered by then has failed; the bench must end.
PATIENCE_S = 120


def serve(act: Callable[[], object]) -> None:
    """The end of a contender's process: say that it is ready, then act as often as each line asks."""
    print("ready", flush=True)  # noqa: T201  this is how it talks
    for line in sys.stdin:
        for _ in range(int(line)):
            act()
        print("done", flush=True)  # noqa: T201


class Team:
    """The processes of one contender, each started with its own number at the end of the command."""

    def __init__(self, name: str, command: Sequence[str], clients: int, python: str = sys.executable) -> None:
        self.name = name
        self.seconds: list[float] = []
        self._processes = [
            subprocess.Popen(
                [python, "-W", "ignore", "-m", *command, str(number)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            for number in range(clients)
        ]

    def wait_until_ready(self) -> None:
        self._await("ready")

    def act(self, times: int) -> float:
        """One round: every process acts so many times; how many seconds until the last was done."""
        started = time.perf_counter()
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(f"{times}\n")
            process.stdin.flush()
        self._await("done")
        return time.perf_counter() - started

    def close(self) -> None:
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in self._processes:
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            assert process.stdout is not None
            process.stdout.close()

    def _await(self, word: str) -> None:
        for process in self._processes:
            assert process.stdout is not None
            said = process.stdout.readline().strip()
            if said != word:
                raise RuntimeError(f"{self.name} said {said!r} instead of {word!r}")


def race(teams: Iterable[Team], *, rounds: int, acts: int) -> dict[str, float]:
    """The median seconds of a round of each team; their rounds alternate, the first one only warms up."""
    teams = list(teams)
    try:
        for team in teams:
            team.wait_until_ready()
        for number in range(rounds + 1):
            # Each goes first as often as the others: what the one leaves to the disk, the next has to bear.
            for team in teams[number % len(teams) :] + teams[: number % len(teams)]:
                seconds = team.act(acts)
                if number:
                    team.seconds.append(seconds)
    finally:
        for team in teams:
            team.close()
    return {team.name: median(team.seconds) for team in teams}
