"""What is typed into the form of a line is read as a fact, or named with its field."""

from __future__ import annotations

from datetime import date

import pytest

from tests.claiming import CHANGLE, TYPED, facts_of, typed
from workflow.policy.eligibility import parse_facts


@pytest.mark.parametrize(
    ("code", "typed_as", "problem"),
    [
        ("published_on", "", "missing"),
        ("published_on", "去年", "not_day"),
        ("published_on", "2021-02-30", "not_day"),
        ("published_on", "20211201", "not_day"),
        ("rank", "第一", "not_integer"),
        ("rank", "-1", "not_integer"),
        ("rank", "1.5", "not_integer"),
        ("township_yuan", "-5,000", "negative"),
        ("township_yuan", "－５,０００", "negative"),
        ("township_yuan", "\u2212 5000 元", "negative"),
        ("rank", "0", "out_of_range"),
        ("rank", "9" * 15, "out_of_range"),
        ("rank", "9" * 5000, "not_integer"),
        ("revision_kind", "rewritten", "unknown_choice"),
        ("standard_title", " \u3000 ", "missing"),
        ("standard_title", "长" * 301, "too_long"),
        ("standard_number", "GB/T 40262", "no_year"),
    ],
)
def test_what_is_no_fact_is_named_with_its_field(code: str, typed_as: str, problem: str) -> None:
    line = CHANGLE.line("S2-2")

    facts, problems = parse_facts(line, typed(line, **{code: typed_as}))

    assert [(each.code, each.field) for each in problems] == [(f"policy.fact.{problem}", code)]
    assert (code in facts) == (problem == "no_year")


def test_every_problem_of_a_form_is_named() -> None:
    line = CHANGLE.line("S2-2")

    _, problems = parse_facts(line, {})

    assert [each.field for each in problems] == [field.code for field in line.fields if field.required]


@pytest.mark.parametrize("typed_as", ["2021-12-01", "2021/12/1", "2021.12.01", "２０２１年１２月１日"])
def test_days_are_read_as_people_write_them(typed_as: str) -> None:
    assert facts_of(CHANGLE.line("S2-2"), published_on=typed_as)["published_on"] == date(2021, 12, 1)


def test_whole_numbers_may_have_thousands_separators_and_full_width_digits() -> None:
    facts = facts_of(CHANGLE.line("Q1-5"), higher_level_yuan="１，０００,000")

    assert facts["higher_level_yuan"] == 1_000_000


def test_rare_characters_in_names_are_kept() -> None:
    assert facts_of(CHANGLE.line("S7-1"), product_name="𬎆䶮㛃𡌴·鱼丸")["product_name"] == "𬎆䶮㛃𡌴·鱼丸"


def test_what_the_line_does_not_ask_is_left_aside() -> None:
    facts, _ = parse_facts(CHANGLE.line("Q1-5"), {**TYPED, "nonsense": "x"})

    assert set(facts) == {"edition", "document_title", "document_on"}
