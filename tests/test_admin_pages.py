"""The administrator's pages: people, units, calendar, versions, deliveries; rulings and budgets."""

from __future__ import annotations

import ast
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from tests.pages import Browser, app_of, signed_in, told, words
from tests.test_web_base import statements
from tests.world import World
from workflow.people.accounts import proven_by_code, redeem_reset_code
from workflow.storage.tables import AccountEvent, Budget, Delivery, Membership, Person, RulingRow, Unit

ROOT = Path(__file__).parents[1]
POLICY = "changle-quality-2020"
OFFICERS = ("lin", "wang", "zhao", "sun", "xuyuan", "zheng", "leader", "donglong")
CODE = re.compile(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}")
LOOKED_AT = (
    "/admin",
    "/admin/people",
    "/admin/people/new",
    "/admin/people/1",
    "/admin/units",
    "/admin/units/1",
    "/admin/calendar",
    "/admin/processes/referral/1",
    "/admin/processes/referral/1/diagram",
    "/admin/policies/1",
    "/admin/deliveries",
)
CHANGED_AT = (
    "/admin/people/new",
    "/admin/people/1",
    "/admin/people/1/posts",
    "/admin/people/1/posts/1/end",
    "/admin/people/1/reset",
    "/admin/people/1/disable",
    "/admin/people/1/enable",
    "/admin/units/1",
    "/admin/deliveries/retry",
)
NEW = {"account": "Jiang.Lin", "name": "江 琳", "phone": "139 0000 0001", "email": "jiang@example.cn"}


@pytest.fixture
def admin(sqlite_world: World) -> Browser:
    return signed_in(sqlite_world, "admin")


def person(world: World, account: str) -> Person:
    with world.store.reading() as session:
        return session.scalars(select(Person).where(Person.account == account)).one()


def unit_id(world: World, code: str) -> int:
    with world.store.reading() as session:
        return session.scalars(select(Unit.id).where(Unit.code == code)).one()


def posts(world: World, account: str) -> list[Membership]:
    with world.store.reading() as session:
        return list(session.scalars(select(Membership).join(Person).where(Person.account == account)))


def trail(world: World, account: str) -> list[AccountEvent]:
    with world.store.reading() as session:
        mine = select(AccountEvent).where(AccountEvent.person_id == world.person_id(account))
        return list(session.scalars(mine.order_by(AccountEvent.id)))


def post_form(world: World, place: str, role: str, **more: str) -> dict[str, Any]:
    fields = {"unit": unit_id(world, place), "role": role, "from_on": world.today.isoformat()}
    return {"form": "post", **fields, **more}


def add(browser: Browser, **typed: str) -> TestResponse:
    return browser.post("/admin/people/new", {**NEW, **typed})


def dead_letter(world: World, account: str = "lin") -> int:
    message_id = told(world, account)
    with world.store.writing() as session:
        delivery = Delivery(
            message_id=message_id,
            channel="mail",
            address="old@example.cn",
            status="dead",
            attempts=6,
            next_attempt_at=world.now,
            last_error="550 no such user",
        )
        session.add(delivery)
        session.commit()
        return delivery.id


def delivery(world: World, delivery_id: int) -> Delivery:
    with world.store.reading() as session:
        return session.get_one(Delivery, delivery_id)


def ruled(browser: Browser, point: str = "A2", **typed: str) -> TestResponse:
    fields = {"option": "sc_and_wg_too", "decided_on": "2026-11-02", "minutes": "长市监〔2026〕8号", **typed}
    return browser.post(f"/rulings/{POLICY}/{point}", fields)


@pytest.mark.parametrize("account", OFFICERS)
def test_nobody_but_an_administrator_sees_these_pages(sqlite_world, account):
    browser = signed_in(sqlite_world, account)

    for address in LOOKED_AT:
        assert browser.get(address).status_code == 403, address


@pytest.mark.parametrize("account", OFFICERS)
def test_nobody_but_an_administrator_changes_anything(sqlite_world, account):
    browser = signed_in(sqlite_world, account)

    for address in CHANGED_AT:
        assert browser.post(address, NEW).status_code == 403, address
    assert trail(sqlite_world, "lin") == []


