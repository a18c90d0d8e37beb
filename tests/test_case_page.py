"""The page of a case: what each reader sees of it, its track, its ledger, and what she is not told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from tests.world import World
from workflow.clock.alerts import AlertLevel
from workflow.errors import NotFound
from workflow.lists.case_page import CasePage, dossier_of
from workflow.lists.mine import drafts, my_applications
from workflow.lists.search import search
from workflow.lists.track import Mark
from workflow.reference import reference_of
from workflow.referrals.drafting import draft_referral


def page(world: World, account: str, case_id: int) -> CasePage:
    with world.store.reading() as session:
        return dossier_of(session, world.actor(account), reference_of(session), world.today, case_id)


def marks(seen: CasePage) -> list[tuple[str, Mark]]:
    return [(node.state, node.mark) for node in seen.track]


def corrected(world: World) -> int:
    """Taken in on Monday 2 November, correction asked on the 4th, answered on the 9th."""
    case_id = world.in_precheck()
    world.working_days_later(2)
    world.do("lin", "request_correction", case_id, defects=["缺少证书盖章页"])
    world.working_days_later(3)
    return case_id


def referred(world: World) -> tuple[int, int]:
    """An application that lay in the township until it was red, and the referral that took it away."""
    case_id = world.in_precheck()
    world.working_days_later(12)
    with world.store.writing() as session:
        referral = draft_referral(
            session, world.actor("zhao"), now=world.now, application_id=case_id, about_unit_id=None,
            about_person_id=None, typed={"problem": "slowness", "account_of_facts": "逾期", "clue": "来信"},
        ).id  # fmt: skip
        session.commit()
    world.do("qian", "sign", referral)
    return case_id, referral


def test_an_officer_sees_the_application_with_everything_about_it(world: World):
    case_id = world.in_precheck()
    statements: list[str] = []
    event.listen(world.store.reader, "before_cursor_execute", lambda *sent: statements.append(sent[2]))
    page(world, "lin", case_id)
    statements.clear()

    seen = page(world, "lin", case_id)

    assert seen.application is not None
    assert seen.organisation is not None
    assert (seen.organisation.name, seen.application.line) == ("福建东龙针纺有限公司", "Q1-5")
    assert (seen.head.handler, seen.head.is_hers, seen.head.state) == ("林秀英", True, "township_precheck")
    assert seen.evidence
    assert [one.action for one in seen.events][:2] == ["accept", "submit"]
    assert len(statements) <= 9


@pytest.mark.parametrize("account", ["guo", "jinlun", "admin"])
def test_a_case_elsewhere_does_not_exist(sqlite_world: World, account: str):
    case_id = sqlite_world.in_precheck()

    with pytest.raises(NotFound) as elsewhere:
        page(sqlite_world, account, case_id)
    with pytest.raises(NotFound) as nowhere:
        page(sqlite_world, account, 10**9)

    assert str(elsewhere.value) == str(nowhere.value)


def test_the_organisation_reads_no_remarks_and_no_officers_names(sqlite_world: World):
    case_id = corrected(sqlite_world)
    sqlite_world.do("lin", "comment", case_id, note="企业态度敷衍")
    sqlite_world.do("donglong", "resubmit", case_id)
    sqlite_world.do("lin", "recommend", case_id, note="可予支持")

    seen = page(sqlite_world, "donglong", case_id)

    assert seen.outsider
    assert seen.head.handler is None
    assert "林秀英" not in repr(seen)
    assert "企业态度敷衍" not in repr(seen)
    assert "可予支持" not in repr(seen)
    asked = next(one for one in seen.events if one.action == "request_correction")
    assert asked.details["defects"] == ["缺少证书盖章页"]
    assert "企业态度敷衍" in repr(page(sqlite_world, "lin", case_id))


def test_the_organisation_hears_of_supervision_not_of_the_referral(world: World):
    case_id, _ = referred(world)
    world.do(
        "hemin",
        "order_handling",
        case_id,
        handler=world.person_id("chen"),
        limit_days=3,
        reason="原承办人拖延",
    )

    seen = page(world, "donglong", case_id)

    assert seen.links == ()
    assert "原承办人拖延" not in repr(seen)
    assert {one.action_label for one in seen.events[:2]} == {"lists.supervised"}
    assert any(branch.label == "lists.supervised" for node in seen.track for branch in node.branches)
    officers = page(world, "chen", case_id)
    assert "原承办人拖延" in repr(officers)


def test_a_referral_shows_its_findings_only_to_those_who_may_read_them(world: World):
    _, referral = referred(world)
    world.do("hemin", "receive", referral)
    world.do("hemin", "conclude", referral, finding="true", reason="确属拖延")
    world.do("hemin", "decide", referral, decision="责令检查")

    seen = {account: page(world, account, referral) for account in ("hemin", "qian", "zhao", "zheng", "lin")}

    for account, reads in {"hemin": True, "qian": True, "zhao": False, "zheng": False, "lin": True}.items():
        part = seen[account].referral
        assert part is not None
        assert (part.has_finding, part.has_decision) == (True, True)
        assert (part.decision == "责令检查") is reads, account
        assert ("确属拖延" in repr(seen[account])) is reads, account
        assert ("责令检查" in repr(seen[account])) is reads, account
    assert seen["lin"].referral.clue is None
    assert seen["zhao"].referral.clue == "来信"


def test_referral_and_application_name_each_other(world: World):
    case_id, referral = referred(world)

    assert [link.case_id for link in page(world, "zhao", case_id).links] == [referral]
    assert [link.case_id for link in page(world, "zhao", referral).links] == [case_id]
    assert page(world, "sun", case_id).links == ()


def test_the_account_is_masked_for_whom_it_does_not_concern(sqlite_world: World):
    case_id = sqlite_world.submitted()
    numbers = {}
    for moment in ("unconfirmed", "confirmed"):
        for account in ("lin", "wang", "sun", "donglong"):
            part = page(sqlite_world, account, case_id).account
            assert part is not None
            numbers[moment, account] = part.number
        sqlite_world.confirm_accounts("lin")

    full = "6222000000000000"
    assert numbers["unconfirmed", "lin"] == full
    assert numbers["confirmed", "lin"] == numbers["confirmed", "wang"] == "**** 0000"
    assert numbers["confirmed", "sun"] == numbers["confirmed", "donglong"] == full


def test_payments_show_no_officer_to_the_organisation(sqlite_world: World):
    case_id = sqlite_world.paid()

    (officers,) = page(sqlite_world, "sun", case_id).payments
    (firms,) = page(sqlite_world, "donglong", case_id).payments

    assert (officers.prepared_by, officers.confirmed_by) == ("孙立新", "周静")
    assert (firms.prepared_by, firms.confirmed_by, firms.amount_yuan) == (None, None, 500_000)
    assert (officers.account["number"], firms.account["number"]) == ("6222000000000000", "**** 0000")


def test_the_track_runs_from_done_to_to_do_with_the_latest_days(sqlite_world: World):
    case_id = sqlite_world.in_precheck()

    seen = page(sqlite_world, "lin", case_id)

    assert [mark for _, mark in marks(seen)] == [Mark.DONE, Mark.NOW] + [Mark.TODO] * 5
    days = [node.latest_on for node in seen.track[1:]]
    assert days == sorted(days)
    assert days[0] == date(2026, 11, 9) == seen.head.due_on
    assert days[1] == date(2026, 11, 30)
    assert seen.track[-1].is_estimated
    assert not seen.track[1].is_estimated


def test_a_late_step_is_late_on_the_track_and_pushes_the_rest_on(sqlite_world: World):
    case_id = sqlite_world.in_precheck()
    sqlite_world.working_days_later(8)

    seen = page(sqlite_world, "lin", case_id)

    precheck, review = seen.track[1:3]
    assert (precheck.mark, precheck.used_days, precheck.limit_days) == (Mark.LATE, 8, 5)
    assert precheck.latest_on == sqlite_world.today
    assert review.latest_on == date(2026, 12, 3)
    assert seen.head.level == AlertLevel.RED


def test_a_correction_hangs_where_it_was_asked_and_the_clock_tells_it(sqlite_world: World):
    case_id = corrected(sqlite_world)

    waiting = page(sqlite_world, "lin", case_id)
    sqlite_world.do("donglong", "resubmit", case_id)
    resumed = page(sqlite_world, "lin", case_id)

    (branch,) = waiting.track[1].branches
    assert (branch.kind, branch.mark, branch.until_on) == ("correction", Mark.NOW, None)
    assert (waiting.head.waiting, waiting.track[1].mark) == (True, Mark.NOW)
    assert waiting.track[1].used_days == 2
    (branch,) = resumed.track[1].branches
    assert branch.mark is Mark.DONE
    told = [line.code for line in resumed.clock]
    assert told[0] == "clock.ledger.received"
    assert "clock.ledger.returned_by" in told
    assert resumed.head.due_on == date(2026, 11, 12)


def test_a_correction_asked_on_the_day_of_arrival_is_explained_though_no_day_was_used(sqlite_world: World):
    case_id = sqlite_world.in_precheck()
    sqlite_world.do("lin", "request_correction", case_id, defects=["证书不清"])
    sqlite_world.working_days_later(2)
    sqlite_world.do("donglong", "resubmit", case_id)

    told = [line.code for line in page(sqlite_world, "lin", case_id).clock]

    assert told[:3] == [
        "clock.ledger.received", "clock.ledger.stopped_uncounted_by", "clock.ledger.returned_by"
    ]  # fmt: skip


def test_a_limit_begun_anew_is_explained_without_the_stays_before_it(sqlite_world: World):
    case_id = sqlite_world.in_review()
    sqlite_world.do("wang", "return_to_township", case_id, reason="材料不全")
    returned = [line.code for line in page(sqlite_world, "lin", case_id).clock]
    paid = sqlite_world.paid(line="S2-2")
    sqlite_world.working_days_later(30)
    sqlite_world.do("sun", "record_return", paid, amount_yuan=300_000, voucher="T-1", reason="账号有误")
    paid_back = [line.code for line in page(sqlite_world, "sun", paid).clock]

    for told in (returned, paid_back):
        assert told[0] == "clock.ledger.received"
        assert not any("returned" in code or "written_late" in code for code in told)


def test_a_returned_case_shows_where_it_was_sent_back(sqlite_world: World):
    case_id = sqlite_world.in_review()
    sqlite_world.do("wang", "return_to_township", case_id, reason="材料不全")

    seen = page(sqlite_world, "lin", case_id)

    assert marks(seen)[:3] == [
        ("submitted", Mark.DONE), ("township_precheck", Mark.NOW), ("bureau_review", Mark.TODO)
    ]  # fmt: skip
    (note,) = seen.track[2].branches
    assert (note.kind, note.label) == ("return", "action.return_to_township")


def test_a_case_that_ended_elsewhere_ends_there_on_the_track(sqlite_world: World):
    case_id = sqlite_world.in_review()
    sqlite_world.do("wang", "reject", case_id, reason="不符合条件")

    assert marks(page(sqlite_world, "donglong", case_id)) == [
        ("submitted", Mark.DONE), ("township_precheck", Mark.DONE), ("bureau_review", Mark.DONE),
        ("rejected", Mark.ENDED),
    ]  # fmt: skip


def test_a_paid_case_has_come_all_the_way(sqlite_world: World):
    case_id = sqlite_world.paid()

    assert {mark for _, mark in marks(page(sqlite_world, "donglong", case_id))} == {Mark.DONE}


def test_a_late_stay_stays_on_the_track_when_handling_is_ordered_from_another(sqlite_world: World):
    case_id = sqlite_world.in_precheck()
    sqlite_world.working_days_later(9)
    sqlite_world.do("xuyuan", "draw", case_id, reason="超期未办")
    guo = sqlite_world.person_id("guo")
    sqlite_world.do("xuyuan", "order_handling", case_id, handler=guo, limit_days=3, reason="限期办结")

    officers = page(sqlite_world, "wang", case_id).track[1]
    firms = page(sqlite_world, "donglong", case_id).track[1]

    (late,) = officers.late_stays
    assert (late.visit, late.used_days, late.limit_days) == (1, 9, 5)
    assert (late.late_days, late.handler) == (4, "林秀英")
    assert (officers.visits, officers.used_days, officers.limit_days) == (2, 0, 3)
    assert (officers.mark, officers.handler) == (Mark.NOW, "郭建国")
    assert firms.late_stays == ()


def test_a_notice_that_is_over_has_used_the_days_it_was_given(sqlite_world: World):
    case_id = sqlite_world.awaiting_payment()

    notice = next(node for node in page(sqlite_world, "sun", case_id).track if node.state == "public_notice")

    assert (notice.mark, notice.used_days, notice.limit_days) == (Mark.DONE, 5, 5)


def test_a_draft_has_its_whole_way_before_it(sqlite_world: World):
    case_id = sqlite_world.draft()

    assert {mark for _, mark in marks(page(sqlite_world, "donglong", case_id))} == {Mark.TODO}


def test_what_waits_for_the_applicant_stands_on_top_with_what_is_asked(world: World):
    waiting = corrected(world)
    later = world.submitted("donglong", "S2-2")
    draft = world.draft("donglong", "S2-2")
    world.draft("jinlun", "S2-2")

    with world.store.reading() as session:
        actor, reference = world.actor("donglong"), reference_of(session)
        cards = my_applications(session, actor, reference, world.today).rows
        own_drafts = drafts(session, actor)

    assert [card.case_id for card in cards] == [waiting, later]
    assert (cards[0].waiting, cards[0].defects, cards[0].holder) == (True, ("缺少证书盖章页",), "")
    assert (cards[1].waiting, cards[1].holder) == (False, "松下镇")
    assert [node.mark for node in cards[1].track][:2] == [Mark.NOW, Mark.TODO]
    assert [one.case_id for one in own_drafts] == [draft]


def test_cards_follow_each_other_page_by_page(sqlite_world: World):
    told = [sqlite_world.submitted("donglong", "S2-2") for _ in range(3)]

    with sqlite_world.store.reading() as session:
        actor, reference = sqlite_world.actor("donglong"), reference_of(session)
        first = my_applications(session, actor, reference, sqlite_world.today, limit=2)
        after = int(first.next or 0)
        second = my_applications(session, actor, reference, sqlite_world.today, after=after, limit=2)

    assert [card.case_id for card in (*first.rows, *second.rows)] == told[::-1]
    assert second.next is None


def test_an_applicant_finds_her_own_case_without_the_officers_name(sqlite_world: World):
    case_id = sqlite_world.in_precheck()
    sqlite_world.now += timedelta(days=1)

    with sqlite_world.store.reading() as session:
        actor, reference = sqlite_world.actor("donglong"), reference_of(session)
        found = search(session, actor, reference, sqlite_world.today, "东龙").rows
        by_name = search(session, actor, reference, sqlite_world.today, "林秀英").rows

    assert [(row.case_id, row.handler) for row in found] == [(case_id, None)]
    assert by_name == ()
