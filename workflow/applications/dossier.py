"""What an application says and what the policy makes of it, read once for the rules that decide on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.applications.claims import OwnClaim, claims_of, rivals_on
from workflow.applications.policies import policy_by_digest
from workflow.applications.reading import Reading, placed, read_under
from workflow.errors import Reason
from workflow.policy.doubts import Doubt, Examined
from workflow.policy.doubts import registered_here as registration_reasons
from workflow.policy.eligibility import (
    EarlierClaim,
    OrganisationFacts,
    Rival,
    amount_of,
    notices,
    refusals,
)
from workflow.policy.rulings import ruling_notice
from workflow.policy.terms import AwardLine, Policy
from workflow.process.definition import ORGANISATION
from workflow.process.facts import Facts
from workflow.storage.cases import Application
from workflow.storage.people import Organisation
from workflow.storage.reference import PolicyVersion

DATE_REFUSALS = frozenset({"policy.refused.before_policy", "policy.refused.after_policy"})


@dataclass(frozen=True, slots=True)
class Entered:
    """What stands on the form: text as typed, also where it is wrong."""

    facts: Mapping[str, str]
    contact_name: str
    contact_phone: str
    promised_at: datetime | None
    submitted_at: datetime | None
    approved_at: datetime | None
    # What the line was found to pay at the last submission; since the approval what was decided then.
    amount_yuan: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """One application with everything the rules of eligibility look at."""

    today: date
    organisation_id: int
    organisation: OrganisationFacts
    entered: Entered
    reading: Reading
    own_claims: tuple[OwnClaim, ...]
    rivals: tuple[Rival, ...]

    @property
    def line(self) -> AwardLine:
        return self.reading.line

    @property
    def policy(self) -> Policy:
        return self.reading.policy

    @property
    def claim_key(self) -> str | None:
        """What is claimed once: organisation, line, and the achievement unless the line is once for all."""
        key = self.reading.achievement_key
        claimed = f"{self.organisation_id}/{self.policy.owner_unit}/{self.line.code}"
        if self.line.once_per == "organisation":
            return claimed
        return f"{claimed}/{self.line.achievement_kind}:{key}" if key else None

    @property
    def amount_yuan(self) -> int:
        """What the line pays on these facts, as ruled; what was approved is what was decided then.

        A ruling is a parameter from its day on: for every application that is not approved yet, also when it
        was submitted before, and for none that is. The award year, and with it the pool, stays that of the
        submission: where a ruling dates the award anew, a correction has it read again.
        """
        if self.entered.approved_at is not None:
            return self.entered.amount_yuan
        return amount_of(self.line, self.reading.facts, self.policy, earlier=self.earlier)

    @property
    def earlier(self) -> tuple[EarlierClaim, ...]:
        submitted_at = self.entered.submitted_at
        return tuple(
            EarlierClaim(each.number, each.line, each.awarded_on, each.amount_yuan)
            for each in self.own_claims
            if submitted_at is None or each.submitted_at < submitted_at
        )

    def refusals(self) -> list[Reason]:
        """Every reason why the line cannot be claimed on these facts."""
        reasons = refusals(
            self.line,
            self.reading.facts,
            self.policy,
            organisation=self.organisation,
            today=self.today,
            rivals=self.rivals,
            earlier=self.earlier,
        )
        # A day outside the policy has been said with its bounds already.
        dated = any(reason.code in DATE_REFUSALS for reason in reasons)
        return reasons if dated else [*reasons, *self.reading.unplaced]

    def notices(self) -> list[Reason]:
        """What an officer should know though it stops nothing: rulings that count, an amount they changed."""
        entered, amount = self.entered, self.amount_yuan
        found = notices(self.line, self.reading.facts, self.policy, earlier=self.earlier)
        if entered.approved_at is None:
            found += [ruling_notice(ruling, self.policy) for ruling in self.reading.rulings]
        if entered.submitted_at is not None and amount != entered.amount_yuan:
            params = {"submitted": entered.amount_yuan, "amount": amount}
            found.append(Reason("policy.notice.amount_since", params))
        return found

    def registration_refusals(self, moment: str) -> list[Reason]:
        """Reasons from where the organisation is registered, at the `application` or the `payment`."""
        point = self.policy.point_on("registered_here", self.line)
        option = point.option(point.chosen) if point else None
        if point is None or option is None:
            return []
        case = Examined(
            line=self.line,
            facts=self.reading.facts,
            policy=self.policy,
            organisation=self.organisation,
            today=self.today,
            moment=moment,
            awarded_on=self.reading.awarded_on,
            rivals=self.rivals,
            earlier=self.earlier,
        )
        return registration_reasons(case, Doubt(point, option))


def read_dossier(session: Session, facts: Facts) -> Dossier:
    """The dossier of a case. While the organisation holds it, its award date chooses the policy.

    Once an office holds it, it keeps the policy it was submitted under; once approved, for good.
    """
    application, organisation, digest = session.execute(
        select(Application, Organisation, PolicyVersion.digest)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(PolicyVersion, PolicyVersion.id == Application.policy_id)
        .where(Application.case_id == facts.case.id)
        .execution_options(populate_existing=True)
    ).one()
    policy, typed = policy_by_digest(session, digest), application.facts
    reading = read_under(session, application.policy_id, policy, application.line, typed, facts.today)
    if facts.state.holder == ORGANISATION and application.approved_at is None:
        reading = placed(session, reading, typed, facts.today)
    return Dossier(
        today=facts.today,
        organisation_id=organisation.id,
        organisation=OrganisationFacts(
            organisation.kind, organisation.registered_on, organisation.moved_out_on
        ),
        entered=Entered(
            typed,
            application.contact_name,
            application.contact_phone,
            application.promised_at,
            application.submitted_at,
            application.approved_at,
            application.amount_yuan,
        ),
        reading=reading,
        own_claims=claims_of(session, organisation.id, but=facts.case.id),
        rivals=rivals_on(session, reading, organisation.id, application.submitted_at),
    )
