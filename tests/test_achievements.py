"""What is one achievement: the same however it is spelt, and before the pools with what belongs to it."""

from __future__ import annotations

import pytest

from tests.claiming import CHANGLE, facts_of
from workflow.policy.eligibility import achievement_key, achievement_title, pool_achievement


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
