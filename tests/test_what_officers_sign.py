"""What an officer reads before and after she puts her name to a movement of money or an approval."""

from __future__ import annotations

from tests.pages import signed_in, words
from tests.world import World


def test_whoever_confirms_a_payment_reads_how_much_goes_to_whom_and_who_prepared_it(sqlite_world: World):
    case_id = sqlite_world.awaiting_payment("donglong")
    sqlite_world.do("sun", "prepare", case_id)

    page = words(signed_in(sqlite_world, "zhou").get(f"/applications/{case_id}"))

    assert "本次拨付 50 万元，收款账户 福建东龙针纺有限公司 · 中国示例银行长乐支行" in page
    assert "，制单 孙立新" in page


def test_a_returned_transfer_is_booked_and_not_prepared_and_checked(sqlite_world: World):
    case_id = sqlite_world.awaiting_payment("donglong")
    sqlite_world.pay(case_id)
    sqlite_world.do("sun", "record_return", case_id, amount_yuan=500_000, reason="账号有误", voucher="TP-1")

    page = words(signed_in(sqlite_world, "zhou").get(f"/applications/{case_id}"))

    assert "登记 孙立新" in page
    assert page.count("复核 孙立新") <= 1


def test_of_a_public_notice_is_said_until_when_it_runs(
    sqlite_world: World,
):
    case_id = sqlite_world.in_meeting("donglong")
    zhao = signed_in(sqlite_world, "zhao")
    assert "至11月9日（一）期满" in words(zhao.get(f"/applications/{case_id}"))

    version = sqlite_world.case(case_id).version
    zhao.post(
        f"/applications/{case_id}/act/approve",
        {"seen_version": str(version), "document_number": "长政综〔2026〕1号"},
    )
    said = words(zhao.get(f"/applications/{case_id}"))

    assert "转入“公示”，至11月9日（一）期满。" in said
