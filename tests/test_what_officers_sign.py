"""What an officer reads before and after she puts her name to a movement of money or an approval."""

from __future__ import annotations

import re

import pytest

from tests.movements import CITY, PROVINCE
from tests.office_desk import act, card
from tests.pages import Browser, signed_in, words
from tests.world import World
from workflow.process.definitions import newest_process
from workflow.process.scope import APPLICATION
from workflow.storage.tables import ProcessVersion

ACCOUNT = "福建东龙针纺有限公司 · 中国示例银行长乐支行 · 6222000000000000"


OPTIONAL = '[states.joint_meeting_approval.actions.approve.inputs]\ndocument_number = "optional"'
REQUIRED = OPTIONAL.replace("optional", "required")

in_both_languages = pytest.mark.parametrize(
    ("language", "called"), [("zh", "审批文件文号"), ("en", "Number of the approval document")]
)


def speaking(world: World, account: str, language: str) -> Browser:
    browser = signed_in(world, account)
    browser.post("/language", {"language": language})
    return browser


def said_on(world: World, action: str, case_id: int, language: str = "zh") -> str:
    """What the card of an action says of the case itself, to the second officer of finance."""
    shown = card(speaking(world, "zhou", language).get(f"/applications/{case_id}"), action)
    return re.findall(r'<span class="act-line">(.*?)</span>', shown)[0]


def pay_part(world: World, case_id: int, amount_yuan: int, voucher: str) -> None:
    world.do("sun", "prepare", case_id, amount_yuan=amount_yuan)
    world.do("zhou", "confirm", case_id, voucher=voucher)


def send_back(world: World, case_id: int, amount_yuan: int, account: str = "sun") -> None:
    voucher = f"退-{world.case(case_id).version}"
    world.do(account, "record_return", case_id, amount_yuan=amount_yuan, reason="账号有误", voucher=voucher)


def test_whoever_confirms_a_payment_reads_how_much_goes_to_whom_and_who_prepared_it(sqlite_world: World):
    case_id = sqlite_world.awaiting_payment()
    pay_part(sqlite_world, case_id, 200_000, "凭1")
    sqlite_world.do("sun", "prepare", case_id, amount_yuan=123_456)

    assert said_on(sqlite_world, "confirm", case_id) == (
        f"本次拨付 12.3456 万元，收款账户 {ACCOUNT}，制单 孙立新"
    )
    assert said_on(sqlite_world, "confirm", case_id, "en") == (
        f"pays CNY 123,456 to {ACCOUNT}, prepared by 孙立新"
    )
    assert said_on(sqlite_world, "prepare", case_id) == "已制单 12.3456 万元，待复核；重新制单，原单作废"


def test_a_payment_that_was_replaced_is_not_the_one_to_confirm(sqlite_world: World):
    case_id = sqlite_world.awaiting_payment()
    sqlite_world.do("sun", "prepare", case_id, amount_yuan=400_000)
    sqlite_world.do("sun", "prepare", case_id, amount_yuan=123_456)

    assert said_on(sqlite_world, "confirm", case_id).startswith("本次拨付 12.3456 万元，")


def test_nothing_is_said_of_a_payment_that_nobody_prepared(sqlite_world: World):
    case_id = sqlite_world.awaiting_payment()
    pay_part(sqlite_world, case_id, 200_000, "凭1")

    page = words(signed_in(sqlite_world, "zhou").get(f"/applications/{case_id}"))

    assert "本次拨付" not in page
    assert "待复核" not in page
    assert "重新制单" not in page


def test_whoever_confirms_a_repeated_payment_reads_on_whose_word_the_first_came_back(sqlite_world: World):
    case_id = sqlite_world.paid()
    send_back(sqlite_world, case_id, 500_000)
    sqlite_world.do("sun", "prepare", case_id)

    assert said_on(sqlite_world, "confirm", case_id) == (
        f"本次拨付 50 万元，收款账户 {ACCOUNT}，制单 孙立新；退票后重新拨付，退票由 孙立新 登记"
    )
    assert said_on(sqlite_world, "confirm", case_id, "en").endswith(
        "; paid again after a returned transfer, which 孙立新 booked"
    )


def test_each_part_of_what_is_paid_again_says_so(sqlite_world: World):
    case_id = sqlite_world.paid()
    send_back(sqlite_world, case_id, 200_000, "zhou")
    told = "；退票后重新拨付，退票由 周静 登记"

    sqlite_world.do("sun", "prepare", case_id, amount_yuan=150_000)
    assert told in said_on(sqlite_world, "confirm", case_id)

    sqlite_world.do("zhou", "confirm", case_id, voucher="凭2")
    sqlite_world.do("sun", "prepare", case_id)
    assert told in said_on(sqlite_world, "confirm", case_id)


def test_what_is_paid_after_the_repeated_payment_repeats_nothing(sqlite_world: World):
    city, province = sqlite_world.awaiting_payment(line=CITY), sqlite_world.paid(line=PROVINCE)
    send_back(sqlite_world, province, sqlite_world.application(province).paid_yuan)
    sqlite_world.pay(province)
    sqlite_world.do("sun", "cancel_award", city, reason="不符合条件")
    sqlite_world.do("zhao", "top_up", province)
    sqlite_world.do("sun", "prepare", province)

    assert said_on(sqlite_world, "confirm", province).endswith("，制单 孙立新")


def test_a_returned_transfer_is_booked_and_not_prepared_and_checked(sqlite_world: World):
    case_id = sqlite_world.paid()
    send_back(sqlite_world, case_id, 500_000)

    page = signed_in(sqlite_world, "zhou").get(f"/applications/{case_id}").text
    payment, returned = re.findall(r"<tr>.*?</tr>", page.partition("拨付记录")[2], re.DOTALL)[1:3]

    assert "制单 孙立新" in payment
    assert "复核 周静" in payment
    assert "登记 孙立新" in returned
    assert "制单" not in returned
    assert "复核" not in returned


@in_both_languages
def test_what_an_act_needs_is_called_as_on_its_form(sqlite_world: World, language: str, called: str):
    require_the_number_of_the_approval(sqlite_world)
    zhao = speaking(sqlite_world, "zhao", language)

    shown = card(zhao.get(f"/applications/{sqlite_world.in_meeting()}"), "approve")

    assert re.search(f'act-line">(需填：|To fill in: ){called}<', shown)


@in_both_languages
def test_what_was_typed_in_vain_is_called_as_on_its_form(sqlite_world: World, language: str, called: str):
    case_id = sqlite_world.in_meeting()
    zhao, seen = speaking(sqlite_world, "zhao", language), sqlite_world.case(case_id).version
    sqlite_world.do("zhao", "return_to_bureau", case_id, reason="再审")

    answer = act(
        zhao, sqlite_world, case_id, "approve", seen_version=seen, document_number="长政综〔2026〕2号"
    )

    assert f"{called} 长政综〔2026〕2号" in words(answer)


def require_the_number_of_the_approval(world: World) -> None:
    """From now on, as a district may wish."""
    with world.store.writing() as session:
        old = newest_process(session, APPLICATION)
        following = old.version + 1
        source = old.source.replace(f"version = {old.version}", f"version = {following}", 1)
        assert OPTIONAL in source
        source = source.replace(OPTIONAL, REQUIRED, 1)
        session.add(
            ProcessVersion(
                code=APPLICATION, version=following, digest="2", source=source, stored_at=world.now
            )
        )
        session.commit()
