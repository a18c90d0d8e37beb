"""What the sample applicants do at their desks: fill in, hand in papers, name accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.applications.drafts import choose_account, copy_of, save_draft, start_draft
from workflow.applications.evidence import add_evidence, given_evidence
from workflow.applications.files import StoredFile
from workflow.demo.cast import Cast, standing_of
from workflow.demo.claims import Claim
from workflow.demo.course import APPLICANT
from workflow.demo.names import sample_bank_number
from workflow.demo.organisations import BANK
from workflow.demo.sample_files import file_for
from workflow.people.actors import Actor
from workflow.people.organisations import add_account, confirm_account
from workflow.people.trail import Signature
from workflow.policy.terms import Policy
from workflow.storage.cases import Application
from workflow.storage.people import Organisation, OrganisationAccount

# Account numbers of those who name another account after the first, which are numbered from 1.
_OTHER_ACCOUNTS = 500_000


class Forms:
    """The forms of the sample applications and the few files they all share."""

    def __init__(self, cast: Cast, files: Mapping[str, StoredFile], policy: Policy) -> None:
        self._cast = cast
        self._files = files
        self._policy = policy

    def draft(self, session: Session, claim: Claim, by: str, now: datetime) -> int:
        """A complete draft with its papers, typed by the applicant or from paper by her township."""
        actor = self._cast.applicant(claim.organisation_id)
        if by != APPLICANT:
            organisation = session.get_one(Organisation, claim.organisation_id)
            actor = self._cast.township_officer(organisation.township_id)
        case = start_draft(
            session, actor, claim.organisation_id, claim.line, now=now, originals_seen=by != APPLICANT
        )
        typed = {**claim.facts, "promise": "yes"}
        save_draft(session, case.id, actor, typed, now=now, seen_version=case.version)
        for requirement in self._policy.line(claim.line).evidence:
            if requirement.required:
                file = file_for(requirement, self._files)
                add_evidence(session, case.id, actor, requirement.code, file, now=now)
        return case.id

    def copy(self, session: Session, case_id: int, now: datetime) -> int:
        """A fresh draft of what came to nothing, promised anew."""
        actor = self._cast.applicant(standing_of(session, case_id).organisation_id)
        fresh = copy_of(session, case_id, actor, now)
        save_draft(session, fresh.id, actor, {"promise": "yes"}, now=now, seen_version=fresh.version)
        return fresh.id

    def add_papers(self, session: Session, case_id: int, actor: Actor, now: datetime) -> None:
        """One more file for the credit report, in a format it was not handed in yet."""
        given = given_evidence(session, case_id)
        held = {each.sha256 for each in given if each.requirement == "credit_report"}
        fresh = (file for file in self._files.values() if file.sha256 not in held)
        if (file := next(fresh, None)) is not None:
            add_evidence(session, case_id, actor, "credit_report", file, now=now)

    def name_other_account(self, session: Session, case_id: int, now: datetime) -> None:
        at = standing_of(session, case_id)
        actor = self._cast.applicant(at.organisation_id)
        organisation = session.get_one(Organisation, at.organisation_id)
        number = sample_bank_number(_OTHER_ACCOUNTS + case_id)
        account = add_account(
            session,
            organisation.id,
            holder=organisation.name,
            bank=BANK,
            number=number,
            by=Signature(actor, now),
        )
        choose_account(session, case_id, actor, account.id, now=now, seen_version=at.version)

    def confirm_account(self, session: Session, case_id: int, officer: Actor, now: datetime) -> None:
        """The officer confirms that the account is the organisation's, the first time she meets it."""
        account = session.execute(
            select(OrganisationAccount.id, OrganisationAccount.confirmed_at)
            .join(Application, Application.account_id == OrganisationAccount.id)
            .where(Application.case_id == case_id)
        ).one()
        if account.confirmed_at is None:
            confirm_account(session, account.id, officer, now)
