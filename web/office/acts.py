"""The one address of actions on an application, and the confirmation of its account."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.cases.acting import act_from_form, tell_done
from web.cases.cards import Attempt
from web.errors import status_of
from web.language import _
from web.office.application import page_of
from web.office.blueprint import OFFICES, blueprint
from workflow.errors import InvalidInput, NotFound, Overtaken, Reason, Refused
from workflow.lists.case_page import dossier_of
from workflow.people.organisations import confirm_account

Answer = Response | tuple[str, int]


@blueprint.post("/applications/<int:case_id>/act/<action>")
@audience(*OFFICES)
def act(case_id: int, action: str) -> Answer:
    try:
        outcome = act_from_form(case_id, action)
    except (InvalidInput, Refused, Overtaken) as error:
        return page_of(case_id, Attempt(action, request.form, error)), status_of(error)
    tell_done(outcome)
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
