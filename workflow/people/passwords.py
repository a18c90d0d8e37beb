"""Passwords: what one must be like, and their hashes. Who may sign in is the business of `accounts`."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from workflow.errors import Reason, Refused

MIN_LENGTH = 10
# A hash takes time by the length of what is hashed: nobody may send a megabyte.
MAX_LENGTH = 128
CLASSES_WANTED = 3

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Each hash takes 19 MiB and a core: a burst of sign-ins queues here instead of starving the offices.
HASHES_AT_ONCE = 2
QUEUE_TIMEOUT_S = 10.0

_turns = BoundedSemaphore(HASHES_AT_ONCE)


def password_reasons(
    password: str, account: str, *, field: str = "password", min_length: int = MIN_LENGTH
) -> list[Reason]:
    """Every rule the password breaks."""
    reasons = []
    if len(password) < min_length:
        reasons.append(Reason("password.too_short", {"least": min_length}, field))
    if len(password) > MAX_LENGTH:
        reasons.append(Reason("password.too_long", {"most": MAX_LENGTH}, field))
    if _classes(password) < CLASSES_WANTED:
        reasons.append(Reason("password.too_plain", {}, field))
    if account and account.casefold() in password.casefold():
        reasons.append(Reason("password.holds_account", {}, field))
    return reasons


def hashed(password: str) -> str:
    with _turn():
        return HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one hashed. Without a hash it is not, after the same work."""
    # Made before either answer, so that not even the first unknown account answers faster or slower.
    decoy = _decoy()
    with _turn():
        verified = _verified(password_hash or decoy, password[:MAX_LENGTH])
    return verified and password_hash is not None and len(password) <= MAX_LENGTH


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other costs than today's and should be made again."""
    return HASHER.check_needs_rehash(password_hash)


def _verified(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    return hashed(secrets.token_urlsafe(32))


def _classes(password: str) -> int:
    lower = any(character.islower() for character in password)
    upper = any(character.isupper() for character in password)
    digit = any(character.isdigit() for character in password)
    other = any(not (c.islower() or c.isupper() or c.isdigit()) for c in password)
    return lower + upper + digit + other


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=QUEUE_TIMEOUT_S):
        raise Refused(Reason("password.busy"))
    try:
        yield
    finally:
        _turns.release()
