"""People on the administrator's pages: found, added, corrected, closed, given a code."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.administering import NEW, add, person, trail
from tests.pages import Browser, app_of, signed_in, words
from tests.world import World
from workflow.people.accounts import proven_by_code, redeem_reset_code

ROOT = Path(__file__).parents[1]
CODE = re.compile(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}")


@pytest.fixture
def admin(sqlite_world: World) -> Browser:
    return signed_in(sqlite_world, "admin")


def test_the_list_of_people_shows_their_posts_of_today(sqlite_world, admin):
    page = words(admin.get("/admin/people"))

    assert "huang 黄丽华 松下镇 · 乡镇（街道）初审员 · 分管领导" in page
    assert "董晓东" not in page
    assert "董晓东 福建东龙针纺有限公司 · 申报单位" in words(admin.get("/admin/people?kind=applicants"))


def test_people_are_found_by_name_and_account(sqlite_world, admin):
    assert "林秀英" in words(admin.get("/admin/people?q=秀英"))
    assert "林秀英" in words(admin.get("/admin/people?q=LIN"))
    assert "没有账号以“王二”开头" in words(admin.get("/admin/people?q=王二"))


def test_the_list_goes_on_after_the_last_account(sqlite_world, admin):
    first = admin.get("/admin/people?after=wang")

    assert "吴晓燕" in words(first)
    assert "王海峰" not in words(first)


def test_a_person_is_added_with_a_code_that_works_once(sqlite_world, admin):
    page = add(admin)

    code = CODE.search(page.text)
    assert page.status_code == 200
    assert code
    added = person(sqlite_world, "jiang.lin")
    assert (added.name, added.phone, added.password_hash) == ("江琳", "13900000001", None)
    reset = {
        "account": "jiang.lin",
        "code": code[0],
        "new_password": "Meihua-2026-kou",
        "new_password_again": "Meihua-2026-kou",
    }
    assert Browser(app_of(sqlite_world)).post("/reset-password", reset).status_code == 303
    assert Browser(app_of(sqlite_world)).post("/reset-password", reset).status_code == 422
    acts = [(line.action, line.actor_id) for line in trail(sqlite_world, "jiang.lin")]
    me, admin_id = added.id, sqlite_world.person_id("admin")
    assert acts == [("added", admin_id), ("code_issued", admin_id), ("password_set", me)]


def test_a_code_stands_on_no_other_page_and_in_no_cookie(sqlite_world, admin):
    page = add(admin)
    code = CODE.search(page.text)[0]

    assert page.headers["Cache-Control"] == "no-store"
    assert code not in str(page.headers)
    assert code not in admin.get(f"/admin/people/{person(sqlite_world, 'jiang.lin').id}").text


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"account": "江"}, "person-account", "账号名“江”不符合要求"),
        ({"account": "lin"}, "person-account", "账号名“lin”已被使用"),
        ({"name": ""}, "person-name", "请填写姓名"),
        ({"phone": "28920000"}, "person-phone", "缺少区号"),
        ({"email": "jiang"}, "person-email", "电子邮箱“jiang”不正确"),
    ],
)
def test_a_person_is_refused_at_the_field_and_keeps_what_was_typed(admin, typed, field, sentence):
    page = add(admin, **typed)

    assert page.status_code == 422
    assert sentence in words(page)
    assert f'href="#{field}"' in page.text
    assert f'id="{field}-error"' in page.text
    for kept in ({**NEW, **typed}).values():
        assert f'value="{kept}"' in page.text


def test_a_closed_account_is_signed_out_and_can_be_opened_again(sqlite_world, admin):
    lin = sqlite_world.person_id("lin")
    at_work = signed_in(sqlite_world, "lin")

    assert admin.post(f"/admin/people/{lin}/disable").status_code == 303
    assert at_work.get("/account").location.startswith("/sign-in")
    assert "林秀英" in words(admin.get("/admin/people?kind=disabled"))
    assert admin.post(f"/admin/people/{lin}/enable").status_code == 303
    assert signed_in(sqlite_world, "lin").get("/account").status_code == 200
    assert [line.action for line in trail(sqlite_world, "lin")] == ["disabled", "enabled"]


def test_a_reset_takes_the_password_and_every_session_at_once(sqlite_world, admin):
    lin = sqlite_world.person_id("lin")
    at_work = signed_in(sqlite_world, "lin")

    page = admin.post(f"/admin/people/{lin}/reset")

    assert "林秀英的原密码已失效" in words(page)
    assert "当面交付" in words(page)
    assert at_work.get("/account").location.startswith("/sign-in")
    code = CODE.search(page.text)[0]
    with sqlite_world.store.writing() as session:
        proven = proven_by_code(session, "lin", code, "Meihua-2026-kou", sqlite_world.now)
        redeem_reset_code(session, proven, sqlite_world.now)
        session.commit()
    assert [line.action for line in trail(sqlite_world, "lin")] == ["code_issued", "password_set"]


def test_corrected_particulars_are_recorded_without_what_stood_in_them(sqlite_world, admin):
    lin = sqlite_world.person_id("lin")

    wrong = admin.post(f"/admin/people/{lin}", {"name": "", "phone": "1", "email": "lin@example.cn"})
    assert wrong.status_code == 422
    assert 'id="correct-phone-error"' in wrong.text
    assert 'value="lin@example.cn"' in wrong.text
    right = {"name": "林秀瑛", "phone": "", "email": "lin@example.cn"}
    assert admin.post(f"/admin/people/{lin}", right).status_code == 303
    (line,) = trail(sqlite_world, "lin")
    assert (line.action, line.details) == ("corrected", {"fields": ["name", "email"]})
    assert "更正资料 姓名、电子邮箱" in words(admin.get(f"/admin/people/{lin}"))


def test_who_does_not_exist_is_not_found(admin):
    for address in ("", "/posts/1/end", "/reset", "/disable", "/enable"):
        fields = {"to_on": "2026-11-02", "name": "林"}
        assert admin.post(f"/admin/people/99999{address}", fields).status_code == 404, address
    assert admin.get("/admin/people/99999").status_code == 404


def test_whoever_adds_people_or_posts_for_others_signs():
    unsigned = []
    for file in [*(ROOT / "web").rglob("*.py"), ROOT / "workflow" / "people" / "commands.py"]:
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in (
                "add_person",
                "add_membership",
            ):
                signed = "by" in [keyword.arg for keyword in call.keywords]
                unsigned += [] if signed else [f"{file.name}:{call.lineno}"]

    assert unsigned == []


def test_the_trail_is_said_by_moment_in_the_order_it_was_written(sqlite_world, admin):
    lin = sqlite_world.person_id("lin")
    admin.post(f"/admin/people/{lin}/disable")
    sqlite_world.later(minutes=5)
    admin.post(f"/admin/people/{lin}/enable")

    moments = [line.at for line in trail(sqlite_world, "lin")]

    assert moments[1] - moments[0] == timedelta(minutes=5)
    page = words(admin.get(f"/admin/people/{lin}"))
    assert page.index("启用账户 方明") < page.index("停用账户 方明")
