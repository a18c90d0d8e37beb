"""The ruling points A1 to A23 of the real policy: what each of their options refuses, pays and says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest

from tests.claiming import AAA_BEFORE, BONUS, CHANGLE, CITY, TODAY, TOWNSHIP, codes, facts_of
from workflow.policy.eligibility import (
    EarlierClaim,
    OrganisationFacts,
    Rival,
    achievement_key,
    amount_of,
    awarded_on,
    refusals,
    with_rulings,
)
from workflow.policy.rulings import quoted_clause, shown_clause
from workflow.policy.terms import Ruling


@dataclass(frozen=True)
class Ruled:
    """One option of one ruling point: line, what was typed, circumstances, what is refused under it."""

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
AMENDMENT = {"revision_kind": "amendment"}
JOINT = {"project_role": "joint"}
MEDICAL = {"accreditation_standard": "iso15189"}
FIVE_A = {"certificate_grade": "AAAAA"}
LATE_INDICATION = {"document_on": "2022-04-01"}
AHEAD = (Rival("福建省乙公司", "S2-2", rank=1),)
OTHER = (Rival("福建省乙公司", "S3-1"),)
AAA_THE_SAME_YEAR = (EarlierClaim("2021-0007", "S6-2", date(2021, 1, 1), 30_000),)
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
