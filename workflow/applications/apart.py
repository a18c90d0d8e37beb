"""Opening uploaded files apart from the pages: in a process with limits, at most two at once on a machine."""

from __future__ import annotations

import fcntl
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep

from workflow.applications import drawing

WALL_SECONDS = 10.0
AT_ONCE = 2
QUEUE_SECONDS = 8.0
PAUSE_SECONDS = 0.05
# Pictures and turns lie here, below the folder of the files.
PICTURES = "pictures"

_FAULTS = {status: fault for fault, status in drawing.FAULTS.items()}
# Killed otherwise, or not started at all, says nothing about the file.
_ENDS_BY_FILE = (signal.SIGXCPU, signal.SIGSEGV, signal.SIGABRT, signal.SIGTRAP)
log = logging.getLogger(__name__)


class FileFault(Exception):
    """Why a file was not opened: a word of `drawing.FAULTS`, or `busy`.

    `will_last` is False when another try may end otherwise: the machine was at work, not the file at fault.
    """

    def __init__(self, code: str, *, will_last: bool = True) -> None:
        super().__init__(code)
        self.code = code
        self.will_last = will_last


def opened_apart(folder: Path, task: str, original: Path, kind: str, *numbers: int) -> bytes:
    """What `drawing` answers about a file. Raises FileFault; waits for its turn, but not for long."""
    # By its path and with no folder of ours on the path of modules: it needs no installation to be found.
    command = [sys.executable, "-P", drawing.__file__, task, str(original), kind, *map(str, numbers)]
    with _turn(folder / PICTURES):
        try:
            ended = subprocess.run(  # noqa: S603 -- our own program, and a path named by a digest
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=WALL_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise FileFault("too_heavy", will_last=False) from error
    if ended.returncode == 0:
        return ended.stdout
    if ended.returncode in _FAULTS:
        raise FileFault(_FAULTS[ended.returncode])
    log.warning("%s could not be opened (%s): %s", original, ended.returncode, ended.stderr[-500:].decode())
    raise FileFault("too_heavy", will_last=-ended.returncode in _ENDS_BY_FILE)


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """One of the turns that all processes of this machine share; a dead one leaves its turn."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as files:
        turns = [files.enter_context((folder / f".turn-{number}").open("w")) for number in range(AT_ONCE)]
        until = monotonic() + QUEUE_SECONDS
        while not any(_is_free(turn.fileno()) for turn in turns):
            if monotonic() >= until:
                raise FileFault("busy", will_last=False)
            sleep(PAUSE_SECONDS)
        yield


def _is_free(turn: int) -> bool:
    """Whether the turn could be taken; it is given back when its file is closed."""
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
