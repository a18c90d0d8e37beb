"""Taking an action from a form: what was typed into it, and what is said when it is done."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from web import edge
from web.language import _, day, label
from workflow.lists.worklist import next_in_list
from workflow.process.perform import Outcome, perform
from workflow.process.registry import INPUTS
from workflow.storage.people import Person


def act_from_form(case_id: int, action: str) -> Outcome:
    """Perform the action with what the form holds, in a transaction of its own, and commit."""
    seen_version = request.form.get("seen_version", type=int)
    if seen_version is None:
        raise BadRequest
    with edge.writing() as session:
        outcome = perform(
            session, case_id, action, edge.actor(), now=edge.now(), seen_version=seen_version, **_typed()
        )
        session.commit()
    return outcome


def tell_done(outcome: Outcome) -> None:
    """What happened, and the case to take up next."""
    with edge.reading() as session:
        sentence = _("%(done)s。", done=_("，").join(_done(session, outcome)))
        following = next_in_list(session, edge.actor(), edge.reference(), edge.today(), outcome.case_id)
    if following is None:
        edge.tell(sentence)
        return
    edge.tell(
        sentence,
        next_url=url_for("navigation.case", case_id=following.case_id),
        next_label=_("下一件 %(number)s", number=following.number or ""),
    )


def _typed() -> dict[str, Any]:
    """What was typed into the action; what only the system hands over is never taken from a form."""
    return {
        name: request.form[name]
        for name, described in INPUTS.items()
        if name in request.form and described.kind != "internal"
    }


def _done(session: Session, outcome: Outcome) -> list[str]:
    said = [_("已%(action)s", action=label("action", outcome.action))]
    if outcome.to_state != outcome.from_state:
        said.append(_("转入“%(state)s”", state=label("state", outcome.to_state)))
    if "handler" in request.form and outcome.handler_id is not None:
        said.append(_("由%(name)s承办", name=session.get_one(Person, outcome.handler_id).name))
    if outcome.due_on is not None:
        said.append(_("应于 %(day)s办结", day=day(outcome.due_on)))
    return said
