"""Rulings on the pages: the head of the bureau makes them, everybody in an office reads them."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.administering import POLICY
from tests.pages import Browser, signed_in, words
from workflow.storage.tables import RulingRow


def ruled(browser: Browser, point: str = "A2", **typed: str) -> TestResponse:
    fields = {"option": "sc_and_wg_too", "decided_on": "2026-11-02", "minutes": "长市监〔2026〕8号", **typed}
    return browser.post(f"/rulings/{POLICY}/{point}", fields)


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
