"""Eligibility on the real policy of Changle: days, recipients and grades that are refused or noted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.claiming import (
    AAA_BEFORE,
    BONUS,
    CHANGLE,
    CITY,
    DONGLONG,
    TODAY,
    TOWNSHIP,
    codes,
    facts_of,
    refused,
)
from workflow.policy.eligibility import amount_of, notices, refusals
from workflow.policy.terms import AwardLine


@pytest.mark.parametrize("line", CHANGLE.lines, ids=lambda each: each.code)
def test_a_careful_claim_is_refused_on_no_line(line: AwardLine) -> None:
    assert refused(line.code) == []
    assert amount_of(line, facts_of(line), CHANGLE) == line.amount_yuan


def test_the_fourth_list_is_older_than_the_policy() -> None:
    line = CHANGLE.line("Q1-5")
    found = refusals(
        line, facts_of(line, document_on="2019-07-05"), CHANGLE, organisation=DONGLONG, today=TODAY
    )

    assert codes(found) == ["before_policy"]
    named = {"field_zh": "文件日期", "field_en": "Date of the document"}
    assert found[0].params == {**named, "day": "2019-07-05", "first": "2020-01-01"}
    assert found[0].field == "document_on"


def test_an_award_of_tomorrow_is_refused_and_one_of_today_is_not() -> None:
    assert refused("Q1-5", document_on="2026-11-03") == ["in_future"]
    assert refused("Q1-5", document_on="2026-11-02") == []


def test_an_award_after_the_end_of_the_policy_is_refused() -> None:
    ended = replace(CHANGLE, valid_to=date(2021, 2, 7))

    assert refused("Q1-5", ended) == ["after_policy"]
    assert refused("Q1-5", replace(CHANGLE, valid_to=date(2021, 2, 8))) == []


def test_a_line_for_enterprises_is_refused_to_an_association() -> None:
    line = CHANGLE.line("S6-1")
    chamber = replace(DONGLONG, kind="association")
    found = refusals(line, facts_of(line), CHANGLE, organisation=chamber, today=TODAY)

    assert codes(found) == ["recipient"]
    assert found[0].params["accepted_label"] == ["organisation_kind.enterprise"]


def test_a_geographical_indication_is_open_to_associations_and_government_bodies() -> None:
    line = CHANGLE.line("S7-1")
    for kind in ("association", "government_body", "cooperative"):
        organisation = replace(DONGLONG, kind=kind)
        assert refusals(line, facts_of(line), CHANGLE, organisation=organisation, today=TODAY) == []


@pytest.mark.parametrize(("line", "grade"), [("S6-1", "AAA"), ("S6-2", "AAAA"), ("S6-2", "AAAAA")])
def test_a_certificate_of_another_grade_is_refused(line: str, grade: str) -> None:
    assert refused(line, certificate_grade=grade) == ["wrong_grade"]


def test_every_reason_is_given_not_the_first() -> None:
    line = CHANGLE.line("S2-4")
    facts = facts_of(line, published_on="2019-12-31", revision_kind="amendment", rank="6")
    gone = replace(DONGLONG, moved_out_on=date(2024, 1, 1))

    found = refusals(line, facts, CHANGLE, organisation=gone, today=TODAY)

    assert set(codes(found)) == {"before_policy", "amendment", "rank_too_low", "not_here_at_application"}


def test_an_unfinished_draft_is_refused_only_for_what_it_says() -> None:
    for line in CHANGLE.lines:
        assert refusals(line, {}, CHANGLE, organisation=DONGLONG, today=TODAY) == []


@pytest.mark.parametrize(
    ("line", "changes", "notice"),
    [
        ("S2-4", CITY, "municipal_standard"),
        ("S7-2", {}, "closed_scheme"),
        ("Q1-5", BONUS, "higher_level_money_stack"),
        ("M4-1", TOWNSHIP, "township_money_add"),
    ],
)
def test_officers_are_told_what_stops_nothing(line: str, changes: dict[str, str], notice: str) -> None:
    award = CHANGLE.line(line)

    found = notices(award, facts_of(award, **changes), CHANGLE)

    assert [reason.code for reason in found] == [f"policy.notice.{notice}"]
    assert notices(CHANGLE.line("S2-2"), facts_of(CHANGLE.line("S2-2")), CHANGLE) == []


def test_an_earlier_grade_is_noted() -> None:
    line = CHANGLE.line("S6-1")

    found = notices(line, facts_of(line), CHANGLE, earlier=AAA_BEFORE)

    assert [reason.params["earlier"] for reason in found] == [["2020-0007"]]
