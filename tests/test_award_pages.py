"""The applicant's home and the choice of an award line: what is offered, for how much, and why not."""

from __future__ import annotations

from tests.applying import FIFTH, count, organisation_id
from tests.pages import signed_in, words
from workflow.storage.tables import Application


def test_a_new_applicant_is_led_to_what_could_be_claimed(sqlite_world):
    page = signed_in(sqlite_world, "donglong").get("/my")

    assert "您还没有申请过奖励" in words(page)
    assert 'href="/awards"' in page.text


def test_what_waits_for_her_comes_first_and_in_red(sqlite_world):
    asked = sqlite_world.submitted(line="S2-2")
    sqlite_world.do("lin", "request_correction", asked, defects=["补交前言。", "补盖公章。"])
    sqlite_world.submitted(line="M4-1")

    page = signed_in(sqlite_world, "donglong").get("/my")

    assert "有 1 件申请等您补正" in words(page)
    assert "补正 2 项内容，逾期视为撤回" in words(page)
    assert page.text.index("case-card-asks") < page.text.index("ISO 10012")


def test_a_card_says_who_holds_the_application_until_when(sqlite_world):
    sqlite_world.submitted()

    said = words(signed_in(sqlite_world, "donglong").get("/my"))

    assert "您有 1 件申请正在办理" in said
    assert "已提交：松下镇，应于 11月9日（一）办结" in said


def test_drafts_can_be_taken_up_again(sqlite_world):
    case_id = sqlite_world.draft()

    page = signed_in(sqlite_world, "donglong").get("/my")

    assert f'href="/my/applications/{case_id}/facts"' in page.text


def test_all_lines_stand_on_one_page_with_amount_and_clause(sqlite_world):
    page = signed_in(sqlite_world, "donglong").get("/awards")

    assert page.text.count('class="award-name"') == 35
    assert "共 35 项" in words(page)
    assert "200 万元" in words(page)
    assert "1.设政府质量奖。对获得中国质量奖" in words(page)


def test_the_list_narrows_by_item_level_and_role(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")

    lead = browser.get("/awards?item=3&level=national&role=lead")

    assert lead.text.count('class="award-name"') == 4
    assert "主导制（修）订国家标准" in words(lead)
    assert "没有同时符合这些条件的奖项" in words(browser.get("/awards?item=2&level=municipal"))


def test_a_line_that_is_not_for_this_kind_says_so_in_the_list(sqlite_world):
    said = words(signed_in(sqlite_world, "jiance").get("/awards?item=4"))

    assert "不能申请：申报单位是“技术检测机构”，本奖项只受理：企业" in said


def test_the_page_of_a_line_says_amount_evidence_and_highest_only_before_the_first_field(sqlite_world):
    said = words(signed_in(sqlite_world, "donglong").get("/awards/Q1-5"))

    assert "50 万元" in said
    assert "获奖证书" in said
    assert "无论哪一年度，可得 50 万元" in said


def test_the_page_of_a_line_tells_what_an_earlier_claim_of_the_year_leaves(sqlite_world):
    sqlite_world.submitted(line="Q1-3", **{**FIFTH, "edition": "6"})
    browser = signed_in(sqlite_world, "donglong")

    said = words(browser.get("/awards/Q1-5"))

    assert "2021 年度 0 万元 就高不重复，见 CL2026-0001" in said
    assert "其他年度 50 万元" in said
    assert "2022 年度 50 万元" in words(browser.get("/awards/Q1-5?awarded_on=2022-02-08"))


def test_the_fourth_list_is_refused_before_the_form(sqlite_world):
    said = words(signed_in(sqlite_world, "donglong").get("/awards/Q1-5?awarded_on=2019-07-05"))

    assert "按现有情况不能申请" in said
    assert "早于政策施行之日（2020年1月1日）" in said


def test_a_day_that_is_none_is_said_at_its_field(sqlite_world):
    page = signed_in(sqlite_world, "donglong").get("/awards/Q1-5?awarded_on=昨天")

    assert "例如 2021-02-08" in words(page)
    assert 'value="昨天"' in page.text


def test_a_line_once_for_an_organisation_names_the_claim_there_is(sqlite_world):
    sqlite_world.submitted(line="M4-1")

    said = words(signed_in(sqlite_world, "donglong").get("/awards/M4-1"))

    assert "已有申请件 CL2026-0001，每个单位只奖一次" in said


def test_a_line_no_policy_has_is_not_found(sqlite_world):
    assert signed_in(sqlite_world, "donglong").get("/awards/Z9-9").status_code == 404


def test_nobody_begins_a_draft_for_an_organisation_of_others(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")

    answer = browser.post("/awards/Q1-5/start", {"organisation": organisation_id(sqlite_world, "jinlun")})

    assert answer.status_code == 404
    assert browser.get(f"/awards?organisation={organisation_id(sqlite_world, 'jinlun')}").status_code == 404
    assert count(sqlite_world, Application) == 0