def test_home_says_first_what_needs_the_administrator(sqlite_world, admin):
    page = words(admin.get("/admin"))

    assert "需要处理：定时任务没有运行、2 个机构人员不足" in page
    assert "“系统管理”现有 1 名工作人员，至少应有 2 名" in page
    assert "放假安排已录到 2026 年" in page
    assert re.search(r"奖励申请 award_application 第 1 版 [0-9a-f]{12} \S+ 0", page)


def test_home_counts_the_open_cases_of_each_version(sqlite_world, admin):
    sqlite_world.submitted()

    page = words(admin.get("/admin"))

    assert re.search(r"award_application 第 1 版 [0-9a-f]{12} \S+ 1", page)
    assert re.search(rf"{POLICY} 自 2020年1月1日（三） [0-9a-f]{{12}} \S+ 1", page)


def test_home_speaks_english_to_who_reads_english(sqlite_world, admin):
    admin.post("/language", {"language": "en"})

    page = words(admin.get("/admin"))

    assert "Needs you: the scheduler is not running" in page
    assert not re.search(r"[\u4e00-\u9fff]", page.replace("中文", "").replace("方明", ""))


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


def test_units_show_their_successor_and_who_serves(sqlite_world, admin):
    page = words(admin.get("/admin/units"))

    assert "至 2021年6月5日（六） 由文武砂街道承接" in page
    own = words(admin.get(f"/admin/units/{unit_id(sqlite_world, '350112104')}"))
    assert "黄丽华 huang 乡镇（街道）初审员 · 分管领导" in own


def test_a_telephone_is_kept_and_a_wrong_one_refused_at_its_field(sqlite_world, admin):
    meihua = unit_id(sqlite_world, "350112104")

    wrong = admin.post(f"/admin/units/{meihua}", {"phone": "28920000"})
    assert wrong.status_code == 422
    assert 'value="28920000"' in wrong.text
    assert 'id="unit-phone-error"' in wrong.text
    assert admin.post(f"/admin/units/{meihua}", {"phone": "(0591)28920000"}).status_code == 303
    assert "0591-28920000" in words(admin.get("/admin/units"))
    assert admin.post("/admin/units/99999", {"phone": ""}).status_code == 404


def test_the_calendar_shows_holidays_make_up_days_and_what_is_estimated(admin):
    page = words(admin.get("/admin/calendar?year=2026"))

    assert "10月1日（四）–10月7日（三） 国庆节，放假" in page
    assert "10月10日（六） 国庆节调休，上班" in page
    assert "个工作日" in page
    coming = words(admin.get("/admin/calendar?year=2027"))
    assert "预计 这一年的放假安排还没有录入" in coming
    assert admin.get("/admin/calendar?year=3000").status_code == 404


def test_a_process_is_a_table_and_a_diagram_to_take_along(admin):
    page = words(admin.get("/admin/processes/award_application/1"))

    assert "受理 → 乡镇初审 乡镇（街道）初审员" in page
    assert "公示期满 → 待拨付 或 认定不拨付 到期自动" in page
    drawn = admin.get("/admin/processes/award_application/1/diagram")
    assert drawn.headers["Content-Disposition"] == "attachment; filename=award_application-1.mmd"
    assert drawn.text.startswith("stateDiagram-v2")
    assert admin.get("/admin/processes/award_application/9").status_code == 404


def test_a_policy_shows_lines_readings_and_points(admin):
    page = words(admin.get("/admin/policies/1"))

    assert "35 项，合计 982 万元" in page
    assert "按项就高（现行口径）" in page
    assert "A23" in page
    assert admin.get("/admin/policies/9").status_code == 404


def test_a_dead_letter_goes_out_again_to_the_corrected_address(sqlite_world, admin):
    letter = dead_letter(sqlite_world)
    page = words(admin.get("/admin/deliveries"))
    assert "1 封通知无法送达" in page
    assert "old@example.cn" in page
    assert "550 no such user" in page

    assert admin.post("/admin/deliveries/retry", {"case": letter}).status_code == 303

    sent_again = delivery(sqlite_world, letter)
    assert (sent_again.status, sent_again.attempts, sent_again.address) == ("waiting", 0, "lin@example.org")
    assert sent_again.next_attempt_at == sqlite_world.now


