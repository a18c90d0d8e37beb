"""What a careful clerk of 东龙 types for each line of the real policy, and why it would be refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from workflow.errors import Reason
from workflow.policy.eligibility import EarlierClaim, Fact, OrganisationFacts, parse_facts, refusals
from workflow.policy.policy import load_policies
from workflow.policy.terms import AwardLine, Policy

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
# What a ruling may count for or against the claim.
CITY = {"local_level": "city"}
AAA_BEFORE = (EarlierClaim("2020-0007", "S6-2", date(2020, 5, 1), 30_000),)
BONUS = {"higher_level_yuan": "1,000,000"}
TOWNSHIP = {"township_yuan": "20000"}


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
