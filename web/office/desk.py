"""What lies on the desk when an officer opens an application: case, policy, trial, her actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from web import edge
from web.cases.handlers import Group, handler_choices
from workflow.applications.dossier import Dossier
from workflow.errors import NotFound, Reason
from workflow.lists.case_history import PaymentLine
from workflow.lists.case_page import ApplicationPart, CasePage, OrganisationPart, dossier_of
from workflow.lists.trials import Trial, Year, trials_of
from workflow.money.pools import pool_facts
from workflow.people.organisations import reasons_against_confirming
from workflow.process.available import Available, available_on
from workflow.process.facts import Facts, load
from workflow.process.seen import seen_facts
from workflow.storage.people import OrganisationAccount


@dataclass(frozen=True, slots=True)
class Desk:
    """One application as one officer sees it. `payable_yuan` is known where a payment can be prepared."""

    page: CasePage
    application: ApplicationPart
    organisation: OrganisationPart
    facts: Facts
    dossier: Dossier
    trial: Trial | None
    notices: tuple[Reason, ...]
    offered: tuple[Available, ...]
    handlers: Mapping[str, list[Group]]
    payable_yuan: int | None
    # Why she may not confirm the account that is to be confirmed.
    account_reasons: tuple[Reason, ...]

    @property
    def prepared(self) -> PaymentLine | None:
        """The payment that waits to be confirmed."""
        return next((each for each in self.page.payments if each.status == "prepared"), None)

    @property
    def may_confirm_account(self) -> bool:
        """The first look whether the account is the organisation's own is the township's, or the bureau's."""
        account, actor = self.page.account, self.facts.actor
        if account is None or account.confirmed_at is not None or self.page.outsider:
            return False
        own = self.facts.case.township_id in actor.units_as("township_officer")
        return own or "bureau_reviewer" in actor.roles


def desk_of(session: Session, case_id: int) -> Desk:
    """Everything the page shows. Raises NotFound for what is no application, or is not hers to see."""
    actor, now, today = edge.actor(), edge.now(), edge.today()
    page = dossier_of(session, actor, edge.reference(), today, case_id)
    if page.application is None or page.organisation is None:
        raise NotFound(Reason("not_found"))
    facts = seen_facts(session, case_id, actor, now)
    load(session, facts, "dossier")
    dossier: Dossier = facts.loaded["dossier"]
    offered = tuple(available_on(session, facts))
    return Desk(
        page=page,
        application=page.application,
        organisation=page.organisation,
        facts=facts,
        dossier=dossier,
        trial=_trial(session, page.application, page.organisation, dossier, case_id),
        notices=tuple(dossier.notices()),
        offered=offered,
        handlers={
            each.action: handler_choices(session, facts, facts.state.actions[each.action])
            for each in offered
            if "handler" in each.inputs and not each.reasons
        },
        payable_yuan=_payable(session, facts, dossier, offered),
        account_reasons=_account_reasons(session, page),
    )


def _account_reasons(session: Session, page: CasePage) -> tuple[Reason, ...]:
    if page.account is None or page.account.confirmed_at is not None:
        return ()
    account = session.get_one(OrganisationAccount, page.account.account_id)
    return tuple(reasons_against_confirming(account, edge.actor()))


def _trial(
    session: Session,
    application: ApplicationPart,
    organisation: OrganisationPart,
    dossier: Dossier,
    case_id: int,
) -> Trial | None:
    """None while the award year is not known, and once the claim lives no more."""
    if application.award_year is None:
        return None
    year = Year(organisation.organisation_id, application.award_year)
    ruled = {case_id: dossier.amount_yuan}
    return trials_of(session, [year], edge.today(), ruled).get(case_id)


def _payable(session: Session, facts: Facts, dossier: Dossier, offered: tuple[Available, ...]) -> int | None:
    asked = any("amount_yuan" in each.inputs and not each.reasons for each in offered)
    if not asked or facts.case.approved_at is None:
        return None
    return pool_facts(session, facts.case.id, dossier.policy).payable_yuan()
