"""Firms read in plain words what counts for them; officers also by which doubtful point of the policy."""

from __future__ import annotations

import pytest

from tests.pages import signed_in, words
from tests.world import World
from workflow.catalogue import LOCALES, texts

PLAIN = "上级已就同一奖项发给 1,000,000 元；本奖励在此之外另加，不因此扣减。"


@pytest.mark.parametrize("locale", LOCALES)
def test_no_reason_of_the_policy_speaks_in_codes(locale: str):
    said = {
        code: text
        for code, text in texts(locale).items()
        if code.startswith(("policy.refused.", "policy.notice."))
    }

    assert said
    assert [code for code, text in said.items() if "{point}" in text] == []


def test_a_firm_reads_what_counts_for_it_and_no_code(sqlite_world: World):
    case_id = sqlite_world.draft(higher_level_yuan="1000000")

    page = words(signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}/check"))

    assert PLAIN in page
    assert "解释事项" not in page
    assert "A17" not in page


def test_an_officer_also_reads_the_point_it_rests_on(sqlite_world: World):
    case_id = sqlite_world.submitted(higher_level_yuan="1000000")

    page = words(signed_in(sqlite_world, "lin").get(f"/applications/{case_id}"))

    assert PLAIN + "（解释事项A17）" in page


def test_a_refusal_is_plain_to_the_firm(sqlite_world: World):
    case_id = sqlite_world.draft(line="S2-2", foreword_order="unordered")

    page = words(signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}/check"))

    assert "属于主导还是参与，须由政策解释部门对本件作出解释。" in page
    assert "解释事项" not in page
