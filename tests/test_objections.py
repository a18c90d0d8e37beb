"""An objection during the public notice: who objected is told to nobody but the office that looks into it."""

from __future__ import annotations

import re

import pytest

from tests.pages import signed_in, words
from tests.world import World

OBJECTOR = "示例异议人"


@pytest.fixture
def objected(sqlite_world: World) -> int:
    case_id = sqlite_world.in_notice()
    sqlite_world.do("xie", "object", case_id, objector=OBJECTOR, reason="所报标准不属实")
    return case_id


@pytest.mark.parametrize("account", ["donglong", "lin", "wang", "sun", "zheng", "leader", "hemin"])
def test_others_read_what_was_objected_and_not_by_whom(
    sqlite_world: World, objected: int, account: str
) -> None:
    for language in ("zh", "en"):
        browser = signed_in(sqlite_world, account)
        browser.post("/language", {"language": language})

        path = "/my/applications" if account == "donglong" else "/applications"
        page = words(browser.get(f"{path}/{objected}"))

        assert "所报标准不属实" in page
        assert OBJECTOR not in page


def test_whoever_records_an_objection_reads_who_will_see_the_name(sqlite_world: World) -> None:
    case_id = sqlite_world.in_notice()

    page = signed_in(sqlite_world, "xie").get(f"/applications/{case_id}").text

    beside_the_name = re.search(r'id="object-objector-help">([^<]+)<', page)
    assert beside_the_name is not None
    assert "只有联席会议办公室看得到异议人是谁" in beside_the_name[1]


@pytest.mark.parametrize("account", ["xie", "zhao"])
def test_the_office_that_looks_into_it_knows_whom_to_answer(
    sqlite_world: World, objected: int, account: str
) -> None:
    page = words(signed_in(sqlite_world, account).get(f"/applications/{objected}"))

    assert f"异议人：{OBJECTOR}" in page
