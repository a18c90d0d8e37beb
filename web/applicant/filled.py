"""A form as it is filled in now: what was typed, what is wrong with it, and on which page it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import edge
from web.applicant.scope import is_own
from web.language import _, by_field, locale, moment, say
from workflow.applications.editing import editing_reasons
from workflow.applications.evidence import evidence_of
from workflow.applications.preview import AwardPreview, preview, problems, read_application
from workflow.errors import InvalidInput, Reason, refuse_if
from workflow.process.facts import Facts
from workflow.process.overtaking import LAST_SAVED
from workflow.storage.cases import Application, Event, Evidence
from workflow.storage.people import Organisation, OrganisationAccount

FACTS, CONTACT, EVIDENCE, CHECK = "facts", "contact", "evidence", "check"
PAGES = (FACTS, CONTACT, EVIDENCE, CHECK)
CONTACT_FIELDS = frozenset({"contact_name", "contact_phone", "account"})


@dataclass(frozen=True, slots=True)
class Filled:
    """One application in the hands of who fills it in. `problems` are all that would stop its submission."""

    facts: Facts
    case_id: int
    version: int
    number: str | None
    organisation_id: int
    organisation: str
    facts_are_fixed: bool
    typed: Mapping[str, str]
    saved_at: datetime | None
    contact_name: str
    contact_phone: str
    account_id: int | None
    promised: bool
    accounts: Sequence[OrganisationAccount]
    evidence: Sequence[Evidence]
    award: AwardPreview
    problems: Sequence[Reason]
    defects: Sequence[str]

    @property
    def is_own(self) -> bool:
        return is_own(self.organisation_id)

    @property
    def name(self) -> str:
        return self.award.line.name.text(locale())

    def page_of(self, reason: Reason) -> str:
        """On which page a reason is answered; what belongs to no field stands on the last one."""
        if self.award.line.field(reason.field or "") is not None:
            return FACTS
        if reason.field in CONTACT_FIELDS:
            return CONTACT
        asked = {each.code for each in self.award.line.evidence}
        return EVIDENCE if reason.field in asked else CHECK

    def problems_on(self, page: str) -> list[Reason]:
        return [reason for reason in self.problems if self.page_of(reason) == page]

    def is_empty(self, field: str | None) -> bool:
        """Whether nothing was typed into a field yet."""
        entered = {
            **self.typed,
            "contact_name": self.contact_name,
            "contact_phone": self.contact_phone,
            "account": self.account_id,
        }
        return field is not None and not entered.get(field)


def filled(session: Session, case_id: int) -> Filled:
    """The form of a case that this person may change now; else NotFound, or Refused with every reason."""
    facts = read_application(session, case_id, edge.actor(), edge.now())
    refuse_if(editing_reasons(facts))
    application = session.get_one(Application, case_id)
    organisation = session.get_one(Organisation, application.organisation_id)
    saved = application.facts.get(LAST_SAVED)
    return Filled(
        facts=facts,
        case_id=case_id,
        version=facts.case.version,
        number=facts.case.number,
        organisation_id=organisation.id,
        organisation=organisation.name,
        facts_are_fixed=facts.case.approved_at is not None,
        typed={code: text for code, text in application.facts.items() if code != LAST_SAVED},
        saved_at=datetime.fromisoformat(saved["at"]) if saved else None,
        contact_name=application.contact_name,
        contact_phone=application.contact_phone,
        account_id=application.account_id,
        promised=application.promised_at is not None,
        accounts=_accounts(session, organisation.id),
        evidence=evidence_of(session, case_id),
        award=preview(facts),
        problems=problems(facts),
        defects=_defects(session, case_id) if facts.case.number else (),
    )


def frame(form: Filled, page: str) -> dict[str, Any]:
    """What every page of the form shows around its own subject."""
    entitled = form.award.entitled
    missing = [each for each in form.award.evidence if each.requirement.required and not each.files]
    asked = [each for each in form.award.evidence if each.requirement.required]
    return {
        "form": form,
        "steps": _steps(form, page),
        "titles": titles(),
        "page": page,
        "saved": _("已于 %(when)s 保存", when=moment(form.saved_at)) if form.saved_at else "",
        "entitled_yuan": entitled.payable_yuan if entitled else None,
        "entitled_why": say(entitled.reason) if entitled else "",
        "notices": [say(notice) for notice in form.award.notices],
        "against": [say(reason) for reason in _against(form)],
        "asked": len(asked),
        "given": len(asked) - len(missing),
    }


def titles() -> dict[str, str]:
    return {
        FACTS: _("成果"),
        CONTACT: _("联系人与账户"),
        EVIDENCE: _("材料"),
        CHECK: _("核对与承诺"),
    }


def page_url(form: Filled, page: str, **params: Any) -> str:
    return url_for(f"applicant.{page}", case_id=form.case_id, **params)


def shown_problems(form: Filled, page: str, *, checked: bool) -> list[Reason]:
    """What is wrong on a page. An empty field is no mistake before she says that the page is done."""
    return [reason for reason in form.problems_on(page) if checked or not form.is_empty(reason.field)]


def faults_of(reasons: Sequence[Reason]) -> Mapping[str, str]:
    return by_field(InvalidInput(*reasons))


def _steps(form: Filled, page: str) -> list[tuple[str, str, str]]:
    names = titles()
    return [(names[each], page_url(form, each), _standing(form, each, page)) for each in PAGES]


def _standing(form: Filled, step: str, page: str) -> str:
    if step == page:
        return "now"
    return "todo" if step == CHECK or form.problems_on(step) else "done"


def _against(form: Filled) -> list[Reason]:
    """What speaks against the award itself, whichever page is open: not what is missing or malformed."""
    found = [reason for reason in form.problems if not form.is_empty(reason.field)]
    return [
        reason
        for reason in found
        if form.page_of(reason) in (FACTS, CHECK) and reason.field != "promise"
        if not reason.code.startswith("policy.fact.")
    ]


def _defects(session: Session, case_id: int) -> Sequence[str]:
    """What the office asked to be corrected, the last time it asked."""
    asked = select(Event.details).where(Event.case_id == case_id, Event.action == "request_correction")
    details = session.scalar(asked.order_by(Event.number.desc()).limit(1)) or {}
    return tuple(details.get("defects", ()))


def _accounts(session: Session, organisation_id: int) -> Sequence[OrganisationAccount]:
    own = select(OrganisationAccount).where(OrganisationAccount.organisation_id == organisation_id)
    return session.scalars(own.order_by(OrganisationAccount.id)).all()
