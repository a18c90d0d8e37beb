"""The commands `lianshen worker` and `lianshen sweep`."""

from __future__ import annotations

import json
import logging
import signal
from dataclasses import asdict
from datetime import UTC, datetime
from threading import Event

import click

from notifications.worker import beat, now_of, run_sweeps_once, run_worker
from workflow.catalogue import sentence
from workflow.cli import terminal_locale
from workflow.settings import settings
from workflow.storage.store import Store


@click.command()
def worker() -> None:
    """运行后台任务：到期、提醒、消息、邮件。 / Run the worker until it is stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # The scheduler tells of every single run; only what went wrong is worth a line.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    stop = Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: stop.set())
    chosen = settings()
    click.echo(_say("running", seconds=chosen.worker.seconds_between_sweeps))
    run_worker(chosen, stop)
    click.echo(_say("stopped"))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def sweep(as_json: bool) -> None:
    """马上检查一次到期和提醒，发出消息。 / Look once, now, at what is due and to be told."""
    chosen = settings()
    store = Store(chosen.database.url)
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


def _say(code: str, **params: object) -> str:
    return sentence(f"notifications.command.{code}", terminal_locale(), **params)
