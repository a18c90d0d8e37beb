"""The page of one application: where it stands and why, what it says, what has happened, what can be done."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from web import edge
from web.access import audience
from web.cases.cards import Attempt, cards, leftover
from web.cases.history import timeline
from web.cases.standing import faults, overtaken, standing
from web.language import _, locale, say
from web.office import dossier
from web.office.blueprint import READERS, blueprint
from web.office.desk import Desk, desk_of
from web.office.papers import papers_of
from workflow.applications.editing import editing_reasons


@blueprint.get("/applications/<int:case_id>")
@audience(*READERS)
def application(case_id: int) -> str:
    return page_of(case_id)


def page_of(case_id: int, attempt: Attempt | None = None) -> str:
    """The page, after a refused action with what was typed. Raises NotFound out of scope."""
    with edge.reading() as session:
        desk = desk_of(session, case_id)
    head = desk.page.head
    return render_template(
        "office/application.html",
        **standing(desk.page),
        case_id=case_id,
        version=head.version,
        title=f"{desk.organisation.name} · {desk.dossier.line.name.text(locale())}",
        lead=dossier.lead(desk),
        facts=dossier.fact_pairs(desk),
        quote=desk.dossier.line.quote,
        organisation=dossier.organisation_pairs(desk),
        evidence=dossier.evidence_items(desk),
        evidence_count=dossier.evidence_count(desk),
        trial=dossier.trial_table(desk),
        notices=[say(reason) for reason in desk.notices],
        corrections=dossier.corrections(desk),
        payments=dossier.payment_rows(desk),
        referrals=dossier.links(desk),
        papers=papers_of(desk),
        events=timeline(desk.page),
        cards=cards(desk, attempt),
        leftover=leftover(desk, attempt),
        errors=faults(attempt),
        overtaken=overtaken(attempt),
        account=desk.page.account if desk.may_confirm_account and not desk.account_reasons else None,
        account_reasons=[say(reason) for reason in desk.account_reasons if desk.may_confirm_account],
        referral=_referral(desk),
        form_url=_form_url(desk),
    )


def _form_url(desk: Desk) -> str:
    """Where an office fills in what it enters for an organisation that came with paper (代录)."""
    return "" if editing_reasons(desk.facts) else url_for("applicant.facts", case_id=desk.page.head.case_id)


def _referral(desk: Desk) -> dict[str, Any] | None:
    """拟移送, for the joint-meeting office: on what it would rest, or why it cannot be drafted now."""
    if "joint_meeting_officer" not in edge.actor().roles or desk.page.outsider:
        return None
    running = [link.number or "" for link in desk.page.links if link.closed_at is None]
    if running:
        return {"reasons": [_("已有一件移送在办：%(number)s", number=" ".join(running) or _("尚未编号"))]}
    href = url_for("referrals.draft", application=desk.page.head.case_id)
    if desk.page.head.was_late or desk.facts.is_late:
        return {"href": href, "line": _("依据：本件有超期的环节")}
    return {"href": href, "line": _("本件没有超期的环节，须写明问题线索")}
