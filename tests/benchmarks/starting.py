"""How long `lianshen due` takes from the shell and back, and one durable write of a page on this disk."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

STARTS, WRITES = 9, 50


def due_s() -> float:
    command = [Path(sys.executable).with_name("lianshen"), "due", "--from", "2026-11-05", "--days", "5"]
    return _median_s(
        lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60), STARTS
    )


def fsync_us() -> float:
    """The part that no code of ours can save."""
    with tempfile.NamedTemporaryFile() as file:

        def write() -> None:
            file.write(b"0" * 4096)
            file.flush()
            os.fsync(file.fileno())

        return _median_s(write, WRITES) * 1e6


def _median_s(act: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        started = perf_counter()
        act()
        spent.append(perf_counter() - started)
    return median(spent)
