"""The one address of actions on a referral."""

from __future__ import annotations

from flask import request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.cases.acting import act_from_form, tell_done
from web.cases.cards import Attempt
from web.errors import status_of
from web.referrals.blueprint import OFFICES, blueprint
from web.referrals.referral import page_of
from workflow.errors import InvalidInput, Overtaken, Refused
from workflow.lists.scope import visible
from workflow.storage.cases import Case


@blueprint.post("/referrals/<int:case_id>/act/<action>")
@audience(*OFFICES)
def act(case_id: int, action: str) -> Response | tuple[str, int]:
    try:
        outcome = act_from_form(case_id, action)
    except (InvalidInput, Refused, Overtaken) as error:
        return page_of(case_id, Attempt(action, request.form, error)), status_of(error)
    tell_done(outcome)
    return edge.see_other(_where_to(case_id))


def _where_to(case_id: int) -> str:
    """The referral, or her worklist: a unit sees a referral only while it has to rectify."""
    with edge.reading() as session:
        found = session.scalar(select(Case.id).where(Case.id == case_id, visible(edge.actor())))
    if found is None:
        return url_for("office.worklist")
    return url_for("referrals.referral", case_id=case_id)
