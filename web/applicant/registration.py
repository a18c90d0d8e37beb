"""Registration of an organisation together with the first person who acts for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from web import edge
from web.access import EVERYONE, audience
from web.applicant.blueprint import blueprint
from web.applicant.scope import townships_today
from web.auth import sessions
from web.language import _, by_field, label, locale, summary
from web.numbers import whole_number
from workflow.errors import InvalidInput, Reason
from workflow.people.organisations import (
    OrganisationParticulars,
    organisation_reasons,
    register_applicant,
)
from workflow.people.persons import PersonParticulars, person_reasons
from workflow.policy.terms import ORGANISATION_KINDS

Answer = tuple[str, int]

# The first person is the contact: what is wrong with her name stands at the one field it was typed into.
FIELDS_OF_THE_PERSON = {"name": "contact_name", "phone": "contact_phone", "new_password": "password"}


@blueprint.get("/register")
@audience(EVERYONE)
def register() -> str:
    return _page({})


@blueprint.post("/register")
@audience(EVERYONE)
def register_now() -> Answer | Response:
    organisation, person = particulars_of(request.form), _person_of(request.form)
    if mistakes := _mistakes(organisation, person):
        return _page(request.form, mistakes), 422
    # Slow, so it is done while nothing is locked.
    hashed = person.hashed()
    try:
        with edge.writing() as session:
            _registered, applicant = register_applicant(
                session, organisation, hashed, edge.today(), min_length=_least()
            )
            person_id, epoch = applicant.id, applicant.session_epoch
            session.commit()
    except InvalidInput:
        # Somebody else was quicker with the account or the credit code: the page says which.
        return _page(request.form, _mistakes(organisation, person)), 422
    sessions.begin(person_id, epoch)
    edge.tell(_("注册成功，账号是 %(account)s。现在可以申请奖励。", account=person.normalised().account))
    return edge.see_other(url_for("applicant.home"))


def particulars_of(form: MultiDict[str, str]) -> OrganisationParticulars:
    """What was typed about an organisation."""
    return OrganisationParticulars(
        credit_code=form.get("credit_code", ""),
        name=form.get("name", ""),
        kind=form.get("kind", ""),
        township_id=form.get("township", type=whole_number),
        address=form.get("address", ""),
        contact_name=form.get("contact_name", ""),
        contact_phone=form.get("contact_phone", ""),
    )


def kinds() -> list[tuple[str, str]]:
    return [(kind, label("organisation_kind", kind)) for kind in ORGANISATION_KINDS]


def _person_of(form: Mapping[str, str]) -> PersonParticulars:
    return PersonParticulars(
        account=form.get("account", ""),
        name=form.get("contact_name", ""),
        phone=form.get("contact_phone", ""),
        email=form.get("email", ""),
        password=form.get("password", ""),
        locale=locale(),
    )


def _mistakes(organisation: OrganisationParticulars, person: PersonParticulars) -> list[Reason]:
    """Every mistake at the field where it was typed, each said once."""
    with edge.reading() as session:
        reasons = organisation_reasons(session, organisation, edge.today())
        reasons += _at_their_fields(person_reasons(session, person, min_length=_least()))
    if request.form.get("password") != request.form.get("password_again"):
        reasons.append(Reason("password.not_repeated", {}, "password_again"))
    said = {(reason.field, reason.sentence()): reason for reason in reasons}
    return list(said.values())


def _at_their_fields(reasons: Sequence[Reason]) -> list[Reason]:
    return [
        replace(reason, field=FIELDS_OF_THE_PERSON.get(reason.field or "", reason.field))
        for reason in reasons
    ]


def _least() -> int:
    return edge.settings().sign_in.min_password_length


def _page(typed: Mapping[str, str], mistakes: Sequence[Reason] = ()) -> str:
    error = InvalidInput(*mistakes) if mistakes else None
    return render_template(
        "applicant/register.html",
        typed=typed,
        kinds=kinds(),
        townships=townships_today(),
        least=_least(),
        faults=by_field(error) if error else {},
        summary=summary(error) if error else [],
    )
