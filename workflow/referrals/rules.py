"""Guards and effects of the referral process, and the moment a referral takes its application along."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock.due import is_late
from workflow.errors import Reason
from workflow.process.facts import Facts, loader, needs
from workflow.process.move import Move
from workflow.process.numbers import next_number
from workflow.process.registry import effect, guard
from workflow.storage.cases import Case, Referral


@loader
def referral(session: Session, facts: Facts) -> Referral:
    """The referral this case is."""
    return session.get_one(Referral, facts.case.id)


@loader
def about_unit(session: Session, facts: Facts) -> int:
    return session.get_one(Referral, facts.case.id).about_unit_id


@loader
def referral_named(session: Session, facts: Facts) -> Referral | None:
    """The referral that names this application, being signed in this very transaction."""
    return session.scalars(
        select(Referral).where(
            Referral.case_id == facts.inputs.get("referral"), Referral.application_id == facts.case.id
        )
    ).first()


@guard
@needs("referral_named")
def referral_given(facts: Facts) -> list[Reason]:
    named: Referral | None = facts.loaded["referral_named"]
    if named is None:
        return [Reason("reason.referral_not_given")]
    if facts.is_late or facts.case.was_late or named.clue:
        return []
    return [Reason("reason.no_ground")]


@guard
@needs("referral", "referred_application")
def ground_for_referral(facts: Facts) -> list[Reason]:
    """It rests on a step that is or was red, or on a written clue."""
    about: Referral = facts.loaded["referral"]
    application: Case | None = facts.loaded["referred_application"]
    if about.clue or (application is not None and has_been_late(application, facts.today)):
        return []
    return [Reason("reason.no_ground")]


@guard
def not_the_decider(facts: Facts) -> list[Reason]:
    if facts.actor.person_id in facts.those_of_duty("decide"):
        return [Reason("reason.not_the_decider")]
    return []


@loader
def referred_application(session: Session, facts: Facts) -> Case | None:
    about = session.get_one(Referral, facts.case.id)
    return None if about.application_id is None else session.get_one(Case, about.application_id)


def has_been_late(case: Case, today: date) -> bool:
    """Whether a step of an office in this case is or was red."""
    return case.was_late or is_late(case, today)


@effect
def give_referral_number(move: Move) -> None:
    year = move.facts.today.year
    move.case["number"] = f"移〔{year}〕{next_number(move.session, 'referral', year)}号"


@effect
@needs("referral", "referred_application")
def send_application(move: Move) -> None:
    """When the referral is sent the application goes to the efficiency office, where its state allows."""
    application: Case | None = move.facts.loaded["referred_application"]
    if application is None:
        return
    # Performing a move is above the rules it runs; here a rule of one case moves another.
    from workflow.process.definitions import process_of
    from workflow.process.perform import perform

    process = process_of(move.session, application.process, application.process_version)
    if process.action(application.state, "refer") is None:
        move.details["application_stays"] = application.state
        return
    perform(
        move.session,
        application.id,
        "refer",
        move.facts.actor,
        now=move.facts.now,
        seen_version=None,
        referral=move.facts.case.id,
    )
    move.details["application_referred"] = application.id


@effect
def record_finding(move: Move) -> None:
    _referral_of(move).finding = move.facts.inputs["finding"]


@effect
def record_decision(move: Move) -> None:
    _referral_of(move).decision = move.facts.inputs["decision"]


def _referral_of(move: Move) -> Referral:
    return move.session.get_one(Referral, move.facts.case.id)
