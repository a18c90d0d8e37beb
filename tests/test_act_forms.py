"""Officers act on the page of an application: what is taken, refused or overtaken, and what is said after."""

from __future__ import annotations

import re

import pytest

from tests.office_desk import act, card
from tests.pages import Browser, signed_in, words
from tests.world import World
from workflow.storage.tables import OrganisationAccount


@pytest.fixture
def lin(sqlite_world: World) -> Browser:
    """林秀英 of 松下镇."""
    return signed_in(sqlite_world, "lin")


def test_an_action_is_done_and_said_in_one_sentence(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    sqlite_world.confirm_accounts()

    answer = act(lin, sqlite_world, case_id, "accept")

    assert answer.status_code == 303
    assert sqlite_world.case(case_id).state == "township_precheck"
    assert "已受理，转入“乡镇初审”，应于 11月9日（一）办结。" in words(lin.get(answer.location))


def test_a_missing_input_is_said_at_its_field_and_on_top(sqlite_world, lin):
    case_id = sqlite_world.submitted()

    answer = act(lin, sqlite_world, case_id, "request_correction", defects="  ")

    assert answer.status_code == 422
    assert '<a href="#request_correction-defects">请填写“补正事项”。</a>' in answer.text
    assert 'id="request_correction-defects-error">请填写“补正事项”。' in answer.text
    assert re.search(r"<details[^>]*id=\"act-request_correction\" open", answer.text)
    assert sqlite_world.case(case_id).state == "submitted"


def test_a_form_that_was_overtaken_says_by_whom_and_keeps_what_was_typed(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    seen = sqlite_world.case(case_id).version
    sqlite_world.do("chen", "take_on", case_id)

    answer = act(lin, sqlite_world, case_id, "decline", seen_version=seen, reason="材料不是本单位的")

    assert answer.status_code == 409
    assert re.search("陈志强已于.*办理“认领”，您这次的办理没有生效", words(answer))
    assert f'href="/applications/{case_id}">不要这些内容，重新打开本件' in answer.text
    assert "材料不是本单位的" in answer.text
    assert sqlite_world.case(case_id).state == "submitted"


def test_what_was_typed_is_shown_again_when_the_action_is_gone(sqlite_world, lin):
    case_id = sqlite_world.in_precheck()
    seen = sqlite_world.case(case_id).version
    sqlite_world.do("lin", "recommend", case_id)

    answer = act(lin, sqlite_world, case_id, "reject", seen_version=seen, reason="排名不符")

    assert answer.status_code == 409
    assert re.search(r"您刚才填写的内容 .*理由 排名不符", words(answer))


def test_a_refused_action_comes_back_with_its_reason(sqlite_world, lin):
    case_id = sqlite_world.submitted()

    answer = act(lin, sqlite_world, case_id, "accept")

    assert answer.status_code == 403
    assert "收款账户尚未确认" in words(answer)


def test_a_form_without_the_version_it_was_made_from_is_not_understood(sqlite_world, lin):
    case_id = sqlite_world.submitted()

    assert lin.post(f"/applications/{case_id}/act/take_on").status_code == 400


def test_what_only_the_system_hands_over_is_not_taken_from_a_form(sqlite_world):
    case_id = sqlite_world.submitted()

    answer = act(signed_in(sqlite_world, "qian"), sqlite_world, case_id, "refer", referral="1")

    assert answer.status_code == 422
    assert sqlite_world.case(case_id).state == "submitted"


def test_the_township_confirms_the_account_the_first_time(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    page = lin.get(f"/applications/{case_id}")
    account_id = sqlite_world.application(case_id).account_id
    assert "6222000000000000" in card(page, "confirm_account")
    assert "受理 暂不可办" in words(page)

    answer = lin.post(f"/applications/{case_id}/account/{account_id}/confirm")

    after = lin.get(answer.location)
    assert "已确认收款账户属于申报单位" in words(after)
    assert "6222000000000000" not in after.text
    assert "act-confirm_account" not in after.text
    with sqlite_world.store.reading() as session:
        confirmed = session.get_one(OrganisationAccount, account_id)
        assert confirmed.confirmed_by_id == sqlite_world.person_id("lin")


def test_who_brought_the_account_in_reads_that_a_colleague_has_to_confirm_it(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    account_id = sqlite_world.application(case_id).account_id
    with sqlite_world.store.writing() as session:
        session.get_one(OrganisationAccount, account_id).added_by_id = sqlite_world.person_id("lin")
        session.commit()

    page = lin.get(f"/applications/{case_id}")
    answer = lin.post(f"/applications/{case_id}/account/{account_id}/confirm")

    assert "act-confirm_account" not in page.text
    assert "确认收款账户 暂不可办 该账户由您添加，须由另一名工作人员核对确认。" in words(page)
    assert answer.status_code == 403
    chen = signed_in(sqlite_world, "chen")
    assert chen.post(f"/applications/{case_id}/account/{account_id}/confirm").status_code == 303


def test_an_account_is_confirmed_once_and_only_through_its_own_application(sqlite_world, lin):
    case_id, other = sqlite_world.in_precheck(), sqlite_world.in_precheck("jinlun")
    account_id = sqlite_world.application(case_id).account_id
    foreign = sqlite_world.application(other).account_id

    again = lin.post(f"/applications/{case_id}/account/{account_id}/confirm")
    elsewhere = lin.post(f"/applications/{case_id}/account/{foreign}/confirm")

    assert (again.status_code, elsewhere.status_code) == (403, 404)
    assert "该账户已经确认过" in words(again)


def test_a_case_is_handed_to_a_colleague_of_the_unit_by_name(sqlite_world, lin):
    case_id = sqlite_world.in_precheck()
    hand_over = card(lin.get(f"/applications/{case_id}"), "hand_over")

    answer = act(lin, sqlite_world, case_id, "hand_over", handler=sqlite_world.person_id("chen"))

    assert re.findall(r'<option value="\d+">([^<]+)<', hand_over) == ["陈志强（松下镇）", "黄丽华（松下镇）"]
    assert "已转办，由陈志强承办" in words(lin.get(answer.location))


def test_handling_is_ordered_from_officers_of_the_kind_of_office_without_the_late_one(sqlite_world):
    case_id = sqlite_world.in_precheck()
    sqlite_world.working_days_later(9)
    sqlite_world.do("xuyuan", "draw", case_id, reason="超期未办")
    xuyuan = signed_in(sqlite_world, "xuyuan")

    order = card(xuyuan.get(f"/applications/{case_id}"), "order_handling")
    answer = act(
        xuyuan, sqlite_world, case_id, "order_handling",
        handler=sqlite_world.person_id("guo"), limit_days=3, reason="限期办结",
    )  # fmt: skip

    assert re.findall(r'optgroup label="([^"]+)"', order)[0] == "松下镇"
    assert "陈志强" in order
    assert "郭建国" in order
    assert "林秀英" not in order
    page = words(xuyuan.get(answer.location))
    assert "由郭建国承办" in page
    assert "交办 “限期办结”" in page
    assert "由郭建国承办 · 限 3 个工作日 · 应于 11月18日（三）办结" in page


def test_maker_and_checker_each_see_their_usual_next_action_first(sqlite_world):
    case_id = sqlite_world.awaiting_payment()
    sqlite_world.do("sun", "prepare", case_id)

    maker = signed_in(sqlite_world, "sun").get(f"/applications/{case_id}")
    checker = signed_in(sqlite_world, "zhou").get(f"/applications/{case_id}")

    assert "制单人与复核人不能是同一人" in words(maker)
    assert 'class="act act-primary"' in card(checker, "confirm")
    assert "目前应付 50 万元" in words(maker)
    assert "已制单，待复核" in words(checker)
    assert "重新制单 已制单 50 万元，待复核；重新制单，原单作废" in words(maker)
    assert 'class="act act-primary"' not in card(maker, "prepare")


def test_what_was_done_with_money_names_the_amount_and_the_account_in_full_to_finance_alone(sqlite_world):
    case_id = sqlite_world.awaiting_payment()
    sun, zhou = signed_in(sqlite_world, "sun"), signed_in(sqlite_world, "zhou")

    prepared = sun.get(act(sun, sqlite_world, case_id, "prepare", amount_yuan="200000").location)
    confirmed = zhou.get(act(zhou, sqlite_world, case_id, "confirm", voucher="V-1").location)
    others = signed_in(sqlite_world, "zhao").get(f"/applications/{case_id}")

    assert "已制单，核定 50 万元，金额 20 万元，" in words(prepared)
    assert "已复核拨付，金额 20 万元" in words(confirmed)
    payments = re.search(r"拨付记录.*?</table>", confirmed.text, re.S)[0]
    assert "6222000000000000" in payments
    assert "6222000000000000" not in others.text


def test_the_demand_for_correction_says_until_when_to_correct(sqlite_world, lin):
    case_id = sqlite_world.submitted()

    answer = act(lin, sqlite_world, case_id, "request_correction", defects="缺前言页")

    assert "已要求补正，转入“待补正”，应于 11月16日（一）前补正。" in words(lin.get(answer.location))
