"""An organisation's own particulars and bank accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.applicant.blueprint import blueprint
from web.applicant.scope import is_own, organisation_for, own_organisations
from web.language import _, by_field, day, label, summary, unit_name
from web.numbers import whole_number
from workflow.clock.days import shanghai_day
from workflow.errors import InvalidInput, NotFound, Reason
from workflow.people.organisations import add_account
from workflow.people.trail import Signature
from workflow.storage.people import Organisation, OrganisationAccount

Answer = tuple[str, int]


@blueprint.get("/my/organisation")
@audience("applicant")
def organisation() -> str:
    return _page({}, None, request.args.get("organisation", type=whole_number))


@blueprint.post("/my/organisation/accounts")
@audience("applicant")
def new_account() -> Answer | Response:
    organisation_id = request.form.get("organisation", 0, type=whole_number)
    if not is_own(organisation_id):
        raise NotFound(Reason("not_found"))
    try:
        with edge.writing() as session:
            add_account(
                session,
                organisation_id,
                holder=request.form.get("holder", ""),
                bank=request.form.get("bank", ""),
                number=request.form.get("number", ""),
                by=Signature(edge.actor(), edge.now()),
            )
            session.commit()
    except InvalidInput as error:
        return _page(request.form, error, organisation_id), 422
    edge.tell(_("已添加账户。首次用于申请时，由乡镇（街道）核对该账户属于本单位。"))
    return edge.see_other(url_for("applicant.organisation", organisation=organisation_id))


def grouped(number: str) -> str:
    """A bank account as it stands on a card, in groups of four."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def standing_of(account: OrganisationAccount) -> str:
    if account.confirmed_at is None:
        return _("未确认：首次使用时由乡镇（街道）核对")
    return _("已于 %(day)s确认", day=day(shanghai_day(account.confirmed_at)))


def _page(typed: Mapping[str, str], error: InvalidInput | None, organisation_id: int | None) -> str:
    own = own_organisations()
    chosen = organisation_id or own[0].value
    if not is_own(chosen):
        raise NotFound(Reason("not_found"))
    with edge.reading() as session:
        found = organisation_for(session, chosen)
        accounts = [_row(account) for account in found.accounts]
    return render_template(
        "applicant/organisation.html",
        organisation=found,
        facts=_facts(found),
        accounts=accounts,
        own=own,
        typed={"holder": found.name, **typed},
        faults=by_field(error) if error else {},
        summary=summary(error) if error else [],
    )


def _facts(organisation: Organisation) -> list[tuple[str, str]]:
    return [
        (_("单位名称"), organisation.name),
        (_("统一社会信用代码"), organisation.credit_code),
        (_("单位类型"), label("organisation_kind", organisation.kind)),
        (_("所在乡镇（街道）"), unit_name(organisation.township_id)),
        (_("地址"), organisation.address),
        (_("联系人"), organisation.contact_name),
        (_("联系电话"), organisation.contact_phone),
    ]


def _row(account: OrganisationAccount) -> list[Any]:
    return [
        {"text": account.holder, "sub": account.bank},
        grouped(account.number),
        standing_of(account),
    ]
