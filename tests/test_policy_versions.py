"""Which version of a policy an award falls under, and how versions follow each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.policy_text import CHANGLE
from workflow.errors import ConfigurationError, Refused
from workflow.policy.policy import Policy, check_succession, in_force_on


def version(code: str, valid_from: date, valid_to: date | None, *, gap_before: bool = False) -> Policy:
    return replace(
        CHANGLE,
        code=code,
        valid_from=valid_from,
        valid_to=valid_to,
        gap_before=gap_before,
        awards_from=valid_from,
    )


FIRST = version("first", date(2020, 1, 1), date(2024, 12, 31))


def test_the_award_date_chooses_the_policy() -> None:
    second = version("second", date(2025, 1, 1), None)

    for day, chosen in (
        (date(2020, 1, 1), FIRST),
        (date(2024, 12, 31), FIRST),
        (date(2025, 1, 1), second),
        (date(2039, 1, 1), second),
    ):
        assert in_force_on([FIRST, second], day) == chosen


@pytest.mark.parametrize("day", [date(2019, 7, 5), date(2019, 12, 31), date(2025, 1, 1)])
def test_an_award_outside_every_policy_is_refused_with_the_days(day: date) -> None:
    with pytest.raises(Refused) as refusal:
        in_force_on([FIRST], day)

    said = refusal.value.sentences("zh")[0]
    assert f"{day.year}年{day.month}月{day.day}日获得的奖项" in said
    assert "2020-01-01—2024-12-31" in said


def test_versions_that_follow_each_other_are_accepted() -> None:
    check_succession([FIRST, version("second", date(2025, 1, 1), None)], "policy")


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (version("second", date(2024, 12, 31), None), "overlap"),
        (version("second", date(2025, 1, 2), None), "gap"),
        (version("first", date(2025, 1, 1), None), "code_twice"),
    ],
    ids=["overlap", "gap", "code_twice"],
)
def test_versions_that_overlap_or_leave_a_gap_are_refused(second: Policy, code: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        check_succession([FIRST, second], "policy")

    assert refusal.value.reason.code == f"policy.file.{code}"


def test_a_policy_without_end_lets_none_follow() -> None:
    with pytest.raises(ConfigurationError):
        check_succession([replace(FIRST, valid_to=None), version("second", date(2030, 1, 1), None)], "policy")


def test_a_gap_that_is_owned_up_to_is_accepted() -> None:
    check_succession([FIRST, version("second", date(2026, 1, 1), None, gap_before=True)], "policy")


def test_a_township_may_have_a_policy_of_its_own_beside_the_district() -> None:
    check_succession(
        [FIRST, replace(version("town", date(2021, 1, 1), None), owner_unit="350112104")], "policy"
    )
