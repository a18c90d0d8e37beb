"""Everything a page of one case shows beside its actions, as far as this reader may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflow.clock.alerts import AlertLevel, level_of
from workflow.clock.calendar import WorkingCalendar
from workflow.clock.due import ends_by_itself, is_late, is_overdue
from workflow.clock.ledger import Line, Stay, explain, standing
from workflow.errors import NotFound, Reason
from workflow.lists.case_history import (
    AlertLine,
    EventLine,
    EvidenceLine,
    PaymentLine,
    Reader,
    alerts_of,
    events_of,
    evidence_of,
    payments_of,
    stays_of,
    stops_of,
)
from workflow.lists.case_links import LinkedCase, ReferralPart, links_of, referral_part
from workflow.lists.scope import visible
from workflow.lists.track import Node, Stop, track_of
from workflow.people.actors import Actor
from workflow.process.definitions import process_of
from workflow.process.disclosure import (
    SUPERVISION,
    is_outsider,
    masked,
    reads_file,
    reads_outcome,
    state_label,
)
from workflow.process.scope import APPLICATION
from workflow.reference import Reference
from workflow.storage.cases import Achievement, Application, Case, Referral
from workflow.storage.people import Organisation, OrganisationAccount, Person

# What the ledger says to who has to act, where that is the applicant: the office is not the one asked.
_TO_THE_APPLICANT = {
    "clock.ledger.received": "clock.ledger.to_the_applicant",
    "clock.ledger.due": "clock.ledger.correction_due",
    "clock.ledger.due_passed": "clock.ledger.correction_due_passed",
}
# And where nobody has to act before the day: nothing was received, and nothing is done by then.
_OF_A_TIMER = {
    "clock.ledger.received": "clock.ledger.begun",
    "clock.ledger.due": "clock.ledger.runs_until",
    "clock.ledger.due_passed": "clock.ledger.ran_out",
}


@dataclass(frozen=True, slots=True)
class CaseHead:
    """The case itself. `state_label` and `origin_label` are codes of labels for this reader."""

    case_id: int
    version: int
    process: str
    number: str | None
    state: str
    state_label: str
    origin_label: str | None
    unit_id: int | None
    unit: str
    township: str
    handler: str | None
    is_hers: bool
    waiting: bool
    due_on: date | None
    level: AlertLevel
    standing: Line
    ends_by_itself: bool
    was_late: bool
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApplicationPart:
    """What was applied for, and the amounts in yuan. `facts` are keyed by the codes of the form's fields."""

    line: str
    policy_id: int
    facts: Mapping[str, Any]
    achievement: str | None
    awarded_on: date | None
    award_year: int | None
    amount_yuan: int
    approved_yuan: int
    paid_yuan: int
    recover_yuan: int
    contact_name: str
    contact_phone: str
    promised_at: datetime | None
    submitted_at: datetime | None
    approved_at: datetime | None
    is_entered_by_office: bool


@dataclass(frozen=True, slots=True)
class OrganisationPart:
    organisation_id: int
    name: str
    credit_code: str
    kind: str
    address: str
    moved_out_on: date | None
    is_sample: bool


