"""The page of one application: facts, track, readings, history, and what may be done with it."""

from __future__ import annotations

import re

import pytest

from tests.office_desk import NATIONAL_STANDARD, card
from tests.pages import Browser, signed_in, words
from tests.world import World


@pytest.fixture
def lin(sqlite_world: World) -> Browser:
    """林秀英 of 松下镇."""
    return signed_in(sqlite_world, "lin")


def test_the_page_shows_facts_track_ledger_evidence_and_history(sqlite_world):
    case_id = sqlite_world.in_precheck(line=NATIONAL_STANDARD)
    sqlite_world.working_days_later(1)
    sqlite_world.do("lin", "request_correction", case_id, defects="缺前言页\n承诺书未盖章")
    sqlite_world.working_days_later(2)
    sqlite_world.do("donglong", "resubmit", case_id, note="已补前言")

    page = words(signed_in(sqlite_world, "lin").get(f"/applications/{case_id}"))

    assert "福建东龙针纺有限公司 · 主导制（修）订国家标准" in page
    assert "依据 三（二）3（2）" in page
    assert "为什么是这一天" in page
    assert "恢复计时，剩 4 日" in page
    assert "必交 7 项，齐全" in page
    assert re.search(r"缺前言页 承诺书未盖章", page)
    assert "“已补前言”" in page


def test_one_organisation_that_acted_is_spoken_of_as_one(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    lin.post("/language", {"language": "en"})

    page = words(lin.get(f"/applications/{case_id}"))

    assert "董晓东 · Organisation " in page
    assert "董晓东 · Organisations" not in page


def test_the_frame_of_the_page_leads_to_messages_account_and_search(sqlite_world, lin):
    case_id = sqlite_world.submitted()

    page = lin.get(f"/applications/{case_id}")

    for address in ("/messages", "/account", "/sign-out", "/search"):
        assert re.search(rf'(href|action)="{address}"', page.text), address


def test_the_four_readings_stand_side_by_side_with_the_adopted_one_marked(sqlite_world, lin):
    sqlite_world.submitted(line="S2-4")
    case_id = sqlite_world.submitted(line=NATIONAL_STANDARD)
    sqlite_world.submitted(line="Q1-5")

    page = lin.get(f"/applications/{case_id}")
    trial = re.search(r'<table class="table trial">.*?</table>', page.text, re.DOTALL)
    assert trial is not None
    rows = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", trial[0]))

    assert re.search(r"按项就高 现行口径 两项合并就高 按款就高 按成果就高", rows)
    assert re.search(r"国家标准（排名前三）（本件） 30 30 0 30 30", rows)
    assert re.search(r"地方标准（排名前三） CL2026-0001 10 0 0 0 10", rows)
    assert re.search(r"福州市政府质量奖 CL2026-0003 50 50 50 50 50", rows)
    assert re.search(r"合计（万元） 80 50 80 90", rows)


def test_an_action_shows_before_the_click_where_it_leads_and_who_is_told(sqlite_world, lin):
    case_id = sqlite_world.in_precheck()

    recommend = card(lin.get(f"/applications/{case_id}"), "recommend")

    assert "市监局审核 · 区市场监管局 · 应于 11月23日（一）办结" in recommend
    assert "将通知：承办机构人员、申报单位" in recommend


def test_an_unavailable_action_stays_visible_with_every_reason(sqlite_world):
    case_id = sqlite_world.in_precheck()
    sqlite_world.do("lin", "request_correction", case_id, defects="缺页")
    sqlite_world.do("donglong", "resubmit", case_id)

    page = words(signed_in(sqlite_world, "chen").get(f"/applications/{case_id}"))

    assert re.search(r"初审通过 暂不可办 本件由林秀英承办", page)
    assert re.search(r"要求补正 暂不可办 本件由林秀英承办.*? 本机构对这份申请已一次性告知过", page)


def test_who_was_late_stays_in_red_on_the_track_and_in_the_history(sqlite_world):
    case_id = sqlite_world.in_precheck()
    sqlite_world.working_days_later(9)
    sqlite_world.do("lin", "recommend", case_id)

    page = signed_in(sqlite_world, "wang").get(f"/applications/{case_id}")

    red = '<span aria-hidden="true">●</span>'
    assert f'track-note-late">{red} 超期 4 日 · 林秀英<' in page.text
    assert f'event-late">{red} “乡镇初审”超期 4 日 · 林秀英<' in page.text
    assert "超期 4 日" not in words(signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}"))


def test_the_applicant_is_who_has_to_correct_and_the_office_waits(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects=["证书不清晰"])

    page = words(lin.get(f"/applications/{case_id}"))

    assert "申报单位应于11月16日（一）前补正" in page
    assert "11月2日（一）告知申报单位" in page
    assert "收件" not in page


def test_the_joint_meeting_office_is_told_on_what_a_referral_would_rest(sqlite_world):
    in_time = sqlite_world.in_meeting(line=NATIONAL_STANDARD)
    late = sqlite_world.submitted()
    sqlite_world.working_days_later(7)
    zhao = signed_in(sqlite_world, "zhao")

    assert f'href="/referrals/draft?application={late}"' in zhao.get(f"/applications/{late}").text
    assert "本件有超期的环节" in words(zhao.get(f"/applications/{late}"))
    assert "须写明问题线索" in words(zhao.get(f"/applications/{in_time}"))
    assert "拟移送" not in words(signed_in(sqlite_world, "lin").get(f"/applications/{late}"))
