"""Which ruling an application is decided by: those in force when it is approved, and none made later."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.movements import amounts, last_event, set_budget
from tests.pages import signed_in, words
from tests.world import World
from workflow.applications.policies import newest_policy
from workflow.applications.rulings import TypedRuling, decide_ruling
from workflow.errors import Refused
from workflow.storage.tables import Case

COMMITTEE = "S1-2"
BY_LEVEL, BY_BODY = 300_000, 500_000


@pytest.fixture
def world(sqlite_world: World) -> World:
    return sqlite_world


def rule(world: World, option: str = "by_body", point: str = "A1", about: int | None = None) -> None:
    """吴晓燕, who heads the bureau, decides today what the secretariat of a national committee is paid."""
    with world.store.writing() as session:
        number = session.scalar(select(Case.number).where(Case.id == about)) if about else ""
        _, policy = newest_policy(session)
        typed = TypedRuling(point, option, world.today, "第3期联席会议纪要", number or "")
        decide_ruling(session, policy, typed, world.actor("wuyan"), world.today)
        session.commit()


def in_meeting(world: World) -> int:
    return world.in_meeting(line=COMMITTEE, body_type="tc")


def test_a_ruling_made_after_the_submission_counts_at_the_approval(world: World) -> None:
    case_id = in_meeting(world)
    assert world.application(case_id).amount_yuan == BY_LEVEL
    world.working_days_later(1)
    rule(world)

    world.do("zhao", "approve", case_id)

    assert amounts(world, case_id)[0] == BY_BODY
    assert world.application(case_id).amount_yuan == BY_BODY
    details = last_event(world, case_id).details
    assert (details["claimed_before_yuan"], details["claimed_yuan"]) == (BY_LEVEL, BY_BODY)
    assert [(each["point"], each["option"]) for each in details["rulings"]] == [("A1", "by_body")]
    assert details["rulings"][0]["minutes"] == "第3期联席会议纪要"


def test_officers_see_the_ruling_and_the_amount_before_they_approve(world: World) -> None:
    case_id = in_meeting(world)
    before = words(signed_in(world, "zhao").get(f"/applications/{case_id}"))
    rule(world)

    page = words(signed_in(world, "zhao").get(f"/applications/{case_id}"))

    assert "解释事项A1" not in before
    assert "适用 2026年11月2日 作出的政策解释：" in page
    assert "（第3期联席会议纪要）。（解释事项A1）" in page
    assert "提交时核算为 300,000 元，按现行解释和现有材料为 500,000 元" in page
    assert "合计（万元） 50 50 50 50" in page


def test_a_ruling_made_after_the_approval_changes_nothing_that_was_published(world: World) -> None:
    case_id = world.in_notice(line=COMMITTEE, body_type="tc")
    rule(world)

    world.end_notice(case_id)
    world.pay(case_id)

    assert world.case(case_id).state == "paid"
    assert amounts(world, case_id)[:2] == (BY_LEVEL, BY_LEVEL)
    assert "解释事项A1" not in words(signed_in(world, "zhao").get(f"/applications/{case_id}"))


def test_what_comes_back_to_the_meeting_is_approved_by_the_rulings_of_then(world: World) -> None:
    case_id = world.awaiting_payment(line=COMMITTEE, body_type="tc")
    rule(world)
    world.do("sun", "return_to_meeting", case_id, reason="解释已变更")

    world.do("zhao", "approve", case_id)

    assert amounts(world, case_id)[0] == BY_BODY


def test_a_ruling_for_one_achievement_leaves_the_others(world: World) -> None:
    named, other = in_meeting(world), world.in_meeting("jinlun", line=COMMITTEE, body_type="tc")
    rule(world, about=named)

    world.do("zhao", "approve", named)
    world.do("zhao", "approve", other)

    assert (amounts(world, named)[0], amounts(world, other)[0]) == (BY_BODY, BY_LEVEL)


def test_the_budget_has_to_cover_the_ruled_amount(world: World) -> None:
    case_id = in_meeting(world)
    set_budget(world, 2026, 400_000)
    rule(world)

    with pytest.raises(Refused) as error:
        world.do("zhao", "approve", case_id)

    [reason] = error.value.reasons
    assert (reason.code, reason.params["wanted"]) == ("reason.over_budget", BY_BODY)
