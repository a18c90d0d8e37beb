"""One achievement is claimed once per organisation and line while the claim lives, whoever is quicker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from tests.world import World
from workflow.applications.drafts import save_draft
from workflow.applications.rules import as_refusal
from workflow.errors import Refused
from workflow.process.perform import perform
from workflow.storage.tables import Achievement, Application, Case, Pool

FIFTH = {"edition": "5"}
STANDARD = "GB/T 40262-2021"


def codes(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in error.value.reasons]


def retype(world: World, account: str, case_id: int, **fields: str) -> None:
    with world.store.writing() as session:
        seen = session.get_one(Case, case_id).version
        save_draft(session, case_id, world.actor(account), fields, now=world.now, seen_version=seen)
        session.commit()


def living_claims(world: World) -> int:
    with world.store.reading() as session:
        return session.scalars(select(func.count()).where(Application.claim_key.is_not(None))).one()


def test_a_second_claim_on_the_same_achievement_is_refused_with_the_number_of_the_first(world: World) -> None:
    first = world.submitted("donglong", "Q1-5", **FIFTH)
    second = world.draft("donglong", "Q1-5", **FIFTH)

    with pytest.raises(Refused) as error:
        world.do("donglong", "submit", second)

    (reason,) = error.value.reasons
    assert (reason.code, reason.field) == ("application.claimed", "edition")
    assert str(world.case(first).number) in reason.sentence("zh")
    assert world.case(second).state == "draft"


@pytest.mark.parametrize("spelling", ["GB/T40262—2021", "ｇｂ／ｔ 40262－2021", "《GB/T 40262 - 2021》"])
def test_another_spelling_is_the_same_achievement(sqlite_world: World, spelling: str) -> None:
    world = sqlite_world
    world.submitted("donglong", "S2-2", standard_number=STANDARD)
    again = world.draft("donglong", "S2-2", standard_number=spelling)

    with pytest.raises(Refused) as error:
        world.do("donglong", "submit", again)

    assert codes(error) == ["application.claimed"]


def test_other_achievements_lines_and_organisations_are_other_claims(world: World) -> None:
    world.submitted("donglong", "S2-2", standard_number=STANDARD, rank="2")
    world.submitted("donglong", "S2-2", standard_number="GB/T 1-2021")
    world.submitted("jinlun", "S2-7", standard_number=STANDARD, rank="5")

    with world.store.reading() as session:
        shared = session.scalars(
            select(Application.achievement_id)
            .join(Achievement, Achievement.id == Application.achievement_id)
            .where(Achievement.key.contains("40262"))
        ).all()
    assert living_claims(world) == 3
    assert len(shared) == 2
    assert len(set(shared)) == 1


def test_a_line_that_is_once_for_an_organisation_is_claimed_once_for_all(world: World) -> None:
    world.submitted("jiance", "L2-1", accreditation_number="CNAS L1")
    again = world.draft("jiance", "L2-1", accreditation_number="CNAS L2")

    with pytest.raises(Refused) as error:
        world.do("jiance", "submit", again)

    assert codes(error) == ["application.claimed_by_line"]


ENDINGS: dict[str, Callable[[World, int], object]] = {
    "withdraw": lambda world, case: world.do("donglong", "withdraw", case),
    "decline": lambda world, case: world.do("lin", "decline", case, reason="不属于受理范围"),
    "lapse": lambda world, case: lapse(world, case),
}


def lapse(world: World, case_id: int) -> None:
    world.do("lin", "request_correction", case_id, defects=["证书不清晰"])
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None
    world.now = timer_at
    world.do("system", "lapse", case_id)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_claim_that_ended_can_be_made_again(world: World, ending: str) -> None:
    first = world.submitted("donglong", "Q1-5", **FIFTH)

    ENDINGS[ending](world, first)
    again = world.submitted("donglong", "Q1-5", **FIFTH)

    assert world.application(first).claim_key is None
    assert world.application(again).claim_key is not None


def test_a_paid_award_is_not_claimed_again(world: World) -> None:
    world.paid("donglong", "Q1-5", **FIFTH)
    again = world.draft("donglong", "Q1-5", **FIFTH)

    with pytest.raises(Refused) as error:
        world.do("donglong", "submit", again)

    assert codes(error) == ["application.claimed"]


def test_a_correction_cannot_take_over_the_claim_of_another_application(world: World) -> None:
    world.submitted("donglong", "S2-2", standard_number=STANDARD)
    other = world.submitted("donglong", "S2-2", standard_number="GB/T 1-2021")
    world.do("lin", "request_correction", other, defects=["标准号有误"])

    retype(world, "donglong", other, standard_number=STANDARD)
    with pytest.raises(Refused) as error:
        world.do("donglong", "resubmit", other)

    assert codes(error) == ["application.claimed"]


def test_of_two_submissions_at_once_one_is_made_and_the_other_told_why(world: World) -> None:
    drafts = [world.draft("donglong", "Q1-5", **FIFTH) for _ in range(2)]
    actor, now, told = world.actor("donglong"), world.later(minutes=1), []

    def submit_after_the_first() -> None:
        try:
            with world.store.writing() as session:
                seen = session.get_one(Case, drafts[1]).version
                perform(session, drafts[1], "submit", actor, now=now, seen_version=seen)
                session.commit()
        except Refused as refused:
            told.append(refused)
        except IntegrityError as error:
            told.append(as_refusal(error))

    second = threading.Thread(target=submit_after_the_first)
    with world.store.writing() as session:
        seen = session.get_one(Case, drafts[0]).version
        perform(session, drafts[0], "submit", actor, now=now, seen_version=seen)
        second.start()
        time.sleep(0.3)
        session.commit()
    second.join(timeout=30)

    assert [world.case(draft).state for draft in drafts] == ["submitted", "draft"]
    assert world.case(drafts[1]).number is None
    assert living_claims(world) == 1
    (refused,) = told
    assert refused.reasons[0].code in ("application.claimed", "application.claimed_meanwhile")


def test_another_broken_key_is_no_refusal(world: World) -> None:
    double = [{"organisation_id": 1, "award_year": 2025}] * 2

    with world.store.writing() as session, pytest.raises(IntegrityError) as error:
        session.execute(insert(Pool), double)

    assert as_refusal(error.value) is None


def test_two_organisations_that_enter_one_achievement_at_once_share_its_row(world: World) -> None:
    drafts = {
        "donglong": world.draft("donglong", "S2-2", standard_number=STANDARD, rank="1"),
        "jinlun": world.draft("jinlun", "S2-2", standard_number=STANDARD, rank="2"),
    }
    now, start = world.later(minutes=1), threading.Barrier(2)
    actors = {account: world.actor(account) for account in drafts}

    def submit(account: str) -> None:
        start.wait()
        with world.store.writing() as session:
            seen = session.get_one(Case, drafts[account]).version
            perform(session, drafts[account], "submit", actors[account], now=now, seen_version=seen)
            session.commit()

    threads = [threading.Thread(target=submit, args=(account,)) for account in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    numbers = sorted(str(world.case(case_id).number) for case_id in drafts.values())
    with world.store.reading() as session:
        assert session.scalars(select(func.count()).select_from(Achievement)).one() == 1
    assert numbers == ["CL2026-0001", "CL2026-0002"]
