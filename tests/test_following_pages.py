"""An application followed, corrected, withdrawn and copied by those who handed it in."""

from __future__ import annotations

import re

import pytest

from tests.applying import count, organisation_id, saved, submit
from tests.movements import CITY, PROVINCE, revoke
from tests.pages import signed_in, words
from workflow.storage.tables import Case


def test_the_application_shows_track_history_clock_and_actions_without_officers_names(sqlite_world):
    case_id = sqlite_world.in_precheck()

    page = signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}")

    said = words(page)
    assert "乡镇初审" in said
    assert "为什么是这一天？" in said
    assert "松下镇 · " in said
    assert "林秀英" not in said
    assert "撤回" in said
    assert "→ 已撤回" in said
    assert "打印回执" in said


def test_the_days_are_stopped_only_while_the_application_waits(sqlite_world):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects="缺页")
    corrected = words(signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}"))
    fallen = sqlite_world.paid(line=PROVINCE)
    donglong = signed_in(sqlite_world, "donglong")
    sqlite_world.do("wuyan", "open_revocation", fallen, reason="弄虚作假")
    looked_into = words(donglong.get(f"/my/applications/{fallen}"))
    sqlite_world.do("wuyan", "revoke", fallen, reason="查实", document_number="长市监撤〔2026〕1号")
    demanded = words(donglong.get(f"/my/applications/{fallen}"))

    assert "待补正 11月2日（一）起，时限中止" in corrected
    assert re.search(r"撤销核查 \d+月\d+日（.）起 ", looked_into)
    assert re.search(r"追回中 \d+月\d+日（.）起 ", demanded)
    for page in (looked_into, demanded):
        assert "时限中止" not in page
        assert "最迟" not in page


def test_an_award_that_fell_before_it_was_paid_promises_no_day_any_more(sqlite_world):
    city = sqlite_world.paid(line=CITY)
    province = sqlite_world.in_notice(line=PROVINCE)
    revoke(sqlite_world, city)
    sqlite_world.do("xie", "object", province, objector="某某", reason="材料不实")
    donglong = signed_in(sqlite_world, "donglong")
    checked = words(donglong.get(f"/my/applications/{province}"))

    sqlite_world.do("xie", "uphold_objection", province, reason="属实")

    assert "起，时限中止" in checked
    assert "最迟" in checked
    assert "最迟" not in words(donglong.get(f"/my/applications/{province}"))


def test_a_draft_has_its_form_for_a_page(sqlite_world):
    case_id = sqlite_world.draft()

    answer = signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}")

    assert (answer.status_code, answer.location) == (303, f"/my/applications/{case_id}/facts")


def test_an_application_is_withdrawn_with_a_reason(sqlite_world):
    case_id = sqlite_world.submitted()
    browser = signed_in(sqlite_world, "donglong")

    answer = browser.post(
        f"/my/applications/{case_id}/act",
        {
            "action": "withdraw",
            "reason": "证书有误",
            "seen_version": sqlite_world.case(case_id).version,
        },
    )

    assert answer.status_code == 303
    assert "证书有误" in words(browser.get(answer.location))


def test_a_stale_action_says_who_acted(sqlite_world):
    case_id = sqlite_world.submitted()
    seen = sqlite_world.case(case_id).version
    sqlite_world.do("lin", "take_on", case_id)
    browser = signed_in(sqlite_world, "donglong")

    answer = browser.post(
        f"/my/applications/{case_id}/act",
        {"action": "withdraw", "reason": "证书有误", "seen_version": seen},
    )

    assert answer.status_code == 409
    assert "认领" in words(answer)
    assert f'href="/my/applications/{case_id}">不要这些内容' in answer.text
    assert re.search(r"<textarea[^>]*>\s*证书有误<", answer.text)
    assert sqlite_world.case(case_id).state == "submitted"


def test_an_action_she_has_not_is_refused(sqlite_world):
    case_id = sqlite_world.submitted()

    answer = signed_in(sqlite_world, "donglong").post(
        f"/my/applications/{case_id}/act",
        {"action": "accept", "seen_version": sqlite_world.case(case_id).version},
    )

    assert answer.status_code == 403
    assert sqlite_world.case(case_id).state == "submitted"


def test_defects_stand_on_top_and_on_a_notice_to_print(sqlite_world):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects=["补交前言。", "补盖公章。"])
    browser = signed_in(sqlite_world, "donglong")

    page = words(browser.get(f"/my/applications/{case_id}"))
    notice = browser.get(f"/my/applications/{case_id}/correction")

    assert "请于 11月16日（一）前补正，逾期视为撤回" in page
    assert "去补正" in page
    assert "<li>补交前言。</li><li>补盖公章。</li>" in notice.text
    assert "松下镇" in words(notice)
    assert "2026年11月16日前补正并再次提交" in words(notice)
    assert "送达回执" in words(notice)


def test_a_correction_is_filled_in_on_the_same_pages_and_submitted_again(sqlite_world):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects=["文号有误。"])
    browser = signed_in(sqlite_world, "donglong")
    assert "文号有误。" in words(browser.get(f"/my/applications/{case_id}/facts"))
    saved(browser, sqlite_world, case_id, "facts", document_number="榕政综〔2021〕13号")

    answer = submit(browser, sqlite_world, case_id, note="文号已更正")

    assert (answer.status_code, answer.location) == (303, f"/my/applications/{case_id}")
    assert sqlite_world.case(case_id).state == "submitted"
    assert "已补正并再次提交，编号 CL2026-0001" in words(browser.get(answer.location))


