"""The last page of the form: everything to check, the promise, what comes next, and the submission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.applicant.acts import described, inputs_from
from web.applicant.blueprint import FILLERS, blueprint
from web.applicant.defects import linked_defects
from web.applicant.evidence import size_words
from web.applicant.filled import CHECK, CONTACT, EVIDENCE, FACTS, Filled, filled, frame, page_url
from web.applicant.form import version_seen
from web.applicant.naming import fact_pairs
from web.applicant.organisation import grouped, standing_of
from web.errors import status_of
from web.language import _, day, label, locale, say, summary
from workflow.applications.drafts import save_draft
from workflow.applications.preview import changes
from workflow.applications.snapshot import SUBMISSIONS
from workflow.errors import InvalidInput, Overtaken, Reason, Refused
from workflow.policy.rulings import quoted_clause
from workflow.process.available import Available, available, available_on
from workflow.process.perform import Outcome, perform
from workflow.storage.cases import Case
from workflow.storage.people import Organisation

Answer = tuple[str, int]
Refusal = InvalidInput | Refused | Overtaken


@blueprint.get("/my/applications/<int:case_id>/check")
@audience(*FILLERS)
def check(case_id: int) -> str:
    return _page(case_id)


@blueprint.post("/my/applications/<int:case_id>/submit")
@audience(*FILLERS)
def submit(case_id: int) -> Answer | Response:
    """Keep the promise and submit, both or neither."""
    try:
        outcome, was_numbered = _submit(case_id)
    except (InvalidInput, Refused, Overtaken) as error:
        return _again(case_id, error)
    edge.tell(_said(outcome, was_numbered=was_numbered))
    page = "applicant.application" if was_numbered else "applicant.receipt"
    return edge.see_other(url_for(page, case_id=case_id))


def _submit(case_id: int) -> tuple[Outcome, bool]:
    """What the submission did, and whether the application had its number before."""
    with edge.reading() as session:
        offered = _submission(available(session, case_id, edge.actor(), edge.now()))
    with edge.writing() as session:
        # First of all: it says who was quicker where the case has left her hands.
        version = save_draft(
            session,
            case_id,
            edge.actor(),
            {"promise": request.form.get("promise", "")},
            now=edge.now(),
            seen_version=version_seen(),
        )
        if offered is None:
            raise BadRequest
        was_numbered = session.get_one(Case, case_id).number is not None
        outcome = perform(
            session,
            case_id,
            offered.action,
            edge.actor(),
            now=edge.now(),
            seen_version=version,
            **inputs_from(request.form, offered),
        )
        session.commit()
    return outcome, was_numbered


def _again(case_id: int, error: Refusal) -> Answer:
    try:
        return _page(case_id, error), status_of(error)
    except Refused:
        # The case has left her hands meanwhile: who acted and when says more than that it has.
        raise error from None


def _said(outcome: Outcome, *, was_numbered: bool) -> str:
    if was_numbered:
        return _("已补正并再次提交，编号 %(number)s。", number=outcome.number)
    if outcome.due_on is None:
        return _("已提交，编号 %(number)s。", number=outcome.number)
    return _(
        "已提交，编号 %(number)s。乡镇（街道）应于 %(day)s前决定是否受理。",
        number=outcome.number,
        day=day(outcome.due_on),
    )


def _submission(offered: Sequence[Available]) -> Available | None:
    return next((one for one in offered if one.action in SUBMISSIONS), None)


def _page(case_id: int, error: Refusal | None = None) -> str:
    with edge.reading() as session:
        form = filled(session, case_id)
        offered = available_on(session, form.facts)
        changed = changes(session, form.facts) if form.number else {}
        credit_code = session.get_one(Organisation, form.organisation_id).credit_code
    submission = _submission(offered)
    open_problems = [reason for reason in form.problems if reason.field != "promise"]
    return render_template(
        "applicant/check.html",
        sections=_sections(form),
        name=form.name,
        credit_code=credit_code,
        policy_title=form.award.policy.document.title.text(locale()),
        clause=quoted_clause(form.award.line, form.award.policy),
        problems=_linked(form, open_problems),
        refused=error is not None,
        is_untouched=bool(form.defects) and not any(changed.values()),
        submission=described(submission) if submission else None,
        others=[described(one) for one in offered if one is not submission and not one.reasons],
        promised=request.form.get("promise") == "yes" if error else form.promised,
        promise=_(
            "我单位承诺：所填内容和所交材料真实、完整、有效，未就同一成果重复享受奖励；"
            "如有不实，愿意退回奖励并承担相应责任。"
        ),
        promise_fault=_fault("promise", error),
        note_fault=_fault("note", error),
        note=request.form.get("note", ""),
        error=_faults(form, error),
        back_url=page_url(form, EVIDENCE),
        defects=linked_defects(form),
        **frame(form, CHECK),
    )


def _fault(field: str, error: Refusal | None) -> str:
    found = [say(reason) for reason in error.reasons if reason.field == field] if error else []
    return " ".join(found)


def _faults(form: Filled, error: Refusal | None) -> list[tuple[str, str]]:
    """What was refused and is not listed on the page anyway, with the field it belongs to."""
    if error is None:
        return []
    listed = {say(reason) for reason in form.problems if reason.field != "promise"}
    return [(field, sentence) for field, sentence in summary(error) if sentence not in listed]


def _linked(form: Filled, reasons: Sequence[Reason]) -> list[dict[str, str]]:
    """Each problem with the page and the field where it is put right."""
    return [
        {
            "said": say(reason),
            "url": ""
            if form.page_of(reason) == CHECK
            else page_url(form, form.page_of(reason), checked=1, _anchor=reason.field),
        }
        for reason in reasons
    ]


def _sections(form: Filled) -> list[dict[str, Any]]:
    """What was filled in, by the page on which it can be changed."""
    return [
        {"page": FACTS, "url": page_url(form, FACTS), "pairs": fact_pairs(form.award.line, form.typed)},
        {"page": CONTACT, "url": page_url(form, CONTACT), "pairs": _contact_pairs(form)},
        {"page": EVIDENCE, "url": page_url(form, EVIDENCE), "items": _evidence_items(form)},
    ]


def _contact_pairs(form: Filled) -> list[tuple[str, Any]]:
    account = next((each for each in form.accounts if each.id == form.account_id), None)
    named: Any = _("未选择")
    if account is not None:
        named = {
            "text": f"{account.bank} {grouped(account.number)}",
            "sub": f"{account.holder} · {standing_of(account)}",
        }
    return [
        (label("holder", "organisation"), form.organisation),
        (_("联系人"), form.contact_name),
        (_("联系电话"), form.contact_phone),
        (_("收款账户"), named),
    ]


def _evidence_items(form: Filled) -> list[dict[str, str]]:
    items = []
    for each in form.award.evidence:
        name = each.requirement.name.text(locale())
        files = [file for file in form.evidence if file.requirement == each.requirement.code]
        items += [
            {
                "label": name,
                "name": file.file_name,
                "note": size_words(file.size),
                "href": url_for("applicant.evidence_file", evidence_id=file.id),
            }
            for file in files
        ]
        if not files and each.requirement.required:
            items.append({"label": name, "state": "missing"})
    return items
