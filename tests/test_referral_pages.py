"""Referrals on the pages: taken on, decided, listed and counted, by those they concern."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from tests.pages import Browser, signed_in, statements, words
from tests.referring import version, written


def shown(page: TestResponse) -> list[str]:
    """The addresses of the referrals a list shows."""
    return re.findall(r'<th scope="row" data-label="移送"><a href="([^"]+)"', page.text)


def test_a_stale_form_is_told_who_was_quicker_and_keeps_what_was_typed(sqlite_world, sent):
    hemin, stale = signed_in(sqlite_world, "hemin"), version(sqlite_world, sent)
    sqlite_world.do("xuyuan", "receive", sent)

    answer = hemin.post(f"/referrals/{sent}/act/comment", {**stale, "note": "写了很久的批注"})

    assert answer.status_code == 409
    assert "许志远" in words(answer)
    assert "写了很久的批注" in answer.text
    assert hemin.post(f"/referrals/{sent}/act/comment", {"note": "没有版本"}).status_code == 400


def test_a_colleague_who_is_not_the_head_is_told_why_she_cannot_sign(sqlite_world, drafted):
    zhao = signed_in(sqlite_world, "zhao")

    assert "须由联席会议办公室分管领导审签。" in words(zhao.get(f"/referrals/{drafted}"))
    assert zhao.post(f"/referrals/{drafted}/act/sign", version(sqlite_world, drafted)).status_code == 403
    assert sqlite_world.case(drafted).state == "drafted"


def test_what_is_missing_in_an_act_is_said_at_its_field(sqlite_world, sent):
    sqlite_world.do("hemin", "receive", sent)

    answer = signed_in(sqlite_world, "hemin").post(
        f"/referrals/{sent}/act/conclude", {**version(sqlite_world, sent), "reason": "查阅了记录"}
    )

    assert answer.status_code == 422
    assert 'href="#conclude-finding"' in answer.text
    assert "查阅了记录" in answer.text


def test_findings_and_decisions_are_read_by_those_they_concern(sqlite_world, sent):
    sqlite_world.do("hemin", "receive", sent)
    sqlite_world.do("hemin", "conclude", sent, finding="true", reason="确属拖延")
    sqlite_world.do("hemin", "decide", sent, decision="责令书面检查")

    seen = {
        account: words(signed_in(sqlite_world, account).get(f"/referrals/{sent}"))
        for account in ("hemin", "qian", "zhao", "zheng", "leader", "huang", "lin")
    }

    readers = {account for account, page in seen.items() if "确属拖延" in page}
    assert readers == {account for account, page in seen.items() if "属实" in page} == {
        "hemin", "qian", "huang", "lin",
    }  # fmt: skip
    assert {account for account, page in seen.items() if "责令书面检查" in page} == readers
    assert {account for account, page in seen.items() if "久拖不办" not in page} == {"huang", "lin"}
    assert {account for account, page in seen.items() if "企业来信" not in page} == {"huang", "lin"}


def test_a_unit_sees_its_referral_from_the_decision_on(sqlite_world, sent):
    huang = signed_in(sqlite_world, "huang")
    assert huang.get(f"/referrals/{sent}").status_code == 404
    sqlite_world.do("hemin", "receive", sent)
    sqlite_world.do("hemin", "conclude", sent, finding="true", reason="确属拖延")
    sqlite_world.do("hemin", "decide", sent, decision="责令书面检查")
    assert huang.get(f"/referrals/{sent}").status_code == 200
    assert signed_in(sqlite_world, "keyun").get(f"/referrals/{sent}").status_code == 404

    answer = huang.post(
        f"/referrals/{sent}/act/report_rectified", {**version(sqlite_world, sent), "reason": "已书面检查"}
    )

    assert (answer.status_code, answer.location) == (303, f"/referrals/{sent}")
    assert "已报告整改" in words(huang.get(answer.location))
    assert signed_in(sqlite_world, "keyun").get(f"/referrals/{sent}").status_code == 404


def test_an_application_is_no_referral(sqlite_world, late_case):
    assert signed_in(sqlite_world, "zhao").get(f"/referrals/{late_case}").status_code == 404


def test_the_efficiency_office_is_at_home_with_what_waits_for_it(sqlite_world, sent, late_case):
    hemin = signed_in(sqlite_world, "hemin")

    home = hemin.get("/", follow_redirects=True)

    assert home.request.path == "/referrals"
    assert "有 1 件移送待签收，1 件申请件待交办" in words(home)
    assert shown(home) == [f"/referrals/{sent}"]
    assert len(shown(hemin.get("/referrals?state=sent"))) == 1


def test_the_efficiency_office_has_the_overdue_list_of_the_district(sqlite_world, late_case):
    home = signed_in(sqlite_world, "xuyuan").get("/referrals")

    assert f'<a href="/applications/{late_case}">' in home.text
    assert 'href="/supervision/overdue"' in home.text


def test_the_red_lists_tell_a_draft_from_a_referral_and_name_another_unit_it_is_about(
    sqlite_world, late_case, drafted
):
    sqlite_world.working_days_later(5)
    before = words(signed_in(sqlite_world, "zheng").get("/supervision"))
    sqlite_world.do("qian", "sign", drafted)
    sqlite_world.working_days_later(7)
    after = words(signed_in(sqlite_world, "zheng").get("/supervision/overdue"))

    assert "拟移送，待审签 审签已超期 2 日" in before
    assert "移送在办（涉及松下镇）" in after
    assert "拟移送，待审签" not in after


def test_the_lists_name_the_act_a_referral_waits_for(sqlite_world, sent):
    received = [words(signed_in(sqlite_world, "xuyuan").get(path)) for path in ("/referrals", "/worklist")]
    watched = words(signed_in(sqlite_world, "zheng").get("/referrals"))
    sqlite_world.do("xuyuan", "receive", sent)
    sqlite_world.do("xuyuan", "ask_detail", sent, reason="请补充")
    asked = [words(signed_in(sqlite_world, "zhao").get(path)) for path in ("/referrals", "/worklist")]

    assert all("签收 ›" in page for page in received)
    assert "签收 ›" not in watched
    assert all("补充 ›" in page for page in asked)


def test_the_efficiency_office_is_told_how_much_of_what_waits_is_late(sqlite_world, sent):
    in_time = words(signed_in(sqlite_world, "xuyuan").get("/referrals"))
    sqlite_world.working_days_later(7)
    late = words(signed_in(sqlite_world, "xuyuan").get("/referrals"))

    assert "有 1 件移送待签收，1 件申请件待交办 " in in_time
    assert "有 1 件移送待签收，1 件申请件待交办，其中 2 件已超期" in late


def test_every_number_of_the_list_opens_as_many_referrals(sqlite_world, sent):
    written(sqlite_world, None, "350112-CZJ")
    qian = signed_in(sqlite_world, "qian")
    page = qian.get("/referrals")

    tabs = re.findall(r'<a href="(/referrals[^"]*)"[^>]*>[^<]* <b>(\d+)</b>', page.text)
    tiles = re.findall(
        r'<a href="(/referrals[^"]*)">\s*<span class="tile-label">.*?tile-number">(\d+)<', page.text, re.S
    )

    assert len(tabs) == 3
    assert len(tiles) == 3
    for href, number in [*tabs, *tiles]:
        assert len(shown(qian.get(href))) == int(number), href


def test_her_own_and_the_closed_ones_are_listed_apart(sqlite_world, drafted, sent):
    other = written(sqlite_world, None, "350112-CZJ")
    sqlite_world.do("qian", "discard", other, reason="查无实据")

    zhao, hemin = signed_in(sqlite_world, "zhao"), signed_in(sqlite_world, "hemin")

    assert shown(zhao.get("/referrals?state=closed")) == [f"/referrals/{other}"]
    assert shown(hemin.get("/referrals?mine=yes")) == []
    sqlite_world.do("hemin", "take_on", sent)
    assert shown(hemin.get("/referrals?mine=yes")) == [f"/referrals/{sent}"]
    assert shown(signed_in(sqlite_world, "xuyuan").get("/referrals?mine=yes")) == []


@pytest.mark.parametrize("account", ["zheng", "leader"])
def test_who_watches_reads_referrals_and_acts_on_none(sqlite_world, sent, account):
    browser = signed_in(sqlite_world, account)

    assert shown(browser.get("/referrals")) == [f"/referrals/{sent}"]
    assert "/act/" not in browser.get(f"/referrals/{sent}").text
    answer = browser.post(f"/referrals/{sent}/act/comment", {**version(sqlite_world, sent), "note": "快"})
    assert answer.status_code == 403


def test_looking_at_referrals_changes_nothing(sqlite_world, sent, late_case):
    zhao = signed_in(sqlite_world, "zhao")
    paths = ("/referrals", f"/referrals/{sent}", f"/referrals/{sent}/letter", "/referrals/draft")
    with sqlite_world.store.reader.connect() as witness:
        before = witness.exec_driver_sql("PRAGMA data_version").scalar()
        for path in (*paths, f"/referrals/draft?application={late_case}"):
            assert zhao.get(path).status_code == 200, path
        assert witness.exec_driver_sql("PRAGMA data_version").scalar() == before


def test_the_pages_cost_a_bounded_number_of_statements(sqlite_world, sent, late_case):
    browser: Browser = signed_in(sqlite_world, "zhao")
    bounds = {
        "/referrals": 20,
        f"/referrals/{sent}": 45,
        f"/referrals/{sent}/letter": 45,
        f"/referrals/draft?application={late_case}": 35,
    }
    for path, most in bounds.items():
        browser.get(path)
        with statements(sqlite_world) as said:
            assert browser.get(path).status_code == 200
        assert len(said) <= most, (path, len(said))


def test_the_pages_speak_english_to_who_chose_it(sqlite_world, sent, late_case):
    zhao = signed_in(sqlite_world, "zhao")
    zhao.post("/language", {"language": "en"})

    for path in ("/referrals", "/referrals/draft", f"/referrals/draft?application={late_case}"):
        page = re.sub(r"<(select|textarea).*?</\1>", "", zhao.get(path).text, flags=re.S)
        said = re.sub(r"<[^>]+>", " ", page)
        left = re.sub("福建\\S+公司|中文|赵文斌|林秀英|移〔2026〕1号", "", said)
        assert not re.search("[\u4e00-\u9fff]", left), (path, re.findall("[\u4e00-\u9fff]+", left))
