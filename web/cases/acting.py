"""Taking an action from a form: what was typed into it, and what is said when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from flask import request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from web import edge
from web.cases.history import amounts_of
from web.due import until
from web.language import _, label
from web.numbers import whole_number
from workflow.clock.due import ends_by_itself
from workflow.lists.worklist import next_in_list
from workflow.process.perform import Outcome, perform
from workflow.process.registry import INPUTS
from workflow.storage.cases import Case, Event
from workflow.storage.people import Person


class _Stay(NamedTuple):
    """Where an act has left a case, as far as time goes."""

    due_on: date | None
    waiting: bool
    ends_by_itself: bool


def act_from_form(case_id: int, action: str) -> Outcome:
    """Perform the action with what the form holds, in a transaction of its own, and commit."""
    seen_version = request.form.get("seen_version", type=whole_number)
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
    said += amounts_of(_details(session, outcome))
    if outcome.to_state != outcome.from_state:
        said.append(_("转入“%(state)s”", state=label("state", outcome.to_state)))
    if "handler" in request.form and outcome.handler_id is not None:
        said.append(_("由%(name)s承办", name=session.get_one(Person, outcome.handler_id).name))
    if outcome.due_on is not None:
        said.append(until(_begun(session, outcome)))
    return said


def _details(session: Session, outcome: Outcome) -> Mapping[str, Any]:
    """What the history keeps of the act that was just done."""
    latest = select(Event.details).where(Event.case_id == outcome.case_id).order_by(Event.number.desc())
    details: dict[str, Any] = session.scalars(latest.limit(1)).one()
    return details


def _begun(session: Session, outcome: Outcome) -> _Stay:
    columns = (Case.due_on, Case.waiting, Case.timer_at, Case.closed_at)
    row: Any = session.execute(select(*columns).where(Case.id == outcome.case_id)).one()
    return _Stay(row.due_on, row.waiting, ends_by_itself(row))
