"""Signing in, passwords, reset codes, persons and the posts they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.postgres import Cluster
from workflow.errors import InvalidInput, NotFound, Refused, WorkflowError
from workflow.people import passwords
from workflow.people.accounts import (
    SignInOutcome,
    change_password,
    check_credentials,
    locked_until,
    proven_by_code,
    proven_by_password,
    redeem_reset_code,
    reset_by_administrator,
    sign_in,
)
from workflow.people.actors import Actor, Post, actor_of
from workflow.people.memberships import add_membership, end_membership
from workflow.people.persons import PersonParticulars, add_person, disable_person, enable_person
from workflow.people.trail import Signature
from workflow.storage.store import Store
from workflow.storage.tables import Base, Person, SignInFailure, Unit

MONDAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
PASSWORD = "Meihua-2026-kou"
ADMINISTRATOR = Actor(1, "管理员", (Post("administrator"),))
BY = Signature(ADMINISTRATOR, NOW)
LIN = PersonParticulars("lin.mei", "林梅", "0591-28920000", "lin@example.cn", PASSWORD)


@pytest.fixture(scope="module")
def postgresql_url(postgres: Cluster) -> str:
    return postgres.create_database()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'lianshen.db'}"
    else:
        url = request.getfixturevalue("postgresql_url")
    store = Store(url)
    Base.metadata.create_all(store.writer)
    with store.writing() as session:
        yield session
    Base.metadata.drop_all(store.writer)
    store.dispose()


@pytest.fixture
def lin(session: Session) -> Person:
    return add_person(session, LIN.hashed())


def unit_of(session: Session, kind: str, code: str | None = None, **columns: object) -> Unit:
    unit = Unit(code=code or kind, kind=kind, name=f"{code or kind}机构", name_en=kind, **columns)
    session.add(unit)
    session.flush()
    return unit


def attempt(session: Session, account: str, password: str, now: datetime = NOW) -> SignInOutcome:
    credentials = check_credentials(session, account, password)
    return sign_in(session, credentials, "10.1.2.3", now, max_failures=3, lock_minutes=15)


def change(session: Session, person_id: int, old: str, new: str) -> int:
    return change_password(session, proven_by_password(session, person_id, old, new))


def redeem(session: Session, account: str, code: str, new: str, now: datetime = NOW) -> int:
    return redeem_reset_code(session, proven_by_code(session, account, code, new, now), now)


def codes(refusal: pytest.ExceptionInfo[WorkflowError]) -> list[tuple[str, str | None]]:
    return [(reason.code, reason.field) for reason in refusal.value.reasons]


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


def test_a_person_is_told_everything_that_is_wrong_at_once(session: Session) -> None:
    typed = PersonParticulars("a b", "", "123", "not an address", "short")

    with pytest.raises(InvalidInput) as refusal:
        add_person(session, typed)

    assert {field for _, field in codes(refusal)} == {"account", "name", "phone", "email", "password"}


def test_an_account_name_is_given_once(session: Session, lin: Person) -> None:
    with pytest.raises(InvalidInput, match=r"账号名“lin\.mei”已被使用"):
        add_person(session, replace(LIN, account="LIN.Mei").hashed())


def test_an_administrator_holds_no_business_role(session: Session, lin: Person) -> None:
    township, office = unit_of(session, "township"), unit_of(session, "administration")
    add_membership(session, lin.id, "administrator", MONDAY, unit_id=office.id)

    with pytest.raises(InvalidInput, match="系统管理员不得兼任业务角色"):
        add_membership(session, lin.id, "township_officer", MONDAY, unit_id=township.id)


def test_one_who_was_an_officer_becomes_administrator_afterwards(session: Session, lin: Person) -> None:
    township, office = unit_of(session, "township"), unit_of(session, "administration")
    post = add_membership(session, lin.id, "township_officer", MONDAY, unit_id=township.id)

    with pytest.raises(InvalidInput, match="不得兼任系统管理员"):
        add_membership(session, lin.id, "administrator", MONDAY, unit_id=office.id)
    end_membership(session, post.id, MONDAY, BY)
    add_membership(session, lin.id, "administrator", MONDAY + timedelta(days=1), unit_id=office.id)

    assert actor_of(session, lin.id, MONDAY).roles == {"township_officer"}
    assert actor_of(session, lin.id, MONDAY + timedelta(days=1)).roles == {"administrator"}


def test_a_post_needs_a_unit_of_its_kind_that_exists_on_the_day(session: Session, lin: Person) -> None:
    bureau = unit_of(session, "bureau", valid_to=MONDAY - timedelta(days=1))

    with pytest.raises(InvalidInput) as refusal:
        add_membership(
            session, lin.id, "township_officer", MONDAY, unit_id=bureau.id, to_on=MONDAY - timedelta(days=3)
        )

    assert codes(refusal) == [
        ("membership.wrong_unit", "role"),
        ("membership.unit_not_valid", "unit"),
        ("membership.ends_before_it_begins", "to_on"),
    ]


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("emperor", "membership.unknown_role"),
        ("supervisor", "membership.unit_missing"),
        ("applicant", "membership.organisation_missing"),
    ],
)
def test_a_post_needs_a_known_role_and_place(session: Session, lin: Person, role: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        add_membership(session, lin.id, role, MONDAY)

    assert [reason.code for reason in refusal.value.reasons] == [code]


def test_a_post_is_not_held_twice_at_one_time(session: Session, lin: Person) -> None:
    township = unit_of(session, "township")
    add_membership(session, lin.id, "township_officer", MONDAY, unit_id=township.id, to_on=MONDAY)

    with pytest.raises(InvalidInput, match="已担任该机构的“乡镇（街道）初审员”"):
        add_membership(session, lin.id, "township_officer", MONDAY, unit_id=township.id)
    add_membership(session, lin.id, "township_officer", MONDAY + timedelta(days=1), unit_id=township.id)


def test_a_post_does_not_end_before_it_began(session: Session, lin: Person) -> None:
    post = add_membership(
        session, lin.id, "township_officer", MONDAY, unit_id=unit_of(session, "township").id
    )

    with pytest.raises(InvalidInput, match="结束日期早于开始日期"):
        end_membership(session, post.id, MONDAY - timedelta(days=2), BY)
    with pytest.raises(NotFound):
        end_membership(session, 99, MONDAY, BY)


def test_the_last_administrator_stays(session: Session, lin: Person) -> None:
    office = unit_of(session, "administration")
    post = add_membership(session, lin.id, "administrator", MONDAY, unit_id=office.id)

    with pytest.raises(Refused, match="最后一名系统管理员"):
        disable_person(session, lin.id, MONDAY, BY)
    with pytest.raises(Refused, match="最后一名系统管理员"):
        end_membership(session, post.id, MONDAY, BY)

    second = add_person(session, replace(LIN, account="chen").hashed())
    add_membership(session, second.id, "administrator", MONDAY, unit_id=office.id)
    end_membership(session, post.id, MONDAY, BY)
