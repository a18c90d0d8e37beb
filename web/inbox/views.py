"""The inbox: what a person has been told, newest first, and marking it read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import SIGNED_IN, audience
from web.language import _, label, moment
from web.navigation import case_url
from web.numbers import whole_number
from workflow.errors import NotFound, Reason
from workflow.lists.inbox import InboxLine, inbox, mark_read
from workflow.storage.telling import Message

blueprint = Blueprint("inbox", __name__)


@blueprint.get("/messages")
@audience(SIGNED_IN)
def messages() -> str:
    after = request.args.get("after", type=whole_number)
    with edge.reading() as session:
        page = inbox(session, edge.actor(), after=after)
    return render_template(
        "inbox/messages.html",
        rows=[_row(line) for line in page.rows],
        unread=[line.message_id for line in page.rows if not line.is_read],
        first_url=url_for("inbox.messages") if after else "",
        next_url=url_for("inbox.messages", after=page.next) if page.next else "",
    )


@blueprint.post("/messages/read")
@audience(SIGNED_IN)
def read() -> Response:
    """Mark those messages read that the page showed, not those that came meanwhile."""
    _mark_read(request.form.getlist("message", type=whole_number))
    return edge.see_other(edge.back_to(url_for("inbox.messages")))


@blueprint.post("/messages/<int:message_id>/open")
@audience(SIGNED_IN)
def open_case(message_id: int) -> Response:
    """Mark one message read and go to its case."""
    with edge.reading() as session:
        message = session.get(Message, message_id)
    if message is None or message.person_id != edge.actor().person_id:
        raise NotFound(Reason("not_found"))
    _mark_read([message_id])
    return edge.see_other(case_url(message.case_id))


def _mark_read(message_ids: list[int]) -> None:
    person_id = edge.actor().person_id
    assert person_id is not None, "only persons sign in"
    with edge.writing() as session:
        mark_read(session, person_id, message_ids, edge.now())
        session.commit()


def _row(line: InboxLine) -> list[Any]:
    act: dict[str, Any] = {"act": _("打开"), "name": line.subject}
    if line.is_read:
        act["href"] = case_url(line.case_id)
    else:
        act["post"] = url_for("inbox.open_case", message_id=line.message_id)
    kind = label("alert_level", line.level) if line.level else _("办理消息")
    return [
        {"level": line.level, "words": kind, "sub": "" if line.is_read else _("未读")},
        {"text": line.said, "sub": line.subject},
        moment(line.created_at),
        act,
    ]
