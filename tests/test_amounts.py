"""Amounts and editions as people write them, read without a doubt and said as official texts say them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.claiming import CHANGLE
from tests.pages import signed_in, words
from workflow.amounts import whole_yuan
from workflow.catalogue import texts
from workflow.policy.editions import registered_title, spoken_edition, spoken_title


@pytest.mark.parametrize(
    ("typed", "yuan"),
    [
        ("500000", 500_000),
        ("500,000", 500_000),
        ("５００，０００", 500_000),
        ("￥500,000 元", 500_000),
        ("50万", 500_000),
        ("50 万元", 500_000),
        ("５０\u3000万元", 500_000),
        ("1.5万", 15_000),
        ("1.25万", 12_500),
        ("1.2345万", 12_345),
        ("0", 0),
        ("5.00", 5),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed, yuan):
    assert whole_yuan(typed) == yuan


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "5,00",
        "1,2345",
        "0.5",
        "1.23456万",
        "1.000万",
        "1.500万",
        "1.500 万元",
        "五十万",
        "-5",
        "5e5",
        "500 000",
        "500.000",
        "1.000元",
        "10²万",
        "①",
        "9" * 20,
    ],
)
def test_what_could_mean_two_amounts_is_none(typed):
    assert whole_yuan(typed) is None


@given(st.integers(0, 10**15))
def test_every_way_to_write_an_amount_says_the_same(yuan):
    assert whole_yuan(str(yuan)) == whole_yuan(f"{yuan:,}") == whole_yuan(f"{yuan:,}元") == yuan


def test_a_blank_stands_between_every_amount_and_its_yuan():
    assert [code for code, text in texts("zh").items() if re.search(r"\}元", text)] == []


def test_a_blank_stands_between_a_word_and_the_amount_after_it():
    assert [code for code, text in texts("zh").items() if re.search(r"[一-鿿]\{\w+:,\}", text)] == []


def test_a_firm_that_was_refused_is_promised_no_amount(sqlite_world):
    case_id = sqlite_world.in_review()
    donglong = signed_in(sqlite_world, "donglong")
    before = words(donglong.get(f"/my/applications/{case_id}"))
    sqlite_world.do("wang", "reject", case_id, reason="证书已过有效期")

    after = words(donglong.get(f"/my/applications/{case_id}"))

    assert "奖励 500,000 元" in before
    assert "按现行口径试算可得" in before
    assert "试算可得" not in after


@pytest.mark.parametrize(
    ("edition", "zh", "en"),
    [
        (1, "第一届", "1st"),
        (2, "第二届", "2nd"),
        (10, "第十届", "10th"),
        (11, "第十一届", "11th"),
        (23, "第二十三届", "23rd"),
        (100, "第100届", "100th"),
    ],
)
def test_an_edition_is_said_as_official_texts_say_it(edition, zh, en):
    assert (spoken_edition(edition, "zh"), spoken_edition(edition, "en")) == (zh, en)


def test_a_title_of_the_register_is_said_in_the_language_of_the_reader():
    city = CHANGLE.line("Q1-5")
    title = registered_title(city.name.zh, 5)

    assert spoken_title(title, [city], "zh") == "福州市政府质量奖（第五届）"
    assert spoken_title(title, [city], "en") == f"{city.name.en} (5th)"
    assert spoken_title("GB/T 1-2021 某某通则", [city], "en") == "GB/T 1-2021 某某通则"


def test_every_page_says_the_edition_in_characters(sqlite_world):
    case_id = sqlite_world.in_notice("donglong", edition="5")

    receipt = words(signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}/receipt"))
    desk = words(signed_in(sqlite_world, "zhao").get(f"/applications/{case_id}"))
    notice = words(signed_in(sqlite_world, "zhao").get("/applications/notices"))

    for page in (receipt, desk, notice):
        assert "第五届" in page
        assert "第5届" not in page
