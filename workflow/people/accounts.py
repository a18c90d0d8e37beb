"""Signing in: credentials, lock-out after failures, changed and reset passwords.

Sessions of the browser are the pages' business; a new `session_epoch` tells them that theirs has ended.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from workflow.errors import InvalidInput, NotFound, Reason, Refused
from workflow.people.actors import Actor
from workflow.people.particulars import normalised_account
from workflow.people.passwords import MIN_LENGTH, hashed, is_outdated, matches, password_reasons
from workflow.people.trail import Signature, record
from workflow.storage.people import Person, SignInFailure

RESET_CODE_HOURS = 24
FAILURES_KEPT = timedelta(days=1)
LONGEST_ACCOUNT = 64

# Read aloud over the telephone: no 0 and O, no 1, I and L. Sixteen cannot be guessed from their digest.
_CODE_CHARACTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was typed at the door, compared with what is stored; says nothing to whoever typed it."""

    account: str
    person_id: int | None
    matched_hash: str | None
    fresh_hash: str | None


@dataclass(frozen=True, slots=True)
class SignInOutcome:
    """Who is in, or the reasons why nobody is."""

    person_id: int | None
    session_epoch: int | None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A new password, hashed, and what it was proven against: the hash of the old one, or of a code.

    Made before the writing transaction, because hashing is slow and waits for its turn; taken in it only if
    the proof is still what is stored.
    """

    person_id: int
    proof: str | None
    fresh_hash: str


def check_credentials(session: Session, account: str, password: str) -> Credentials:
    """Compare with the stored hash, with the same work for an account that does not exist.

    This is the slow part and only reads: it belongs on a reading session, before `sign_in` opens a
    writing one, so that a burst of sign-ins does not hold up the offices.
    """
    account = normalised_account(account)[:LONGEST_ACCOUNT]
    row = session.execute(
        select(Person.id, Person.password_hash).where(Person.account == account)
    ).one_or_none()
    person_id, password_hash = row or (None, None)
    if not matches(password_hash, password) or password_hash is None:
        return Credentials(account, person_id, None, None)
    fresh = hashed(password) if is_outdated(password_hash) else None
    return Credentials(account, person_id, password_hash, fresh)


def sign_in(
    session: Session,
    credentials: Credentials,
    address: str,
    now: datetime,
    *,
    max_failures: int,
    lock_minutes: int,
) -> SignInOutcome:
    """Let the person in, or record the failure; the caller commits either way, or no failure counts."""
    if locked := _lock_reason(session, credentials.account, now, max_failures, lock_minutes):
        return SignInOutcome(None, None, (locked,))
    person = _matching_person(session, credentials)
    if person is None:
        session.add(SignInFailure(account=credentials.account, address=address, failed_at=now))
        session.flush()
        locked = _lock_reason(session, credentials.account, now, max_failures, lock_minutes)
        return SignInOutcome(None, None, (locked or Reason("sign_in.failed"),))
    if person.disabled_at is not None:
        return SignInOutcome(None, None, (Reason("sign_in.disabled"),))
    person.password_hash = credentials.fresh_hash or person.password_hash
    _forget_failures(session, person.account, now)
    return SignInOutcome(person.id, person.session_epoch)


def locked_until(failures: Sequence[datetime], max_failures: int, lock_minutes: int) -> datetime | None:
    """Until when the last failures, newest first, lock an account; None when they do not."""
    span = timedelta(minutes=lock_minutes)
    if len(failures) < max_failures or failures[0] - failures[max_failures - 1] >= span:
        return None
    return failures[0] + span


def proven_by_password(
    session: Session, person_id: int, old: str, new: str, *, min_length: int = MIN_LENGTH
) -> NewPassword:
    """Compare the old password and hash the new one: the slow part, which belongs on a reading session."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(Reason("not_found"))
    reasons = password_reasons(new, person.account, field="new_password", min_length=min_length)
    if not matches(person.password_hash, old):
        reasons.insert(0, _old_wrong())
    elif old == new:
        reasons.append(Reason("password.unchanged", {}, "new_password"))
    if reasons:
        raise InvalidInput(*reasons)
    return NewPassword(person_id, person.password_hash, hashed(new))


def change_password(session: Session, proven: NewPassword) -> int:
    """Exchange the password and end all sessions; returns the epoch with which the present one goes on."""
    person = _person(session, proven.person_id)
    if person.password_hash != proven.proof:
        raise InvalidInput(_old_wrong())
    return _set_password(person, proven)


