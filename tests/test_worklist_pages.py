"""The worklist of an office and the register of all applications: counted, narrowed, paged."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.applying import begun
from tests.office_desk import NATIONAL_STANDARD, act
from tests.pages import Browser, signed_in, words
from tests.world import World, place
from workflow.storage.reference import Budget
from workflow.storage.tables import Unit


@pytest.fixture
def lin(sqlite_world: World) -> Browser:
    """林秀英 of 松下镇."""
    return signed_in(sqlite_world, "lin")


def tile(page: TestResponse, bucket: str) -> str:
    found = re.search(rf'href="/worklist\?bucket={bucket}">.*?tile-number">([^<]+)<', page.text, re.DOTALL)
    assert found is not None
    return found[1]


@place
def one_more_than_a_page(world: World) -> None:
    for _each in range(51):
        world.submitted(line=NATIONAL_STANDARD)


def following(browser: Browser, page: TestResponse) -> TestResponse:
    """The page to which this one leads on."""
    found = re.search(r'href="([^"]+)" rel="next"', page.text)
    assert found is not None
    return browser.get(found[1].replace("&amp;", "&"))


def test_the_worklist_says_first_how_many_are_late_and_with_whom(sqlite_world):
    sqlite_world.in_precheck()
    sqlite_world.submitted(line=NATIONAL_STANDARD)
    sqlite_world.working_days_later(8)

    page = signed_in(sqlite_world, "lin").get("/worklist")

    assert "早上好，本镇有 2 件已超期，其中 1 件在您手上" in words(page)
    assert "最长 3 个工作日" in words(page)


def test_each_tile_counts_its_bucket_and_leads_to_it(sqlite_world):
    late = sqlite_world.in_precheck()
    sqlite_world.working_days_later(6)
    sqlite_world.submitted(line=NATIONAL_STANDARD)
    waiting = sqlite_world.submitted(line="S3-1")
    sqlite_world.do("lin", "request_correction", waiting, defects="缺盖章页")
    lin = signed_in(sqlite_world, "lin")

    page = lin.get("/worklist")
    overdue = lin.get("/worklist?bucket=overdue")

    buckets = ("overdue", "due_today", "near", "later", "waiting")
    assert [tile(page, bucket) for bucket in buckets] == ["1", "0", "0", "1", "1"]
    assert f"/applications/{late}" in overdue.text
    assert "CL2026-0002" not in overdue.text
    assert "等待补正" in lin.get("/worklist?bucket=waiting").text


def test_a_draft_is_not_counted_as_within_a_limit(sqlite_world, lin):
    nobodys = lin.get("/worklist")
    case_id = begun(lin, sqlite_world, originals_seen="yes")

    page, drafts = lin.get("/worklist"), lin.get("/worklist?bucket=without_limit")

    assert "bucket=without_limit" not in nobodys.text
    assert (tile(page, "later"), tile(page, "without_limit")) == ("0", "1")
    assert "没有超期，1 件没有时限" in words(page)
    assert "本页 1 件，共 1 件" in words(page)
    assert f"/applications/{case_id}" in drafts.text
    assert f"/applications/{case_id}" not in lin.get("/worklist?bucket=later").text


def test_a_second_stay_in_a_step_is_said_on_the_worklist(sqlite_world, lin):
    case_id = sqlite_world.in_review()
    sqlite_world.do("wang", "return_to_township", case_id, reason="排名有误")

    assert "第 2 次进入本环节" in words(lin.get("/worklist"))


def test_the_worklist_narrows_to_what_is_hers_or_untaken(sqlite_world, lin):
    mine = sqlite_world.in_precheck()
    untaken = sqlite_world.submitted(line=NATIONAL_STANDARD)

    hers, free = lin.get("/worklist?hands=mine"), lin.get("/worklist?hands=untaken")

    assert (f"/applications/{mine}" in hers.text, f"/applications/{untaken}" in hers.text) == (True, False)
    assert (f"/applications/{mine}" in free.text, f"/applications/{untaken}" in free.text) == (False, True)


def test_an_empty_worklist_says_what_that_means(lin):
    page = lin.get("/worklist")

    assert "目前没有要办的件" in words(page)
    assert "新到的件会发消息通知" in words(page)
    assert "没有超期的申请件" in words(lin.get("/worklist?bucket=overdue"))


def test_unknown_filters_and_places_list_everything(sqlite_world, lin):
    sqlite_world.submitted()

    page = lin.get("/worklist?bucket=nonsense&hands=x&section=y&after=z")

    assert page.status_code == 200
    assert "CL2026-0001" in page.text


def test_the_list_goes_on_where_its_page_ended(sqlite_world, lin):
    one_more_than_a_page(sqlite_world)

    first = lin.get("/worklist")
    second = following(lin, first)

    assert "本页 50 件，共 51 件" in words(first)
    assert "CL2026-0051" in second.text
    assert "CL2026-0050" not in second.text


def test_the_bureau_sees_the_trial_amount_beside_the_claimed_one(sqlite_world):
    sqlite_world.in_review(line="S2-4")
    sqlite_world.in_review(line=NATIONAL_STANDARD)

    page = words(signed_in(sqlite_world, "wang").get("/worklist"))

    assert "试算金额" in page
    assert re.search(r"10 万元 0 万元", page)
    assert re.search(r"30 万元 30 万元", page)


def test_the_joint_meeting_office_has_its_parts_with_their_numbers(sqlite_world):
    sqlite_world.in_meeting()
    sqlite_world.in_notice(line=NATIONAL_STANDARD)
    zhao = signed_in(sqlite_world, "zhao")

    page = zhao.get("/worklist")
    notices = zhao.get("/worklist?section=notices")

    assert re.search(r"待审批 1 .*公示中 1 .*异议核查 0", words(page))
    assert "CL2026-0002" in notices.text
    assert "CL2026-0001" not in notices.text


def test_finance_sees_what_is_to_prepare_to_confirm_and_left_of_the_budget(sqlite_world):
    sqlite_world.awaiting_payment()
    prepared = sqlite_world.awaiting_payment("jinlun", "M4-1")
    sqlite_world.do("sun", "prepare", prepared)
    with sqlite_world.store.writing() as session:
        session.add(Budget(year=2026, amount_yuan=1_000_000))
        session.commit()

    maker = words(signed_in(sqlite_world, "sun").get("/worklist"))
    checker = words(signed_in(sqlite_world, "zhou").get("/worklist"))

    assert "待制单 1 待复核 0 已制单，待同事复核 1" in maker
    assert "待制单 1 待复核 1 已制单，待同事复核 0" in checker
    assert "已核定 53 万元，其中已拨付 0 万元，余额 47 万元" in maker


@pytest.mark.parametrize("account", ["zheng", "admin", "donglong"])
def test_only_offices_have_a_worklist(sqlite_world, account):
    assert signed_in(sqlite_world, account).get("/worklist").status_code == 403


def test_taking_on_from_the_list_tells_what_happened_and_what_comes_next(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    sqlite_world.submitted(line=NATIONAL_STANDARD)

    answer = act(lin, sqlite_world, case_id, "take_on")
    page = lin.get(answer.location)

    assert answer.status_code == 303
    assert sqlite_world.case(case_id).handler_id == sqlite_world.person_id("lin")
    assert "已认领，应于 11月9日（一）办结。" in words(page)
    assert "下一件 CL2026-0002" in words(page)


def test_all_applications_are_found_by_state_township_year_and_words(sqlite_world):
    sqlite_world.submitted()
    sqlite_world.submitted("jinlun", NATIONAL_STANDARD)
    sqlite_world.in_precheck("jinlun", "S2-4")
    zheng = signed_in(sqlite_world, "zheng")
    with sqlite_world.store.reading() as session:
        songxia = session.scalars(select(Unit.id).where(Unit.name == "松下镇")).one()

    def found(query: str) -> list[str]:
        return sorted(set(re.findall(r"CL2026-\d{4}", zheng.get(f"/applications?{query}").text)))

    assert found("") == ["CL2026-0001", "CL2026-0002", "CL2026-0003"]
    assert found("state=township_precheck") == ["CL2026-0003"]
    assert found(f"township={songxia}") == ["CL2026-0001"]
    assert found("year=2019") == []
    assert found("words=东龙") == ["CL2026-0001"]
    assert found("words=cl2026-0002") == ["CL2026-0002"]
    assert found("words=91350112MA000001") == ["CL2026-0002", "CL2026-0003"]


def test_a_list_narrowed_to_nothing_says_so(sqlite_world):
    page = words(signed_in(sqlite_world, "zheng").get("/applications?words=没有这家"))

    assert "没有符合条件的申请件" in page
    assert "清除条件" in page


def test_the_register_goes_on_where_its_page_ended(sqlite_world, lin):
    one_more_than_a_page(sqlite_world)

    first = lin.get("/applications?words=东龙")
    second = following(lin, first)

    assert re.findall(r"CL2026-\d{4}", second.text) == ["CL2026-0001"]


def test_the_list_of_finance_says_what_to_do_with_each_case(sqlite_world):
    case_id = sqlite_world.awaiting_payment()
    untaken = words(signed_in(sqlite_world, "sun").get("/worklist"))
    sqlite_world.do("sun", "take_on", case_id)
    sqlite_world.do("sun", "prepare", case_id)
    checker = words(signed_in(sqlite_world, "zhou").get("/worklist"))
    maker = words(signed_in(sqlite_world, "sun").get("/worklist"))

    assert "认领 ›" in untaken
    assert "复核 ›" in checker
    assert "查看 ›" not in checker
    assert "复核 ›" not in maker


def test_what_ends_by_itself_is_no_work_that_is_due(sqlite_world):
    case_id = sqlite_world.in_notice()
    sqlite_world.later(days=7)
    zhao = signed_in(sqlite_world, "zhao")

    home, page = words(zhao.get("/worklist")), words(zhao.get(f"/applications/{case_id}"))

    assert "公示中，11月9日（一）期满，自动转入下一环节" in page
    assert "今天到期" not in page
    assert "11月9日（一）期满 自动转入下一环节" in home
    assert "今天到期 0" in home
    assert "下班前办结" not in home
