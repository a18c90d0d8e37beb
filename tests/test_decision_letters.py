"""The letter that ends an application against its organisation: what it decides, what has to be paid back."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from tests.movements import CITY, PROVINCE, revoke
from tests.pages import signed_in, words
from tests.world import CHANGLE, World
from web.cases.decision import ENDINGS
from workflow.process.definition import ORGANISATION
from workflow.process.loading import load_process
from workflow.storage.tables import Person


def declined(world: World) -> int:
    case_id = world.submitted()
    world.do("lin", "decline", case_id, reason="不在范围")
    return case_id


def rejected(world: World) -> int:
    case_id = world.in_review()
    world.do("wang", "reject", case_id, reason="证书已过有效期")
    return case_id


def objected(world: World, line: str = CITY) -> int:
    case_id = world.in_notice(line=line)
    world.do("xie", "object", case_id, objector="某某", reason="材料不实")
    world.do("xie", "uphold_objection", case_id, reason="证书系伪造")
    return case_id


def cancelled(world: World) -> int:
    case_id = world.awaiting_payment()
    world.do("sun", "cancel_award", case_id, reason="企业已注销")
    return case_id


def revoked(world: World) -> int:
    case_id = world.paid()
    revoke(world, case_id)
    return case_id


def lapsed(world: World) -> int:
    case_id = world.submitted()
    world.do("lin", "request_correction", case_id, defects="缺页")
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None
    world.now = timer_at
    world.do("system", "lapse", case_id)
    return case_id


LETTERS = [
    (declined, "不予受理决定书", "依照《{policy}》三（二）1审查，决定：不予受理。", "not accepted."),
    (rejected, "不予通过决定书", "依照《{policy}》三（二）1审查，决定：不予通过。", "is rejected."),
    (
        objected,
        "不予奖励决定书",
        "公示期间收到异议，经核查，异议成立。依照《{policy}》三（二）1审查，决定：不予奖励。",
        "Decision: no award is given.",
    ),
    (cancelled, "取消奖励决定书", "决定：取消奖励，不予拨付。", "is cancelled and will not be paid."),
    (revoked, "撤销奖励决定书", "审查，决定：撤销奖励。", "Decision: the award is revoked."),
    (lapsed, "视为撤回申请告知书", "至2026年11月16日未补正，视为撤回申请。", "counts as withdrawn."),
]
NAMES = [one[0].__name__ for one in LETTERS]


def letter(world: World, case_id: int, account: str, path: str) -> str:
    """The printed part of a page, in one line."""
    page = signed_in(world, account).get(path.format(case_id))
    assert page.status_code == 200
    article = re.search(r'<article class="document">.*?</article>', page.text, re.DOTALL)
    assert article is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", article[0]))


def of_office(world: World, case_id: int, account: str = "wuyan") -> str:
    return letter(world, case_id, account, "/applications/{}/print/decision")


def of_organisation(world: World, case_id: int, account: str = "donglong") -> str:
    return letter(world, case_id, account, "/my/applications/{}/decision")


def speak_english(world: World, *accounts: str) -> None:
    with world.store.writing() as session:
        session.execute(update(Person).where(Person.account.in_(accounts)).values(locale="en"))
        session.commit()


@pytest.mark.parametrize(("end", "title", "decides", "_english"), LETTERS, ids=NAMES)
def test_each_letter_decides_in_words_of_its_own(sqlite_world, end, title, decides, _english):
    said = of_office(sqlite_world, end(sqlite_world))

    assert title in said
    without_policy = re.sub(r"《[^》]+》", "《{policy}》", said)
    assert decides in without_policy
    assert "经依照" not in said


@pytest.mark.parametrize(("end", "_title", "_decides", "english"), LETTERS, ids=NAMES)
def test_each_letter_decides_in_english_too(sqlite_world, end, _title, _decides, english):
    case_id = end(sqlite_world)
    speak_english(sqlite_world, "wuyan")

    said = of_office(sqlite_world, case_id)

    assert english in said
    assert not re.search(r"决定|奖励|申请", said)


@pytest.mark.parametrize("end", [one[0] for one in LETTERS], ids=NAMES)
def test_the_organisation_prints_the_very_letter_of_the_office(sqlite_world, end):
    case_id = end(sqlite_world)

    assert of_organisation(sqlite_world, case_id) == of_office(sqlite_world, case_id)


def test_nobody_else_prints_it_and_nothing_is_printed_before_the_decision(sqlite_world):
    refused, running = rejected(sqlite_world), sqlite_world.submitted(line=PROVINCE)

    for account, case_id in (("jinlun", refused), ("guo", refused), ("donglong", running)):
        answer = signed_in(sqlite_world, account).get(f"/my/applications/{case_id}/decision")
        assert answer.status_code == 404


def test_the_letter_names_no_officer_and_no_objector(sqlite_world):
    said = of_organisation(sqlite_world, objected(sqlite_world))

    for secret in ("谢婷婷", "某某", "材料不实", "赵文斌"):
        assert secret not in said


def test_the_organisation_is_told_of_every_act_that_has_a_letter():
    process = load_process(CHANGLE / "processes" / "award_application.toml")

    untold = [
        (state.name, act)
        for state in process.states.values()
        for act in (*ENDINGS, "lapse")
        if act in state.actions and ORGANISATION not in state.actions[act].tell
    ]
    assert untold == []


def test_a_revocation_says_what_to_pay_back_by_when_and_whom_to_ask(sqlite_world):
    said = of_organisation(sqlite_world, revoked(sqlite_world))

    assert "长市监撤〔2026〕1号 · 申请编号 CL2026-0001" in said
    assert "理由：查实" in said
    assert "应退回奖励资金 500,000 元（大写：伍拾万元整），请于2026年12月22日前退回" in said
    assert "请向福州市长乐区财政局询问，联系电话：0591-00000022（示例）。" in said
    assert "六十日内依法申请行政复议" in said


def test_the_letter_still_demands_the_same_once_a_part_came_back(sqlite_world):
    case_id = revoked(sqlite_world)
    before = of_organisation(sqlite_world, case_id)

    sqlite_world.do("sun", "record_recovery", case_id, amount_yuan=200_000, voucher="追1")
    part = of_organisation(sqlite_world, case_id)
    sqlite_world.do("zheng_head", "write_off", case_id, reason="已注销", document_number="长财〔2026〕3号")

    assert part == before
    assert of_organisation(sqlite_world, case_id) == before


def test_a_revocation_that_costs_nothing_says_so(sqlite_world):
    city = sqlite_world.paid(line=CITY)
    sqlite_world.paid(line=PROVINCE)
    revoke(sqlite_world, city)

    said = of_organisation(sqlite_world, city)

    assert "本次撤销不需要退回奖励资金。" in said
    assert "应退回" not in said


def test_an_award_that_falls_with_money_resting_on_it_says_why_that_comes_back(sqlite_world):
    city = sqlite_world.paid(line=CITY)
    province = sqlite_world.in_notice(line=PROVINCE)
    revoke(sqlite_world, city)
    sqlite_world.do("xie", "object", province, objector="某某", reason="材料不实")
    sqlite_world.do("xie", "uphold_objection", province, reason="属实")

    said = of_organisation(sqlite_world, province)

    assert "决定：不予奖励。" in said
    assert "由该项奖励抵充的资金，随之失去依据。" in said
    assert "应退回奖励资金 500,000 元" in said


def test_what_lapsed_is_told_by_the_office_that_had_asked_and_may_be_applied_for_again(sqlite_world):
    case_id = lapsed(sqlite_world)

    page = signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}/decision")

    assert '<p class="document-issuer">福州市长乐区松下镇人民政府</p>' in page.text
    assert "仍需申请的，可以重新提出。" in words(page)
    assert "行政复议" not in words(page)


@pytest.mark.parametrize(("end", "title", "_decides", "_english"), LETTERS, ids=NAMES)
def test_the_organisation_finds_its_letter_on_its_page(sqlite_world, end, title, _decides, _english):
    case_id = end(sqlite_world)

    page = signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}")

    assert f"查看{title}" in words(page)
    assert f'href="/my/applications/{case_id}/decision"' in page.text
    assert "试算可得" not in words(page)


def test_its_page_says_why_it_was_refused(sqlite_world):
    case_id = rejected(sqlite_world)

    assert "理由：证书已过有效期" in words(
        signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}")
    )


def test_its_page_asks_for_what_is_still_to_be_paid_back(sqlite_world):
    case_id = revoked(sqlite_world)

    def page() -> str:
        return words(signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}"))

    assert "请于 12月22日（二）前退回奖励资金 50 万元" in page()
    assert "目前不需要您办理" not in page()
    sqlite_world.do("sun", "record_recovery", case_id, amount_yuan=200_000, voucher="追1")
    assert "前退回奖励资金 30 万元" in page()
    sqlite_world.do("sun", "record_recovery", case_id, amount_yuan=300_000, voucher="追2")
    assert "前退回" not in page()
