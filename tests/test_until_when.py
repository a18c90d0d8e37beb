"""Until when a case stays where it is: said in one way on every page, in both languages."""

from __future__ import annotations

import pytest

from tests.office_desk import act, card
from tests.pages import Browser, signed_in, words
from tests.world import World
from workflow.process.available import Preview, available

APPLICANT = "donglong"
# Who looks where at a case of hers; the search is for the organisation, whose number would lead on.
PAGES = {
    "her home": (APPLICANT, "/my"),
    "her page": (APPLICANT, "/my/applications/{case_id}"),
    "her search": (APPLICANT, "/search?q=东龙"),
    "the page": ("zhao", "/applications/{case_id}"),
    "all applications": ("zhao", "/applications"),
    "the search": ("zhao", "/search?q=东龙"),
}
in_every_place = pytest.mark.parametrize("place", PAGES)


def read(world: World, place: str, case_id: int, language: str = "zh") -> str:
    account, path = PAGES[place]
    browser = speaking(world, account, language)
    return words(browser.get(path.format(case_id=case_id)))


def speaking(world: World, account: str, language: str) -> Browser:
    browser = signed_in(world, account)
    browser.post("/language", {"language": language})
    return browser


def preview_of(world: World, account: str, action: str, case_id: int) -> Preview:
    with world.store.reading() as session:
        offered = available(session, case_id, world.actor(account), world.now)
    found = next(one.preview for one in offered if one.action == action)
    assert found is not None
    return found


@in_every_place
def test_a_public_notice_expires(sqlite_world: World, place: str) -> None:
    page = read(sqlite_world, place, sqlite_world.in_notice())

    assert "11月9日（一）期满" in page
    assert "应于 11月9日" not in page
    assert "应于11月9日" not in page


@in_every_place
def test_a_public_notice_expires_in_english_too(sqlite_world: World, place: str) -> None:
    page = read(sqlite_world, place, sqlite_world.in_notice(), "en")

    assert "ends Mon 9 Nov" in page
    assert "due Mon 9 Nov" not in page
    assert "Due on Mon 9 Nov" not in page


@in_every_place
def test_an_application_that_waits_is_to_be_corrected(sqlite_world: World, place: str) -> None:
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects="缺页")

    page = read(sqlite_world, place, case_id)

    assert "于 11月16日（一）前补正" in page
    assert "11月16日（一）期满" not in page
    assert "11月16日（一）办结" not in page


def test_an_application_that_waits_is_to_be_corrected_in_english_too(sqlite_world: World) -> None:
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects="缺页")

    assert "Organisation, to be corrected by Mon 16 Nov" in read(sqlite_world, "her page", case_id, "en")
    assert "Waiting for correction to be corrected by Mon 16 Nov" in read(
        sqlite_world, "all applications", case_id, "en"
    )


@in_every_place
def test_what_an_office_has_to_do_is_due(sqlite_world: World, place: str) -> None:
    page = read(sqlite_world, place, sqlite_world.submitted())

    assert "应于 11月9日（一）" in page
    assert "11月9日（一）期满" not in page
    assert "11月9日（一）前补正" not in page


def test_who_has_to_act_is_named_to_the_applicant(sqlite_world: World) -> None:
    case_id = sqlite_world.submitted()

    assert "松下镇应于 11月9日（一）办结" in read(sqlite_world, "her page", case_id)
    assert "Songxia Town, due Mon 9 Nov" in read(sqlite_world, "her page", case_id, "en")

    sqlite_world.do("lin", "request_correction", case_id, defects="缺页")

    assert "申报单位应于 11月16日（一）前补正" in read(sqlite_world, "her page", case_id)


@pytest.mark.parametrize("place", ["the page", "her page"])
def test_the_head_of_the_page_says_that_nobody_has_to_end_a_notice(sqlite_world: World, place: str) -> None:
    case_id = sqlite_world.in_notice()

    assert "公示中，11月9日（一）期满，自动转入下一环节" in read(sqlite_world, place, case_id)
    assert "Public notice ends Mon 9 Nov, then moves on by itself" in read(sqlite_world, place, case_id, "en")


def test_why_a_notice_ends_on_its_day_is_told_without_anybody_who_has_to_act(sqlite_world: World) -> None:
    case_id = sqlite_world.in_notice()

    for place in ("the page", "her page"):
        page = read(sqlite_world, place, case_id)
        assert "11月2日（一）开始，自次一工作日11月3日（二）起算，期限 5 个工作日。" in page
        assert "11月9日（一）期满，自动转入下一环节。" in page
        assert "It ends Mon 9 Nov and then moves on by itself." in read(
            sqlite_world, place, case_id, language="en"
        )


def test_a_notice_whose_end_is_not_yet_written_down_is_not_late(sqlite_world: World) -> None:
    case_id = sqlite_world.in_notice()
    sqlite_world.later(days=8)

    page = read(sqlite_world, "the page", case_id)

    assert "已于11月9日（一）期满，将由系统自动转入下一环节。" in page
    assert "应于11月9日" not in page
    assert "已超期" not in page
    assert "It ended Mon 9 Nov and is about to move on by itself." in read(
        sqlite_world, "the page", case_id, "en"
    )


def test_a_card_foretells_what_is_said_when_its_act_is_done(sqlite_world: World) -> None:
    meeting, submitted = sqlite_world.in_meeting(), sqlite_world.submitted(line="M4-1")
    zhao, lin = signed_in(sqlite_world, "zhao"), signed_in(sqlite_world, "lin")

    approve = card(zhao.get(f"/applications/{meeting}"), "approve")
    correct = card(lin.get(f"/applications/{submitted}"), "request_correction")

    assert "→ 公示 · 联席会议办公室 · 11月9日（一）期满<" in approve
    assert "→ 待补正 · 申报单位 · 应于 11月16日（一）前补正<" in correct
    approved = act(zhao, sqlite_world, meeting, "approve", document_number="长政综〔2026〕1号")
    asked = act(lin, sqlite_world, submitted, "request_correction", defects="缺页")
    assert "转入“公示”，11月9日（一）期满。" in words(zhao.get(approved.location))
    assert "转入“待补正”，应于 11月16日（一）前补正。" in words(lin.get(asked.location))


def test_a_preview_knows_whom_the_stay_it_leads_to_waits_for(sqlite_world: World) -> None:
    meeting, submitted = sqlite_world.in_meeting(), sqlite_world.submitted(line="M4-1")

    approve = preview_of(sqlite_world, "zhao", "approve", meeting)
    correct = preview_of(sqlite_world, "lin", "request_correction", submitted)
    accept = preview_of(sqlite_world, "lin", "accept", submitted)

    assert (approve.ends_by_itself, approve.waiting) == (True, False)
    assert (correct.ends_by_itself, correct.waiting) == (False, True)
    assert (accept.ends_by_itself, accept.waiting) == (False, False)


def test_a_referral_says_that_its_application_is_in_public_notice(sqlite_world: World) -> None:
    application = sqlite_world.in_meeting()
    referral = sqlite_world.referral(application, clue="群众来信反映")
    sqlite_world.do("zhao", "approve", application, document_number="长政综〔2026〕1号")

    page = words(signed_in(sqlite_world, "zhao").get(f"/referrals/{referral}"))

    assert "现为“公示” · 11月9日（一）期满" in page


def test_an_application_says_until_when_its_referral_stands(sqlite_world: World) -> None:
    application = sqlite_world.in_meeting()
    sqlite_world.referral(application, clue="群众来信反映")

    page = words(signed_in(sqlite_world, "zhao").get(f"/applications/{application}"))

    assert "应于 11月5日（四）办结" in page
