"""An officer with a post in a firm is told of its applications what the firm is told, in every list."""

from __future__ import annotations

import re

import pytest

from tests.pages import signed_in
from tests.referring import late_in_precheck
from tests.world import SINCE, World
from workflow.people.memberships import add_membership


def acts_for_donglong(world: World, account: str) -> None:
    """Give an officer a post in the firm."""
    firm = next(iter(world.actor("donglong").organisation_ids))
    with world.store.writing() as session:
        add_membership(session, world.person_id(account), "applicant", SINCE, organisation_id=firm)
        session.commit()


def referred(world: World) -> int:
    """The application of the firm lies with the efficiency office."""
    case_id = world.in_review("donglong")
    world.do("qian", "sign", world.referral(case_id, clue="群众来信"))
    return case_id


def row_of(world: World, account: str, address: str, case_id: int) -> str | None:
    """What the row of a case says, cell by cell; None where the list has no such row."""
    number = world.case(case_id).number or ""
    rows = re.findall(r"<tr>.*?</tr>", signed_in(world, account).get(address).text, re.DOTALL)
    for row in rows:
        if number in row:
            return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))
    return None


@pytest.mark.parametrize("account", ["zhou", "chen"])
def test_the_register_tells_her_neither_office_nor_officer(sqlite_world: World, account: str):
    acts_for_donglong(sqlite_world, account)
    case_id = sqlite_world.in_review("donglong")
    sqlite_world.do("wang", "take_on", case_id)

    hers = row_of(sqlite_world, account, "/applications", case_id) or ""
    others = row_of(sqlite_world, "lin", "/applications", case_id) or ""

    assert "王海峰" in others
    assert "王海峰" not in hers
    assert "市场监管局" in hers


@pytest.mark.parametrize("account", ["zhou", "chen"])
def test_the_register_tells_her_of_a_supervised_application_that_it_is_one(sqlite_world: World, account: str):
    acts_for_donglong(sqlite_world, account)
    case_id = referred(sqlite_world)

    hers = row_of(sqlite_world, account, "/applications", case_id) or ""
    others = row_of(sqlite_world, "sun", "/applications", case_id) or ""

    assert "移送效能办 区效能办" in others
    assert "已督办" in hers
    assert "效能办" not in hers


def test_a_register_of_what_was_referred_does_not_list_her_own_firms(sqlite_world: World):
    acts_for_donglong(sqlite_world, "zhou")
    case_id = referred(sqlite_world)
    referred_ones = "/applications?state=efficiency_office"

    assert row_of(sqlite_world, "sun", referred_ones, case_id)
    assert row_of(sqlite_world, "zhou", referred_ones, case_id) is None


def test_she_does_not_find_her_own_firms_case_by_the_name_of_the_officer(sqlite_world: World):
    acts_for_donglong(sqlite_world, "zhou")
    own, of_another = sqlite_world.in_review("donglong"), sqlite_world.in_review("jinlun")
    for case_id in (own, of_another):
        sqlite_world.do("wang", "take_on", case_id)

    found = [row_of(sqlite_world, who, "/search?q=王海峰", own) for who in ("sun", "zhou")]

    assert found[0]
    assert found[1] is None
    assert row_of(sqlite_world, "zhou", "/search?q=王海峰", of_another)


def test_she_finds_a_referral_which_is_no_firms_by_the_name_of_the_officer(sqlite_world: World):
    acts_for_donglong(sqlite_world, "hemin")
    on_clue = sqlite_world.referred(None, clue="群众来信", unit_of="wang")

    assert row_of(sqlite_world, "hemin", "/search?q=许志远", on_clue)


def test_her_worklist_does_not_say_which_colleague_has_her_own_firms_case(sqlite_world: World):
    acts_for_donglong(sqlite_world, "chen")
    case_id = sqlite_world.in_precheck("donglong")

    assert "林秀英" in (row_of(sqlite_world, "huang", "/worklist", case_id) or "")
    assert "林秀英" not in (row_of(sqlite_world, "chen", "/worklist", case_id) or "林秀英")


def test_her_worklist_offers_nothing_on_her_own_firms_case(sqlite_world: World):
    acts_for_donglong(sqlite_world, "xuyuan")
    case_id = referred(sqlite_world)

    hers = row_of(sqlite_world, "xuyuan", "/worklist", case_id) or ""
    colleagues = row_of(sqlite_world, "hemin", "/worklist", case_id) or ""

    assert "移送效能办" in colleagues
    assert "未认领" in colleagues
    assert "认领 ›" in colleagues
    assert "已督办" in hers
    assert "认领" not in hers
    assert "查看 ›" in hers


def test_finance_is_asked_neither_to_prepare_nor_to_check_the_payment_to_her_own_firm(sqlite_world: World):
    acts_for_donglong(sqlite_world, "zhou")
    case_id = sqlite_world.awaiting_payment("donglong")
    to_prepare = row_of(sqlite_world, "zhou", "/worklist", case_id)
    sqlite_world.do("sun", "prepare", case_id)
    to_check = row_of(sqlite_world, "zhou", "/worklist", case_id)

    assert "复核 ›" in (row_of(sqlite_world, "zheng_head", "/worklist", case_id) or "")
    assert "查看 ›" in (to_prepare or "")
    assert "查看 ›" in (to_check or "")


@pytest.mark.parametrize("address", ["/supervision/overdue", "/supervision/overdue?suggested=yes"])
def test_that_her_own_firms_case_may_be_referred_is_not_suggested_to_her(sqlite_world: World, address: str):
    acts_for_donglong(sqlite_world, "zhao")
    case_id = late_in_precheck(sqlite_world)
    sqlite_world.working_days_later(5)

    hers = row_of(sqlite_world, "zhao", address, case_id)
    colleagues = row_of(sqlite_world, "xie", address, case_id) or ""

    assert "林秀英" in colleagues
    assert "建议移送" in colleagues
    if "suggested" in address:
        assert hers is None
    else:
        assert hers
        assert "松下镇" in hers
        assert not re.search("林秀英|未认领|移送", hers)


def test_the_list_of_the_district_tells_her_of_a_supervised_application_that_it_is_one(sqlite_world: World):
    acts_for_donglong(sqlite_world, "zhao")
    case_id = referred(sqlite_world)
    everything = "/supervision/overdue?level=all"
    office = next(iter(sqlite_world.actor("xuyuan").unit_ids))

    hers = row_of(sqlite_world, "zhao", everything, case_id) or ""
    colleagues = row_of(sqlite_world, "xie", everything, case_id) or ""

    assert re.search("移送效能办.*效能办.*未认领.*移送在办", colleagues)
    assert "已督办" in hers
    assert not re.search("移送|效能办|未认领", hers)
    for narrowed in (f"&unit={office}", "&state=efficiency_office"):
        assert row_of(sqlite_world, "xie", everything + narrowed, case_id)
        assert row_of(sqlite_world, "zhao", everything + narrowed, case_id) is None


def test_the_table_of_the_district_tells_her_no_more_than_its_list(sqlite_world: World):
    acts_for_donglong(sqlite_world, "zhao")
    number = sqlite_world.case(referred(sqlite_world)).number or ""

    table = signed_in(sqlite_world, "zhao").get("/supervision/overdue.csv?level=all").text

    (line,) = [each for each in table.splitlines() if number in each]
    assert "已督办" in line
    assert "效能办" not in line
