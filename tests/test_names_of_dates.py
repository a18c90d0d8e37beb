"""The day that fixes the award year has one name, that of its field: in forms, in refusals, to officers."""

from __future__ import annotations

import re

import pytest

from tests.administering import POLICY
from tests.pages import signed_in, words
from tests.world import World

LINES = [
    ("Q1-5", "文件日期", "document_on"),
    ("S2-2", "发布日期", "published_on"),
    ("M4-1", "发证日期", "certified_on"),
]
AS_RULED = ("S2-2", "实施日期", "implemented_on")


def rule_on_standards(world: World) -> None:
    """吴晓燕 decides that the day on which a standard comes into force fixes its award year."""
    typed = {"option": "implemented_on", "decided_on": "2026-11-02", "minutes": "长市监〔2026〕8号"}
    assert signed_in(world, "wuyan").post(f"/rulings/{POLICY}/A7", typed).status_code == 303


@pytest.mark.parametrize(("line", "name", "field"), [*LINES, AS_RULED])
def test_a_refused_day_is_called_what_the_form_calls_it(
    sqlite_world: World, line: str, name: str, field: str
):
    if (line, name, field) == AS_RULED:
        rule_on_standards(sqlite_world)
    case_id = sqlite_world.draft(line=line, **{field: "2019-07-05"})
    donglong = signed_in(sqlite_world, "donglong")

    form = words(donglong.get(f"/my/applications/{case_id}/facts"))
    check = words(donglong.get(f"/my/applications/{case_id}/check"))

    refused = f"{name}2019年7月5日早于政策施行之日"
    assert refused in form
    assert refused in check
    assert re.search(rf"{name} 2019年7月5日", check)
    assert "获奖日期" not in form + check


@pytest.mark.parametrize(("day", "refused"), [("2019-07-05", True), ("2022-06-01", False)])
def test_the_page_of_an_award_asks_for_the_day_that_is_judged_as_ruled(
    sqlite_world: World, day: str, refused: bool
):
    donglong = signed_in(sqlite_world, "donglong")
    before = words(donglong.get(f"/awards/S2-2?awarded_on={day}"))
    rule_on_standards(sqlite_world)

    after = words(donglong.get(f"/awards/S2-2?awarded_on={day}"))

    for page, asked, other in ((before, "发布日期", "实施日期"), (after, "实施日期", "发布日期")):
        assert asked in page
        assert other not in page
        assert (f"{asked}2019年7月5日早于政策施行之日" in page) == refused


@pytest.mark.parametrize(("line", "name", "field"), LINES)
def test_officers_read_the_day_once_under_the_name_of_its_field(
    sqlite_world: World, line: str, name: str, field: str
):
    case_id = sqlite_world.submitted(line=line)

    page = words(signed_in(sqlite_world, "lin").get(f"/applications/{case_id}"))

    assert name in page
    assert "获奖日期" not in page
