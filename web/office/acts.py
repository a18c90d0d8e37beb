"""The one address of actions on an application, and the confirmation of its account."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.errors import status_of
from web.language import _, day, label
from web.office.application import page_of
from web.office.blueprint import OFFICES, blueprint
from web.office.cards import Attempt
from workflow.errors import InvalidInput, NotFound, Overtaken, Reason, Refused
from workflow.lists.case_page import dossier_of
from workflow.lists.worklist import next_in_list
from workflow.people.organisations import confirm_account
from workflow.process.perform import Outcome, perform
from workflow.process.registry import INPUTS
from workflow.storage.people import Person

Answer = Response | tuple[str, int]


@blueprint.post("/applications/<int:case_id>/act/<action>")
@audience(*OFFICES)
def act(case_id: int, action: str) -> Answer:
    seen_version = request.form.get("seen_version", type=int)
    if seen_version is None:
        raise BadRequest
    try:
        with edge.writing() as session:
            outcome = perform(
                session, case_id, action, edge.actor(),
                now=edge.now(), seen_version=seen_version, **_inputs(),
            )  # fmt: skip
            session.commit()
    except (InvalidInput, Refused, Overtaken) as error:
        return page_of(case_id, Attempt(action, request.form, error)), status_of(error)
    _tell(case_id, outcome)
    return edge.see_other(url_for("office.application", case_id=case_id))


@blueprint.post("/applications/<int:case_id>/account/<int:account_id>/confirm")
@audience("township_officer", "bureau_reviewer")
def confirm(case_id: int, account_id: int) -> Answer:
    """首次核对: the account the money is to go to is the organisation's own."""
    with edge.reading() as session:
        account = dossier_of(session, edge.actor(), edge.reference(), edge.today(), case_id).account
    if account is None or account.account_id != account_id:
        raise NotFound(Reason("not_found"))
    try:
        with edge.writing() as session:
            confirm_account(session, account_id, edge.actor(), edge.now())
            session.commit()
    except Refused as error:
        return page_of(case_id, Attempt("confirm_account", {}, error)), status_of(error)
    edge.tell(_("已确认收款账户属于申报单位。"))
    return edge.see_other(url_for("office.application", case_id=case_id))


def _inputs() -> dict[str, Any]:
    """What was typed into the action; what only the system hands over is never taken from a form."""
    return {
        name: request.form[name]
        for name, described in INPUTS.items()
        if name in request.form and described.kind != "internal"
    }


def _tell(case_id: int, outcome: Outcome) -> None:
    """What happened, and the case to take up next."""
    with edge.reading() as session:
        sentence = _("%(done)s。", done=_("，").join(_done(session, outcome)))
        following = next_in_list(session, edge.actor(), edge.reference(), edge.today(), case_id)
    if following is None:
        edge.tell(sentence)
        return
    edge.tell(
        sentence,
        next_url=url_for("navigation.case", case_id=following.case_id),
        next_label=_("下一件 %(number)s", number=following.number or ""),
    )


def _done(session: Session, outcome: Outcome) -> list[str]:
    said = [_("已%(action)s", action=label("action", outcome.action))]
    if outcome.to_state != outcome.from_state:
        said.append(_("转入“%(state)s”", state=label("state", outcome.to_state)))
    if "handler" in request.form and outcome.handler_id is not None:
        said.append(_("由%(name)s承办", name=session.get_one(Person, outcome.handler_id).name))
    if outcome.due_on is not None:
        said.append(_("应于 %(day)s办结", day=day(outcome.due_on)))
    return said
