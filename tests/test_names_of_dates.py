"""The day that fixes the award year has one name, that of its field: in forms, in refusals, to officers."""

from __future__ import annotations

import re

import pytest

from tests.pages import signed_in, words
from tests.world import World

LINES = [
    ("Q1-5", "文件日期", "document_on"),
    ("S2-2", "发布日期", "published_on"),
    ("M4-1", "发证日期", "certified_on"),
]


@pytest.mark.parametrize(("line", "name", "field"), LINES)
def test_a_refused_day_is_called_what_the_form_calls_it(
    sqlite_world: World, line: str, name: str, field: str
):
    case_id = sqlite_world.draft(line=line, **{field: "2019-07-05"})
    donglong = signed_in(sqlite_world, "donglong")

    form = words(donglong.get(f"/my/applications/{case_id}/facts"))
    check = words(donglong.get(f"/my/applications/{case_id}/check"))

    refused = f"{name}2019年7月5日早于政策施行之日"
    assert refused in form
    assert refused in check
    assert re.search(rf"{name} 2019年7月5日", check)
    assert "获奖日期" not in form + check


@pytest.mark.parametrize(("line", "name", "field"), LINES)
def test_officers_read_the_day_once_under_the_name_of_its_field(
    sqlite_world: World, line: str, name: str, field: str
):
    case_id = sqlite_world.submitted(line=line)

    page = words(signed_in(sqlite_world, "lin").get(f"/applications/{case_id}"))

    assert name in page
    assert "获奖日期" not in page
