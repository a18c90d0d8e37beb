"""Papers to print (文书): what an application has reached, as official documents. Nothing here is decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for

from web import edge
from web.access import audience
from web.applicant.application import MOVEMENTS
from web.applicant.naming import names_of_lines
from web.cases.decision import decision_of
from web.cases.history import defects_of
from web.language import _, locale, unit_name
from web.numbers import whole_number
from web.office.blueprint import READERS, blueprint
from web.office.capital import capital
from web.office.desk import Desk, desk_of
from web.official import Paper, may_sign_in, objections_to, official_name, paper_day, paper_of, payee
from workflow.clock.days import shanghai_day
from workflow.errors import NotFound, Reason
from workflow.lists.case_history import EventLine, PaymentLine
from workflow.lists.notices import NoticeRow, running_notices
from workflow.lists.paging import Place
from workflow.lists.track import Stop
from workflow.policy.editions import spoken_title
from workflow.policy.terms import AwardLine
from workflow.process.disclosure import masked

# What a letter about money counts, and with which sign; what was given up stays paid.
SIGNS = {"payment": 1, "returned": -1, "recovery": -1}
MOVES_MONEY = ("confirm", "record_return", "record_recovery")


@blueprint.get("/applications/<int:case_id>/print/<kind>")
@audience(*READERS)
def paper(case_id: int, kind: str) -> str:
    """One document of an application. NotFound while the application has not come so far."""
    with edge.reading() as session:
        desk = desk_of(session, case_id)
        made = KINDS[kind](desk) if kind in KINDS else None
        if made is None:
            raise NotFound(Reason("not_found"))
        made = replace(made, issuer=official_name(session, made.issuer))
        # What a paper says beside its own contents: whom to ask, and how.
        beside = {
            "objections": objections_to(session),
            "payee": payee(session),
            "may_sign_in": may_sign_in(session, desk.organisation.organisation_id),
        }
    return render_template(
        "office/paper.html",
        paper=made,
        back_url=url_for("office.application", case_id=case_id),
        body=f"office/papers/{kind}.html",
        **beside,
    )


@blueprint.get("/applications/notices")
@audience("joint_meeting_officer", "bureau_reviewer", "supervisor", "leader")
def notices() -> str:
    """公示公告: every application that is in public notice now. No account, identity or phone number."""
    after = Place.of(request.args.get("after"))
    with edge.reading() as session:
        page = running_notices(session, edge.actor(), edge.reference(), after=after)
        names = names_of_lines(session)
        issuer, objections = official_name(session, _office_name()), objections_to(session)
    table = [_notice_row(row, names.lines[row.line]) for row in page.rows if row.line in names.lines]
    return render_template(
        "office/notices.html",
        rows=table,
        issuer=issuer,
        objections=objections,
        day=paper_day(edge.today()),
        next_url=url_for("office.notices", after=page.next) if page.next else "",
        first_url=url_for("office.notices") if after else "",
    )


def papers_of(desk: Desk) -> list[dict[str, str]]:
    """The documents this application has reached; a reader of her own firm's case has them elsewhere."""
    made = [] if desk.page.outsider else [make(desk) for make in KINDS.values()]
    return [
        {
            "title": each.title,
            "href": url_for("office.paper", case_id=desk.page.head.case_id, kind=each.kind),
        }
        for each in made
        if each is not None
    ]


def _acceptance(desk: Desk) -> Paper | None:
    """受理通知书"""
    event = _last(desk, "accept")
    if event is None:
        return None
    stop = next((stop for stop in desk.page.stops if _begins_with(stop, event)), None)
    names = {each.code: each.name.text(locale()) for each in desk.dossier.line.evidence}
    return _paper(
        desk, "acceptance", _("受理通知书"), event,
        submitted=_day_of(desk.application.submitted_at),
        due=paper_day(stop.due_on) if stop and stop.due_on else "",
        materials=list(dict.fromkeys(names.get(each.requirement, "") for each in desk.page.evidence)),
    )  # fmt: skip


