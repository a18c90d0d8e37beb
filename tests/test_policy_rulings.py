"""Eligibility on the real policy of Changle: what is refused, and what each ruling A1 to A23 changes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from workflow.errors import InvalidInput, Reason
from workflow.policy.eligibility import (
    EarlierClaim,
    Fact,
    OrganisationFacts,
    Rival,
    achievement_key,
    achievement_title,
    amount_of,
    awarded_on,
    notices,
    parse_facts,
    pool_achievement,
    refusals,
    with_rulings,
)
from workflow.policy.entitlement import Claim, entitlement
from workflow.policy.policy import load_policies
from workflow.policy.rulings import quoted_clause, ruling_problems, shown_clause
from workflow.policy.terms import AwardLine, Policy, Ruling

CHANGLE = load_policies(Path(__file__).parents[1] / "workflow" / "districts" / "changle")[0]
TODAY = date(2026, 11, 2)
DONGLONG = OrganisationFacts("enterprise", date(2005, 3, 1))

TYPED = {
    "edition": "5",
    "document_title": "福州市人民政府关于公布第五届福州市政府质量奖获奖名单的通知",
    "document_on": "2021-02-08",
    "laboratory_name": "长乐纺织检测中心",
    "accreditation_number": "CNAS L1234",
    "accreditation_standard": "iso17025",
    "laboratory_type": "independent",
    "first_accreditation": "yes",
    "accredited_on": "2021-03-01",
    "committee_name": "全国纺织品标准化技术委员会",
    "committee_number": "SAC/TC 209",
    "body_type": "tc",
    "standard_number": "GB/T 40262-2021",
    "standard_title": "经编间隔织物",
    "revision_kind": "new",
    "published_on": "2021-12-01",
    "implemented_on": "2022-06-01",
    "foreword_order": "ordered",
    "local_level": "province",
    "project_name": "经编标准化试点",
    "project_number": "闽市监标〔2020〕9号",
    "project_role": "lead",
    "accepted_on": "2021-05-06",
    "prize_category": "project",
    "certificate_number": "CN-2021-1",
    "certified_on": "2021-07-01",
    "first_certificate": "yes",
    "product_name": "漳港海蚌",
}


def typed(line: AwardLine, **changes: str) -> dict[str, str]:
    """What a careful clerk types for the line."""
    grade = line.level if line.level.startswith("A") else "AAA"
    own = {"rank": str(line.rank_from or 1), "certificate_grade": grade}
    return {**TYPED, **own, **changes}


def facts_of(line: AwardLine, **changes: str) -> dict[str, Fact]:
    facts, problems = parse_facts(line, typed(line, **changes))
    assert problems == []
    return facts


def codes(reasons: list[Reason]) -> list[str]:
    return [reason.code.removeprefix("policy.refused.") for reason in reasons]


def refused(code: str, policy: Policy = CHANGLE, **changes: str) -> list[str]:
    line = policy.line(code)
    return codes(refusals(line, facts_of(line, **changes), policy, organisation=DONGLONG, today=TODAY))


@pytest.mark.parametrize("line", CHANGLE.lines, ids=lambda each: each.code)
def test_a_careful_claim_is_refused_on_no_line(line: AwardLine) -> None:
    assert refused(line.code) == []
    assert amount_of(line, facts_of(line), CHANGLE) == line.amount_yuan


# Each option of each ruling point: line, what was typed, circumstances, what is refused under it.


@dataclass(frozen=True)
class Ruled:
    option: str
    line: str
    typed: dict[str, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    amount: int | None = None
    kind: str = "enterprise"
    registered_on: date = date(2005, 3, 1)
    moved_out_on: date | None = None
    moment: str = "application"
    rivals: tuple[Rival, ...] = ()
    earlier: tuple[EarlierClaim, ...] = ()
    day: date | None = None

    @property
    def point(self) -> str:
        return self.option.split(".")[0]

    def __str__(self) -> str:
        return f"{self.option} {self.line}"


SC = {"body_type": "sc"}
UNORDERED = {"foreword_order": "unordered"}
FIFTH = {"rank": "5"}
CITY = {"local_level": "city"}
AMENDMENT = {"revision_kind": "amendment"}
JOINT = {"project_role": "joint"}
MEDICAL = {"accreditation_standard": "iso15189"}
FIVE_A = {"certificate_grade": "AAAAA"}
LATE_INDICATION = {"document_on": "2022-04-01"}
AHEAD = (Rival("福建省乙公司", "S2-2", rank=1),)
OTHER = (Rival("福建省乙公司", "S3-1"),)
AAA_THE_SAME_YEAR = (EarlierClaim("2021-0007", "S6-2", date(2021, 1, 1), 30_000),)
AAA_BEFORE = (EarlierClaim("2020-0007", "S6-2", date(2020, 5, 1), 30_000),)
BONUS = {"higher_level_yuan": "1,000,000"}
TOWNSHIP = {"township_yuan": "20000"}
BOTH = "A22.at_application_and_payment"
MOVED = date(2025, 1, 1)

RULED = [
    Ruled("A1.by_level", "S1-1", SC, amount=500_000),
    Ruled("A1.by_level", "S1-2", amount=300_000),
    Ruled("A1.by_body", "S1-1", SC, amount=300_000),
    Ruled("A1.by_body", "S1-1", {"body_type": "wg"}, amount=300_000),
    Ruled("A1.by_body", "S1-2", amount=500_000),
    Ruled("A2.tc_only", "S1-3", SC, ("body_type",)),
    Ruled("A2.sc_and_wg_too", "S1-3", SC),
    Ruled("A2.sc_and_wg_too", "S1-3", {"body_type": "wg"}),
    Ruled("A3.foreword_order", "S2-2", {"rank": "3"}),
    Ruled("A3.foreword_order", "S2-2", {"rank": "4"}, ("rank_too_low",)),
    Ruled("A3.foreword_order", "S2-7", {"rank": "3"}, ("rank_too_high",)),
    Ruled("A3.foreword_order", "S2-7", {"rank": "4"}),
    Ruled("A3.foreword_order", "S2-2", UNORDERED, ("unordered",)),
    Ruled("A3.foreword_order", "S2-5", {**UNORDERED, "rank": "9"}, ("unordered",)),
    Ruled("A3.foreword_order", "S5-4", {**UNORDERED, "rank": "9"}, ("unordered",)),
    Ruled("A3.foreword_order", "S2-2", {"certificate_rank": "9"}),
    Ruled("A3.certificate_rank", "S2-2", {"rank": "7", "certificate_rank": "2"}),
    Ruled("A3.certificate_rank", "S2-2", {**UNORDERED, "certificate_rank": "2"}),
    Ruled("A3.certificate_rank", "S2-2", {"certificate_rank": "5"}, ("rank_too_low",)),
    Ruled("A3.certificate_rank", "S2-2", {}, ("no_certificate_rank",)),
    Ruled("A3.as_lead", "S2-2", UNORDERED),
    Ruled("A3.as_lead", "S2-7", UNORDERED, ("ruled_otherwise",)),
    Ruled("A3.as_participant", "S2-2", UNORDERED, ("ruled_otherwise",)),
    Ruled("A3.as_participant", "S2-7", UNORDERED),
    Ruled("A4.not_paid", "S2-5", FIFTH, ("unlisted_participant",)),
    Ruled("A4.paid", "S2-5", FIFTH, amount=25_000),
    Ruled("A4.paid", "S2-5", amount=50_000),
    Ruled("A5.province_and_city", "S2-4", CITY),
    Ruled("A5.province_only", "S2-4", CITY, ("local_level",)),
    Ruled("A5.province_only", "S2-9"),
    Ruled("A6.excluded", "S2-2", AMENDMENT, ("amendment",)),
    Ruled("A6.excluded", "S2-2", {"revision_kind": "revision"}),
    Ruled("A6.counted", "S2-2", AMENDMENT),
    Ruled("A7.published_on", "S2-2", day=date(2021, 12, 1)),
    Ruled("A7.implemented_on", "S2-2", day=date(2022, 6, 1)),
    Ruled("A8.each_unit", "S2-2", {"rank": "2"}, rivals=AHEAD),
    Ruled("A8.top_only", "S2-2", {"rank": "2"}, ("drafter_ahead",), rivals=AHEAD),
    Ruled("A8.top_only", "S2-2", {"rank": "1"}, rivals=(Rival("福建省乙公司", "S2-2", rank=2),)),
    Ruled("A9.lead_once", "S3-1", JOINT, ("joint_participant",)),
    Ruled("A9.lead_once", "S4-2", {}, ("project_taken",), rivals=OTHER),
    Ruled("A9.each_unit", "S3-1", JOINT, rivals=OTHER),
    Ruled("A10.top_three", "S5-1", {"rank": "3"}),
    Ruled("A10.top_three", "S5-1", {"rank": "4"}, ("prize_rank",)),
    Ruled("A10.top_three", "S5-1", {"prize_category": "organisation"}, ("prize_category",)),
    Ruled("A10.top_three", "S5-4", UNORDERED, ("unordered",)),
    Ruled("A10.rank_one", "S5-4", {"rank": "2"}, ("prize_rank",)),
    Ruled("A10.all_listed", "S5-4", {"rank": "12", **UNORDERED}),
    Ruled("A11.needs_ruling", "S6-1", FIVE_A, ("grade_needs_ruling",)),
    Ruled("A11.paid", "S6-1", FIVE_A, amount=50_000),
    Ruled("A11.not_paid", "S6-1", FIVE_A, ("grade_not_listed",)),
    Ruled("A12.both", "S6-1", earlier=AAA_BEFORE, amount=50_000),
    Ruled("A12.top_up", "S6-1", earlier=AAA_BEFORE, amount=20_000),
    Ruled("A12.top_up", "S6-1", earlier=AAA_THE_SAME_YEAR, amount=50_000),
    Ruled("A12.first_only", "S6-1", {}, ("first_grade_only",), earlier=AAA_BEFORE),
    Ruled("A12.first_only", "S6-1"),
    Ruled("A15.until_closed", "S7-2", LATE_INDICATION, ("scheme_closed",)),
    Ruled("A15.until_closed", "S7-2", {"document_on": "2022-03-31"}),
    Ruled("A15.open", "S7-2", LATE_INDICATION),
    Ruled("A16.enterprises", "Q1-5", {}, ("laureate_kind",), kind="institution"),
    Ruled("A16.any_winner", "Q1-5", kind="institution"),
    Ruled("A17.stack", "Q1-5", BONUS, amount=500_000),
    Ruled("A17.deduct", "Q1-5", {"higher_level_yuan": "120000"}, amount=380_000),
    Ruled("A17.deduct", "Q1-5", BONUS, amount=0),
    Ruled("A18.laboratory_17025", "L2-1", MEDICAL, ("accreditation_standard",)),
    Ruled("A18.laboratory_17025", "L2-1", {"laboratory_type": "in_house"}, ("laboratory_type",)),
    Ruled("A18.laboratory_17025", "L2-1", {"first_accreditation": "no"}, ("not_first_accreditation",)),
    Ruled("A18.also_15189_and_17020", "L2-1", {"accreditation_standard": "iso17020"}),
    Ruled("A18.also_15189_and_17020", "L2-1", {"laboratory_type": "in_house"}, ("laboratory_type",)),
    Ruled("A18.in_house_too", "L2-1", {"laboratory_type": "in_house"}),
    Ruled("A19.any_grade", "M4-1", {"certificate_grade": "A"}),
    Ruled("A19.any_grade", "M4-1", {"certificate_grade": "AAAA"}, ("measurement_grade",)),
    Ruled("A19.any_grade", "M4-1", {"first_certificate": "no"}, ("not_first_certificate",)),
    Ruled("A19.top_grade_only", "M4-1", {"certificate_grade": "AA"}, ("measurement_grade",)),
    Ruled("A21.in_force", "Q1-5", {"document_on": "2020-01-01"}),
    Ruled("A21.not_retroactive", "Q1-5", {"document_on": "2020-04-30"}, ("before_awards_from",)),
    Ruled("A21.not_retroactive", "Q1-5", {"document_on": "2020-05-01"}),
    Ruled(BOTH, "Q1-5", {}, ("not_here_at_application",), moved_out_on=MOVED),
    Ruled(BOTH, "Q1-5", {}, ("not_here_at_payment",), moved_out_on=MOVED, moment="payment"),
    Ruled(BOTH, "Q1-5", moved_out_on=date(2026, 11, 3)),
    Ruled(BOTH, "Q1-5", {}, ("not_here_at_application",), moved_out_on=TODAY),
    Ruled("A22.at_award", "Q1-5", moved_out_on=MOVED),
    Ruled("A22.at_award", "Q1-5", {}, ("not_here_at_award",), registered_on=date(2021, 2, 9)),
    Ruled("A22.at_application", "Q1-5", moved_out_on=MOVED, moment="payment"),
    Ruled("A22.at_payment", "Q1-5", moved_out_on=MOVED),
    Ruled("A22.at_payment", "Q1-5", {}, ("not_here_at_payment",), moved_out_on=MOVED, moment="payment"),
    Ruled("A23.add", "M4-1", TOWNSHIP, amount=30_000),
    Ruled("A23.deduct", "M4-1", TOWNSHIP, amount=10_000),
]
# These two steer the pools, A20 the wording: their options have tests of their own.
ELSEWHERE = {"A13.whole_item", "A13.s37_per_item", "A14.covered", "A14.outside"} | {
    f"A20.{each}" for each in ("verbatim_in_documents", "verbatim", "corrected")
}


@pytest.mark.parametrize("case", RULED, ids=[f"{case} {number}" for number, case in enumerate(RULED)])
def test_each_ruling_does_what_it_says(case: Ruled) -> None:
    line = CHANGLE.line(case.line)
    facts = facts_of(line, **case.typed)
    key = achievement_key(line, facts)
    ruling = Ruling(case.point, case.option.split(".")[1], date(2026, 1, 5), "区市场监管局", scope=key)

    found = refusals(
        line,
        facts,
        CHANGLE,
        organisation=OrganisationFacts(case.kind, case.registered_on, case.moved_out_on),
        today=TODAY,
        rulings=[ruling],
        moment=case.moment,
        rivals=case.rivals,
        earlier=case.earlier,
    )

    assert codes(found) == list(case.refused)
    assert all(reason.params["point"] == case.point for reason in found if "point" in reason.params) or (
        case.point == "A10" and case.refused == ("unordered",)
    )
    policy = with_rulings(CHANGLE, [ruling], TODAY, achievement=key)
    if case.amount is not None:
        assert amount_of(line, facts, policy, earlier=case.earlier) == case.amount
    if case.day is not None:
        assert awarded_on(line, facts, policy) == case.day


def test_every_option_of_every_ruling_point_is_tried_here() -> None:
    options = {f"{point.code}.{option.code}" for point in CHANGLE.points for option in point.options}

    assert {case.option for case in RULED} | ELSEWHERE == options
    assert [point.code for point in CHANGLE.points] == [f"A{number}" for number in range(1, 24)]


@pytest.mark.parametrize(
    ("option", "in_documents", "on_screen"),
    [("verbatim_in_documents", "给与", "给予"), ("verbatim", "给与", "给与"), ("corrected", "给予", "给予")],
)
def test_a20_chooses_where_misprints_are_put_right(option: str, in_documents: str, on_screen: str) -> None:
    policy = with_rulings(CHANGLE, [Ruling("A20", option, TODAY, "区市场监管局")], TODAY)
    line = policy.line("S2-2")

    assert f"分别{in_documents}一次性奖励50万元" in quoted_clause(line, policy)
    assert f"分别{on_screen}一次性奖励50万元" in shown_clause(line, policy)


def test_the_digit_in_the_name_of_iso_10012_is_put_right_on_screen() -> None:
    line = CHANGLE.line("M4-1")

    assert "IS010012" in quoted_clause(line, CHANGLE)
    assert "获得 ISO 10012 测量管理体系" in shown_clause(line, CHANGLE)


# Rulings over time and in scope.


def test_a_ruling_counts_from_its_day_on() -> None:
    line, ruling = CHANGLE.line("S2-4"), Ruling("A5", "province_only", date(2026, 3, 2), "区市场监管局")
    facts = facts_of(line, local_level="city")

    for today, expected in ((date(2026, 3, 1), []), (date(2026, 3, 2), ["local_level"])):
        found = refusals(line, facts, CHANGLE, organisation=DONGLONG, today=today, rulings=[ruling])
        assert codes(found) == expected


def test_the_latest_general_ruling_counts() -> None:
    rulings = [
        Ruling("A5", "province_and_city", date(2026, 5, 1), "区市场监管局"),
        Ruling("A5", "province_only", date(2026, 3, 1), "区市场监管局"),
    ]
    line = CHANGLE.line("S2-4")

    in_april, in_june = (with_rulings(CHANGLE, rulings, date(2026, month, 1)) for month in (4, 6))

    assert in_april.chosen("local_levels", line) == "province_only"
    assert in_june.chosen("local_levels", line) == "province_and_city"


def test_a_ruling_on_one_achievement_goes_before_a_later_general_one_and_touches_no_other() -> None:
    rulings = [
        Ruling("A6", "counted", date(2026, 1, 1), "区市场监管局", scope="gb/t40262-2021"),
        Ruling("A6", "excluded", date(2026, 2, 1), "区市场监管局"),
    ]
    line = CHANGLE.line("S2-2")

    def found(number: str) -> list[str]:
        facts = facts_of(line, revision_kind="amendment", standard_number=number)
        return codes(refusals(line, facts, CHANGLE, organisation=DONGLONG, today=TODAY, rulings=rulings))

    assert found("GB/T 40262-2021") == []
    assert found("GB/T 40263-2021") == ["amendment"]


def test_a_policy_without_rulings_is_itself() -> None:
    assert with_rulings(CHANGLE, [], TODAY) == CHANGLE


@pytest.mark.parametrize(
    ("ruling", "code", "field"),
    [
        (Ruling("A99", "yes", TODAY, "区市场监管局"), "unknown_point", "point"),
        (Ruling("A5", "maybe", TODAY, "区市场监管局"), "unknown_option", "option"),
        (Ruling("A3", "as_lead", TODAY, "区市场监管局"), "case_only", "scope"),
    ],
)
def test_a_ruling_the_policy_does_not_know_is_refused(ruling: Ruling, code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        with_rulings(CHANGLE, [ruling], TODAY)

    assert refusal.value.reasons == tuple(ruling_problems(ruling, CHANGLE))
    assert (refusal.value.reasons[0].code, refusal.value.reasons[0].field) == (f"policy.ruling.{code}", field)


def test_a_ruled_amount_decides_the_winner_of_the_pool() -> None:
    policy = with_rulings(CHANGLE, [Ruling("A1", "by_body", TODAY, "区市场监管局")], TODAY)
    claims = []
    for code, body in (("S1-1", "wg"), ("S1-2", "tc")):
        line = policy.line(code)
        amount = amount_of(line, facts_of(line, body_type=body), policy)
        claims.append(Claim(code, "甲", date(2024, 6, 1), body, amount_yuan=amount))

    assert [each.payable_yuan for each in entitlement(claims, policy)] == [0, 500_000]


def test_an_amount_ruled_for_an_unlisted_grade_is_for_that_grade_alone() -> None:
    policy = with_rulings(CHANGLE, [Ruling("A11", "paid", TODAY, "区市场监管局")], TODAY)
    line = replace(policy.line("S6-1"), amount_yuan=45_000)

    amounts = [
        amount_of(line, facts_of(line, certificate_grade=grade), policy) for grade in ("AAAA", "AAAAA")
    ]

    assert amounts == [45_000, 50_000]


# Dates, recipients, grades.


def test_the_fourth_list_is_older_than_the_policy() -> None:
    line = CHANGLE.line("Q1-5")
    found = refusals(
        line, facts_of(line, document_on="2019-07-05"), CHANGLE, organisation=DONGLONG, today=TODAY
    )

    assert codes(found) == ["before_policy"]
    assert found[0].params == {"day": "2019-07-05", "first": "2020-01-01"}
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


# What was typed.


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


# Achievements.


@pytest.mark.parametrize(
    "spelling",
    [
        "GB/T 40262—2021",
        "ＧＢ／Ｔ　40262－2021",
        "gb/t40262-2021",
        " GB/T 40262–2021 ",
        "《GB/T 40262−2021》",
        "GB/T 40262：2021",
    ],
)
def test_a_standard_is_one_achievement_however_it_is_spelt(spelling: str) -> None:
    line = CHANGLE.line("S2-2")

    assert achievement_key(line, facts_of(line, standard_number=spelling)) == "gb/t40262-2021"


def test_another_standard_is_another_achievement() -> None:
    line = CHANGLE.line("S2-2")

    assert achievement_key(line, facts_of(line, standard_number="GB/T 40262-2022")) != "gb/t40262-2021"


def test_an_award_is_one_achievement_an_edition() -> None:
    city, province = CHANGLE.line("Q1-5"), CHANGLE.line("Q1-3")

    assert achievement_key(city, facts_of(city)) != achievement_key(city, facts_of(city, edition="6"))
    assert achievement_key(city, facts_of(city)) != achievement_key(province, facts_of(province))
    assert achievement_title(city, facts_of(city)) == "福州市政府质量奖（第5届）"


def test_a_prize_and_its_standard_are_one_achievement_before_the_pools() -> None:
    prize, standard = CHANGLE.line("S5-1"), CHANGLE.line("S2-2")

    names = {pool_achievement(line, achievement_key(line, facts_of(line))) for line in (prize, standard)}

    assert names == {"standard:gb/t40262-2021"}
    assert achievement_title(prize, facts_of(prize)) == "GB/T 40262-2021 经编间隔织物"


def test_quality_awards_are_one_achievement_before_the_pools() -> None:
    names = {pool_achievement(CHANGLE.line(f"Q1-{number}"), "any key") for number in range(1, 6)}

    assert names == {"quality award"}


def test_an_achievement_without_its_facts_has_no_key() -> None:
    assert {achievement_key(line, {}) for line in CHANGLE.lines} == {""}
