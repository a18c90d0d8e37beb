"""The parts of an application's page in words: facts, organisation, evidence, trial, payments, links."""

from __future__ import annotations

from typing import Any

from flask import url_for

from web.applicant.naming import fact_words
from web.cases.history import by_whom, defects_of
from web.cases.payments import account_words
from web.due import until
from web.language import _, day_with_year, label, locale, moment, say, wan
from web.navigation import case_url
from web.office.desk import Desk
from workflow.lists.case_history import PaymentLine
from workflow.lists.trials import Trial
from workflow.policy.terms import READINGS, AwardLine

Pair = tuple[str, str | dict[str, str]]

MEGABYTE = 1024 * 1024


def lead(desk: Desk) -> str:
    """CL2026-0147 · 依据 三（二）3（2） · 2025 年度 · 申报 30 万元"""
    application = desk.application
    parts = [
        desk.page.head.number or _("草稿，尚未提交"),
        _("依据 %(clause)s", clause=desk.dossier.line.clause),
        _("%(year)s 年度", year=application.award_year) if application.award_year else "",
        _("申报 %(amount)s", amount=wan(application.amount_yuan)),
        _("核定 %(amount)s", amount=wan(application.approved_yuan)) if application.approved_at else "",
        _("已拨付 %(amount)s", amount=wan(application.paid_yuan)) if application.paid_yuan else "",
        _("待追回 %(amount)s", amount=wan(application.recover_yuan)) if application.recover_yuan else "",
    ]
    return " · ".join(filter(None, parts))


def fact_pairs(desk: Desk) -> list[Pair]:
    """Every fact of the form that was filled in, as it was typed or as it was understood."""
    pairs: list[Pair] = [
        (each.label.text(locale()), fact_words(each, desk.dossier.reading.facts.get(each.code), str(typed)))
        for each in desk.dossier.line.fields
        if (typed := desk.application.facts.get(each.code))
    ]
    if desk.application.is_entered_by_office:
        pairs.append((_("填报方式"), _("乡镇（街道）代录，已核对原件")))
    return pairs


def organisation_pairs(desk: Desk) -> list[Pair]:
    organisation, application, account = desk.organisation, desk.application, desk.page.account
    sample = _("示例资料，非真实单位") if organisation.is_sample else ""
    pairs: list[Pair] = [
        (_("信用代码"), {"text": organisation.credit_code, "sub": sample}),
        (_("单位类型"), label("organisation_kind", organisation.kind)),
        (_("所在地"), {"text": desk.page.head.township, "sub": organisation.address}),
        (_("联系人"), {"text": application.contact_name, "sub": application.contact_phone}),
    ]
    if organisation.moved_out_on:
        pairs.append((_("迁出本区"), day_with_year(organisation.moved_out_on)))
    if account is not None:
        words = f"{account.holder} · {account.bank} · {account.number}"
        pairs.append((_("收款账户"), {"text": words, "sub": _confirmed(desk)}))
    return pairs


def _confirmed(desk: Desk) -> str:
    account = desk.page.account
    if account is None or account.confirmed_at is None:
        return _("尚未确认属于申报单位")
    return _("已于 %(at)s确认属于申报单位", at=moment(account.confirmed_at))


def evidence_items(desk: Desk) -> list[dict[str, str]]:
    """By requirement in the order of the form; what is required and missing stands there as missing."""
    items: list[dict[str, str]] = []
    for wanted in desk.dossier.line.evidence:
        given = [each for each in desk.page.evidence if each.requirement == wanted.code]
        name = wanted.name.text(locale())
        items += [
            {
                "label": name,
                "name": each.file_name,
                "note": size_words(each.size),
                "href": url_for("applicant.evidence_file", evidence_id=each.evidence_id),
            }
            for each in given
        ]
        if not given and wanted.required:
            items.append({"label": name, "state": "missing"})
    return items


def evidence_count(desk: Desk) -> str:
    """3 / 4: how many of the required documents are there."""
    required = {each.code for each in desk.dossier.line.evidence if each.required}
    given = required & {each.requirement for each in desk.page.evidence}
    if given == required:
        return _("必交 %(count)s 项，齐全", count=len(required))
    return _("必交 %(wanted)s 项，已交 %(count)s 项", wanted=len(required), count=len(given))


def size_words(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE / 10 else f"{max(1, size // 1024)} KB"


def trial_table(desk: Desk) -> dict[str, Any] | None:
    """The four readings side by side over the living claims of the organisation's year."""
    trial = desk.trial
    if trial is None:
        return None
    return {
        "adopted": label("policy.reading_explained", trial.policy.reading),
        "readings": [(label("policy.reading", name), name == trial.policy.reading) for name in READINGS],
        "rows": [_trial_row(trial, place, desk.page.head.case_id) for place in range(len(trial.claims))],
        "totals": [sum(trial.yuan[name]) for name in READINGS],
    }


def _trial_row(trial: Trial, place: int, case_id: int) -> dict[str, Any]:
    competing = trial.claims[place]
    line: AwardLine = trial.policy.line(competing.claim.line)
    return {
        "label": line.name.text(locale()),
        "number": competing.claim.number,
        "href": case_url(competing.case_id),
        "standard": line.amount_yuan if competing.claim.amount_yuan is None else competing.claim.amount_yuan,
        "amounts": [trial.yuan[name][place] for name in READINGS],
        "reason": say(trial.reasons[place]),
        "this": competing.case_id == case_id,
    }


def payment_rows(desk: Desk) -> list[list[Any]]:
    return [_payment(each) for each in desk.page.payments]


def _payment(line: PaymentLine) -> list[Any]:
    made, checked = _("登记 %(name)s", name=line.prepared_by or ""), ""
    if line.kind == "payment":
        # Two people stand behind what goes out; what comes back is booked by whoever was told of it.
        made = _("制单 %(name)s", name=line.prepared_by or "")
        checked = _("复核 %(name)s", name=line.confirmed_by) if line.confirmed_by else ""
    return [
        {"text": _movement(line.kind), "sub": _payment_state(line)},
        {"yuan": line.amount_yuan},
        account_words(line),
        {"text": made, "sub": checked},
        {"text": line.voucher or "", "sub": moment(line.confirmed_at or line.prepared_at)},
    ]


def _movement(kind: str) -> str:
    return {
        "payment": _("拨付"),
        "returned": _("退票"),
        "recovery": _("追回"),
        "write_off": _("核销"),
    }[kind]


def _payment_state(line: PaymentLine) -> str:
    return {"prepared": _("已制单，待复核"), "confirmed": _("已完成"), "cancelled": _("已作废")}[line.status]


def corrections(desk: Desk) -> list[dict[str, Any]]:
    """Each demand for correction with its numbered defects, the latest first."""
    return [
        {
            "by": by_whom(event),
            "at": moment(event.at),
            "defects": defects_of(event),
            "href": url_for(
                "office.paper", case_id=desk.page.head.case_id, kind="correction", event=event.number
            ),
        }
        for event in desk.page.events
        if defects_of(event)
    ]


def links(desk: Desk) -> list[dict[str, str]]:
    """The referrals of the application."""
    return [
        {
            "href": case_url(each.case_id),
            "name": each.number or _("移送（尚未编号）"),
            "state": label("state", each.state),
            "due": until(each),
        }
        for each in desk.page.links
    ]
