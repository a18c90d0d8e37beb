"""Organisations (申报单位) and their bank accounts: registering, finding, confirming."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.clock.days import shanghai_day
from workflow.errors import InvalidInput, NotFound, Reason, refuse_if
from workflow.people.actors import Actor
from workflow.people.memberships import APPLICANT, add_membership
from workflow.people.names import (
    normalised_organisation_name,
    normalised_person_name,
    organisation_name_reasons,
    person_name_reasons,
)
from workflow.people.particulars import (
    bank_number_reasons,
    credit_code_reasons,
    normalised_bank_number,
    normalised_credit_code,
    normalised_phone,
    phone_reasons,
    text_reasons,
)
from workflow.people.passwords import MIN_LENGTH
from workflow.people.persons import PersonParticulars, add_person, person_reasons
from workflow.people.trail import Signature, record
from workflow.policy.terms import ORGANISATION_KINDS
from workflow.reference import Reference, reference_of
from workflow.storage.people import Organisation, OrganisationAccount, Person

FOUND_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class OrganisationParticulars:
    """What is typed about an organisation."""

    credit_code: str
    name: str
    kind: str
    township_id: int | None
    address: str
    contact_name: str
    contact_phone: str

    def normalised(self) -> OrganisationParticulars:
        return replace(
            self,
            credit_code=normalised_credit_code(self.credit_code),
            name=normalised_organisation_name(self.name),
            address=normalised_organisation_name(self.address),
            contact_name=normalised_person_name(self.contact_name),
            contact_phone=normalised_phone(self.contact_phone),
        )


def organisation_reasons(session: Session, typed: OrganisationParticulars, today: date) -> list[Reason]:
    """Everything that is wrong with the particulars, each reason at its field."""
    organisation = typed.normalised()
    reasons = credit_code_reasons(organisation.credit_code)
    if not reasons and organisation_by_code(session, organisation.credit_code) is not None:
        reasons.append(_registered_already())
    reasons += organisation_name_reasons(organisation.name)
    if organisation.kind not in ORGANISATION_KINDS:
        reasons.append(Reason("organisation.kind_missing", {}, "kind"))
    reasons += _township_reasons(reference_of(session), organisation.township_id, today)
    reasons += text_reasons(organisation.address, "organisation.address_missing", "address")
    reasons += person_name_reasons(organisation.contact_name, "contact_name")
    reasons += phone_reasons(organisation.contact_phone, "contact_phone")
    return reasons


def register_organisation(
    session: Session, typed: OrganisationParticulars, today: date, *, is_sample: bool = False
) -> Organisation:
    """A new organisation; InvalidInput with every reason against, among them a code registered already."""
    if reasons := organisation_reasons(session, typed, today):
        raise InvalidInput(*reasons)
    particulars = typed.normalised()
    organisation = Organisation(
        credit_code=particulars.credit_code,
        name=particulars.name,
        kind=particulars.kind,
        township_id=particulars.township_id,
        address=particulars.address,
        contact_name=particulars.contact_name,
        contact_phone=particulars.contact_phone,
        registered_on=today,
        is_sample=is_sample,
    )
    session.add(organisation)
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody else registered the code between the look and the leap.
        raise InvalidInput(_registered_already()) from error
    return organisation


def register_applicant(
    session: Session,
    organisation: OrganisationParticulars,
    person: PersonParticulars,
    today: date,
    *,
    min_length: int = MIN_LENGTH,
) -> tuple[Organisation, Person]:
    """An organisation together with the person who acts for it; the reasons of both come at once."""
    reasons = organisation_reasons(session, organisation, today)
    reasons += person_reasons(session, person, min_length=min_length)
    if reasons:
        raise InvalidInput(*reasons)
    registered = register_organisation(session, organisation, today)
    applicant = add_person(session, person, min_length=min_length)
    add_membership(session, applicant.id, APPLICANT, today, organisation_id=registered.id)
    return registered, applicant


def organisation_by_code(session: Session, credit_code: str) -> Organisation | None:
    code = normalised_credit_code(credit_code)
    return session.scalar(select(Organisation).where(Organisation.credit_code == code))


def organisations_matching(
    session: Session, text: str, *, township_ids: Collection[int] | None = None
) -> list[Organisation]:
    """Organisations whose code begins with the text or whose name contains it; at most 50, by name.

    `township_ids` is the scope of who asks; None means the whole district.
    """
    code, name = normalised_credit_code(text), normalised_organisation_name(text)
    if not name:
        return []
    found = select(Organisation).where(
        or_(
            Organisation.credit_code.startswith(code, autoescape=True),
            Organisation.name.contains(name, autoescape=True),
        )
    )
    if township_ids is not None:
        found = found.where(Organisation.township_id.in_(township_ids))
    return list(session.scalars(found.order_by(Organisation.name, Organisation.id).limit(FOUND_AT_MOST)))


def add_account(
    session: Session, organisation_id: int, *, holder: str, bank: str, number: str, by: Signature
) -> OrganisationAccount:
    """A bank account in its own name; money goes to it only once an officer has confirmed it."""
    organisation = session.get_one(Organisation, organisation_id)
    holder, bank = normalised_organisation_name(holder), normalised_organisation_name(bank)
    number = normalised_bank_number(number)
    reasons = [
        *_holder_reasons(holder, organisation),
        *text_reasons(bank, "bank_account.bank_missing", "bank", 100),
        *bank_number_reasons(number),
    ]
    if _has_bank_account(session, organisation_id, number):
        reasons.append(Reason("bank_account.known", {}, "number"))
    if reasons:
        raise InvalidInput(*reasons)
    assert by.actor.person_id is not None, "an account is brought in by somebody"
    account = OrganisationAccount(
        organisation_id=organisation_id,
        holder=holder,
        bank=bank,
        number=number,
        added_by_id=by.actor.person_id,
    )
    session.add(account)
    session.flush()
    _record(session, by, "bank_account_added", account)
    return account


def confirm_account(session: Session, account_id: int, officer: Actor, now: datetime) -> OrganisationAccount:
    """An officer of the organisation's township, or the bureau, confirms that the account is its own.

    Two people stand behind every account: whoever brought it in is refused.
    """
    account = session.get(OrganisationAccount, account_id, with_for_update=True)
    if account is None or not _is_in_scope(session, account.organisation, officer, shanghai_day(now)):
        raise NotFound(Reason("not_found"))
    refuse_if(reasons_against_confirming(account, officer))
    account.confirmed_by_id = officer.person_id
    account.confirmed_at = now
    session.flush()
    _record(session, Signature(officer, now), "bank_account_confirmed", account)
    return account


def reasons_against_confirming(account: OrganisationAccount, officer: Actor) -> list[Reason]:
    """Why an officer in whose scope the account is may not confirm it."""
    reasons = []
    if account.organisation_id in officer.organisation_ids:
        reasons.append(Reason("bank_account.own_organisation"))
    elif account.added_by_id == officer.person_id:
        reasons.append(Reason("bank_account.added_yourself"))
    if account.confirmed_at is not None:
        reasons.append(Reason("bank_account.confirmed_already"))
    return reasons


def _township_reasons(reference: Reference, township_id: int | None, today: date) -> list[Reason]:
    unit = reference.units.get(township_id or 0)
    if unit is None or unit.kind != "township":
        return [Reason("organisation.township_missing", {}, "township")]
    if unit.is_valid_on(today):
        return []
    if unit.successor_id is None:
        return [Reason("organisation.township_gone", {"township": unit.name}, "township")]
    params = {"township": unit.name, "successor": reference.units[unit.successor_id].name}
    return [Reason("organisation.township_succeeded", params, "township")]


def _is_in_scope(session: Session, organisation: Organisation, officer: Actor, today: date) -> bool:
    if "bureau_reviewer" in officer.roles:
        return True
    township = reference_of(session).successor_on(organisation.township_id, today)
    return township in officer.units_as("township_officer")


def _holder_reasons(holder: str, organisation: Organisation) -> list[Reason]:
    # An older entry may stand in another spelling than the one names are brought into today.
    name = normalised_organisation_name(organisation.name)
    if holder and holder != name:
        return [Reason("bank_account.holder_differs", {"name": name}, "holder")]
    return text_reasons(holder, "bank_account.holder_missing", "holder", 100)


def _record(session: Session, by: Signature, action: str, account: OrganisationAccount) -> None:
    """In the trail of whoever brought the account in, so that both hands stand one under the other."""
    called = f"{account.organisation.name} **** {account.number[-4:]}"
    record(session, by, account.added_by_id, action, bank_account=account.id, account=called)


def _has_bank_account(session: Session, organisation_id: int, number: str) -> bool:
    account = OrganisationAccount
    same = select(account.id).where(account.organisation_id == organisation_id, account.number == number)
    return session.scalar(same) is not None


def _registered_already() -> Reason:
    # Says nothing of whose it is: the form is open to everybody.
    return Reason("organisation.registered_already", {}, "credit_code")
