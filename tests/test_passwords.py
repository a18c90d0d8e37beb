"""Passwords: their rules, their change, and the codes by which they are set anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.signing_in import ADMINISTRATOR, BY, LIN, MONDAY, NOW, PASSWORD, attempt, codes
from workflow.errors import InvalidInput, NotFound, Refused
from workflow.people import passwords
from workflow.people.accounts import (
    change_password,
    proven_by_code,
    proven_by_password,
    redeem_reset_code,
    reset_by_administrator,
)
from workflow.people.actors import Actor, Post
from workflow.people.persons import add_person, disable_person
from workflow.storage.tables import Person


@pytest.fixture
def lin(session: Session) -> Person:
    return add_person(session, LIN.hashed())


def change(session: Session, person_id: int, old: str, new: str) -> int:
    return change_password(session, proven_by_password(session, person_id, old, new))


def redeem(session: Session, account: str, code: str, new: str, now: datetime = NOW) -> int:
    return redeem_reset_code(session, proven_by_code(session, account, code, new, now), now)


def test_a_stored_hash_that_is_none_matches_nothing() -> None:
    assert not passwords.matches("not a hash", PASSWORD)
    assert not passwords.matches(None, PASSWORD)


def test_a_password_longer_than_the_longest_never_matches() -> None:
    longest = "Aa1" + "x" * (passwords.MAX_LENGTH - 3)

    assert passwords.matches(passwords.hashed(longest), longest)
    assert not passwords.matches(passwords.hashed(longest), longest + "x")


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Aa1-56789", ["password.too_short"]),
        ("abcdefghij1", ["password.too_plain"]),
        ("ABCDEFGHIJ-", ["password.too_plain"]),
        ("Lin.Mei-2026", ["password.holds_account"]),
        ("lin.mei", ["password.too_short", "password.too_plain", "password.holds_account"]),
        ("Aa1" + "x" * 126, ["password.too_long"]),
        ("梅花口岸2026Abc", []),
    ],
)
def test_a_password_is_told_every_rule_it_breaks(password: str, expected: list[str]) -> None:
    assert [reason.code for reason in passwords.password_reasons(password, "lin.mei")] == expected


def test_too_many_hashes_at_once_are_asked_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "QUEUE_TIMEOUT_S", 0.01)
    for _ in range(passwords.HASHES_AT_ONCE):
        passwords._turns.acquire()
    try:
        with pytest.raises(Refused, match="当前登录的人太多"):
            passwords.hashed(PASSWORD)
    finally:
        for _ in range(passwords.HASHES_AT_ONCE):
            passwords._turns.release()


def test_a_changed_password_ends_the_other_sessions(session: Session, lin: Person) -> None:
    epoch = change(session, lin.id, PASSWORD, "Another-2026-one")

    assert epoch == 2
    assert attempt(session, "lin.mei", "Another-2026-one").session_epoch == 2


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("wrong", "short", [("password.old_wrong", "old_password"), ("password.too_short", "new_password")]),
        (PASSWORD, PASSWORD, [("password.unchanged", "new_password")]),
    ],
)
def test_a_password_is_not_changed_without_the_old_one_or_into_itself(
    session: Session, lin: Person, old: str, new: str, expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        change(session, lin.id, old, new)

    assert codes(refusal)[: len(expected)] == expected


def test_a_password_changed_after_the_check_is_not_changed_again(session: Session, lin: Person) -> None:
    proven = proven_by_password(session, lin.id, PASSWORD, "Another-2026-one")
    change(session, lin.id, PASSWORD, "Another-2026-two")

    with pytest.raises(InvalidInput) as refusal:
        change_password(session, proven)

    assert codes(refusal) == [("password.old_wrong", "old_password")]


def test_a_reset_code_used_up_or_replaced_after_the_check_sets_no_password(
    session: Session, lin: Person
) -> None:
    code = reset_by_administrator(session, lin.id, ADMINISTRATOR, NOW)
    proven = proven_by_code(session, "lin.mei", code, "Another-2026-one", NOW)
    reset_by_administrator(session, lin.id, ADMINISTRATOR, NOW)

    with pytest.raises(InvalidInput, match="只能使用一次"):
        redeem_reset_code(session, proven, NOW)


def test_a_reset_code_opens_once_and_within_a_day(session: Session, lin: Person) -> None:
    code = reset_by_administrator(session, lin.id, ADMINISTRATOR, NOW)

    assert lin.password_hash is None
    assert lin.session_epoch == 2
    typed = code.lower().replace("-", " ")
    last_moment = NOW + timedelta(hours=24, seconds=-1)
    assert redeem(session, "LIN.mei", typed, "Another-2026-one", last_moment) == lin.id
    assert attempt(session, "lin.mei", "Another-2026-one").person_id == lin.id
    with pytest.raises(InvalidInput, match="只能使用一次"):
        redeem(session, "lin.mei", code, "Another-2026-two")


def test_a_reset_code_is_stored_as_a_digest(session: Session, lin: Person) -> None:
    code = reset_by_administrator(session, lin.id, ADMINISTRATOR, NOW)

    assert lin.reset_code_hash is not None
    assert code.replace("-", "") not in lin.reset_code_hash


@pytest.mark.parametrize(
    ("account", "code", "hours"), [("lin.mei", None, 24), ("lin.mei", "WRONG", 1), ("nobody", None, 1)]
)
def test_an_expired_code_a_wrong_one_and_a_foreign_account_get_one_answer(
    session: Session, lin: Person, account: str, code: str | None, hours: int
) -> None:
    given = reset_by_administrator(session, lin.id, ADMINISTRATOR, NOW)

    with pytest.raises(InvalidInput) as refusal:
        redeem(session, account, code or given, "Another-2026-one", NOW + timedelta(hours=hours))

    assert codes(refusal) == [("reset.bad_code", "code")]


def test_a_weak_password_does_not_use_the_code_up(session: Session, lin: Person) -> None:
    code = reset_by_administrator(session, lin.id, ADMINISTRATOR, NOW)

    with pytest.raises(InvalidInput, match="至少要有 10 个字符"):
        redeem(session, "lin.mei", code, "short")
    assert redeem(session, "lin.mei", code, "Another-2026-one") == lin.id


def test_only_an_administrator_resets_a_password(session: Session, lin: Person) -> None:
    officer = Actor(2, "林", (Post("township_officer", unit_id=1),))

    with pytest.raises(Refused, match="只有系统管理员"):
        reset_by_administrator(session, lin.id, officer, NOW)


def test_nobody_unknown_is_reset_changed_or_disabled(session: Session) -> None:
    with pytest.raises(NotFound):
        reset_by_administrator(session, 99, ADMINISTRATOR, NOW)
    with pytest.raises(NotFound):
        change(session, 99, PASSWORD, PASSWORD)
    with pytest.raises(NotFound):
        disable_person(session, 99, MONDAY, BY)
