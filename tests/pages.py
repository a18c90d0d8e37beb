"""A browser for the tests of the pages: signs people in, sends forms with their token, reads what is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from tests.world import OFFICERS, ORGANISATIONS, World
from web.app import create_app
from workflow.people import passwords
from workflow.settings import Settings, load_settings
from workflow.storage.people import Person
from workflow.storage.store import Store
from workflow.storage.telling import Message, Outbox

CONFIG = Path(__file__).parents[1] / "config.toml"
RAW_TOKEN = "a" * 40

_BY_ROLE = {role: account for account, _name, _unit, role, _is_head in reversed(OFFICERS)}
ONE_OF_EACH_ROLE = (*sorted(_BY_ROLE.values()), ORGANISATIONS[0][0])


def settings_of(world: World, **web: Any) -> Settings:
    """The settings that ship, with the folders of the test."""
    shipped = load_settings(CONFIG)
    return replace(
        shipped,
        files=replace(shipped.files, folder=world.evidence_folder),
        web=replace(shipped.web, secret_key_file=world.evidence_folder.parent / "secret_key", **web),
    )


def app_of(world: World, **web: Any) -> Flask:
    """The pages over the world's database, with its clock."""
    app = create_app(settings_of(world, **web), world.store, clock=lambda: world.now)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    # Every test has an application of its own; the templates are turned into Python once.
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache()
    return app


@dataclass
class Served:
    """The world that the pages over a database show."""

    world: World


_served: WeakKeyDictionary[Store, tuple[Flask, Served]] = WeakKeyDictionary()


def usual_app_of(world: World) -> Flask:
    """The pages as they ship, built once for the tests that change nothing in the program."""
    if world.home is None or not world.home.is_unaltered:
        return app_of(world)
    if world.store not in _served:
        served = Served(world)
        app = create_app(settings_of(world), world.store, clock=lambda: served.world.now)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        _served[world.store] = app, served
    app, served = _served[world.store]
    served.world = world
    return app


class Browser:
    """One browser. It sends the token its pages would have had, and keeps its cookies."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def sign_in(self, world: World, account: str) -> Browser:
        """Be somebody, without her password."""
        with world.store.reading() as session:
            person = session.scalars(select(Person).where(Person.account == account)).one()
        now: datetime = world.now
        with self.client.session_transaction() as cookie:
            cookie.update(person=person.id, epoch=person.session_epoch)
            cookie.update(began=now.timestamp(), seen=now.timestamp())
        return self

    def get(self, path: str, **options: Any) -> TestResponse:
        # Read to the end, or files of the look stay open.
        return self.client.get(path, buffered=True, **options)

    def post(self, path: str, fields: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **(fields or {})}, **options)

    def token(self) -> str:
        with self.client.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", RAW_TOKEN)
        return str(URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(raw))


def signed_in(world: World, account: str) -> Browser:
    """A browser in which this person of the world is signed in."""
    return Browser(usual_app_of(world)).sign_in(world, account)


def words(page: TestResponse) -> str:
    """What a page says, without its tags, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    said: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        said.append(statement)

    for engine in (world.store.reader, world.store.writer):
        event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in (world.store.reader, world.store.writer):
        event.remove(engine, "before_cursor_execute", note)


def writers_while_hashing(world: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many connections were writing at each hash that is made or compared from now on."""
    usual = passwords.HASHER
    # The decoy of unknown accounts is hashed once in a process: it does not count.
    passwords.matches(None, "")
    writers: list[int] = []

    class WatchedHasher(PasswordHasher):
        def hash(self, *typed: Any, **options: Any) -> str:
            writers.append(world.store.writer.pool.checkedout())
            return usual.hash(*typed, **options)

        def verify(self, *typed: Any, **options: Any) -> Any:
            writers.append(world.store.writer.pool.checkedout())
            return usual.verify(*typed, **options)

    costs = {"time_cost": usual.time_cost, "memory_cost": usual.memory_cost, "parallelism": usual.parallelism}
    monkeypatch.setattr(passwords, "HASHER", WatchedHasher(**costs))
    return writers


def told(world: World, account: str, topic: str = "moved", **params: object) -> int:
    """One message in a person's inbox, about an application of hers or her township; returns its id."""
    case_id = world.submitted()
    said = {
        "action": "submit",
        "state": "submitted",
        "number": "CL2026-0001",
        "due_on": "2026-11-09",
        **params,
    }
    with world.store.writing() as session:
        outbox = Outbox(
            case_id=case_id,
            topic=topic,
            audience="unit",
            params=said,
            created_at=world.now,
            dispatched_at=world.now,
        )
        session.add(outbox)
        session.flush()
        message = Message(
            outbox_id=outbox.id,
            person_id=world.person_id(account),
            case_id=case_id,
            topic=topic,
            params=said,
            created_at=world.now,
        )
        session.add(message)
        session.commit()
        return message.id
