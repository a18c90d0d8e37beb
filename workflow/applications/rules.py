"""Guards, effects and choosers of applications: submitting, correcting, the claim that lives once."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.applications.achievements import registered_achievement
from workflow.applications.dossier import Dossier, read_dossier
from workflow.applications.editing import acts_for_organisation
from workflow.applications.evidence import GivenEvidence, given_evidence
from workflow.applications.snapshot import Snapshot, changes_between, last_snapshot, snapshot_of
from workflow.applications.unique import insert_unless_known
from workflow.errors import InvalidInput, Reason, Refused
from workflow.people.names import person_name_reasons
from workflow.people.particulars import normalised_phone, phone_reasons
from workflow.policy.eligibility import achievement_title, pool_achievement
from workflow.process.facts import Facts, loader, needs
from workflow.process.move import Move
from workflow.process.numbers import APPLICATION_NUMBER, next_number, number_prefix
from workflow.process.reasons import SEPARATE_DUTIES
from workflow.process.registry import chooser, effect, guard
from workflow.storage.money import Pool
from workflow.storage.people import OrganisationAccount

ENTRY = "entry"
PAYMENT = "payment_pending"
EFFICIENCY = "efficiency_office"


@loader
def dossier(session: Session, facts: Facts) -> Dossier:
    return read_dossier(session, facts)


@loader
def evidence_given(session: Session, facts: Facts) -> tuple[GivenEvidence, ...]:
    return given_evidence(session, facts.case.id)


@loader
def account_given(session: Session, facts: Facts) -> OrganisationAccount | None:
    if facts.case.account_id is None:
        return None
    return session.get(OrganisationAccount, facts.case.account_id, populate_existing=True)


@loader
def last_submission(session: Session, facts: Facts) -> Snapshot:
    return last_snapshot(session, facts.case.id)


@guard
def entered_by_own_office(facts: Facts) -> list[Reason]:
    """An office acts for an organisation only on what it entered itself from paper (代录).

    Of its officers not who decides on it: nobody checks what she has typed.
    """
    if acts_for_organisation(facts):
        return []
    if facts.case.entered_by_id is None:
        return [Reason("application.entered_by_organisation")]
    return [
        Reason("reason.duty_conflict", {"duty_label": f"duty.{duty}"})
        for duty in SEPARATE_DUTIES
        if duty != ENTRY and facts.actor.person_id in facts.those_of_duty(duty)
    ]


@guard
@needs("dossier", "evidence_given")
def application_complete(facts: Facts) -> list[Reason]:
    """Facts, evidence, contact, account and promise are all there, and each is what it should be."""
    found = _dossier(facts)
    entered = found.entered
    reasons = [*found.reading.mistakes, *_missing_evidence(facts)]
    reasons += person_name_reasons(entered.contact_name, "contact_name")
    reasons += phone_reasons(normalised_phone(entered.contact_phone), "contact_phone")
    if facts.case.account_id is None:
        reasons.append(Reason("application.account_missing", {}, "account"))
    if entered.promised_at is None:
        reasons.append(Reason("application.promise_missing", {}, "promise"))
    return reasons


@guard
@needs("dossier")
def eligible(facts: Facts) -> list[Reason]:
    """The policy grants this line on these facts; what was approved is not decided again by a correction."""
    return [] if facts.case.approved_at is not None else _dossier(facts).refusals()


@guard
@needs("dossier")
def claim_free(facts: Facts) -> list[Reason]:
    """The organisation has no other living claim on this line for this achievement."""
    found = _dossier(facts)
    key = found.claim_key
    taken = [each.number for each in found.own_claims if each.claim_key == key]
    if key is None or not taken:
        return []
    code = "application.claimed_by_line" if found.line.once_per == "organisation" else "application.claimed"
    return [Reason(code, {"number": taken[0]}, found.line.key_fields[0])]


@guard
def account_confirmed(facts: Facts) -> list[Reason]:
    if facts.case.account_confirmed_at is not None:
        return []
    return [Reason("application.account_unconfirmed", {}, "account")]


@guard
@needs("dossier")
def registered_here(facts: Facts) -> list[Reason]:
    """At the payment the organisation is still of the district, as far as the ruling asks it."""
    return _dossier(facts).registration_refusals("payment")


@guard
def not_yet_approved(facts: Facts) -> list[Reason]:
    if facts.case.approved_at is None:
        return []
    return [Reason("application.approved_already")]


@guard
def first_correction_or_head(facts: Facts) -> list[Reason]:
    """All defects are told at once (一次性告知); asking again takes the head of the office."""
    asked_before = facts.those_of_duty(_correction_duty(facts))
    if not asked_before or facts.actor.heads(facts.case.unit_id):
        return []
    return [Reason("application.corrected_before")]


@effect
@needs("dossier", "evidence_given", "account_given")
def submit_application(move: Move) -> None:
    """Give the number, occupy the claim, and keep what was submitted."""
    facts = move.facts
    move.case["number"] = _number(move.session, facts.process.series, facts.today.year)
    _evaluate(move)
    move.application["submitted_at"] = facts.now
    _note_entry(move)
    move.details |= submission(facts).as_details()


@effect
@needs("dossier", "evidence_given", "account_given", "last_submission")
def resubmit_application(move: Move) -> None:
    """Evaluate anew what was corrected, without a new number; say what changed.

    Raises InvalidInput where nothing did and no note says why: the office would ask for the same again.
    """
    facts = move.facts
    # What was approved keeps its facts: a correction then concerns account and papers alone.
    if facts.case.approved_at is None:
        _evaluate(move)
    submitted = submission(facts)
    changed = changes_between(facts.loaded["last_submission"], submitted)
    if not any(changed.values()) and not facts.inputs.get("note"):
        raise InvalidInput(Reason("application.nothing_corrected", {}, "note"))
    move.details |= submitted.as_details()
    move.details["changed"] = changed
    _note_entry(move)


@effect
def note_account(move: Move) -> None:
    """Who had confirmed the account, and when, as it was when an office relied on it."""
    case = move.facts.case
    move.details["account_confirmed"] = {
        "account_id": case.account_id,
        "officer_id": case.account_confirmed_by_id,
        "confirmed_at": case.account_confirmed_at,
    }


@effect
def release_claim(move: Move) -> None:
    """The achievement can be claimed again."""
    move.application["claim_key"] = None


@effect
def release_lapsed_claim(move: Move) -> None:
    """A lapsed correction ends the claim where it ends the case."""
    if move.destination.final:
        move.application["claim_key"] = None


@effect
def note_correction(move: Move) -> None:
    move.remember_duty(_correction_duty(move.facts), move.actor_id)


@chooser
def origin(facts: Facts) -> str:
    """Back to where the case came from."""
    return facts.case.origin_state or ""


@chooser
@needs("referral_meanwhile")
def correction_outcome(facts: Facts) -> str:
    """Back to the office that asked, unless that was referred while it waited for the answer."""
    return EFFICIENCY if facts.loaded["referral_meanwhile"] else origin(facts)


@chooser
@needs("referral_meanwhile")
def lapse_outcome(facts: Facts) -> str:
    """An unanswered correction ends the case, unless it was approved or its office was referred meanwhile."""
    if facts.loaded["referral_meanwhile"]:
        return EFFICIENCY
    return PAYMENT if facts.case.origin_state == PAYMENT else "withdrawn"


def as_refusal(error: IntegrityError) -> Refused | None:
    """The refusal that a race for a claim or a voucher number amounts to; None when the error is another one.

    The guard looks first, the unique key decides: of two acts at the same moment one ends here.
    """
    # PostgreSQL names the key in the first line, and quotes what was typed in the next.
    broken = str(error.orig).partition("\n")[0]
    if "claim_key" in broken:
        return Refused(Reason("application.claimed_meanwhile"))
    # On SQLite writers come one by one, and the guard of the second has seen the first.
    if "voucher" in broken and isinstance(error.params, Mapping):
        return Refused(Reason("reason.voucher_used", {"voucher": error.params["voucher"]}, "voucher"))
    return None


def _dossier(facts: Facts) -> Dossier:
    found: Dossier = facts.loaded["dossier"]
    return found


def _missing_evidence(facts: Facts) -> list[Reason]:
    given = {each.requirement for each in facts.loaded["evidence_given"]}
    return [
        Reason(
            "application.evidence_missing",
            {"requirement_zh": each.name.zh, "requirement_en": each.name.en},
            each.code,
        )
        for each in _dossier(facts).line.evidence
        if each.required and each.code not in given
    ]


def _number(session: Session, series: str, year: int) -> str:
    """For example CL2026-0147: the district's prefix, the year, the count."""
    number = next_number(session, series, year)
    return APPLICATION_NUMBER.format(prefix=number_prefix(session), year=year, number=number)


