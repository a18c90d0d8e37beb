"""Messages about money say how much, in the inbox and in the mail, to the applicant and to the handler."""

from __future__ import annotations

import re
from datetime import date
from email.message import EmailMessage

import pytest
from sqlalchemy import update

from notifications.delivery import run_deliveries
from notifications.dispatch import run_dispatch
from tests.movements import CITY, PROVINCE, revoke
from tests.world import World
from workflow.catalogue import texts
from workflow.lists.inbox import inbox
from workflow.settings import Mail
from workflow.storage.tables import Person
from workflow.sweeps.wording import headline_for_outsiders

BY_MAIL = Mail()


@pytest.mark.parametrize("account", ["donglong", "sun"])
def test_whoever_hears_of_a_payment_hears_how_much_was_paid_by_which_voucher(
    world: World, account: str
) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id)
    world.do("zhou", "confirm", case_id, voucher="凭1")

    assert newest_message(world, account) == "已拨付 500,000 元（凭证号 凭1）"


def test_a_part_payment_says_its_own_amount(world: World) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id, amount_yuan=200_000)
    world.do("zhou", "confirm", case_id, voucher="凭1")

    assert newest_message(world, "donglong") == "已拨付 200,000 元（凭证号 凭1），余款待拨付"


def test_a_returned_transfer_says_how_much_came_back(world: World) -> None:
    case_id = world.paid()
    world.do("zhou", "record_return", case_id, amount_yuan=300_000, voucher="退1", reason="账号错误")

    assert newest_message(world, "donglong") == "银行退回 300,000 元，将重新拨付"
    assert newest_message(world, "sun").startswith("银行退回 300,000 元，请于")


def test_a_revocation_says_how_much_is_to_be_paid_back_and_by_when(world: World) -> None:
    case_id = world.paid()
    revoke(world, case_id)

    assert newest_message(world, "donglong") == "奖励已撤销，应退回 500,000 元，请于12月22日（二）前退回"
    assert newest_message(world, "sun") == "奖励已撤销，应追回 500,000 元，请于12月22日（二）前追回"


def test_a_revocation_is_told_with_its_amount_in_english_too(world: World) -> None:
    set_applicant(world, locale="en")
    case_id = world.paid()
    revoke(world, case_id)

    said = newest_message(world, "donglong")
    assert said.startswith("The award is revoked: please pay back 500,000 yuan by ")


@pytest.mark.parametrize("act", ["uphold_objection", "cancel_award"])
def test_any_award_that_falls_says_what_is_to_be_paid_back(world: World, act: str) -> None:
    city = world.paid(line=CITY)
    province = world.in_notice(line=PROVINCE)
    revoke(world, city)
    if act == "uphold_objection":
        world.do("xie", "object", province, objector="某某", reason="材料不实")
        world.do("xie", act, province, reason="属实")
    else:
        world.end_notice(province)
        world.do("sun", act, province, reason="取消")

    assert "应退回 500,000 元，请于" in newest_message(world, "donglong")


def test_an_award_that_falls_unpaid_demands_nothing(world: World) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "cancel_award", case_id, reason="取消")

    assert newest_message(world, "donglong") == "取消奖励，转入“不予通过”"


def test_the_amount_is_told_in_english_too(world: World) -> None:
    set_applicant(world, locale="en")
    case_id = world.awaiting_payment()
    world.pay(case_id, "V-1")

    assert newest_message(world, "donglong") == "500,000 yuan are paid (voucher V-1)"


def test_a_mail_says_how_much_was_paid(world: World) -> None:
    set_applicant(world, email="dong@example.org")
    world.pay(world.awaiting_payment(), "V-1")
    letters: list[EmailMessage] = []

    run_dispatch(world.store, world.now, BY_MAIL)
    run_deliveries(world.store, world.now, letters.append, "lianshen@changle.example")

    paid = [letter for letter in letters if "已拨付 500,000 元" in letter["Subject"]]
    assert {letter["To"].addresses[0].display_name for letter in paid} == {"董晓东", "孙立新"}
    assert all("已拨付 500,000 元（凭证号 V-1）。" in letter.get_content() for letter in paid)


def test_a_message_written_before_amounts_were_told_still_reads() -> None:
    params = {"action": "confirm", "state": "paid", "due_on": None}

    assert headline_for_outsiders("moved", params, "zh", date(2026, 11, 2)) == "复核拨付，转入“已拨付”"


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_sentence_that_counts_yuan_separates_the_thousands(locale: str) -> None:
    bare = re.compile(r"\{\w+\} ?(元|yuan)|CNY ?\{\w+\}")

    assert [code for code, text in texts(locale).items() if bare.search(text)] == []


def set_applicant(world: World, **columns: str) -> None:
    with world.store.writing() as session:
        session.execute(update(Person).where(Person.account == "donglong").values(**columns))
        session.commit()


def newest_message(world: World, account: str) -> str:
    run_dispatch(world.store, world.now, BY_MAIL)
    with world.store.reading() as session:
        return inbox(session, world.actor(account)).rows[0].said
