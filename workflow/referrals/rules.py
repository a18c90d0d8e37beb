"""Guards and effects of the referral process, and the moment a referral takes its application along."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock.due import is_late
from workflow.errors import Reason
from workflow.process.facts import Facts, loader, needs
from workflow.process.move import Move, unit_for
from workflow.process.numbers import REFERRAL_NUMBER, next_number
from workflow.process.registry import effect, guard
from workflow.storage.cases import Case, Event, Referral

# A draft is not yet a referral to anybody.
DRAFTED = "drafted"


@loader
def referral(session: Session, facts: Facts) -> Referral:
    """The referral this case is."""
    return session.get_one(Referral, facts.case.id)


@loader
def about_unit(session: Session, facts: Facts) -> int:
    return session.get_one(Referral, facts.case.id).about_unit_id


@loader
def drafter(session: Session, facts: Facts) -> int | None:
    """Who drafted the referral this case is."""
    return session.scalar(select(Event.actor_id).where(Event.case_id == facts.case.id, Event.number == 1))


@loader
def referral_named(session: Session, facts: Facts) -> Referral | None:
    """The referral about this application that is being signed in this very transaction."""
    # A draft that has been sent exists only until the signature is written down.
    return session.scalars(
        select(Referral)
        .join(Case, Case.id == Referral.case_id)
        .where(Referral.case_id == facts.inputs.get("referral"), Referral.application_id == facts.case.id)
        .where(Case.state == DRAFTED, Case.closed_at.is_(None), Referral.sent_at.is_not(None))
    ).first()


@loader
def referral_meanwhile(session: Session, facts: Facts) -> int | None:
    """An open referral about this application that was sent in its present step and left it where it was."""
    return session.scalar(
        select(Referral.case_id)
        .join(Case, Case.id == Referral.case_id)
        .where(Referral.application_id == facts.case.id, Case.closed_at.is_(None))
        .where(Case.state != DRAFTED, Referral.sent_at >= facts.case.entered_at)
        .order_by(Referral.case_id)
        .limit(1)
    )


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
def head_when_late(facts: Facts) -> list[Reason]:
    """A red step is not paused by who let it become red."""
    if not facts.is_late or facts.actor.heads(facts.case.unit_id):
        return []
    return [Reason("reason.head_when_late")]


@guard
@needs("referral")
def not_the_person_concerned(facts: Facts) -> list[Reason]:
    about: Referral = facts.loaded["referral"]
    if about.about_person_id is None or about.about_person_id != facts.actor.person_id:
        return []
    return [Reason("reason.not_the_person_concerned")]


@guard
@needs("drafter")
def head_or_drafter(facts: Facts) -> list[Reason]:
    if facts.actor.heads(facts.case.unit_id) or facts.actor.person_id == facts.loaded["drafter"]:
        return []
    return [Reason("reason.head_or_drafter")]


@guard
def not_the_decider(facts: Facts) -> list[Reason]:
    if facts.actor.person_id in facts.those_of_duty("decide"):
        return [Reason("reason.not_the_decider")]
    return []


@loader
def referred_application(session: Session, facts: Facts) -> Case | None:
    about = session.get_one(Referral, facts.case.id)
    if about.application_id is None:
        return None
    # Under its lock for whoever acts: it goes along from where it stands, not from where it stood before.
    return session.get_one(
        Case, about.application_id, populate_existing=True, with_for_update=facts.locked or None
    )


def has_been_late(case: Case, today: date) -> bool:
    """Whether a step of an office in this case is or was red."""
    return case.was_late or is_late(case, today)


@effect
def give_referral_number(move: Move) -> None:
    year = move.facts.today.year
    number = next_number(move.session, "referral", year)
    move.case["number"] = REFERRAL_NUMBER.format(year=year, number=number)


@effect
@needs("referral", "referred_application")
def send_application(move: Move) -> None:
    """When the referral is sent the application goes to the efficiency office, where its state allows."""
    _referral_of(move).sent_at = move.facts.now
    move.session.flush()
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
@needs("referral_meanwhile")
def follow_referral(move: Move) -> None:
    """Answered or lapsed, the application follows the referral sent while the organisation had it."""
    if move.destination.holder != "efficiency_office":
        return
    # A stay there of its own, also where the case was there before.
    move.unit_id = unit_for(move.facts, move.destination)
    move.handler_id, move.limit_days, move.used_before = None, move.destination.limit_days, 0
    move.details["referral"] = move.facts.loaded["referral_meanwhile"]


@effect
def record_finding(move: Move) -> None:
    _referral_of(move).finding = move.facts.inputs["finding"]


@effect
def record_decision(move: Move) -> None:
    _referral_of(move).decision = move.facts.inputs["decision"]


def _referral_of(move: Move) -> Referral:
    return move.session.get_one(Referral, move.facts.case.id)
