"""The server of the pages (gunicorn) and, beside it, the process that keeps the worker running."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import Any, NoReturn

from flask import Flask
from gunicorn.app.base import BaseApplication

from web.app import create_app
from workflow.settings import Settings
from workflow.storage.store import Store

# Measured: two processes answer unevenly, waiting threads cost nothing.
PROCESSES = 3
THREADS = 4
# With nothing on the path of modules that happens to lie where the server was started.
WORKER = [sys.executable, "-P", "-c", "from workflow.cli import main; main()", "worker"]
RESTARTED_AFTER_S = 3.0
LOOKED_AFTER_S = 0.5
# The worker ends what it is doing; mail on its way may take this long.
PATIENCE_S = 25.0

log = logging.getLogger(__name__)


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn, told everything here: no file or variable of the environment changes it."""

    def __init__(self, settings: Settings, ready: Callable[[], None], ended: Callable[[], None]) -> None:
        self.settings = settings
        self.hooks = {"when_ready": lambda _: ready(), "on_exit": lambda _: ended()}
        super().__init__()

    def load_config(self) -> None:
        told: dict[str, Any] = {
            "bind": bind_address(self.settings.web.host, self.settings.web.port),
            "worker_class": "gthread",
            "workers": PROCESSES,
            "threads": THREADS,
            "loglevel": "warning",
            "control_socket_disable": True,
            # Whether a request came encrypted is for `trusted_proxies` to say, not for a neighbour's header.
            "secure_scheme_headers": {},
            **self.hooks,
        }
        for name, value in told.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        # In each process anew: connections to the database must not be shared across a fork.
        return create_app(self.settings, Store(self.settings.database.url, pool_size=THREADS))


def bind_address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Companion:
    """A child process that keeps the worker running for as long as this process lives, and no longer."""

    def __init__(self) -> None:
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            _keep_running(WORKER, parent)

    def end(self) -> None:
        """End the worker and wait for it."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        # Gunicorn collects every child that has ended and may have been quicker.
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _keep_running(command: list[str], parent: int) -> NoReturn:
    stop = Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: stop.set())
    try:
        while not stop.is_set():
            process = subprocess.Popen(command)  # noqa: S603 - our own program, nothing of it typed by anybody
            _wait(process, stop, parent)
            if process.poll() is None:
                _end(process)
            elif not stop.is_set():
                log.warning("the worker ended with status %s and is started again", process.returncode)
                stop.wait(RESTARTED_AFTER_S)
    finally:
        # Not the way out of the program that was forked: its doors are the parent's to close.
        os._exit(0)


def _wait(process: subprocess.Popen[bytes], stop: Event, parent: int) -> None:
    """Until the process has ended, or shall end, or the server is gone, in whatever way it went."""
    while process.poll() is None and not stop.wait(LOOKED_AFTER_S):
        if os.getppid() != parent:
            stop.set()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