def _evaluate(move: Move) -> None:
    """Occupy the claim and set what follows from the facts: achievement, year, policy, amount, pool."""
    found = _dossier(move.facts)
    reading, line, awarded_on = found.reading, found.line, found.reading.awarded_on
    assert awarded_on is not None
    move.application |= {
        "policy_id": reading.policy_id,
        "claim_key": found.claim_key,
        "achievement_id": registered_achievement(
            move.session,
            line.achievement_kind,
            reading.achievement_key,
            achievement_title(line, reading.facts),
        ),
        "pool_achievement": pool_achievement(line, reading.achievement_key),
        "awarded_on": awarded_on,
        "award_year": awarded_on.year,
        "amount_yuan": found.amount_yuan,
    }
    _ensure_pool(move.session, found.organisation_id, awarded_on.year)


def _ensure_pool(session: Session, organisation_id: int, award_year: int) -> None:
    key = {"organisation_id": organisation_id, "award_year": award_year}
    if session.scalar(select(Pool.id).filter_by(**key)) is None:
        insert_unless_known(session, insert(Pool).values(**key))


def _note_entry(move: Move) -> None:
    """Whoever typed from paper, and whoever hands it in for the organisation, has entered it."""
    facts = move.facts
    if facts.case.entered_by_id is not None:
        move.remember_duty(ENTRY, facts.case.entered_by_id)
        if not acts_for_organisation(facts):
            move.remember_duty(ENTRY, move.actor_id)


def submission(facts: Facts) -> Snapshot:
    """What would be submitted now; needs dossier, evidence and account."""
    return snapshot_of(_dossier(facts), facts.loaded["evidence_given"], facts.loaded["account_given"])


def _correction_duty(facts: Facts) -> str:
    return f"correction_{facts.state.holder}"
