"""Names, telephone and account numbers and credit codes: one spelling each, and what is wrong with others."""

from __future__ import annotations

import pytest

from tests.registering import OTHER_CODE
from workflow.people.names import (
    character_reasons,
    normalised_organisation_name,
    normalised_person_name,
    person_name_reasons,
)
from workflow.people.particulars import (
    bank_number_reasons,
    credit_code_reasons,
    normalised_bank_number,
    normalised_credit_code,
    normalised_phone,
    phone_reasons,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("福建某某(集团) 有限公司 ", "福建某某（集团）有限公司"),
        ("福建某某（集团）有限公司", "福建某某（集团）有限公司"),
        ("\u3000福建 东龙\u00a0针纺\u200b有限公司", "福建东龙针纺有限公司"),
        ("ＡＢＣ　Ｔｅｃｈ 长乐 有限公司", "ABC Tech长乐有限公司"),
        ("隆\uf9dc", "隆隆"),
    ],
)
def test_a_name_of_an_organisation_has_one_spelling(typed: str, stored: str) -> None:
    assert normalised_organisation_name(typed) == stored


@pytest.mark.parametrize("name", ["陈㛃", "䶮", "李𬎆", "𡌴", "阿依古丽·买买提", "\U000323af"])
def test_rare_characters_and_the_middle_dot_are_kept(name: str) -> None:
    assert normalised_person_name(name) == name
    assert person_name_reasons(name) == []


def test_every_middle_dot_becomes_the_same() -> None:
    assert {normalised_person_name(f"阿依古丽{dot}买买提") for dot in "·•‧・"} == {"阿依古丽·买买提"}


def test_a_character_of_the_private_use_area_is_refused_by_position_and_code() -> None:
    sentences = [reason.sentence() for reason in person_name_reasons("陈\ue863")]

    assert len(sentences) == 1
    assert sentences[0].startswith("“陈\ue863”的第 2 个字使用了自造字编码（U+E863）")


def test_control_characters_and_endless_names_are_refused() -> None:
    assert [reason.code for reason in character_reasons("陈\x00", "name")] == ["name.control"]
    assert [reason.code for reason in person_name_reasons("𡌴" * 50)] == []
    assert [reason.code for reason in person_name_reasons("𡌴" * 51)] == ["name.too_long"]


@pytest.mark.parametrize("turning", [*"\u202a\u202b\u202c\u202d\u202e", *"\u2066\u2067\u2068\u2069"])
def test_a_name_that_turns_the_reading_direction_is_refused(turning: str) -> None:
    (reason,) = person_name_reasons(normalised_person_name(f"林{turning}某"))

    assert (reason.code, reason.params["position"]) == ("name.control", 2)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("138 0000 0000", "13800000000"),
        ("+86 138-0000-0000", "13800000000"),
        ("059128920000", "0591-28920000"),
        ("(0591) 28920000", "0591-28920000"),
        ("０５９１－２８９２００００", "0591-28920000"),
        ("010-62000000-123", "010-62000000-123"),
        ("400-123-4567", "400-123-4567"),
    ],
)
def test_mobiles_and_landlines_have_one_spelling(typed: str, stored: str) -> None:
    assert normalised_phone(typed) == stored
    assert phone_reasons(stored) == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "phone.missing"),
        ("28920000", "phone.no_area_code"),
        ("12800000000", "phone.malformed"),
        ("1380000000", "phone.malformed"),
        ("138000000000", "phone.malformed"),
        ("0591-123", "phone.malformed"),
        ("电话", "phone.malformed"),
    ],
)
def test_other_telephone_numbers_are_refused(typed: str, code: str) -> None:
    assert [reason.code for reason in phone_reasons(normalised_phone(typed))] == [code]


@pytest.mark.parametrize(
    ("number", "accepted"),
    [("1234567", False), ("12345678", True), ("1" * 30, True), ("1" * 31, False), ("6222 0000-1234", True)],
)
def test_a_bank_account_number_has_8_to_30_digits(number: str, accepted: bool) -> None:
    assert (bank_number_reasons(normalised_bank_number(number)) == []) is accepted


def test_a_bank_account_number_of_letters_is_refused() -> None:
    assert [reason.code for reason in bank_number_reasons("62220000ABCD")] == [
        "bank_account.number_malformed"
    ]
    assert [reason.code for reason in bank_number_reasons("")] == ["bank_account.number_missing"]


@pytest.mark.parametrize(
    "code", [OTHER_CODE, " 9111 0000-600037341l", "９１１１００００６０００３７３４１Ｌ"]
)
def test_a_credit_code_is_read_however_it_is_typed(code: str) -> None:
    assert normalised_credit_code(code) == OTHER_CODE
    assert credit_code_reasons(OTHER_CODE) == []


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("", "请填写统一社会信用代码。"),
        ("9135018", "统一社会信用代码应为 18 位，您填写了 7 位。"),
        ("9111000060003734IL", "统一社会信用代码第 17 位不能是“I”："),
        ("911100O0600037341L", "统一社会信用代码第 7 位不能是“O”："),
        ("B1110000600037341L", "统一社会信用代码第 1 位不能是“B”："),
        ("91110000600037341M", "统一社会信用代码“91110000600037341M”的末位校验码不符"),
    ],
)
def test_a_wrong_credit_code_is_told_what_is_wrong_with_it(code: str, sentence: str) -> None:
    assert credit_code_reasons(code)[0].sentence().startswith(sentence)