def test_a_correction_begins_where_its_first_defect_is_put_right(sqlite_world):
    case_id = sqlite_world.submitted()
    defects = ["获奖证书缺盖章页。", "文号有误。", "联系电话是空号。", "请重新扫描。"]
    sqlite_world.do("lin", "request_correction", case_id, defects=defects)
    browser = signed_in(sqlite_world, "donglong")

    page = browser.get(f"/my/applications/{case_id}")
    form = browser.get(f"/my/applications/{case_id}/contact")

    assert f'href="/my/applications/{case_id}/correct">去补正' in page.text
    begin = browser.get(f"/my/applications/{case_id}/correct")
    assert begin.location == f"/my/applications/{case_id}/evidence#award_certificate"
    places = re.findall(r'<li><a href="/my/applications/\d+/([^"]+)">[^<]+。</a></li>', form.text)
    assert places == [
        "evidence#award_certificate",
        "facts#document_number",
        "contact#contact_phone",
        "evidence",
    ]


def test_a_correction_in_which_nothing_was_changed_is_warned_and_not_refused(sqlite_world):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects=["文号有误。"])
    browser = signed_in(sqlite_world, "donglong")

    untouched = words(browser.get(f"/my/applications/{case_id}/check"))
    saved(browser, sqlite_world, case_id, "facts", document_number="榕政综〔2021〕13号")
    changed = words(browser.get(f"/my/applications/{case_id}/check"))
    saved(browser, sqlite_world, case_id, "facts", document_number="榕政综〔2021〕12号")
    sqlite_world.do("donglong", "resubmit", case_id)

    assert "要求补正以来，填报内容、材料和账户都没有改动" in untouched
    assert "都没有改动" not in changed
    assert sqlite_world.case(case_id).state == "submitted"


def test_a_form_that_is_with_the_office_says_why_it_cannot_be_changed(sqlite_world):
    case_id = sqlite_world.submitted()

    for page in ("facts", "contact", "evidence", "check"):
        answer = signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}/{page}")
        assert answer.status_code == 403
        assert "不能修改填报内容和材料" in words(answer)


def test_what_was_approved_keeps_its_facts_in_a_correction_of_the_payment(sqlite_world):
    case_id = sqlite_world.awaiting_payment()
    sqlite_world.do("sun", "request_correction", case_id, defects=["账户名称不符。"])
    browser = signed_in(sqlite_world, "donglong")

    page = browser.get(f"/my/applications/{case_id}/facts")
    answer = saved(browser, sqlite_world, case_id, "facts", edition="9")

    assert "成果不能再改" in words(page)
    assert 'name="edition"' not in page.text
    assert answer.status_code == 403
    assert sqlite_world.application(case_id).facts["edition"] != "9"


def test_a_refused_application_is_copied_into_a_fresh_draft(sqlite_world):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "decline", case_id, reason="材料不符。")
    browser = signed_in(sqlite_world, "donglong")
    assert "复制为新的草稿" in words(browser.get(f"/my/applications/{case_id}"))

    answer = browser.post(f"/my/applications/{case_id}/copy")

    assert answer.status_code == 303
    fresh = int(re.search(r"applications/(\d+)/facts", answer.location)[1])
    assert (
        sqlite_world.application(fresh).facts["edition"] == sqlite_world.application(case_id).facts["edition"]
    )


def test_one_that_runs_is_not_copied(sqlite_world):
    case_id = sqlite_world.submitted()

    answer = signed_in(sqlite_world, "donglong").post(f"/my/applications/{case_id}/copy")

    assert answer.status_code == 403
    assert count(sqlite_world, Case) == 1


@pytest.mark.parametrize(
    "page", ["", "/facts", "/contact", "/evidence", "/check", "/receipt", "/correction", "/decision"]
)
def test_an_application_of_others_does_not_exist(sqlite_world, page):
    case_id = sqlite_world.submitted()

    for stranger in ("jinlun", "guo"):
        assert signed_in(sqlite_world, stranger).get(f"/my/applications/{case_id}{page}").status_code == 404
    assert signed_in(sqlite_world, "donglong").get(f"/my/applications/999{page}").status_code == 404


@pytest.mark.parametrize("page", ["facts", "contact", "evidence", "evidence/remove", "submit", "act", "copy"])
def test_nobody_changes_an_application_of_others(sqlite_world, page):
    case_id = sqlite_world.draft()
    before = sqlite_world.case(case_id).version

    answer = signed_in(sqlite_world, "jinlun").post(
        f"/my/applications/{case_id}/{page}", {"seen_version": before, "action": "discard", "evidence": 1}
    )

    assert answer.status_code == 404
    assert sqlite_world.case(case_id).version == before


def test_the_account_page_adds_an_account_of_her_own_organisation_alone(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    typed = {"holder": "福建东龙针纺有限公司", "bank": "示例银行", "number": "6228480068009"}
    own, other = (organisation_id(sqlite_world, name) for name in ("donglong", "jinlun"))

    assert browser.post("/my/organisation/accounts", {**typed, "organisation": own}).status_code == 303
    assert "6228 4800 6800 9" in browser.get("/my/organisation").text
    again = browser.post("/my/organisation/accounts", {**typed, "organisation": own})
    assert again.status_code == 422
    assert "已经填写过" in words(again)
    assert browser.post("/my/organisation/accounts", {**typed, "organisation": other}).status_code == 404