def test_a_letter_retried_already_is_passed_over(sqlite_world, admin):
    letter = dead_letter(sqlite_world)
    admin.post("/admin/deliveries/retry", {"case": letter})

    answer = admin.post("/admin/deliveries/retry", {"case": letter})

    assert "0 封通知将重新投递" in words(admin.get(answer.location))


def test_a_retry_is_refused_with_a_sentence(sqlite_world, admin):
    letter = dead_letter(sqlite_world)
    with sqlite_world.store.writing() as session:
        session.get_one(Person, sqlite_world.person_id("lin")).email = None
        session.commit()

    assert "请先勾选" in words(admin.post("/admin/deliveries/retry"))
    refused = admin.post("/admin/deliveries/retry", {"case": letter})
    assert refused.status_code == 422
    assert "林秀英没有电子邮箱" in words(refused)
    assert delivery(sqlite_world, letter).status == "dead"


def test_the_head_of_the_bureau_rules_and_the_policy_reads_so(sqlite_world):
    head = signed_in(sqlite_world, "wuyan")
    assert "只算专业标准化技术委员会" in words(head.get("/rulings"))

    answer = ruled(head)

    assert answer.status_code == 303
    page = words(head.get(answer.location))
    assert "现行读法 分委会、工作组也算" in page
    assert "分委会、工作组也算 吴晓燕 · 2026年11月2日（一） · 长市监〔2026〕8号" in page
    listed = words(signed_in(sqlite_world, "lin").get("/rulings"))
    assert "2026年11月2日（一） 吴晓燕解释 · 长市监〔2026〕8号" in listed


def test_a_ruling_on_one_case_names_its_achievement_by_the_number(sqlite_world):
    case_id = sqlite_world.submitted(line="S2-2")
    number = sqlite_world.case(case_id).number
    head = signed_in(sqlite_world, "wuyan")

    answer = ruled(head, "A3", option="as_lead", scope=str(number).lower())

    assert answer.status_code == 303
    page = words(head.get(answer.location))
    assert "本件按主导认定 只就个案：" in page
    assert "现行读法 以前言印刷顺序为准" in page
    assert "另有个案解释 1 件" in words(head.get("/rulings"))


@pytest.mark.parametrize(
    ("point", "typed", "field", "sentence"),
    [
        ("A2", {"option": ""}, "option", "没有“”这一选项"),
        ("A2", {"decided_on": ""}, "decided_on", "请填写作出解释的日期"),
        ("A2", {"decided_on": "2026-11-03"}, "decided_on", "不能晚于今天"),
        ("A2", {"decided_on": "2019-12-31"}, "decided_on", "不能早于政策施行之日"),
        ("A2", {"minutes": "长" * 201}, "minutes", "最多 200 个字"),
        ("A2", {"scope": "CL2026-9999"}, "scope", "没有编号为“CL2026-9999”的申请件"),
        ("A3", {"option": "as_lead"}, "scope", "只能就个案作出"),
    ],
)
def test_a_ruling_is_refused_at_the_field(sqlite_world, point, typed, field, sentence):
    page = ruled(signed_in(sqlite_world, "wuyan"), point, **typed)

    assert page.status_code == 422
    assert sentence in words(page)
    assert f'id="ruling-{field}-error"' in page.text
    if "minutes" not in typed:
        assert 'value="长市监〔2026〕8号"' in page.text
    with sqlite_world.store.reading() as session:
        assert session.scalars(select(RulingRow)).all() == []


def test_a_ruling_that_would_say_nothing_is_refused(sqlite_world):
    head = signed_in(sqlite_world, "wuyan")
    ruled(head)

    assert "已经如此解释" in words(ruled(head))
    assert "日期不能早于这一天" in words(ruled(head, option="tc_only", decided_on="2026-11-01"))
    assert ruled(head, option="tc_only").status_code == 303


def test_an_officer_of_the_bureau_reads_rulings_and_makes_none(sqlite_world):
    officer = signed_in(sqlite_world, "wang")

    assert "政策解释由区市场监管局分管领导作出" in words(officer.get(f"/rulings/{POLICY}/A2"))
    refused = ruled(officer)
    assert refused.status_code == 403
    assert "政策解释由区市场监管局分管领导作出" in words(refused)


