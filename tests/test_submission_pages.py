"""The last page of the form: promised and submitted, refused with reasons, or discarded."""

from __future__ import annotations

import re

from tests.applying import begun, complete_draft, submit
from tests.pages import signed_in, words
from tests.world import credit_code


def test_a_complete_draft_is_submitted_and_acknowledged(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = complete_draft(browser, sqlite_world)
    check = words(browser.get(f"/my/applications/{case_id}/check"))
    assert "已提交 · 松下镇 · 应于 11月9日（一）办结" in check

    answer = submit(browser, sqlite_world, case_id)

    assert (answer.status_code, answer.location) == (303, f"/my/applications/{case_id}/receipt")
    receipt = words(browser.get(answer.location))
    for said in (
        "CL2026-0001",
        "福建东龙针纺有限公司",
        credit_code("91350112MA000000", 0),
        "福州市政府质量奖（第五届）",
        "三（二）1",
        "500,000 元",
        "获奖证书 award_certificate.pdf",
        "2026年11月9日前（5 个工作日内）",
        "松下镇 0591-00000009（示例）",
    ):
        assert said in receipt


def test_without_the_promise_nothing_is_submitted(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = complete_draft(browser, sqlite_world)

    answer = submit(browser, sqlite_world, case_id, promise="")

    assert answer.status_code == 403
    assert "请勾选真实性承诺" in re.search(r'id="promise-error">([^<]+)<', answer.text)[1]
    assert sqlite_world.case(case_id).number is None


def test_a_refused_submission_leaves_no_promise_behind(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = submit(browser, sqlite_world, case_id)

    assert answer.status_code == 403
    assert "缺少必交材料：获奖证书" in words(answer)
    assert "没有提交，请先处理下面的问题" in words(answer)
    assert re.search(r'id="promise"[^>]* checked', answer.text)
    assert sqlite_world.application(case_id).promised_at is None


def test_a_form_that_would_be_refused_says_so_instead_of_offering_to_submit(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    page = browser.get(f"/my/applications/{case_id}/check")
    ready = browser.get(f"/my/applications/{complete_draft(browser, sqlite_world)}/check")

    against = re.search(r'<div class="act act-none">.*?</div>', page.text, re.S)[0]
    assert "提交 <span" in against
    assert "缺少必交材料：获奖证书" in against
    assert "act-primary" not in page.text
    assert 'class="act act-primary"><span class="act-label">提交<' in ready.text


def test_a_second_click_is_told_that_the_case_has_moved(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = complete_draft(browser, sqlite_world)
    seen = sqlite_world.case(case_id).version
    submit(browser, sqlite_world, case_id)

    answer = submit(browser, sqlite_world, case_id, seen_version=seen)

    assert answer.status_code == 409
    assert re.search("您已于.*在另一窗口.*办理“(保存|提交)”，这次的办理没有生效", words(answer))
    assert f'href="/cases/{case_id}"' in answer.text
    assert sqlite_world.case(case_id).number == "CL2026-0001"


def test_a_draft_is_discarded_from_its_last_page(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = browser.post(
        f"/my/applications/{case_id}/act",
        {"action": "discard", "seen_version": sqlite_world.case(case_id).version},
    )

    assert (answer.status_code, answer.location) == (303, "/")
    assert sqlite_world.case(case_id).state == "withdrawn"
