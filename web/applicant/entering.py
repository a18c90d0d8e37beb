"""代录: a township officer finds or registers the organisation that came with paper, then fills in for it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.applicant.blueprint import blueprint
from web.applicant.naming import names_of_lines
from web.applicant.registration import kinds, particulars_of
from web.applicant.scope import Choice, served_townships, townships_today
from web.language import _, by_field, label, moment, summary
from workflow.errors import InvalidInput, Reason
from workflow.lists.mine import drafts
from workflow.people.organisations import (
    FOUND_AT_MOST,
    OrganisationParticulars,
    organisations_matching,
    register_organisation,
)
from workflow.storage.people import Organisation

Answer = tuple[str, int]


@blueprint.get("/applications/enter")
@audience("township_officer")
def enter() -> str:
    """Find the organisation by name or credit code; go on with what was begun before."""
    words = request.args.get("q", "").strip()
    with edge.reading() as session:
        found = organisations_matching(session, words, township_ids=served_townships())
        names = names_of_lines(session)
        begun = drafts(session, edge.actor())
    return render_template(
        "applicant/enter.html",
        words=words,
        rows=[_row(organisation) for organisation in found],
        is_cut=len(found) == FOUND_AT_MOST,
        most=FOUND_AT_MOST,
        drafts=[
            {
                "organisation": draft.organisation,
                "award": names.line(draft.line),
                "begun": moment(draft.opened_at),
                "url": url_for("applicant.facts", case_id=draft.case_id),
            }
            for draft in begun
        ],
        register_url=url_for("applicant.enter_organisation", q=words or None),
    )


@blueprint.get("/applications/enter/organisation")
@audience("township_officer")
def enter_organisation() -> str:
    searched = request.args.get("q", "")
    # What was looked for in vain is typed already: a code, of which part was known, or a name.
    return _page({"credit_code" if searched.isascii() else "name": searched})


@blueprint.post("/applications/enter/organisation")
@audience("township_officer")
def enter_organisation_now() -> Answer | Response:
    typed = particulars_of(request.form)
    try:
        _refuse_other_township(typed)
        with edge.writing() as session:
            organisation_id = register_organisation(session, typed, edge.today()).id
            session.commit()
    except InvalidInput as error:
        return _page(request.form, error), 422
    edge.tell(_("已登记 %(name)s，请选择要申报的奖项。", name=typed.normalised().name))
    return edge.see_other(url_for("applicant.awards", organisation=organisation_id))


def _refuse_other_township(typed: OrganisationParticulars) -> None:
    if typed.township_id not in [choice.value for choice in _own_townships()]:
        raise InvalidInput(Reason("organisation.township_missing", {}, "township"))


def _own_townships() -> list[Choice]:
    hers = edge.actor().units_as("township_officer")
    return [choice for choice in townships_today() if choice.value in hers]


def _row(organisation: Organisation) -> list[dict[str, str]]:
    url = url_for("applicant.awards", organisation=organisation.id)
    return [
        {"text": organisation.name, "href": url, "sub": organisation.address},
        {"text": organisation.credit_code},
        {"text": label("organisation_kind", organisation.kind)},
        {"act": _("选择奖项"), "href": url, "name": organisation.name},
    ]


def _page(typed: Mapping[str, str], error: InvalidInput | None = None) -> str:
    townships = _own_townships()
    return render_template(
        "applicant/enter_organisation.html",
        typed={"township": townships[0].value if len(townships) == 1 else "", **typed},
        kinds=kinds(),
        townships=townships,
        faults=by_field(error) if error else {},
        summary=summary(error) if error else [],
    )
