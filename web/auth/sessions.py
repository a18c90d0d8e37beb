"""The session of a browser, in a signed cookie: whose it is, since when, until when without a click."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask, g, request, session

from web import edge
from web.access import STATIC
from workflow.people.actors import actor_of
from workflow.storage.people import Person

# However busy somebody is, once a day she proves again who she is.
LONGEST = timedelta(hours=12)
# The cookie is not written anew with every click.
COARSE = timedelta(minutes=1)

PERSON, EPOCH, BEGAN, SEEN = "person", "epoch", "began", "seen"


def init_app(app: Flask) -> None:
    app.before_request(_recognise)


def begin(person_id: int, epoch: int) -> None:
    """A fresh session for somebody who has just proved who she is; nothing of the former one stays."""
    # Except the form token where she comes back herself: what she was typing when time ran out can be sent.
    token = session.get("csrf_token") if session.get(PERSON) == person_id else None
    session.clear()
    now = edge.real_now().timestamp()
    session.update({PERSON: person_id, EPOCH: epoch, BEGAN: now, SEEN: now})
    if token is not None:
        session["csrf_token"] = token


def go_on(epoch: int) -> None:
    """Keep this session when all others of the person are ended."""
    session[EPOCH] = epoch


def end() -> None:
    session.clear()


def has_run_out() -> bool:
    """Whether somebody was signed in here until her time was up or her sessions were ended."""
    return "person" in session and edge.visitor() is None


def _recognise() -> None:
    person_id = session.get(PERSON)
    if request.endpoint in STATIC or person_id is None or _time_is_up():
        return
    with edge.reading() as reading:
        person = reading.get(Person, person_id)
        if person is not None and person.session_epoch == session.get(EPOCH):
            g.visitor = actor_of(reading, person_id, edge.today())
            _note_the_click()
    if request.method not in edge.SAFE_METHODS:
        # Files may take long to arrive: nobody's reading transaction waits for them.
        edge.close_reading()


def _time_is_up() -> bool:
    now = edge.real_now()
    idle = timedelta(minutes=edge.settings().web.session_idle_minutes)
    return now - _at(SEEN) >= idle or now - _at(BEGAN) >= LONGEST


def _note_the_click() -> None:
    now = edge.real_now()
    if now - _at(SEEN) >= COARSE:
        session[SEEN] = now.timestamp()


def _at(name: str) -> datetime:
    return datetime.fromtimestamp(session.get(name, 0), UTC)
