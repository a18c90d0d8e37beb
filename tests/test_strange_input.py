"""What no browser of ours sends: numbers beyond any database, the last characters there are, NUL."""

from __future__ import annotations

import re

import pytest

from tests.pages import Browser, app_of, signed_in, words

BEYOND = (2**63, 10**30)
LAST_CHARACTERS = ("\U0010ffff", "CL\U0010ffff", "\ud7ff", "a\x7f")


@pytest.mark.parametrize("account", ["lin", "admin", "donglong"])
def test_an_address_with_a_number_beyond_any_is_not_found(sqlite_world, account):
    app = app_of(sqlite_world)
    browser = Browser(app).sign_in(sqlite_world, account)
    rules = [rule for rule in app.url_map.iter_rules() if "<int:" in rule.rule]

    answers = {}
    for rule in rules:
        for number in BEYOND:
            path = re.sub(r"<int:\w+>", str(number), rule.rule)
            path = re.sub(r"<\w+>", "x", path)
            answer = browser.get(path) if "GET" in rule.methods else browser.post(path)
            answers[path] = answer.status_code

    assert len(answers) > 40
    assert set(answers.values()) == {404}


@pytest.mark.parametrize("number", [*BEYOND, "9" * 5000, "-1", "٣"])
def test_a_number_beyond_any_in_a_link_or_form_is_no_number(world, number):
    lin, admin, donglong = (signed_in(world, account) for account in ("lin", "admin", "donglong"))
    wang = signed_in(world, "wang")

    for path in (f"/messages?after={number}", f"/worklist?after=none.{number}"):
        assert lin.get(path).status_code == 200
    for path in (f"/applications?before={number}&township={number}&year={number}",):
        assert wang.get(path).status_code == 200
    assert donglong.get(f"/my?after={number}").status_code == 200
    assert lin.post("/messages/read", {"message": number}).status_code == 303
    assert admin.post("/admin/deliveries/retry", {"case": number}).status_code in (303, 422)


@pytest.mark.parametrize("township", ["9" * 5000, str(2**63)])
def test_a_township_beyond_any_is_asked_for_again(sqlite_world, township):
    answer = Browser(app_of(sqlite_world)).post("/register", {"township": township})

    assert answer.status_code == 422
    assert "请选择所在乡镇" in words(answer)


@pytest.mark.parametrize("text", LAST_CHARACTERS)
def test_words_that_end_in_the_last_characters_there_are_find_nothing(world, text):
    wang = signed_in(world, "wang")

    assert wang.get("/search", query_string={"q": text}).status_code == 200
    assert wang.get("/applications", query_string={"words": text}).status_code == 200


def test_nul_is_refused_in_a_sentence_wherever_it_is_sent(world):
    case_id = world.in_precheck()
    lin, visitor = signed_in(world, "lin"), Browser(app_of(world))
    twice = {"new_password": "Abcdefg-123", "new_password_again": "Abcdefg-123"}

    answers = [
        visitor.post("/sign-in", {"account": "a\x00b", "password": "x"}),
        visitor.post("/reset-password", {"account": "lin", "code": "a\x00b", **twice}),
        visitor.post("/register", {"a\x00b": "name"}),
        lin.get("/search", query_string={"q": "a\x00b"}),
        lin.post(f"/applications/{case_id}/act/comment", {"note": "a\x00b", "seen_version": "1"}),
        lin.get(f"/applications/{case_id}/print/a%00b"),
    ]

    for answer in answers:
        assert answer.status_code == 422
        assert "空字符" in words(answer)
