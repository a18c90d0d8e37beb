"""Evidence that officers look at, and the papers they print."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from tests.movements import CITY, PROVINCE, revoke
from tests.office_desk import give_files
from tests.pages import Browser, signed_in, words
from tests.world import World
from web.office.capital import capital
from workflow.storage.people import Person


@pytest.fixture
def lin(sqlite_world: World) -> Browser:
    """林秀英 of 松下镇."""
    return signed_in(sqlite_world, "lin")


def test_evidence_is_looked_at_as_pictures_and_only_downloaded_as_a_file(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    give_files(sqlite_world, case_id)

    page = lin.get(f"/applications/{case_id}")
    viewer = lin.get("/evidence/1")
    picture = lin.get("/evidence/1/page/1.png")
    original = lin.get("/evidence/1/original")

    assert "/evidence/1" in page.text
    assert "/evidence/1/page/1.png" in viewer.text
    assert f"/cases/{case_id}" in viewer.text
    assert "本件材料" in words(viewer)
    assert picture.data.startswith(b"\x89PNG")
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.mimetype == "application/octet-stream"
    assert lin.get("/evidence/1/page/9.png").status_code == 404


def test_a_file_that_is_gone_is_said_in_its_place(sqlite_world, lin):
    sqlite_world.submitted()

    viewer = lin.get("/evidence/1")

    assert "服务器上找不到这个文件" in words(viewer)
    assert lin.get("/evidence/1/original").status_code == 404


def test_papers_exist_once_the_application_has_come_so_far(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    kinds = ("acceptance", "correction", "decision", "notice", "payment", "nonsense")

    def reached() -> list[str]:
        return [kind for kind in kinds if lin.get(f"/applications/{case_id}/print/{kind}").status_code == 200]

    assert reached() == []
    sqlite_world.do("lin", "request_correction", case_id, defects="缺页\n未盖章")
    assert reached() == ["correction"]
    sqlite_world.do("donglong", "resubmit", case_id)
    sqlite_world.confirm_accounts()
    sqlite_world.do("lin", "accept", case_id)
    assert reached() == ["acceptance", "correction"]
    sqlite_world.do("lin", "reject", case_id, reason="不在奖励范围")
    assert reached() == ["acceptance", "correction", "decision"]


def test_a_notice_of_defects_numbers_them_and_names_the_day(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects="缺前言页\n承诺书未盖章")

    paper = lin.get(f"/applications/{case_id}/print/correction")

    assert re.search(r"<ol><li>缺前言页</li><li>承诺书未盖章</li></ol>", paper.text)
    assert "请于2026年11月16日前补正。逾期未补正的，视为撤回申请。" in words(paper)


def test_the_public_notice_tells_no_account_identity_or_phone(sqlite_world):
    case_id = sqlite_world.in_notice()
    zhao = signed_in(sqlite_world, "zhao")

    for page in (zhao.get("/applications/notices"), zhao.get(f"/applications/{case_id}/print/notice")):
        assert "福建东龙针纺有限公司" in page.text
        assert "500,000 元" in page.text
        assert "2026年11月2日 至2026年11月9日" in words(page)
        for secret in ("6222", "13900000000", "91350112MA", "董晓东"):
            assert secret not in page.text


def test_the_notice_of_payment_writes_the_amount_in_capitals(sqlite_world):
    case_id = sqlite_world.paid()

    paper = words(signed_in(sqlite_world, "sun").get(f"/applications/{case_id}/print/payment"))

    assert "500,000 元（大写：伍拾万元整）" in paper
    assert "**** 0000" in paper


def payment_paper(world: World, case_id: int) -> str:
    return words(signed_in(world, "sun").get(f"/applications/{case_id}/print/payment"))


def returned(world: World, case_id: int, yuan: int) -> None:
    world.do("zhou", "record_return", case_id, amount_yuan=yuan, voucher="退1", reason="账号错误")


def test_a_transfer_that_came_back_and_was_paid_again_is_paid_once(sqlite_world):
    case_id = sqlite_world.awaiting_payment()
    sqlite_world.pay(case_id, "凭1")
    returned(sqlite_world, case_id, 500_000)
    sqlite_world.pay(case_id, "凭2")

    paper = payment_paper(sqlite_world, case_id)

    assert "扣除退票、追回的款项后，共计 500,000 元（大写：伍拾万元整）" in paper
    assert re.findall(r"(拨付|退票) .*?(凭1|退1|凭2) (−?500,000 元)", paper.split("金额")[1]) == [
        ("拨付", "凭1", "500,000 元"),
        ("退票", "退1", "−500,000 元"),
        ("拨付", "凭2", "500,000 元"),
    ]


def test_a_transfer_that_came_back_in_part_leaves_the_rest_paid(sqlite_world):
    case_id = sqlite_world.paid()
    returned(sqlite_world, case_id, 300_000)

    paper = payment_paper(sqlite_world, case_id)

    assert "共计 200,000 元（大写：贰拾万元整）" in paper
    assert "−300,000 元" in paper


def test_the_notice_of_payment_says_in_english_what_came_back(sqlite_world):
    case_id = sqlite_world.paid()
    returned(sqlite_world, case_id, 300_000)
    with sqlite_world.store.writing() as session:
        session.execute(update(Person).where(Person.account == "sun").values(locale="en"))
        session.commit()

    paper = payment_paper(sqlite_world, case_id)

    assert "less what was returned or recovered, CNY 200,000 in all" in paper
    assert "Returned transfer" in paper
    assert "−CNY 300,000" in paper


def test_no_notice_of_payment_is_offered_while_all_that_was_paid_is_back(sqlite_world):
    case_id = sqlite_world.paid()
    returned(sqlite_world, case_id, 500_000)
    sun = signed_in(sqlite_world, "sun")

    assert sun.get(f"/applications/{case_id}/print/payment").status_code == 404
    assert "奖励资金拨付通知" not in words(sun.get(f"/applications/{case_id}"))


def test_what_was_recovered_is_no_longer_said_to_be_paid(sqlite_world):
    case_id = sqlite_world.paid()
    revoke(sqlite_world, case_id)
    sqlite_world.do("sun", "record_recovery", case_id, amount_yuan=200_000, voucher="追1")
    part = payment_paper(sqlite_world, case_id)
    sqlite_world.do("sun", "record_recovery", case_id, amount_yuan=300_000, voucher="追2")

    assert "共计 300,000 元" in part
    assert re.search(r"追回 追1 −200,000 元", part)
    sun = signed_in(sqlite_world, "sun")
    assert sun.get(f"/applications/{case_id}/print/payment").status_code == 404


def test_what_was_recovered_with_a_higher_award_is_no_longer_said_to_be_paid(sqlite_world):
    city = sqlite_world.paid(line=CITY)
    province = sqlite_world.paid(line=PROVINCE)
    revoke(sqlite_world, city)
    revoke(sqlite_world, province)

    sqlite_world.do("sun", "record_recovery", province, amount_yuan=700_000, voucher="追1")

    paper = payment_paper(sqlite_world, city)
    assert "共计 300,000 元" in paper
    assert re.search(r"随其他奖项追回 −200,000 元", paper)


@pytest.mark.parametrize(
    ("yuan", "written"),
    [
        (50_000, "伍万元整"),
        (205_000, "贰拾万伍仟元整"),
        (1_000_001, "壹佰万零壹元整"),
        (10_010, "壹万零壹拾元整"),
        (100_000_000, "壹亿元整"),
        (100_050_000, "壹亿零伍万元整"),
        (1_007, "壹仟零柒元整"),
    ],
)
def test_capital_characters_leave_no_place_unsaid(yuan, written):
    assert capital(yuan) == written
