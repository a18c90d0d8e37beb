"""Amounts too large to be meant: the sentence that refuses them can be read."""

from __future__ import annotations

import pytest

from workflow.catalogue import LOCALES, sentence


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", ["input.not_money", "budget.not_money"])
def test_the_largest_amount_is_written_with_commas(code, locale):
    said = sentence(code, locale, field_label="input.amount_yuan", most=10**12)

    assert "1,000,000,000,000" in said
