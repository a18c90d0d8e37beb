"""The edge of a request: its moment, its person, its doors to the database, its redirects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast

from flask import Flask, current_app, flash, g, redirect, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from workflow import installation
from workflow.clock.days import shanghai_day
from workflow.people.actors import Actor
from workflow.reference import Reference, reference_of
from workflow.settings import Settings
from workflow.storage.store import Store

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# How often a form is taken that PostgreSQL gave up, and how it says so: deadlock, serialisation failure.
TRIES = 3
GIVEN_UP = frozenset({"40P01", "40001"})
Clock = Callable[[], datetime]


def real_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an application was created with."""

    settings: Settings
    store: Store
    clock: Clock


def init_app(app: Flask, settings: Settings, store: Store, clock: Clock) -> None:
    app.extensions["lianshen"] = Surroundings(settings, store, clock)
    app.teardown_request(_close_doors)


def settings() -> Settings:
    return _surroundings().settings


def store() -> Store:
    return _surroundings().store


def real_now() -> datetime:
    """The real moment, for what a moved demo clock must not touch: the idle time of a session, heartbeats."""
    return _surroundings().clock()


def now() -> datetime:
    """The moment that counts, the same for the whole request."""
    if "now" not in g:
        with reading() as session:
            g.now = installation.moment(session, real_now())
    return cast(datetime, g.now)


def today() -> date:
    return shanghai_day(now())


def visitor() -> Actor | None:
    """Who is signed in, if anybody."""
    return cast("Actor | None", g.get("visitor"))


def actor() -> Actor:
    """Who is signed in; for pages that only signed-in people reach."""
    found = visitor()
    if found is None:
        raise RuntimeError("this page's audience lets anybody in: ask visitor() who it is")
    return found


def is_demo() -> bool:
    if "is_demo" not in g:
        with reading() as session:
            g.is_demo = installation.is_demo(session)
    return cast(bool, g.is_demo)


def reference() -> Reference:
    """The working calendar and the units, as they stand in this request."""
    if "reference" not in g:
        with reading() as session:
            g.reference = reference_of(session)
    return cast(Reference, g.reference)


@contextmanager
def reading() -> Iterator[Session]:
    """The request's session on a connection that refuses to write; one and the same until a writer opens."""
    if "doors" not in g:
        g.doors = ExitStack()
        g.reader = g.doors.enter_context(store().reading())
    yield g.reader


@contextmanager
def writing() -> Iterator[Session]:
    """The writing transaction of a POST. The view commits it visibly; the rest is rolled back."""
    if request.method in SAFE_METHODS:
        raise RuntimeError("looking changes nothing: a GET opens no writing transaction")
    # What was read so far may be stale once the lock is ours, and shall not be shown beside what was written.
    close_reading()
    with store().writing() as session:
        yield session


def close_reading() -> None:
    """End the reading transaction; the next `reading()` begins a fresh one."""
    doors = g.pop("doors", None)
    if doors is not None:
        g.pop("reader", None)
        doors.close()


def was_given_up(error: OperationalError) -> bool:
    """Whether the database ended the transaction only because another one was in its way."""
    return getattr(error.orig, "sqlstate", None) in GIVEN_UP


def begin_again() -> None:
    """As if the request had just come: what was read is forgotten, uploads are read from their start."""
    close_reading()
    for file in request.files.values():
        file.stream.seek(0)


def see_other(url: str) -> Response:
    """The answer to every POST that did something: look there (303)."""
    return redirect(url, 303)


def tell(sentence: str, next_url: str = "", next_label: str = "", kind: str = "success") -> None:
    """What happened, in one sentence on top of the next page, with the next case one click away."""
    # Flask passes on whatever it is given; the frame understands this mapping as well as words.
    flash({"sentence": sentence, "next_url": next_url, "next_label": next_label}, kind)  # type: ignore[arg-type]


def local_path(text: str | None) -> str | None:
    """The text if it is a path of this site, else None: nobody is led elsewhere by a forged link."""
    # Browsers take a backslash for a slash and skip control characters: "/\t/evil.cn" is another site.
    if not text or not text.isprintable() or "\\" in text:
        return None
    return text if text.startswith("/") and not text.startswith("//") else None


def back_to(default: str) -> str:
    """Where the form says it was posted from (`next`), if that is a path of this site."""
    return local_path(request.form.get("next")) or default


def _surroundings() -> Surroundings:
    return cast(Surroundings, current_app.extensions["lianshen"])


def _close_doors(_error: BaseException | None) -> None:
    close_reading()
