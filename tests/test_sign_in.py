"""Signing in at the pages: passwords, locks, sessions that end, one-time codes, where one is led then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.pages import Browser, app_of, signed_in, words, writers_while_hashing
from tests.world import SINCE, World
from web.edge import local_path
from workflow.people.accounts import reset_by_administrator
from workflow.people.actors import SYSTEM
from workflow.people.memberships import add_membership
from workflow.people.persons import PersonParticulars, add_person, disable_person
from workflow.people.trail import Signature
from workflow.storage.people import Person

PASSWORD = "Songxia-2026-kou"
NEW_PASSWORD = "Jinfeng-2026-xi"
IDLE_MINUTES = 60


@pytest.fixture
def mei(sqlite_world: World) -> int:
    """A township officer who has a password; returns her id."""
    with sqlite_world.store.writing() as session:
        person = add_person(session, PersonParticulars("mei", "林梅", password=PASSWORD).hashed())
        unit_id = next(iter(sqlite_world.actor("lin").unit_ids))
        add_membership(session, person.id, "township_officer", SINCE, unit_id=unit_id)
        session.commit()
        return person.id


@pytest.fixture
def visitor(sqlite_world: World, mei: int) -> Browser:
    return Browser(app_of(sqlite_world))


def sign_in(visitor: Browser, password: str = PASSWORD, **fields: str):
    return visitor.post("/sign-in", {"account": "mei", "password": password, **fields})


def is_signed_in(visitor: Browser) -> bool:
    return visitor.get("/account").status_code == 200


def test_the_right_password_lets_a_person_in(visitor):
    answer = sign_in(visitor)

    assert (answer.status_code, answer.location) == (303, "/")
    assert "林梅" in words(visitor.get("/account"))


def test_account_names_are_taken_without_regard_to_capitals(visitor):
    visitor.post("/sign-in", {"account": " Mei ", "password": PASSWORD})

    assert is_signed_in(visitor)


def test_a_wrong_password_and_an_unknown_account_are_answered_alike(visitor):
    wrong = sign_in(visitor, "Falsch-2026-xyz")
    unknown = visitor.post("/sign-in", {"account": "nobody", "password": PASSWORD})

    assert wrong.status_code == unknown.status_code == 422
    assert "账号名或密码不正确。" in words(wrong)
    assert words(wrong) == words(unknown)
    assert not is_signed_in(visitor)


def test_the_account_typed_is_kept_and_the_password_is_not(visitor):
    page = sign_in(visitor, "Falsch-2026-xyz")

    assert 'value="mei"' in page.text
    assert "Falsch" not in page.text


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(visitor, sqlite_world):
    for _ in range(5):
        answer = sign_in(visitor, "Falsch-2026-xyz")
    assert "请在 15 分钟后再试" in words(answer)

    locked = sign_in(visitor)

    assert locked.status_code == 422
    assert "已暂时锁定" in words(locked)
    sqlite_world.later(minutes=15)
    assert sign_in(visitor).status_code == 303


def test_a_disabled_person_is_out_at_her_next_click(visitor, sqlite_world, mei):
    sign_in(visitor)
    with sqlite_world.store.writing() as session:
        disable_person(session, mei, sqlite_world.today, Signature(SYSTEM, sqlite_world.now))
        session.commit()

    assert not is_signed_in(visitor)
    assert "该账号已停用" in words(sign_in(visitor))


def test_signing_in_begins_a_fresh_session(visitor):
    with visitor.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    before = visitor.token()

    sign_in(visitor)

    with visitor.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie.get("csrf_token") is None
    assert visitor.client.post("/sign-out", data={"csrf_token": before}).status_code == 400


def test_an_hour_without_a_click_ends_the_session(visitor, sqlite_world):
    sign_in(visitor)
    sqlite_world.later(minutes=IDLE_MINUTES - 1)
    assert is_signed_in(visitor)

    sqlite_world.later(minutes=IDLE_MINUTES)

    assert not is_signed_in(visitor)
    assert "请重新登录" in words(visitor.get("/sign-in"))


def test_every_click_begins_the_hour_anew(visitor, sqlite_world):
    sign_in(visitor)

    for _ in range(5):
        sqlite_world.later(minutes=IDLE_MINUTES - 1)
        assert is_signed_in(visitor)


def test_no_session_outlives_half_a_day(visitor, sqlite_world):
    sign_in(visitor)

    for _ in range(13):
        sqlite_world.later(minutes=56)
        is_signed_in(visitor)

    assert not is_signed_in(visitor)


def test_the_settings_say_how_long_idleness_lasts(sqlite_world, mei):
    visitor = Browser(app_of(sqlite_world, session_idle_minutes=5))
    sign_in(visitor)

    sqlite_world.later(minutes=5)

    assert not is_signed_in(visitor)


def test_what_was_typed_when_time_ran_out_can_be_sent_after_signing_in_again(visitor, sqlite_world):
    sign_in(visitor)
    token = visitor.token()
    sqlite_world.later(minutes=IDLE_MINUTES)
    refused = visitor.client.post("/language", data={"csrf_token": token, "language": "en"})
    assert refused.status_code == 303, "a choice of language needs nobody"
    late = visitor.client.post("/account/password", data={"csrf_token": token, "note": "辛苦写下的话"})
    assert late.status_code == 401

    sign_in(visitor)

    assert visitor.client.post("/sign-out", data={"csrf_token": token}).status_code == 303


def test_a_changed_password_ends_every_other_session_and_keeps_this_one(visitor, sqlite_world):
    sign_in(visitor)
    elsewhere = Browser(visitor.app)
    sign_in(elsewhere)

    answer = visitor.post(
        "/account/password",
        {"old_password": PASSWORD, "new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD},
    )

    assert answer.status_code == 303
    assert is_signed_in(visitor)
    assert not is_signed_in(elsewhere)
    assert sign_in(elsewhere).status_code == 422
    assert sign_in(elsewhere, NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("Falsch-2026-xyz", NEW_PASSWORD, NEW_PASSWORD, "原密码不正确。"),
        (PASSWORD, "kurz", "kurz", "密码至少要有 10 个字符。"),
        (PASSWORD, NEW_PASSWORD, NEW_PASSWORD + "x", "两次输入的新密码不一样"),
        (PASSWORD, PASSWORD, PASSWORD, "新密码不能与原密码相同。"),
    ],
)
def test_a_password_is_not_changed_without_saying_why(visitor, old, new, again, sentence):
    sign_in(visitor)

    fields = {"old_password": old, "new_password": new, "new_password_again": again}
    answer = visitor.post("/account/password", fields)

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'class="field field-bad"' in answer.text
    assert is_signed_in(visitor)


@pytest.mark.parametrize("address", ["/account", "/reset-password", "/register"])
def test_whoever_chooses_a_password_reads_first_what_it_must_be_like(visitor, address):
    if address == "/account":
        sign_in(visitor)

    page = words(visitor.get(address))

    assert "至少 10 个字符" in page
    assert "不能包含账号名" in page


def test_a_refused_password_is_not_said_to_be_kept(visitor):
    sign_in(visitor)

    fields = {"old_password": PASSWORD, "new_password": "kurz", "new_password_again": "kurz"}
    answer = visitor.post("/account/password", fields)

    assert "密码请重新输入" in words(answer)


def test_a_one_time_code_sets_a_new_password_once(visitor, sqlite_world, mei):
    with sqlite_world.store.writing() as session:
        code = reset_by_administrator(session, mei, sqlite_world.actor("admin"), sqlite_world.now)
        session.commit()
    assert sign_in(visitor).status_code == 422
    fields = {
        "account": "mei",
        "code": code.lower(),
        "new_password": NEW_PASSWORD,
        "new_password_again": NEW_PASSWORD,
    }

    assert visitor.post("/reset-password", fields).status_code == 303

    assert sign_in(visitor, NEW_PASSWORD).status_code == 303
    again = visitor.post("/reset-password", fields)
    assert again.status_code == 422
    assert "一次性验证码不正确" in words(again)


def test_a_code_of_yesterday_is_refused_and_shown_to_nobody(visitor, sqlite_world, mei):
    with sqlite_world.store.writing() as session:
        code = reset_by_administrator(session, mei, sqlite_world.actor("admin"), sqlite_world.now)
        session.commit()
    sqlite_world.later(hours=24)

    fields = {
        "account": "mei",
        "code": code,
        "new_password": NEW_PASSWORD,
        "new_password_again": NEW_PASSWORD,
    }
    answer = visitor.post("/reset-password", fields)

    assert answer.status_code == 422
    assert code not in answer.text


def test_signing_out_needs_a_form(visitor):
    sign_in(visitor)

    assert visitor.get("/sign-out").status_code == 405
    assert is_signed_in(visitor)

    assert visitor.post("/sign-out").status_code == 303
    assert not is_signed_in(visitor)


def test_signing_out_ends_a_copied_session_too(visitor, sqlite_world):
    sign_in(visitor)
    copied = visitor.client.get_cookie("lianshen").value
    thief = Browser(visitor.app)
    thief.client.set_cookie("lianshen", copied)
    assert is_signed_in(thief)

    visitor.post("/sign-out")

    assert not is_signed_in(thief)


def test_a_visitor_is_led_to_the_page_she_wanted(visitor):
    answer = visitor.get("/search?q=CL2026-0001")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/search?q%3DCL2026-0001")

    page = visitor.get(answer.location)
    assert 'name="next" value="/search?q=CL2026-0001"' in page.text
    assert sign_in(visitor, next="/search?q=CL2026-0001").location == "/search?q=CL2026-0001"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.cn/",
        "//evil.cn/",
        "/\\evil.cn",
        "\\\\evil.cn",
        "/\t/evil.cn",
        "javascript:alert(1)",
        "evil.cn",
    ],
)
def test_a_forged_link_leads_nobody_elsewhere(visitor, elsewhere):
    assert local_path(elsewhere) is None

    assert sign_in(visitor, next=elsewhere).location == "/"


@pytest.mark.parametrize("elsewhere", ["https://evil.cn/", "//evil.cn/"])
def test_a_forged_form_leads_nobody_elsewhere(sqlite_world, elsewhere):
    visitor = signed_in(sqlite_world, "lin")

    answer = visitor.post("/language", {"language": "zh", "next": elsewhere})

    assert answer.location == "/"


def test_a_post_that_ended_yesterday_is_nobodys_today(visitor, sqlite_world, mei):
    with sqlite_world.store.writing() as session:
        person = session.get_one(Person, mei)
        for post in person.memberships:
            post.to_on = sqlite_world.today - timedelta(days=1)
        session.commit()
    sign_in(visitor)

    assert visitor.get("/").location == "/account"
    assert "您目前没有任职" in words(visitor.get("/account"))


def test_no_password_is_hashed_while_others_wait_to_write(visitor, sqlite_world, mei, monkeypatch):
    with sqlite_world.store.writing() as session:
        code = reset_by_administrator(session, mei, sqlite_world.actor("admin"), sqlite_world.now)
        session.commit()
    writers = writers_while_hashing(sqlite_world, monkeypatch)
    first = {"new_password": PASSWORD, "new_password_again": PASSWORD}
    second = {"new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD}

    visitor.post("/reset-password", {"account": "mei", "code": code, **first})
    sign_in(visitor)
    visitor.post("/account/password", {"old_password": PASSWORD, **second})

    assert sign_in(visitor, NEW_PASSWORD).status_code == 303
    assert len(writers) == 5
    assert set(writers) == {0}
