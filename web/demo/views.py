"""Choosing whom to be in a demo, and moving its clock. Outside a demo database these pages do not exist."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from web import edge
from web.access import EVERYONE, audience
from web.auth import sessions
from web.demo.clock import MOVES, moved
from web.demo.people import sample_places
from web.language import _, moment
from web.numbers import whole_number
from workflow.demo.people import DEMO_PASSWORD
from workflow.errors import NotFound, Reason
from workflow.installation import moment as moment_of
from workflow.installation import move_clock_to
from workflow.storage.people import Person
from workflow.sweeps.reminders import run_reminders
from workflow.sweeps.timers import run_timers

blueprint = Blueprint("demo", __name__, url_prefix="/demo")


@blueprint.before_request
def _only_in_a_demo() -> None:
    if not edge.is_demo():
        raise NotFound(Reason("not_found"))


@blueprint.get("/")
@audience(EVERYONE)
def people() -> str:
    with edge.reading() as session:
        places = sample_places(session, edge.today())
    return render_template(
        "demo/people.html",
        password=DEMO_PASSWORD,
        districts=[place for place in places if place.kind not in ("township", "organisation")],
        townships=[place for place in places if place.kind == "township"],
        organisations=[place for place in places if place.kind == "organisation"],
    )


@blueprint.post("/sign-in")
@audience(EVERYONE)
def sign_in() -> Response:
    with edge.reading() as session:
        person = session.get(Person, request.form.get("person", 0, type=whole_number))
    if person is None or not person.is_sample or person.disabled_at is not None:
        raise NotFound(Reason("not_found"))
    sessions.begin(person.id, person.session_epoch)
    return edge.see_other(url_for("navigation.home"))


@blueprint.post("/clock")
@audience(EVERYONE)
def move_clock() -> Response:
    move = request.form.get("move", "")
    if move not in MOVES:
        raise BadRequest
    calendar, real = edge.reference().calendar, edge.real_now()
    with edge.writing() as session:
        now = moved(moment_of(session, real), move, calendar)
        move_clock_to(session, now, real)
        session.commit()
    # What the new moment brings is done at once, so that the next page shows it; the worker would be later.
    fired, reminded = run_timers(edge.store(), now), run_reminders(edge.store(), now)
    edge.tell(_told(now_words=moment(now), fired=fired, reminded=reminded))
    return edge.see_other(edge.back_to(url_for("navigation.home")))


def _told(now_words: str, fired: int, reminded: int) -> str:
    if not fired and not reminded:
        return _("演示时间现在是 %(now)s。", now=now_words)
    return _(
        "演示时间现在是 %(now)s。期限届满、自动办理 %(fired)s 件，发出到期提醒 %(reminded)s 件。",
        now=now_words,
        fired=fired,
        reminded=reminded,
    )
