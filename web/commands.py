"""The command `lianshen serve`: the pages, and the worker as a child process."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import click
from sqlalchemy.orm import Session

from web.demo.people import Sample, one_of_each_role
from web.server import Companion, Server, bind_address
from workflow.catalogue import label, sentence
from workflow.cli import terminal_locale
from workflow.clock.days import shanghai_day
from workflow.demo.making import MADE
from workflow.demo.people import DEMO_PASSWORD
from workflow.errors import Reason, Refused
from workflow.installation import fact, is_demo, moment
from workflow.settings import Settings, settings
from workflow.storage.schema import refuse_unless_current
from workflow.storage.store import Store


@click.command()
@click.option("--host", help="网页服务的地址 / the address to listen on")
@click.option("--port", type=click.IntRange(1, 65535), help="端口 / the port")
@click.option("--no-worker", is_flag=True, help="不启动后台任务 / do not start the worker")
def serve(host: str | None, port: int | None, no_worker: bool) -> None:
    """启动网页和后台任务。 / Serve the pages, with the worker as a child process."""
    chosen = settings()
    web = replace(chosen.web, host=host or chosen.web.host, port=port or chosen.web.port)
    chosen = replace(chosen, web=web)
    greeting = _greeting(chosen)
    _refuse_taken_port(chosen.web.host, chosen.web.port)
    companion = None if no_worker else Companion()
    if no_worker:
        greeting.append(_say("without_worker"))
    Server(
        chosen,
        ready=lambda: click.echo("\n".join(greeting)),
        ended=lambda: companion.end() if companion else None,
    ).run()


def _greeting(chosen: Settings) -> list[str]:
    """What is printed once the pages are there. Refused when the database cannot be served, or not here."""
    store = Store(chosen.database.url)
    try:
        _refuse_missing(store)
        refuse_unless_current(store)
        with store.reading() as session:
            if not is_demo(session):
                return [_say("open", address=_address(chosen)), _say("stop")]
            _refuse_unfinished(session)
            _refuse_outside(chosen.web.host)
            today = shanghai_day(moment(session, datetime.now(UTC)))
            people = one_of_each_role(session, today)
    finally:
        store.dispose()
    return [
        _say("open", address=_address(chosen)),
        _say("demo_open", address=f"{_address(chosen)}demo/"),
        _say("demo_password", password=DEMO_PASSWORD),
        *map(_listed, people),
        _say("stop"),
    ]


def _listed(sample: Sample) -> str:
    locale = terminal_locale()
    head = label("audience", "head", locale) if sample.is_head else ""
    words = (sample.name, sample.place, label("role", sample.role, locale), head)
    return f"  {sample.account:<16}{'  '.join(words)}".rstrip()


def _refuse_missing(store: Store) -> None:
    # Connecting would make an empty file of it.
    if store.is_sqlite and not Path(store.url.database or "").exists():
        raise Refused(Reason("schema.empty"))


def _refuse_unfinished(session: Session) -> None:
    if fact(session, MADE) is None:
        raise Refused(Reason("serve.demo_unfinished"))


def _refuse_outside(host: str) -> None:
    """A demo, where anybody may be anybody, is for this machine alone."""
    try:
        is_here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        raise Refused(Reason("serve.demo_only_here", {"host": host}))


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as error:
            why = error.strerror or str(error)
            raise Refused(Reason("serve.port_taken", {"port": port, "why": why})) from error


def _address(chosen: Settings) -> str:
    return f"http://{bind_address(chosen.web.host, chosen.web.port)}/"


def _say(code: str, **params: object) -> str:
    return sentence(f"serve.{code}", terminal_locale(), **params)
