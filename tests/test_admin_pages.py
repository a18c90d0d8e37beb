"""The administrator's pages: who sees them, home, units, calendar, versions, letters that went nowhere."""

from __future__ import annotations

import re

import pytest

from tests.administering import NEW, POLICY, trail, unit_id
from tests.driving import PROCESSES
from tests.pages import Browser, signed_in, statements, told, words
from tests.sweeping import plan_of
from tests.world import World
from workflow.lists.deliveries import dead_letters, waiting_letters
from workflow.storage.tables import Delivery, Person

VERSION = PROCESSES["award_application"].version
OFFICERS = ("lin", "wang", "zhao", "sun", "xuyuan", "zheng", "leader", "donglong")
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


@pytest.fixture
def admin(sqlite_world: World) -> Browser:
    return signed_in(sqlite_world, "admin")


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
    assert re.search(rf"奖励申请 award_application 第 {VERSION} 版 [0-9a-f]{{12}} \S+ 0", page)


def test_home_counts_the_open_cases_of_each_version(sqlite_world, admin):
    sqlite_world.submitted()

    page = words(admin.get("/admin"))

    assert re.search(rf"award_application 第 {VERSION} 版 [0-9a-f]{{12}} \S+ 1", page)
    assert re.search(rf"{POLICY} 自 2020年1月1日（三） [0-9a-f]{{12}} \S+ 1", page)


def test_home_speaks_english_to_who_reads_english(sqlite_world, admin):
    admin.post("/language", {"language": "en"})

    page = words(admin.get("/admin"))

    assert "Needs you: the scheduler is not running" in page
    assert not re.search(r"[\u4e00-\u9fff]", page.replace("中文", "").replace("方明", ""))


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
    page = words(admin.get(f"/admin/processes/award_application/{VERSION}"))

    assert "受理 → 乡镇初审 乡镇（街道）初审员" in page
    assert "公示期满 → 待拨付 或 认定不拨付 到期自动" in page
    drawn = admin.get(f"/admin/processes/award_application/{VERSION}/diagram")
    assert drawn.headers["Content-Disposition"] == f"attachment; filename=award_application-{VERSION}.mmd"
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


def test_a_page_costs_a_bounded_number_of_statements(sqlite_world, admin):
    dead_letter(sqlite_world)
    asked = ("/admin/people?kind=applicants", "/admin/people?q=林", "/rulings", f"/rulings/{POLICY}/A3")
    for address in (*LOOKED_AT, *asked):
        admin.get(address)

        with statements(sqlite_world) as said:
            assert admin.get(address).status_code == 200

        # Seven are the frame's, and the beginning of the transaction is counted too.
        assert len(said) <= 15, (address, said)


def test_dead_and_waiting_letters_are_found_through_their_indexes(sqlite_world):
    for letters, status in ((dead_letters, "dead"), (waiting_letters, "waiting")):
        with sqlite_world.store.reading() as session, statements(sqlite_world) as said:
            plan = plan_of(session, lambda letters=letters: letters(session))

        assert f"ix_deliveries_{status}" in plan
        assert "USE TEMP B-TREE" not in plan
        # A plan that PostgreSQL makes for any parameter could not use the index.
        assert any(f"status = '{status}'" in statement for statement in said)
