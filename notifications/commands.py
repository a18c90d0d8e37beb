"""The commands `lianshen worker` and `lianshen sweep`."""

from __future__ import annotations

import json
import logging
import signal
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import click

from notifications.worker import beat, now_of, run_sweeps_once, run_worker
from workflow.catalogue import sentence
from workflow.cli import terminal_locale
from workflow.errors import Reason, Refused
from workflow.settings import Settings, settings
from workflow.storage.schema import refuse_unless_current
from workflow.storage.store import Store


@click.command()
def worker() -> None:
    """运行后台任务：到期、提醒、消息、邮件。 / Run the worker until it is stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # They tell of every run and every look; only what went wrong is worth a line.
    for talkative in ("apscheduler", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    chosen = settings()
    store = _opened(chosen)
    stop = Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: stop.set())
    click.echo(_say("running", seconds=chosen.worker.seconds_between_sweeps))
    try:
        run_worker(store, chosen, stop)
    finally:
        store.dispose()
    click.echo(_say("stopped"))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def sweep(as_json: bool) -> None:
    """马上检查一次到期和提醒，发出消息。 / Look once, now, at what is due and to be told."""
    chosen = settings()
    store = _opened(chosen)
    try:
        swept = asdict(run_sweeps_once(store, chosen, now_of(store)))
        beat(store, datetime.now(UTC))
    finally:
        store.dispose()
    if as_json:
        click.echo(json.dumps(swept))
        return
    for name, count in swept.items():
        click.echo(_say(name, count=count))


def _opened(chosen: Settings) -> Store:
    """The database; Refused when it was never set up, or belongs to another version of the program."""
    store = Store(chosen.database.url)
    # Connecting would make an empty file of it.
    if store.is_sqlite and not Path(store.url.database or "").exists():
        raise Refused(Reason("schema.empty"))
    refuse_unless_current(store)
    return store


def _say(code: str, **params: object) -> str:
    return sentence(f"notifications.command.{code}", terminal_locale(), **params)
