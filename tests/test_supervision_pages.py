"""The pages of those who watch the district: every number opens its list, and the list can be taken away."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.pages import Browser, signed_in, statements, words
from tests.sample_rows import add_case
from tests.world import World
from web.supervision.sheet import sheet
from workflow.storage.people import Organisation, Unit

LIST = "/supervision/overdue"


@pytest.fixture
def late(sqlite_world: World) -> World:
    """The bureau is late with two cases, the township with one nobody took on; one is fresh."""
    sqlite_world.submitted("donglong", "Q1-5")
    sqlite_world.in_review("jinlun", "S2-2")
    sqlite_world.in_review("jinlun", "S2-3")
    sqlite_world.working_days_later(20)
    sqlite_world.in_precheck("donglong", "S2-4")
    return sqlite_world


@pytest.fixture
def zheng(late: World) -> Browser:
    return signed_in(late, "zheng")


def listed(page: TestResponse) -> list[str]:
    """The numbers of the cases a list shows."""
    return re.findall(r'<th scope="row" data-label="办件"><a href="[^"]+">([^<]+)</a>', page.text)


def numbers(page: TestResponse) -> list[tuple[str, int]]:
    """Every number of a page that is a link into the list of the district, with its address."""
    cells = re.findall(rf'<a href="({LIST}[^"]*)"[^>]*>(\d+)</a>', page.text)
    tiles = re.findall(
        rf'<a href="({LIST}[^"]*)">\s*<span class="tile-label">.*?tile-number">(\d+)<', page.text, re.S
    )
    return [(href.replace("&amp;", "&"), int(number)) for href, number in [*cells, *tiles]]


@pytest.mark.parametrize(
    ("account", "overview", "the_list"),
    [("zheng", 200, 200), ("leader", 200, 200), ("xuyuan", 403, 200), ("zhao", 403, 200)]
    + [(account, 403, 403) for account in ("lin", "wang", "sun", "donglong", "admin")],
)
def test_who_watches_opens_the_pages_and_nobody_else(sqlite_world, account, overview, the_list):
    browser = signed_in(sqlite_world, account)

    assert browser.get("/supervision").status_code == overview
    assert browser.get(LIST).status_code == browser.get(f"{LIST}.csv").status_code == the_list


def test_the_supervisor_reads_which_unit_is_slow_and_since_when(zheng):
    page = words(zheng.get("/supervision"))

    assert "全区有 3 件已超期，区市场监管局最多，有 2 件" in page
    assert "区市场监管局 · · 2" in page
    assert "11月23日（一） 超期 5 日 0%" in page
    assert "超期 5 日 应于 11月23日（一）" in page
    assert "超期 15 日 应于 11月9日（一）" in page
    assert "松下镇 未认领" in page


def test_all_overdue_referrals_stand_in_one_column_that_opens_them(late, zheng):
    late.referred(None, clue="来信反映", unit_of="lin")
    late.working_days_later(21)
    zheng.sign_in(late, "zheng")

    page = zheng.get("/supervision")
    (column,) = re.findall(r'href="(/supervision/overdue\?unit=\d+&amp;process=referral)"', page.text)
    opened = zheng.get(column.replace("&amp;", "&"))

    assert "移送件" in words(page)
    assert "区效能办 · 移送件 · 已超期 1 件" in words(opened)
    assert "含未办结的超期件" in words(page)


def test_every_number_of_the_overview_opens_as_many_cases(late, zheng):
    late.referred(None, clue="来信反映", unit_of="lin")
    late.working_days_later(21)
    zheng.sign_in(late, "zheng")

    found = numbers(zheng.get("/supervision"))

    assert len(found) >= 8
    for href, number in found:
        assert len(listed(zheng.get(href))) == number, href


def test_the_level_narrows_the_list_and_says_so(late, zheng):
    late.working_days_later(5)
    zheng.sign_in(late, "zheng")

    today = zheng.get(f"{LIST}?level=due_today")
    everything = zheng.get(f"{LIST}?level=all")

    assert "今天到期 1 件" in words(today)
    assert len(listed(today)) == 1
    assert len(listed(everything)) == 4


def test_unit_step_and_age_narrow_the_list(late, zheng):
    with late.store.reading() as session:
        bureau = session.scalars(select(Unit.id).where(Unit.code == "350112-SCJG")).one()

    assert len(listed(zheng.get(f"{LIST}?unit={bureau}"))) == 2
    assert len(listed(zheng.get(f"{LIST}?unit={bureau}&state=submitted"))) == 0
    assert len(listed(zheng.get(f"{LIST}?state=bureau_review&ageing=to_5"))) == 2
    assert len(listed(zheng.get(f"{LIST}?ageing=over_10"))) == 1
    assert "没有符合条件的办件" in words(zheng.get(f"{LIST}?unit={bureau}&ageing=over_10"))


@pytest.mark.parametrize(
    "query",
    [
        "level=purple",
        "level=waiting",
        "level=without_limit",
        "unit=x",
        "state=draft",
        "ageing=old",
        "after=x",
        "after=2026-13-01.1",
        "unit=99999",
    ],
)
def test_a_spoilt_address_is_answered_with_a_list(zheng, query):
    assert zheng.get(f"{LIST}?{query}").status_code == 200


def test_what_may_be_referred_is_listed_and_can_be_drafted_by_the_joint_meeting_office_alone(late):
    suggested = signed_in(late, "zhao").get(f"{LIST}?suggested=yes")
    of_the_supervisor = signed_in(late, "zheng").get(f"{LIST}?suggested=yes")

    assert len(listed(suggested)) == len(listed(of_the_supervisor)) == 3
    assert suggested.text.count("/referrals/draft?application=") == 3
    assert "/referrals/draft" not in of_the_supervisor.text


def test_a_long_list_is_turned_page_by_page(late, zheng):
    with late.store.writing() as session:
        unit = session.scalars(select(Unit.id).where(Unit.code == "350112104")).one()
        for _turn in range(120):
            add_case(session, "submitted", unit, late.today - timedelta(3))
        session.commit()

    seen, href = [], LIST
    while href:
        page = zheng.get(href)
        seen += re.findall(r'data-label="办件"><a href="([^"]+)"', page.text)
        following = re.search(r'<a href="([^"]+)" rel="next"', page.text)
        href = following[1].replace("&amp;", "&") if following else ""

    assert len(seen) == len(set(seen)) == 123
    assert "已超期 123 件" in words(zheng.get(LIST))


def test_the_table_holds_the_same_cases_as_the_list(zheng):
    answer = zheng.get(f"{LIST}.csv?state=bureau_review")

    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="overdue-2026-11-30.csv"'
    assert [row["编号"] for row in rows] == listed(zheng.get(f"{LIST}?state=bureau_review"))
    assert rows[0]["机构"] == "区市场监管局"
    assert (rows[0]["应办结日期"], rows[0]["超期工作日"]) == ("2026-11-23", "5")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"])
def test_nothing_in_a_table_calculates(text):
    table = sheet(["名称"], [[text, 5, "平常"]]).decode("utf-8-sig")

    _title, cells = csv.reader(io.StringIO(table, newline=""))
    assert cells == [f"'{text}", "5", "平常"]


def test_an_organisation_cannot_write_a_formula_into_the_table(late, zheng):
    with late.store.writing() as session:
        for organisation in session.scalars(select(Organisation)):
            organisation.name = "=cmd|' /C calc'!A0"
        session.commit()

    table = zheng.get(f"{LIST}.csv").data.decode("utf-8-sig")

    assert {row["申报单位"] for row in csv.DictReader(io.StringIO(table))} == {"'=cmd|' /C calc'!A0"}


@pytest.mark.parametrize("path", ["/supervision", LIST, f"{LIST}.csv"])
def test_the_pages_cost_the_same_with_few_cases_and_with_many(late, zheng, path):
    zheng.get(path)
    with statements(late) as few:
        zheng.get(path)
    for line in ("S2-6", "S3-1", "S6-1"):
        late.submitted("donglong", line)
    late.working_days_later(10)
    zheng.sign_in(late, "zheng")
    with statements(late) as many:
        zheng.get(path)

    assert len(many) == len(few) <= 22


def test_a_district_in_time_is_told_so(sqlite_world):
    browser = signed_in(sqlite_world, "leader")

    assert "全区没有超期的办件" in words(browser.get("/supervision"))
    assert "没有这样的办件" in words(browser.get(LIST))


def test_the_leader_reads_every_case_of_the_list_and_acts_on_none(late):
    browser = signed_in(late, "leader")
    page = browser.get(LIST)

    for href in re.findall(r'data-label="办件"><a href="([^"]+)"', page.text):
        seen = browser.get(href)
        assert seen.status_code == 200
        assert "/act/" not in seen.text
        assert browser.post(f"{href}/act/comment", {"seen_version": 1, "note": "催"}).status_code == 403


def test_the_overview_speaks_english_to_who_chose_it(late, zheng):
    zheng.post("/language", {"language": "en"})

    page = words(zheng.get("/supervision"))
    table = zheng.get(f"{LIST}.csv").data.decode("utf-8-sig")

    assert "3 overdue in the district" in page
    assert not re.search("[\u4e00-\u9fff]", re.sub("福建\\S+公司|中文|未?郑国栋|王海峰|林秀英", "", page))
    assert table.startswith("Number,")
