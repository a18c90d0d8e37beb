"""Corrections: what they may change, how often they are asked, and when their time is over."""

from __future__ import annotations

import pytest

from tests.drafting import ask_correction, last_details, save
from tests.movements import codes
from tests.world import World
from workflow.errors import InvalidInput, Refused


def test_a_correction_says_which_facts_and_papers_changed(world: World) -> None:
    case_id = world.submitted("donglong", "Q1-5", edition="5")
    number = world.case(case_id).number
    ask_correction(world, "lin", case_id)
    assert last_details(world, case_id)["defects"] == ["证书扫描件不清晰"]

    save(world, "donglong", case_id, edition="6")
    world.do("donglong", "resubmit", case_id)

    changed = last_details(world, case_id)["changed"]
    assert changed["facts"] == [{"field": "edition", "from": "5", "to": "6"}]
    assert (changed["evidence_added"], changed["evidence_removed"], changed["account"]) == ([], [], False)
    assert world.case(case_id).number == number
    assert "6" in str(world.application(case_id).claim_key).rpartition("|")[2]


def test_a_second_correction_of_the_same_office_takes_its_head(world: World) -> None:
    case_id = world.submitted()
    ask_correction(world, "lin", case_id)
    world.do("donglong", "resubmit", case_id)

    with pytest.raises(Refused) as error:
        ask_correction(world, "lin", case_id)
    world.do("lin", "hand_over", case_id, handler=world.person_id("huang"))
    ask_correction(world, "huang", case_id)

    assert codes(error) == ["application.corrected_before"]
    assert world.case(case_id).state == "awaiting_correction"


def test_the_next_office_may_ask_once_of_its_own(world: World) -> None:
    case_id = world.in_precheck()
    ask_correction(world, "lin", case_id)
    world.do("donglong", "resubmit", case_id)
    world.do("lin", "recommend", case_id)

    ask_correction(world, "wang", case_id)

    assert world.case(case_id).state == "awaiting_correction"


def test_what_was_approved_keeps_its_facts_through_a_correction_of_the_account(world: World) -> None:
    case_id = world.awaiting_payment()
    ask_correction(world, "sun", case_id)
    edition = world.application(case_id).facts["edition"]

    with pytest.raises(Refused) as error:
        save(world, "donglong", case_id, edition="99")
    save(world, "donglong", case_id, edition=edition, contact_phone="13800000000")
    world.do("donglong", "resubmit", case_id)

    assert [(reason.code, reason.field) for reason in error.value.reasons] == [
        ("application.facts_approved", "edition")
    ]
    assert world.case(case_id).state == "payment_pending"


def test_a_lapse_before_the_payment_neither_ends_the_award_nor_frees_its_claim(world: World) -> None:
    case_id = world.awaiting_payment()
    ask_correction(world, "sun", case_id)
    with pytest.raises(Refused) as error:
        world.do("donglong", "withdraw", case_id)
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None
    world.now = timer_at

    world.do("system", "lapse", case_id)

    assert codes(error) == ["application.approved_already"]
    assert world.case(case_id).state == "payment_pending"
    assert world.application(case_id).claim_key is not None


def test_nothing_is_saved_after_the_time_for_the_correction_is_over(world: World) -> None:
    case_id = world.submitted()
    ask_correction(world, "lin", case_id)
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None
    world.now = timer_at

    with pytest.raises(Refused) as error:
        save(world, "donglong", case_id, edition="6")

    assert codes(error) == ["reason.time_is_up"]


def test_a_correction_that_changes_nothing_has_to_say_why(world: World) -> None:
    case_id = world.submitted()
    world.do("lin", "request_correction", case_id, defects=["证书不清晰"])

    with pytest.raises(InvalidInput) as refused:
        world.do("donglong", "resubmit", case_id, note="")

    assert [(reason.code, reason.field) for reason in refused.value.reasons] == [
        ("application.nothing_corrected", "note")
    ]
    assert world.case(case_id).state == "awaiting_correction"
    world.do("donglong", "resubmit", case_id, note="证书原件即如此，无需改动")
    assert world.case(case_id).state == "submitted"
