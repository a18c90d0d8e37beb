"""An organisation registers itself: the form, its mistakes, the townships of today."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.applying import REGISTRATION, count, township
from tests.pages import Browser, app_of, signed_in, words, writers_while_hashing
from tests.world import credit_code
from workflow.storage.people import Organisation, Person


def test_anybody_sees_the_registration_with_the_townships_of_today(sqlite_world):
    page = Browser(app_of(sqlite_world)).get("/register")

    assert page.status_code == 200
    assert "文武砂街道" in page.text
    assert "文武砂镇" not in page.text


def test_an_organisation_registers_and_is_signed_in(sqlite_world):
    browser = Browser(app_of(sqlite_world))

    answer = browser.post("/register", {**REGISTRATION, "township": township(sqlite_world, "350112104")})

    assert (answer.status_code, answer.location) == (303, "/my")
    assert "福州长乐新材料有限公司 · 陈新" in browser.get("/my").text
    with sqlite_world.store.reading() as session:
        person = session.scalars(select(Person).where(Person.account == "xincai")).one()
        assert person.memberships[0].organisation.credit_code == REGISTRATION["credit_code"]


def test_the_password_of_a_registration_is_hashed_before_anything_is_locked(sqlite_world, monkeypatch):
    writers = writers_while_hashing(sqlite_world, monkeypatch)
    fields = {**REGISTRATION, "township": township(sqlite_world, "350112104")}

    assert Browser(app_of(sqlite_world)).post("/register", fields).status_code == 303

    assert writers == [0]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"credit_code": "91350112MA000008"}, "credit_code", "应为 18 位"),
        ({"credit_code": REGISTRATION["credit_code"][:-1] + "?"}, "credit_code", "第 18 位不能是"),
        ({"credit_code": REGISTRATION["credit_code"][:-1] + "3"}, "credit_code", "校验码不符"),
        ({"credit_code": credit_code("91350112MA000000", 0)}, "credit_code", "已经登记"),
        ({"kind": "family"}, "kind", "请选择单位类型"),
        ({"township": ""}, "township", "请选择所在乡镇"),
        ({"contact_phone": "28920000"}, "contact_phone", "缺少区号"),
        ({"account": "lin"}, "account", "已被使用"),
        ({"password": "short", "password_again": "short"}, "password", "至少要有 10 个字符"),
        ({"password_again": "something else"}, "password_again", "不一样"),
    ],
)
def test_a_wrong_registration_is_said_at_its_field_and_keeps_what_was_typed(
    sqlite_world, typed, field, sentence
):
    fields = {**REGISTRATION, "township": township(sqlite_world, "350112104"), **typed}

    answer = Browser(app_of(sqlite_world)).post("/register", fields)

    assert answer.status_code == 422
    error = re.search(rf'id="{field}-error">([^<]+)<', answer.text)
    assert error is not None
    assert sentence in error[1]
    assert f'value="{REGISTRATION["name"]}"' in answer.text
    assert "Chang-le-2026" not in answer.text
    assert count(sqlite_world, Organisation) == 3


def test_the_township_that_was_succeeded_cannot_be_chosen(sqlite_world):
    fields = {**REGISTRATION, "township": township(sqlite_world, "350112107")}

    answer = Browser(app_of(sqlite_world)).post("/register", fields)

    assert answer.status_code == 422
    assert "请选择“文武砂街道”" in words(answer)


def test_what_an_office_looked_for_in_vain_is_typed_into_its_own_field(sqlite_world):
    browser = signed_in(sqlite_world, "lin")

    for searched, field in (("福建示例渔网有限公司", "name"), ("91350112MA", "credit_code")):
        form = browser.get(f"/applications/enter/organisation?q={searched}").text
        typed = re.findall(rf'name="(name|credit_code)"[^>]*value="{searched}"', form)
        assert typed == [field]
