"""Signing in: whom account and password let in, and when an account is locked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.signing_in import ADMINISTRATOR, BY, LIN, MONDAY, NOW, PASSWORD, attempt
from workflow.people import passwords
from workflow.people.accounts import check_credentials, locked_until, reset_by_administrator, sign_in
from workflow.people.actors import actor_of
from workflow.people.persons import add_person, disable_person, enable_person
from workflow.storage.tables import Person, SignInFailure


@pytest.fixture
def lin(session: Session) -> Person:
    return add_person(session, LIN.hashed())


def test_the_right_password_lets_a_person_in(session: Session, lin: Person) -> None:
    outcome = attempt(session, " LIN.MEI ", PASSWORD)

    assert (outcome.person_id, outcome.session_epoch, outcome.reasons) == (lin.id, 1, ())


@pytest.mark.parametrize(("account", "password"), [("lin.mei", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_password_and_an_unknown_account_get_one_answer(
    session: Session, lin: Person, account: str, password: str
) -> None:
    outcome = attempt(session, account, password)

    assert outcome.person_id is None
    assert [reason.sentence() for reason in outcome.reasons] == ["账号名或密码不正确。"]


def test_an_unknown_account_costs_a_hash_too(session: Session) -> None:
    class CountingHasher(PasswordHasher):
        verified = 0

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 - argon2's own name
            CountingHasher.verified += 1
            return super().verify(hash, password)

    usual = passwords.HASHER
    passwords.HASHER = CountingHasher(time_cost=1, memory_cost=64, parallelism=1)
    try:
        check_credentials(session, "nobody", PASSWORD)
    finally:
        passwords.HASHER = usual

    assert CountingHasher.verified == 1


def test_failures_in_a_row_lock_the_account_and_say_for_how_long(session: Session, lin: Person) -> None:
    for _ in range(3):
        outcome = attempt(session, "lin.mei", "wrong")

    assert outcome.reasons[0].sentence() == (
        "连续 3 次输错密码，该账号已暂时锁定。请在 15 分钟后再试，或请系统管理员重置密码。"
    )
    still = attempt(session, "lin.mei", PASSWORD, NOW + timedelta(minutes=14, seconds=30))
    assert still.reasons[0].params["minutes"] == 1


def test_a_lock_ends_by_itself_and_does_not_come_back_at_once(session: Session, lin: Person) -> None:
    for _ in range(3):
        attempt(session, "lin.mei", "wrong")

    later = NOW + timedelta(minutes=15)

    assert attempt(session, "lin.mei", "wrong", later).reasons[0].code == "sign_in.failed"
    assert attempt(session, "lin.mei", PASSWORD, later).person_id == lin.id


def test_an_unknown_account_is_locked_like_a_known_one(session: Session) -> None:
    for _ in range(3):
        outcome = attempt(session, "nobody", "wrong")

    assert outcome.reasons[0].code == "sign_in.locked"


def test_a_success_forgets_the_failures_before_it(session: Session, lin: Person) -> None:
    for _ in range(2):
        attempt(session, "lin.mei", "wrong")
    attempt(session, "lin.mei", PASSWORD)

    assert session.scalar(select(func.count()).select_from(SignInFailure)) == 0


def test_failures_far_apart_do_not_lock() -> None:
    failures = [NOW, NOW - timedelta(minutes=10), NOW - timedelta(minutes=15)]

    assert locked_until(failures, 3, 15) is None
    assert locked_until(failures[:2], 3, 15) is None
    assert locked_until([*failures[:2], NOW - timedelta(minutes=14)], 3, 15) == NOW + timedelta(minutes=15)


def test_a_password_reset_after_the_check_lets_nobody_in(session: Session, lin: Person) -> None:
    credentials = check_credentials(session, "lin.mei", PASSWORD)
    reset_by_administrator(session, lin.id, ADMINISTRATOR, NOW)
    session.flush()

    outcome = sign_in(session, credentials, "10.1.2.3", NOW, max_failures=3, lock_minutes=15)

    assert outcome.reasons[0].code == "sign_in.failed"


def test_a_disabled_person_is_told_so_only_with_the_right_password(session: Session, lin: Person) -> None:
    disable_person(session, lin.id, MONDAY, BY)

    assert attempt(session, "lin.mei", PASSWORD).reasons[0].sentence() == "该账号已停用，请联系系统管理员。"
    assert attempt(session, "lin.mei", "wrong").reasons[0].code == "sign_in.failed"
    assert actor_of(session, lin.id, MONDAY) is None
    assert lin.session_epoch == 2
    assert enable_person(session, lin.id, BY).disabled_at is None


def test_an_outdated_hash_is_made_again_at_sign_in(session: Session, lin: Person) -> None:
    lin.password_hash = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    session.flush()

    attempt(session, "lin.mei", PASSWORD)

    assert lin.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
