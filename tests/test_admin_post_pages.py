"""Posts on the administrator's pages: given from a day on, ended with a day, refused at the field."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from tests.administering import add, person, posts, trail, unit_id
from tests.pages import Browser, signed_in, words
from tests.world import World


@pytest.fixture
def admin(sqlite_world: World) -> Browser:
    return signed_in(sqlite_world, "admin")


def post_form(world: World, place: str, role: str, **more: str) -> dict[str, Any]:
    fields = {"unit": unit_id(world, place), "role": role, "from_on": world.today.isoformat()}
    return {"form": "post", **fields, **more}


def test_a_post_counts_from_its_day_and_stands_in_the_trail(sqlite_world, admin):
    add(admin)
    person_id = person(sqlite_world, "jiang.lin").id

    form = post_form(sqlite_world, "350112104", "township_officer", is_head="yes", to_on="2026-12-31")
    answer = admin.post(f"/admin/people/{person_id}/posts", form)

    assert answer.status_code == 303
    assert [(post.role, post.is_head, post.to_on) for post in posts(sqlite_world, "jiang.lin")] == [
        ("township_officer", True, date(2026, 12, 31))
    ]
    page = words(admin.get(answer.location))
    assert (
        "添加任职 松下镇 · 乡镇（街道）初审员 · 分管领导 · 自 2026年11月2日（一） 至 2026年12月31日（四）"
        in page
    )
    assert "方明 · 11月2日（一）" in page


@pytest.mark.parametrize(
    ("unit", "role", "more", "field", "sentence"),
    [
        ("350112104", "administrator", {}, "role", "“系统管理员”只能在“系统管理”类机构任职"),
        ("350112-XTGL", "administrator", {}, "role", "系统管理员不得兼任业务角色"),
        ("350112104", "township_officer", {}, "role", "已担任该机构的“乡镇（街道）初审员”"),
        ("350112-SCJG", "bureau_reviewer", {"to_on": "2026-11-01"}, "to_on", "结束日期早于开始日期"),
        ("350112-SCJG", "bureau_reviewer", {"from_on": "明天"}, "from_on", "请填写日期"),
        ("350112-SCJG", "bureau_reviewer", {"to_on": "年底"}, "to_on", "请填写日期"),
        ("350112-SCJG", "king", {}, "role", "没有“king”这个角色"),
        ("350112-SCJG", "bureau_reviewer", {"unit": ""}, "unit", "请选择任职的机构"),
    ],
)
def test_a_post_is_refused_at_the_field(sqlite_world, admin, unit, role, more, field, sentence):
    lin = sqlite_world.person_id("lin")

    page = admin.post(f"/admin/people/{lin}/posts", post_form(sqlite_world, unit, role, **more))

    assert page.status_code == 422
    assert sentence in words(page)
    assert f'id="post-{field}-error"' in page.text
    assert re.search(r'<details class="act-open" id="act-post" open', page.text)
    assert len(posts(sqlite_world, "lin")) == 1
    assert trail(sqlite_world, "lin") == []


def test_who_decides_on_cases_does_not_become_an_administrator(sqlite_world, admin):
    office = post_form(sqlite_world, "350112-XTGL", "administrator")

    page = admin.post(f"/admin/people/{sqlite_world.person_id('wang')}/posts", office)

    assert page.status_code == 422
    assert "系统管理员不得兼任业务角色" in words(page)


def test_a_person_is_let_act_for_an_organisation_by_its_code(sqlite_world, admin):
    with sqlite_world.store.reading() as session:
        code = session.execute(text("SELECT credit_code FROM organisations ORDER BY id")).scalar()
    add(admin)
    address = f"/admin/people/{person(sqlite_world, 'jiang.lin').id}/posts"
    form = {"form": "organisation", "from_on": "2026-11-02"}

    assert "请填写申报单位的统一社会信用代码" in words(admin.post(address, form))
    wrong = admin.post(address, {**form, "organisation": "91350112MA0"})
    assert "没有统一社会信用代码为“91350112MA0”的申报单位" in words(wrong)
    assert 'value="91350112MA0"' in wrong.text
    assert admin.post(address, {**form, "organisation": code}).status_code == 303
    assert [post.role for post in posts(sqlite_world, "jiang.lin")] == ["applicant"]


def test_a_post_ends_with_its_last_day(sqlite_world, admin):
    (post,) = posts(sqlite_world, "chen")
    address = f"/admin/people/{post.person_id}/posts/{post.id}/end"

    answer = admin.post(address, {"to_on": "2026-11-02"})

    assert answer.status_code == 303
    assert sqlite_world.actor("chen").posts
    sqlite_world.later(days=1)
    assert sqlite_world.actor("chen").posts == ()
    assert [line.action for line in trail(sqlite_world, "chen")] == ["post_ended"]


def test_a_post_of_somebody_else_is_not_found_and_stays(sqlite_world, admin):
    (post,) = posts(sqlite_world, "chen")
    lin = sqlite_world.person_id("lin")

    assert admin.post(f"/admin/people/{lin}/posts/{post.id}/end", {"to_on": "2026-11-02"}).status_code == 404
    assert posts(sqlite_world, "chen")[0].to_on is None


@pytest.mark.parametrize(("to_on", "sentence"), [("", "请填写日期"), ("2019-12-30", "结束日期早于开始日期")])
def test_the_end_of_a_post_is_refused_at_its_field(sqlite_world, admin, to_on, sentence):
    (post,) = posts(sqlite_world, "chen")

    page = admin.post(f"/admin/people/{post.person_id}/posts/{post.id}/end", {"to_on": to_on})

    assert page.status_code == 422
    assert sentence in words(page)
    assert f'id="end-{post.id}-to_on-error"' in page.text


def test_the_last_administrator_can_neither_leave_nor_be_closed(sqlite_world, admin):
    (post,) = posts(sqlite_world, "admin")
    me = f"/admin/people/{post.person_id}"

    for answer in (
        admin.post(f"{me}/disable"),
        admin.post(f"{me}/posts/{post.id}/end", {"to_on": "2026-11-02"}),
    ):
        assert answer.status_code == 403
        assert "这是最后一名系统管理员" in words(answer)
    assert trail(sqlite_world, "admin") == []
