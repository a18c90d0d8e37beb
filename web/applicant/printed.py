"""What an organisation prints: the receipt of its application (回执), the notice of defects, the decision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import render_template, url_for
from sqlalchemy.orm import Session

from web import edge
from web.access import audience
from web.applicant.application import line_of, own_page
from web.applicant.blueprint import FILLERS, blueprint
from web.cases.decision import decision_of
from web.language import _, locale, unit_name
from web.official import may_sign_in, official_name, paper_day, payee
from workflow.applications.policies import policy_of
from workflow.clock.days import shanghai_day
from workflow.errors import NotFound, Reason
from workflow.lists.case_history import EventLine
from workflow.lists.case_page import CasePage
from workflow.lists.track import track_of
from workflow.policy.editions import spoken_title
from workflow.policy.rulings import quoted_clause
from workflow.policy.terms import AwardLine
from workflow.process.definitions import process_of
from workflow.storage.cases import Case
from workflow.storage.people import Unit


@dataclass(frozen=True, slots=True)
class Promise:
    """What the office promised when the application came in: days, and where to ask."""

    unit: str
    phone: str
    accept_by: date | None
    accept_days: int | None
    whole_by: date | None
    is_estimated: bool


@blueprint.get("/my/applications/<int:case_id>/receipt")
@audience(*FILLERS)
def receipt(case_id: int) -> str:
    with edge.reading() as session:
        found = own_page(session, case_id)
        application = found.application
        if application is None or application.submitted_at is None:
            raise NotFound(Reason("not_found"))
        policy = policy_of(session, application.policy_id)
        line = policy.line(application.line)
        promise = _promise(session, found)
        issuer = official_name(session, promise.unit)
        organisation = found.organisation
        is_followed = organisation is not None and may_sign_in(session, organisation.organisation_id)
    return render_template(
        "applicant/receipt.html",
        head=found.head,
        application=application,
        organisation=organisation,
        is_followed=is_followed,
        line=line,
        name=line.name.text(locale()),
        achievement=spoken_title(application.achievement or "", [line], locale()),
        clause=quoted_clause(line, policy),
        document_title=policy.document.title.text(locale()),
        evidence=_evidence_handed_in(found, line, application.submitted_at),
        promise=promise,
        day=paper_day(shanghai_day(application.submitted_at)),
        paper_day=paper_day,
        issuer=issuer,
        back_url=url_for("applicant.application", case_id=case_id),
    )


@blueprint.get("/my/applications/<int:case_id>/correction")
@audience(*FILLERS)
def correction(case_id: int) -> str:
    """The notice that tells all defects at once (一次性补正告知书), the latest one."""
    with edge.reading() as session:
        found = own_page(session, case_id)
        application = found.application
        asked = next((event for event in found.events if event.details.get("defects")), None)
        if application is None or asked is None:
            raise NotFound(Reason("not_found"))
        line = line_of(session, application)
        phone = _phone(session, asked, found)
        issuer = official_name(session, asked.unit or found.head.township)
    return render_template(
        "applicant/correction.html",
        head=found.head,
        organisation=found.organisation,
        name=line.name.text(locale()),
        clause=line.clause,
        defects=asked.details["defects"],
        unit=asked.unit or found.head.township,
        phone=phone,
        answer_by=_answer_by(found, asked),
        day=paper_day(shanghai_day(asked.at)),
        paper_day=paper_day,
        issuer=issuer,
        back_url=url_for("applicant.application", case_id=case_id),
    )


@blueprint.get("/my/applications/<int:case_id>/decision")
@audience(*FILLERS)
def decision(case_id: int) -> str:
    """The decision against it, the very paper the office prints. NotFound while there is none."""
    with edge.reading() as session:
        found = own_page(session, case_id)
        application = found.application
        made = decision_of(found, policy_of(session, application.policy_id)) if application else None
        if made is None:
            raise NotFound(Reason("not_found"))
        made = replace(made, issuer=official_name(session, made.issuer))
        returned_to = payee(session)
    return render_template(
        "applicant/decision.html",
        paper=made,
        body="office/papers/decision.html",
        payee=returned_to,
        back_url=url_for("applicant.application", case_id=case_id),
    )


def _promise(session: Session, found: CasePage) -> Promise:
    case = session.get_one(Case, found.head.case_id)
    township = session.get_one(Unit, case.township_id)
    # The first stay is the draft's; the second begins with the submission.
    draft, first = found.stops[:2]
    process = process_of(session, case.process, case.process_version)
    way = track_of(
        process,
        [draft, replace(first, left_on=None, outcome=None)],
        first.entered_on,
        edge.reference().calendar,
        outsider=True,
    )
    return Promise(
        unit=unit_name(township.id),
        phone=township.phone or "",
        accept_by=first.due_on,
        accept_days=first.limit_days,
        whole_by=way[-1].latest_on,
        is_estimated=way[-1].is_estimated,
    )


def _evidence_handed_in(found: CasePage, line: AwardLine, submitted_at: datetime) -> list[tuple[str, str]]:
    """What was there when the application came in: (what it proves, its files)."""
    files: dict[str, list[str]] = {each.code: [] for each in line.evidence}
    for file in found.evidence:
        if file.uploaded_at <= submitted_at:
            files.setdefault(file.requirement, []).append(file.file_name)
    names = {each.code: each.name.text(locale()) for each in line.evidence}
    return [(names.get(code, code), _("、").join(given)) for code, given in files.items() if given]


def _answer_by(found: CasePage, asked: EventLine) -> date | None:
    """Until when the notice has to be answered: the due day of the stay that it began."""
    stays = (stop for stop in found.stops if stop.state == asked.to_state)
    begun = shanghai_day(asked.at)
    return next((stop.due_on for stop in reversed(list(stays)) if stop.entered_on == begun), None)


def _phone(session: Session, asked: EventLine, found: CasePage) -> str:
    named = asked.unit or found.head.township
    unit_id = next((unit.id for unit in edge.reference().units.values() if unit_name(unit.id) == named), None)
    unit = session.get(Unit, unit_id) if unit_id is not None else None
    return (unit.phone or "") if unit is not None else ""