def _correction(desk: Desk) -> Paper | None:
    """一次性补正告知书: the one asked for by its event, or the last."""
    asked = request.args.get("event", type=whole_number)
    found = [each for each in desk.page.events if defects_of(each) and asked in (None, each.number)]
    if not found:
        return None
    event = found[0]
    stop = next((stop for stop in desk.page.stops if _begins_with(stop, event)), None)
    approved_at = desk.application.approved_at
    return _paper(
        desk, "correction", _("一次性补正告知书"), event,
        defects=defects_of(event),
        due=paper_day(stop.due_on) if stop and stop.due_on else "",
        lapses=approved_at is None or approved_at > event.at,
    )  # fmt: skip


def _decision(desk: Desk) -> Paper | None:
    """What ended the application against the organisation."""
    return decision_of(desk.page, desk.dossier.policy)


def _notice(desk: Desk) -> Paper | None:
    """公示公告 of this application alone."""
    event = _last(desk, "approve")
    application = desk.application
    if event is None or application.approved_at is None:
        return None
    stop = next((stop for stop in reversed(desk.page.stops) if stop.state == event.to_state), None)
    if stop is None or stop.due_on is None:
        return None
    row = NoticeRow(
        number=desk.page.head.number or "",
        organisation=desk.organisation.name,
        line=application.line,
        achievement=application.achievement or "",
        award_year=application.award_year or application.approved_at.year,
        approved_yuan=application.approved_yuan,
        from_on=stop.entered_on,
        until_on=stop.due_on,
    )
    made = _paper(desk, "notice", _("奖励公示"), event, rows=[_notice_row(row, desk.dossier.line)])
    # It speaks to the public.
    return replace(made, addressee="")


def _payment(desk: Desk) -> Paper | None:
    """拨付通知, while money that was paid is with the organisation; what came back stands in it."""
    event = next((each for each in desk.page.events if each.action in MOVES_MONEY), None)
    total = desk.application.paid_yuan
    if event is None or total <= 0:
        return None
    rows = [_movement(each) for each in desk.page.payments if _counts(each)]
    elsewhere = total - sum(row["yuan"] for row in rows)
    if elsewhere:
        # Taken back together with a higher award: that movement is booked on the other application.
        rows.append({"day": "", "kind": _("随其他奖项追回"), "account": {}, "yuan": elsewhere, "voucher": ""})
    return _paper(
        desk, "payment", _("奖励资金拨付通知"), event,
        total=total,
        capital=capital(total),
        rows=rows,
        is_reduced=any(row["yuan"] < 0 for row in rows),
    )  # fmt: skip


def _counts(payment: PaymentLine) -> bool:
    return payment.status == "confirmed" and payment.kind in SIGNS


def _movement(payment: PaymentLine) -> dict[str, Any]:
    # A paper goes through many hands.
    number = masked(payment.account["number"]) if payment.account.get("number") else ""
    return {
        "day": _day_of(payment.confirmed_at),
        "kind": str(MOVEMENTS[payment.kind]),
        "account": {**payment.account, "number": number},
        "yuan": SIGNS[payment.kind] * payment.amount_yuan,
        "voucher": payment.voucher or "",
    }


KINDS: Mapping[str, Callable[[Desk], Paper | None]] = {
    "acceptance": _acceptance,
    "correction": _correction,
    "decision": _decision,
    "notice": _notice,
    "payment": _payment,
}


def _paper(desk: Desk, kind: str, title: str, event: EventLine, **contents: Any) -> Paper:
    return paper_of(desk.page, desk.dossier.policy, kind, title, event, **contents)


def _last(desk: Desk, action: str) -> EventLine | None:
    return next((event for event in desk.page.events if event.action == action), None)


def _begins_with(stop: Stop, event: EventLine) -> bool:
    return stop.state == event.to_state and stop.entered_on == shanghai_day(event.at)


def _day_of(at: datetime | None) -> str:
    return "" if at is None else paper_day(shanghai_day(at))


def _notice_row(row: NoticeRow, line: AwardLine) -> dict[str, Any]:
    first, last = paper_day(row.from_on), paper_day(row.until_on)
    return {
        "number": row.number,
        "organisation": row.organisation,
        "line": line.name.text(locale()),
        "achievement": spoken_title(row.achievement, [line], locale()),
        "clause": line.clause,
        "yuan": row.approved_yuan,
        "from": first,
        "until": _("至%(day)s", day=last),
    }


def _office_name() -> str:
    """The office that gives notice today."""
    return unit_name(edge.reference().unit_of_kind("joint_meeting_office", edge.today()))
