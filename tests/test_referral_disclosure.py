"""What the unit that has to rectify reads of its referral; no form refers an application by itself."""

from __future__ import annotations

import pytest

from tests.pages import signed_in, words
from tests.world import World
from workflow.lists.case_page import CasePage, dossier_of
from workflow.reference import reference_of

ACCOUNTS = (
    "donglong",
    "lin",
    "huang",
    "guo",
    "wang",
    "zhao",
    "qian",
    "sun",
    "zheng_head",
    "hemin",
    "zheng",
    "leader",
)


@pytest.fixture
def late_case(sqlite_world: World) -> int:
    case_id = sqlite_world.in_precheck()
    sqlite_world.working_days_later(12)
    return case_id


@pytest.fixture
def decided(sqlite_world: World, late_case: int) -> int:
    """A referral about 松下镇, looked into with a question and an answer, and decided on."""
    world, sent = sqlite_world, sqlite_world.referred(late_case, clue="群众来信")
    world.do("xuyuan", "ask_detail", sent, reason="来信人是谁")
    world.do("zhao", "give_detail", sent, reason="隔壁厂的会计")
    world.do("xuyuan", "conclude", sent, finding="partly_true", reason="拖延属实")
    world.do("xuyuan", "comment", sent, note="先与组织部通气")
    world.do("xuyuan", "decide", sent, decision="限期整改", document_number="效能〔2026〕3号")
    return sent


def page(world: World, account: str, case_id: int) -> CasePage:
    with world.store.reading() as session:
        return dossier_of(session, world.actor(account), reference_of(session), world.today, case_id)


@pytest.mark.parametrize("account", ["lin", "chen", "huang"])
def test_who_has_to_rectify_reads_finding_and_decision(
    sqlite_world: World, decided: int, account: str
) -> None:
    seen = page(sqlite_world, account, decided)

    assert seen.referral is not None
    assert (seen.referral.finding, seen.referral.decision) == ("partly_true", "限期整改")
    said = {event.action: event.reason for event in seen.events}
    assert said["conclude"] == "拖延属实"
    [decide] = [event for event in seen.events if event.action == "decide"]
    assert decide.details["document_number"] == "效能〔2026〕3号"


@pytest.mark.parametrize("account", ["lin", "huang"])
def test_the_rest_of_the_file_is_closed_to_who_has_to_rectify(
    sqlite_world: World, decided: int, account: str
) -> None:
    sqlite_world.do("lin", "report_rectified", decided, reason="已明确AB岗")
    sqlite_world.do("xuyuan", "send_back", decided, reason="请附台账")

    seen = page(sqlite_world, account, decided)
    shown = words(signed_in(sqlite_world, account).get(f"/referrals/{decided}"))

    for secret in ("群众来信", "逾期未办", "来信人是谁", "隔壁厂的会计", "先与组织部通气"):
        assert secret not in repr(seen)
        assert secret not in shown
    assert "已明确AB岗" in shown
    assert "请附台账" in shown


def test_who_watches_reads_the_file_and_not_the_outcome(sqlite_world: World, decided: int) -> None:
    seen = page(sqlite_world, "zheng", decided)

    assert seen.referral is not None
    assert (seen.referral.clue, seen.referral.account_of_facts) == ("群众来信", "逾期未办")
    assert (seen.referral.finding, seen.referral.decision) == (None, None)
    assert {"隔壁厂的会计", "先与组织部通气"} <= {event.reason for event in seen.events}
    assert not {"拖延属实", "限期整改"} & {event.reason for event in seen.events}


def test_an_officer_reads_no_outcome_about_her_own_office_before_it_is_decided(sqlite_world: World) -> None:
    world = sqlite_world
    sent = world.referred(None, clue="联席办拖延", unit_of="zhao")
    world.do("xuyuan", "conclude", sent, finding="true", reason="拖延属实")
    before = page(world, "xie", sent)
    world.do("xuyuan", "decide", sent, decision="限期整改")

    after = page(world, "xie", sent)

    assert before.referral is not None
    assert after.referral is not None
    assert (before.referral.finding, after.referral.finding) == (None, "true")


@pytest.mark.parametrize("account", ACCOUNTS)
def test_no_form_refers_an_application(sqlite_world: World, late_case: int, account: str) -> None:
    world = sqlite_world
    drafted = world.referral(late_case)
    fields = {"referral": str(drafted), "reason": "移送", "seen_version": str(world.case(late_case).version)}
    browser = signed_in(world, account)

    answers = [
        browser.post(f"/{place}/{late_case}/act/refer", fields).status_code
        for place in ("applications", "referrals")
    ]

    answers.append(
        browser.post(f"/my/applications/{late_case}/act", {"action": "refer", **fields}).status_code
    )
    assert all(400 <= status < 500 for status in answers), answers
    assert world.case(late_case).state == "township_precheck"
    assert "/act/refer" not in browser.get(f"/applications/{late_case}").text


def test_the_signature_under_the_referral_refers_it(sqlite_world: World, late_case: int) -> None:
    drafted = sqlite_world.referral(late_case)

    answer = signed_in(sqlite_world, "qian").post(
        f"/referrals/{drafted}/act/sign", {"seen_version": str(sqlite_world.case(drafted).version)}
    )

    assert answer.status_code == 303
    assert sqlite_world.case(late_case).state == "efficiency_office"
