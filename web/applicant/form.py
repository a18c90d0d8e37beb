"""The pages of the form on the achievement, and on contact and account. Each is saved as it was typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.applicant.blueprint import FILLERS, blueprint
from web.applicant.defects import linked_defects
from web.applicant.filled import (
    CONTACT,
    EVIDENCE,
    FACTS,
    Filled,
    faults_of,
    filled,
    frame,
    page_url,
    shown_problems,
)
from web.applicant.organisation import grouped, standing_of
from web.errors import status_of
from web.language import _, locale, sentences, summary
from web.numbers import whole_number
from workflow.applications.drafts import choose_account, save_draft
from workflow.errors import InvalidInput, Overtaken, Refused
from workflow.people.organisations import add_account
from workflow.people.trail import Signature
from workflow.policy.facts import LONGEST_TEXT
from workflow.policy.terms import FormField
from workflow.storage.cases import Application

Answer = tuple[str, int]
Mistake = InvalidInput | Overtaken

# So many options can be read at a glance; more of them stand in a list that opens.
FEW_CHOICES = 3
SLASHED_DAY = re.compile(r"\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*")
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@blueprint.get("/my/applications/<int:case_id>/facts")
@audience(*FILLERS)
def facts(case_id: int) -> str:
    return _facts_page(case_id)


@blueprint.post("/my/applications/<int:case_id>/facts")
@audience(*FILLERS)
def save_facts(case_id: int) -> Answer | Response:
    typed = {name: text for name, text in request.form.items() if not name.startswith(".")}
    try:
        _save(case_id, typed)
    except (InvalidInput, Overtaken) as error:
        return _again(_facts_page, case_id, typed, error)
    return _onward(case_id, FACTS, CONTACT)


@blueprint.get("/my/applications/<int:case_id>/contact")
@audience(*FILLERS)
def contact(case_id: int) -> str:
    return _contact_page(case_id)


@blueprint.post("/my/applications/<int:case_id>/contact")
@audience(*FILLERS)
def save_contact(case_id: int) -> Answer | Response:
    typed = request.form.to_dict()
    try:
        _save(case_id, typed)
    except (InvalidInput, Overtaken) as error:
        return _again(_contact_page, case_id, typed, error)
    return _onward(case_id, CONTACT, EVIDENCE)


def version_seen() -> int:
    """The version the form was made from; without one it is older than any."""
    return request.form.get("seen_version", 0, type=whole_number)


def _save(case_id: int, typed: Mapping[str, str]) -> None:
    """Keep the page as typed; a new account on it is added and chosen in the same transaction."""
    fields = {name: text for name, text in typed.items() if name != "promise"}
    with edge.writing() as session:
        # First of all: it refuses whoever may not change this form, and says who was quicker.
        version = save_draft(
            session, case_id, edge.actor(), fields, now=edge.now(), seen_version=version_seen()
        )
        if typed.get("number", "").strip() or typed.get("bank", "").strip():
            account_id = _added_account(session, case_id, typed)
            choose_account(session, case_id, edge.actor(), account_id, now=edge.now(), seen_version=version)
        session.commit()


def _added_account(session: Session, case_id: int, typed: Mapping[str, str]) -> int:
    organisation_id = session.get_one(Application, case_id).organisation_id
    account = add_account(
        session,
        organisation_id,
        holder=typed.get("holder", ""),
        bank=typed.get("bank", ""),
        number=typed.get("number", ""),
        by=Signature(edge.actor(), edge.now()),
    )
    return account.id


def _again(
    page: Callable[[int, Mapping[str, str], Mistake], str],
    case_id: int,
    typed: Mapping[str, str],
    error: Mistake,
) -> Answer:
    """The page once more with what was typed; where the case has left her hands, the refusal alone."""
    try:
        return page(case_id, typed, error), status_of(error)
    except Refused:
        raise error from None


def _onward(case_id: int, page: str, following: str) -> Response:
    """To the next page, or back to this one where it is not right yet; what was typed is saved either way."""
    with edge.reading() as session:
        form = filled(session, case_id)
    if request.form.get("go") == "stay":
        edge.tell(_("已保存。可以稍后从“我的申请”继续填写。") if form.is_own else _("已保存。"))
        return edge.see_other(page_url(form, page))
    if form.problems_on(page):
        return edge.see_other(page_url(form, page, checked=1))
    return edge.see_other(page_url(form, following))


def _facts_page(case_id: int, typed: Mapping[str, str] | None = None, error: Mistake | None = None) -> str:
    with edge.reading() as session:
        form = filled(session, case_id)
    reasons = shown_problems(form, FACTS, checked=bool(request.args.get("checked")))
    faults = faults_of(error.reasons if isinstance(error, InvalidInput) else reasons)
    inputs = [_input(field, form, typed, faults) for field in form.award.line.fields]
    return render_template(
        "applicant/facts.html",
        inputs=inputs,
        pairs=[(each["label"], each["shown"] or _("未填写")) for each in inputs],
        summary=_summary(reasons, error),
        overtaken=sentences(error) if isinstance(error, Overtaken) else [],
        back_url=url_for("applicant.home") if form.is_own else url_for("applicant.enter"),
        defects=linked_defects(form),
        **frame(form, FACTS),
    )


def _contact_page(case_id: int, typed: Mapping[str, str] | None = None, error: Mistake | None = None) -> str:
    with edge.reading() as session:
        form = filled(session, case_id)
    reasons = shown_problems(form, CONTACT, checked=bool(request.args.get("checked")))
    stored = {
        "contact_name": form.contact_name,
        "contact_phone": form.contact_phone,
        "account": form.account_id or "",
        "holder": form.organisation,
    }
    faults = faults_of(error.reasons if isinstance(error, InvalidInput) else reasons)
    return render_template(
        "applicant/contact.html",
        typed={**stored, **(typed or {})},
        accounts=[
            (
                account.id,
                f"{account.bank} {grouped(account.number)}",
                f"{account.holder} · {standing_of(account)}",
            )
            for account in form.accounts
        ],
        adds=not form.accounts or bool({"holder", "bank", "number"} & faults.keys()),
        faults=faults,
        summary=_summary(reasons, error),
        overtaken=sentences(error) if isinstance(error, Overtaken) else [],
        back_url=page_url(form, FACTS),
        defects=linked_defects(form),
        **frame(form, CONTACT),
    )


def _summary(reasons: Any, error: Mistake | None) -> list[tuple[str, str]]:
    if isinstance(error, Overtaken):
        return []
    return summary(error or InvalidInput(*reasons))


def _input(
    field: FormField, form: Filled, typed: Mapping[str, str] | None, faults: Mapping[str, str]
) -> dict[str, Any]:
    stored = form.typed.get(field.code, "")
    value = stored if typed is None else typed.get(field.code, stored)
    choices = [(choice.code, choice.name.text(locale())) for choice in field.choices]
    return {
        "name": field.code,
        "label": field.label.text(locale()),
        "kind": _kind(field, value),
        "value": _iso(value) if field.kind == "day" else value,
        "shown": dict(choices).get(value, value),
        "required": field.required,
        "help": _help(field, stored, value, dict(choices)),
        "error": faults.get(field.code, ""),
        "choices": choices,
        "attrs": {"maxlength": LONGEST_TEXT} if field.kind == "text" else {},
    }


def _kind(field: FormField, value: str) -> str:
    if field.kind == "choice":
        return "choices" if len(field.choices) <= FEW_CHOICES else "choice"
    # A browser drops what is no day from a date input: to be corrected it has to be seen.
    if field.kind == "day" and value and not ISO_DAY.fullmatch(_iso(value)):
        return "text"
    return field.kind


def _help(field: FormField, stored: str, value: str, names: Mapping[str, str]) -> str:
    said = field.help.text(locale())
    if stored == value:
        return said
    # Somebody else has saved the page meanwhile: both texts are there to choose from.
    return _("%(help)s。现已保存的是：%(stored)s", help=said, stored=names.get(stored, stored) or _("（空）"))


def _iso(typed: str) -> str:
    """A day as date inputs need it: 2021年2月8日 is 2021-02-08; what is no day stays as it was typed."""
    parts = SLASHED_DAY.fullmatch(typed)
    return f"{parts[1]}-{int(parts[2]):02}-{int(parts[3]):02}" if parts else typed
