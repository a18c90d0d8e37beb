"""An objection during the public notice: who objected is told to nobody but the office that looks into it."""

from __future__ import annotations

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


@pytest.mark.parametrize("account", ["xie", "zhao"])
def test_the_office_that_looks_into_it_knows_whom_to_answer(
    sqlite_world: World, objected: int, account: str
) -> None:
    page = words(signed_in(sqlite_world, account).get(f"/applications/{objected}"))

    assert f"异议人：{OBJECTOR}" in page