@pytest.mark.parametrize("account", ["lin", "zhao", "sun", "xuyuan", "zheng", "leader", "admin", "donglong"])
def test_nobody_outside_the_bureau_makes_rulings(sqlite_world, account):
    browser = signed_in(sqlite_world, account)

    assert browser.get("/rulings").status_code == (403 if account == "donglong" else 200)
    assert ruled(browser).status_code == 403


def test_an_unknown_policy_or_point_is_not_found(sqlite_world):
    head = signed_in(sqlite_world, "wuyan")

    for address in ("/rulings?policy=x", "/rulings/x/A2", f"/rulings/{POLICY}/A99"):
        assert head.get(address).status_code == 404
    assert ruled(head, "A99").status_code == 404


def test_the_head_of_finance_sets_the_budget_and_sees_what_is_left(sqlite_world):
    sqlite_world.in_notice()
    head = signed_in(sqlite_world, "zheng_head")

    answer = head.post("/budget", {"year": "2026", "amount_yuan": "２，０００，０００ 元"})

    assert answer.status_code == 303
    page = words(head.get("/budget"))
    assert "2026 年度预算已设为 200 万元" in page
    assert "2026 年度预算余额 150 万元" in page
    assert "已批准占用 50 万元" in page
    assert re.search(r"设定 郑国安，11月\d+日", page)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"amount_yuan": "两千万"}, "amount_yuan", "须为大于 0 的整数"),
        ({"amount_yuan": "0"}, "amount_yuan", "须为大于 0 的整数"),
        ({"amount_yuan": "-5"}, "amount_yuan", "须为大于 0 的整数"),
        ({"amount_yuan": "499999"}, "amount_yuan", "占用 500,000 元"),
        ({"year": "2025"}, "year", "只能设定 2026 年和 2027 年"),
        ({"year": ""}, "year", "只能设定 2026 年和 2027 年"),
    ],
)
def test_a_budget_is_refused_at_the_field(sqlite_world, typed, field, sentence):
    sqlite_world.in_notice()

    page = signed_in(sqlite_world, "zheng_head").post(
        "/budget", {"year": "2026", "amount_yuan": "600000", **typed}
    )

    assert page.status_code == 422
    assert sentence in words(page)
    assert f'id="budget-{field}-error"' in page.text
    assert f'value="{typed.get("amount_yuan", "600000")}"' in page.text
    with sqlite_world.store.reading() as session:
        assert session.scalars(select(Budget)).all() == []


def test_only_the_head_of_finance_sets_budgets(sqlite_world):
    officer = signed_in(sqlite_world, "sun")

    assert "年度预算由财政局分管领导设定" in words(officer.get("/budget"))
    assert officer.post("/budget", {"year": "2026", "amount_yuan": "1000"}).status_code == 403
    for account in ("zhao", "wang", "zheng", "leader"):
        assert signed_in(sqlite_world, account).get("/budget").status_code == 200
    assert signed_in(sqlite_world, "admin").get("/budget").status_code == 403


def test_a_page_costs_a_bounded_number_of_statements(sqlite_world, admin):
    dead_letter(sqlite_world)
    asked = ("/admin/people?kind=applicants", "/admin/people?q=林", "/rulings", f"/rulings/{POLICY}/A3")
    for address in (*LOOKED_AT, *asked):
        admin.get(address)

        with statements(sqlite_world) as said:
            assert admin.get(address).status_code == 200

        # Seven are the frame's, and the beginning of the transaction is counted too.
        assert len(said) <= 15, (address, said)


def test_a_year_of_budgets_costs_a_bounded_number_of_statements(sqlite_world):
    head = signed_in(sqlite_world, "zheng_head")
    head.get("/budget")

    with statements(sqlite_world) as said:
        assert head.get("/budget").status_code == 200

    assert len(said) <= 13, said


def test_dead_and_waiting_letters_are_found_through_their_indexes(sqlite_world):
    from workflow.lists.deliveries import _IS_DEAD, _WAITS

    for condition, index in ((_IS_DEAD, "ix_deliveries_dead"), (_WAITS, "ix_deliveries_waiting")):
        with sqlite_world.store.reading() as session:
            order = Delivery.id.desc() if index.endswith("dead") else Delivery.next_attempt_at
            statement = select(Delivery.id).where(condition).order_by(order).compile(session.get_bind())
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").fetchall()
        assert index in str(plan), plan


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