def end_sessions(session: Session, person_id: int) -> None:
    """Sign a person out everywhere: whoever copied a cookie of hers holds nothing any more."""
    _person(session, person_id).session_epoch += 1


def reset_by_administrator(session: Session, person_id: int, administrator: Actor, now: datetime) -> str:
    """Take the password away, end all sessions, and return the one-time code for setting a new one."""
    if "administrator" not in administrator.roles:
        raise Refused(Reason("reset.not_administrator"))
    return issue_reset_code(session, _person(session, person_id), Signature(administrator, now))


def issue_reset_code(session: Session, person: Person, by: Signature) -> str:
    """A one-time code for this person, shown once and stored as a digest; valid for 24 hours."""
    code = "".join(secrets.choice(_CODE_CHARACTERS) for _ in range(_CODE_LENGTH))
    person.password_hash = None
    person.reset_code_hash = _digest(code)
    person.reset_expires_at = by.at + timedelta(hours=RESET_CODE_HOURS)
    person.session_epoch += 1
    _forget_failures(session, person.account, by.at)
    record(session, by, person.id, "code_issued")
    return "-".join(code[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


def proven_by_code(
    session: Session, account: str, code: str, new: str, now: datetime, *, min_length: int = MIN_LENGTH
) -> NewPassword:
    """Look whether the one-time code opens, and hash the new password: belongs on a reading session."""
    account = normalised_account(account)
    person = session.scalar(select(Person).where(Person.account == account))
    # One sentence for every fault, or the page would tell which accounts exist and which wait for a reset.
    if person is None or not _opens(person, code, now):
        raise InvalidInput(_bad_code())
    if reasons := password_reasons(new, account, field="new_password", min_length=min_length):
        raise InvalidInput(*reasons)
    return NewPassword(person.id, person.reset_code_hash, hashed(new))


def redeem_reset_code(session: Session, proven: NewPassword, now: datetime) -> int:
    """Set the new password with the one-time code, which is used up; returns the person's id."""
    person = _person(session, proven.person_id)
    if person.reset_code_hash != proven.proof or person.disabled_at is not None:
        raise InvalidInput(_bad_code())
    _set_password(person, proven)
    record(session, Signature(Actor(person.id, person.name), now), person.id, "password_set")
    return person.id


def _lock_reason(
    session: Session, account: str, now: datetime, max_failures: int, lock_minutes: int
) -> Reason | None:
    recent = select(SignInFailure.failed_at).where(SignInFailure.account == account)
    newest = session.scalars(recent.order_by(SignInFailure.failed_at.desc()).limit(max_failures)).all()
    until = locked_until(newest, max_failures, lock_minutes)
    if until is None or until <= now:
        return None
    minutes = -((now - until) // timedelta(minutes=1))
    return Reason("sign_in.locked", {"failures": max_failures, "minutes": minutes})


def _matching_person(session: Session, credentials: Credentials) -> Person | None:
    if credentials.person_id is None or credentials.matched_hash is None:
        return None
    person = session.get(Person, credentials.person_id, with_for_update=True)
    # Between the check and now an administrator may have reset the password.
    if person is None or person.password_hash != credentials.matched_hash:
        return None
    return person


def _forget_failures(session: Session, account: str, now: datetime) -> None:
    stale = SignInFailure.failed_at < now - FAILURES_KEPT
    session.execute(delete(SignInFailure).where(or_(SignInFailure.account == account, stale)))


def _person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound(Reason("not_found"))
    return person


def _set_password(person: Person, proven: NewPassword) -> int:
    person.password_hash = proven.fresh_hash
    person.reset_code_hash = None
    person.reset_expires_at = None
    person.session_epoch += 1
    return person.session_epoch


def _old_wrong() -> Reason:
    return Reason("password.old_wrong", {}, "old_password")


def _bad_code() -> Reason:
    return Reason("reset.bad_code", {"hours": RESET_CODE_HOURS}, "code")


def _opens(person: Person, code: str, now: datetime) -> bool:
    if person.reset_code_hash is None or person.reset_expires_at is None or person.disabled_at is not None:
        return False
    return hmac.compare_digest(person.reset_code_hash, _digest(code)) and now < person.reset_expires_at


def _digest(code: str) -> str:
    plain = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
