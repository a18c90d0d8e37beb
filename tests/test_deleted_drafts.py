"""A draft that was deleted before it was ever submitted: its organisation's alone, last on its list."""

from __future__ import annotations

import pytest

from tests.pages import signed_in, words


@pytest.fixture
def deleted(sqlite_world) -> int:
    case_id = sqlite_world.draft()
    sqlite_world.do("donglong", "discard", case_id)
    return case_id


def test_the_township_does_not_find_a_deleted_draft(sqlite_world, deleted):
    township = signed_in(sqlite_world, "lin")

    assert f'href="/cases/{deleted}"' not in township.get("/search?q=东龙").text
    assert township.get(f"/applications/{deleted}").status_code == 404
    assert township.get(f"/cases/{deleted}").status_code == 404


def test_a_deleted_draft_stands_last_on_the_firms_page_and_was_not_submitted(sqlite_world, deleted):
    sqlite_world.submitted(line="Q1-4")
    firm = signed_in(sqlite_world, "donglong")

    home, page = words(firm.get("/my")), words(firm.get(f"/my/applications/{deleted}"))

    assert home.index("正在办理") < home.index("已删除的草稿")
    assert "已提交" not in page
    assert "已完成" not in page


def test_a_draft_is_deleted_after_a_second_question(sqlite_world):
    case_id = sqlite_world.draft()

    page = signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}/check")

    assert "删除草稿" in words(page)
    assert page.text.index("<details", page.text.index('id="side"')) < page.text.index("确定删除吗？")
