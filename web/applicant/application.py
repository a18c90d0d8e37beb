"""An organisation's own application: where it stands, why, what can be done; the copy of a refused one."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.applicant.acts import described, inputs_from
from web.applicant.blueprint import FILLERS, blueprint
from web.applicant.evidence import size_words
from web.applicant.form import version_seen
from web.applicant.naming import fact_pairs
from web.applicant.organisation import grouped
from web.applicant.way import events, ledger, nodes, said
from web.cases.decision import decision_of
from web.due import until_on_page, urgency
from web.errors import status_of
from web.language import (
    _,
    by_field,
    day,
    day_with_year,
    label,
    locale,
    say,
    sentences,
    summary,
    wan,
)
from web.navigation import case_url
from workflow.applications.drafts import COPIED_FROM, copy_of
from workflow.applications.policies import policy_of
from workflow.applications.preview import AwardPreview, preview, read_application
from workflow.applications.snapshot import SUBMISSIONS
from workflow.clock.days import shanghai_day
from workflow.errors import InvalidInput, NotFound, Overtaken, Reason, Refused
from workflow.lists.case_history import PaymentLine
from workflow.lists.case_page import ApplicationPart, CasePage, dossier_of
from workflow.policy.terms import AwardLine
from workflow.process.available import available, available_on
from workflow.process.perform import perform

Answer = tuple[str, int]
MOVEMENTS = {
    "payment": lazy_gettext("拨付"),
    "returned": lazy_gettext("退票"),
    "recovery": lazy_gettext("追回"),
    "write_off": lazy_gettext("核销"),
}
Refusal = InvalidInput | Refused | Overtaken


@blueprint.get("/my/applications/<int:case_id>")
@audience(*FILLERS)
def application(case_id: int) -> str | Response:
    with edge.reading() as session:
        found = own_page(session, case_id)
    if found.head.number is None and found.head.closed_at is None:
        # Not submitted yet: its page is its form.
        return edge.see_other(url_for("applicant.facts", case_id=case_id))
    if not found.outsider:
        # The office that entered it has it on its own page, with its own actions.
        return edge.see_other(case_url(case_id))
    return _page(found)


@blueprint.post("/my/applications/<int:case_id>/act")
@audience(*FILLERS)
def act(case_id: int) -> Answer | Response:
    """Take one of the actions that the page offers."""
    with edge.reading() as session:
        offered = available(session, case_id, edge.actor(), edge.now())
    action = request.form.get("action", "")
    chosen = next((one for one in offered if one.action == action), None)
    try:
        # Also what is not offered any more: the door says who was quicker, or why not.
        with edge.writing() as session:
            outcome = perform(
                session,
                case_id,
                action,
                edge.actor(),
                now=edge.now(),
                seen_version=version_seen(),
                **(inputs_from(request.form, chosen) if chosen else {}),
            )
            session.commit()
    except (InvalidInput, Refused, Overtaken) as error:
        return _refused(case_id, error)
    edge.tell(_done(outcome.number, outcome.action))
    return edge.see_other(_after(case_id, outcome.number))


@blueprint.post("/my/applications/<int:case_id>/copy")
@audience(*FILLERS)
def copy(case_id: int) -> Response:
    """A fresh draft with what was typed and handed in before."""
    originals_seen = request.form.get("originals_seen") == "yes"
    with edge.writing() as session:
        fresh = copy_of(session, case_id, edge.actor(), edge.now(), originals_seen=originals_seen)
        fresh_id = fresh.id
        session.commit()
    edge.tell(_("已复制为新的草稿，请核对后提交。"))
    return edge.see_other(url_for("applicant.facts", case_id=fresh_id))


def own_page(session: Session, case_id: int) -> CasePage:
    """An application as its organisation, or the office that entered it, sees it; else NotFound."""
    found = dossier_of(session, edge.actor(), edge.reference(), edge.today(), case_id)
    if found.application is None or not (found.outsider or found.application.is_entered_by_office):
        raise NotFound(Reason("not_found"))
    return found


def line_of(session: Session, application: ApplicationPart) -> AwardLine:
    return policy_of(session, application.policy_id).line(application.line)


def last_defects(found: CasePage) -> tuple[list[str], str]:
    """What is asked to be corrected now and by which unit; nothing unless the case waits for it."""
    if not found.head.waiting:
        return [], ""
    asked = next((event for event in found.events if event.details.get("defects")), None)
    return (list(asked.details["defects"]), asked.unit) if asked else ([], "")


def _refused(case_id: int, error: Refusal) -> Answer:
    with edge.reading() as session:
        found = own_page(session, case_id)
    if found.head.number is None:
        raise error
    return _page(found, error), status_of(error)


def _done(number: str | None, action: str) -> str:
    done = label("action", action)
    return _("%(number)s：已办理“%(action)s”。", number=number or _("草稿"), action=done)


def _after(case_id: int, number: str | None) -> str:
    return url_for("applicant.application", case_id=case_id) if number else url_for("navigation.home")


def _page(found: CasePage, error: Refusal | None = None) -> str:
    application, organisation = found.application, found.organisation
    assert application is not None, "an application has this part"
    assert organisation is not None, "an application has an organisation"
    with edge.reading() as session:
        policy = policy_of(session, application.policy_id)
        facts = read_application(session, found.head.case_id, edge.actor(), edge.now())
        award, offered = preview(facts), available_on(session, facts)
    line, decided = policy.line(application.line), decision_of(found, policy)
    defects, asked_by = last_defects(found)
    return render_template(
        "applicant/application.html",
        head=found.head,
        name=line.name.text(locale()),
        organisation=organisation,
        lead=_lead(found, line),
        standing=_standing(found),
        ledger=ledger(found.clock) if found.head.due_on else [],
        nodes=nodes(found.track),
        facts=[*fact_pairs(line, application.facts), *_contact(found)],
        money=_money(application),
        decided=decided,
        to_return=_to_return(found),
        entitled=None if decided else _entitled(award, found),
        payments=[_payment(each) for each in found.payments],
        evidence=_evidence(found, line),
        events=events(found.events),
        defects=defects,
        asked_by=asked_by,
        correct_by=day(found.head.due_on) if defects and found.head.due_on else "",
        submissions=[described(one) for one in offered if one.action in SUBMISSIONS],
        acts=[described(one) for one in offered if one.action not in SUBMISSIONS],
        may_copy=found.head.state in COPIED_FROM,
        typed=request.form,
        faults=by_field(error) if error else {},
        summary=summary(error) if isinstance(error, InvalidInput) else [],
        refused=sentences(error) if isinstance(error, Refused) else [],
        overtaken=sentences(error) if isinstance(error, Overtaken) else [],
    )


def _lead(found: CasePage, line: AwardLine) -> str:
    application = found.application
    assert application is not None
    parts = [found.head.number or _("草稿"), _("依据 %(clause)s", clause=line.clause)]
    if application.award_year:
        parts.append(_("%(year)s 年度", year=application.award_year))
    parts.append(_("申报 %(amount)s", amount=wan(application.amount_yuan)))
    return " · ".join(parts)


def _standing(found: CasePage) -> dict[str, str]:
    """The state in words with its alert, who holds it, until when."""
    head = found.head
    state = said(head.state_label)
    if head.closed_at is not None or head.due_on is None:
        return {"level": "", "words": state, "due": ""}
    alert = urgency(head.due_on, head.level)
    return {
        "level": head.level if alert else "",
        "words": " ".join(filter(None, [state, alert])),
        "due": until_on_page(head, head.unit or _("承办机构")),
    }


def _contact(found: CasePage) -> list[tuple[str, Any]]:
    application, account, organisation = found.application, found.account, found.organisation
    assert application is not None
    assert organisation is not None
    pairs: list[tuple[str, Any]] = [
        (_("信用代码"), organisation.credit_code),
        (_("联系人"), f"{application.contact_name} {application.contact_phone}"),
    ]
    if account is not None:
        number = grouped(account.number) if account.number.isdigit() else account.number
        pairs.append((_("收款账户"), {"text": number, "sub": f"{account.bank} · {account.holder}"}))
    return pairs


def _money(application: ApplicationPart) -> list[tuple[str, str]]:
    pairs = [(_("申报标准"), wan(application.amount_yuan))]
    if application.approved_at is not None:
        pairs.append((_("核定金额"), wan(application.approved_yuan)))
        pairs.append((_("已拨付"), wan(application.paid_yuan)))
    if application.recover_yuan:
        pairs.append((_("待追回"), wan(application.recover_yuan)))
    return pairs


def _to_return(found: CasePage) -> str:
    """What the organisation has to pay back now, and until when; empty when nothing."""
    application, head = found.application, found.head
    if application is None or not application.recover_yuan or head.due_on is None:
        return ""
    return _(
        "请于 %(day)s前退回奖励资金 %(amount)s", day=day(head.due_on), amount=wan(application.recover_yuan)
    )


def _entitled(award: AwardPreview, found: CasePage) -> dict[str, str] | None:
    """What the adopted reading would grant, as long as nothing is decided either way."""
    application = found.application
    assert application is not None, "an application has this part"
    if award.entitled is None or found.head.closed_at is not None or application.approved_at is not None:
        return None
    return {"amount": wan(award.entitled.payable_yuan), "why": say(award.entitled.reason)}


def _payment(payment: PaymentLine) -> tuple[str, str]:
    confirmed = day_with_year(shanghai_day(payment.confirmed_at)) if payment.confirmed_at else ""
    account = payment.account.get("number", "")
    return str(MOVEMENTS[payment.kind]), " · ".join(
        filter(None, [wan(payment.amount_yuan), confirmed, account, payment.voucher])
    )


def _evidence(found: CasePage, line: AwardLine) -> list[dict[str, str]]:
    names = {each.code: each.name.text(locale()) for each in line.evidence}
    return [
        {
            "label": names.get(file.requirement, file.requirement),
            "name": file.file_name,
            "note": size_words(file.size),
            "href": url_for("applicant.evidence_file", evidence_id=file.evidence_id),
        }
        for file in found.evidence
    ]