@dataclass(frozen=True, slots=True)
class AccountPart:
    """The bank account; the number in full only for those who have to compare it or to pay."""

    account_id: int
    holder: str
    bank: str
    number: str
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case as one reader sees it; `clock` explains the due day line by line."""

    head: CaseHead
    application: ApplicationPart | None
    organisation: OrganisationPart | None
    account: AccountPart | None
    referral: ReferralPart | None
    links: tuple[LinkedCase, ...]
    evidence: tuple[EvidenceLine, ...]
    payments: tuple[PaymentLine, ...]
    stops: tuple[Stop, ...]
    events: tuple[EventLine, ...]
    alerts: tuple[AlertLine, ...]
    track: tuple[Node, ...]
    clock: tuple[Line, ...]
    outsider: bool


def dossier_of(session: Session, actor: Actor, reference: Reference, today: date, case_id: int) -> CasePage:
    """The case for this reader, in at most eight statements. Raises NotFound when it is out of her scope."""
    row = session.execute(_row().where(Case.id == case_id, visible(actor))).one_or_none()
    if row is None:
        raise NotFound(Reason("not_found"))
    process = process_of(session, row.process, row.process_version)
    outsider = is_outsider(actor, row.organisation_id)
    decided_about_id = row.about_unit_id if row.is_decided else None
    outcome = reads_outcome(actor, decided_about_id)
    # An application has no file of this kind: its words are told apart by `outsider` alone.
    file = row.process == APPLICATION or reads_file(actor)
    reader = Reader(actor, reference, process, outsider, outcome, file)
    stops = stops_of(session, case_id, reader)
    is_application = row.process == APPLICATION
    return CasePage(
        head=_head(row, reader, today),
        application=_application(row) if is_application else None,
        organisation=_organisation(row) if row.organisation_id is not None else None,
        account=_account(row, actor) if row.account_id is not None else None,
        referral=None if is_application else referral_part(session, case_id, reader),
        links=() if outsider else links_of(session, case_id, reader, referrals=is_application),
        evidence=evidence_of(session, case_id),
        payments=payments_of(session, case_id, reader) if is_application else (),
        stops=stops,
        events=events_of(session, case_id, reader),
        alerts=() if outsider else alerts_of(session, case_id),
        track=track_of(
            process, stops, today, reference.calendar, is_late=is_late(row, today), outsider=outsider
        ),
        clock=_clock(row, stays_of(stops, process), today, reference),
        outsider=outsider,
    )


def _row() -> Any:
    return (
        select(
            Case.id.label("case_id"), Case.version, Case.process, Case.process_version, Case.number,
            Case.state, Case.origin_state, Case.unit_id, Case.township_id, Case.handler_id,
            Person.name.label("handler"), Case.waiting, Case.due_on, Case.timer_at, Case.was_late,
            Case.opened_at, Case.closed_at, Application.line, Application.policy_id, Application.facts,
            Achievement.title.label("achievement"), Application.awarded_on, Application.award_year,
            Application.amount_yuan, Application.approved_yuan, Application.paid_yuan,
            Application.recover_yuan, Application.contact_name, Application.contact_phone,
            Application.promised_at, Application.submitted_at, Application.approved_at,
            Application.entered_by_id, Referral.about_unit_id,
            Referral.decision.is_not(None).label("is_decided"), Case.organisation_id, Organisation.name,
            Organisation.credit_code, Organisation.kind, Organisation.address, Organisation.moved_out_on,
            Organisation.is_sample,
            Application.account_id, OrganisationAccount.holder, OrganisationAccount.bank,
            OrganisationAccount.number.label("account_number"), OrganisationAccount.confirmed_at,
        )
        .outerjoin(Person, Person.id == Case.handler_id)
        .outerjoin(Application, Application.case_id == Case.id)
        .outerjoin(Referral, Referral.case_id == Case.id)
        .outerjoin(Achievement, Achievement.id == Application.achievement_id)
        .outerjoin(Organisation, Organisation.id == Case.organisation_id)
        .outerjoin(OrganisationAccount, OrganisationAccount.id == Application.account_id)
    )  # fmt: skip


def _head(row: Row[Any], reader: Reader, today: date) -> CaseHead:
    outsider, calendar = reader.outsider, reader.reference.calendar
    return CaseHead(
        case_id=row.case_id,
        version=row.version,
        process=row.process,
        number=row.number,
        state=row.state,
        state_label=state_label(row.state, outsider=outsider),
        origin_label=state_label(row.origin_state, outsider=outsider) if row.origin_state else None,
        unit_id=row.unit_id,
        unit=reader.unit(row.unit_id, hidden=row.state == SUPERVISION),
        township=reader.unit(row.township_id),
        handler=None if outsider else row.handler,
        is_hers=row.handler_id is not None and row.handler_id == reader.actor.person_id,
        waiting=row.waiting,
        due_on=row.due_on,
        level=level_of(row, today, calendar),
        standing=_standing(row, today, calendar),
        ends_by_itself=ends_by_itself(row),
        was_late=row.was_late,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )


def _clock(row: Row[Any], stays: Sequence[Stay], today: date, reference: Reference) -> tuple[Line, ...]:
    lines = explain(stays, today, reference.calendar)
    said = _OF_A_TIMER if ends_by_itself(row) else _TO_THE_APPLICANT if row.waiting else {}
    return tuple(Line(said.get(line.code, line.code), line.params) for line in lines)


def _standing(row: Row[Any], today: date, calendar: WorkingCalendar) -> Line:
    passed = is_overdue(row.due_on, today) and not is_late(row, today)
    # What only a timer has to end is due until that was run.
    return standing(row.due_on, row.due_on if passed else today, calendar)


def _application(row: Row[Any]) -> ApplicationPart:
    names = (name for name in ApplicationPart.__slots__ if name != "is_entered_by_office")
    columns = {name: row._mapping[name] for name in names}
    return ApplicationPart(**columns, is_entered_by_office=row.entered_by_id is not None)


def _organisation(row: Row[Any]) -> OrganisationPart:
    return OrganisationPart(**{name: row._mapping[name] for name in OrganisationPart.__slots__})


def _account(row: Row[Any], actor: Actor) -> AccountPart:
    number = row.account_number
    return AccountPart(
        account_id=row.account_id,
        holder=row.holder,
        bank=row.bank,
        number=number if _needs_account_number(row, actor) else masked(number),
        confirmed_at=row.confirmed_at,
    )


def _needs_account_number(row: Row[Any], actor: Actor) -> bool:
    """Its owner, whoever pays, and the township while it has to compare it with the bank's paper."""
    if row.organisation_id in actor.organisation_ids or "finance_officer" in actor.roles:
        return True
    return row.confirmed_at is None and row.township_id in actor.units_as("township_officer")
