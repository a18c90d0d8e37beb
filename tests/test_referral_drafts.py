"""Who drafts, discards and signs a referral, about whom, and on what ground."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.movements import codes, refused
from tests.referring import late_in_precheck, referral_of, steps_of
from tests.world import World
from workflow.errors import InvalidInput, NotFound, Refused
from workflow.process.perform import perform
from workflow.referrals.drafting import draft_referral
from workflow.storage.tables import Event, Referral


def draft(world: World, account: str, about: int | None, **typed: str) -> None:
    with world.store.writing() as session:
        draft_referral(
            session,
            world.actor(account),
            now=world.now,
            application_id=about,
            about_unit_id=None,
            about_person_id=None,
            typed={"problem": "slowness", "account_of_facts": "逾期未办", **typed},
        )


def test_only_an_officer_of_the_joint_meeting_office_drafts_a_referral(world: World) -> None:
    application = late_in_precheck(world)

    for account in ("lin", "wang", "xuyuan", "zheng", "leader", "donglong"):
        with pytest.raises(Refused) as error:
            draft(world, account, application)
        assert codes(error) == ["reason.not_permitted"]


def test_without_a_late_step_a_referral_needs_a_written_clue(world: World) -> None:
    application = world.in_precheck()

    with pytest.raises(InvalidInput) as error:
        world.referral(application)
    assert codes(error) == ["referral.no_ground"]

    referral = world.referral(application, clue="群众来信反映拖延")
    assert referral_of(world, referral).clue == "群众来信反映拖延"


def test_every_mistake_of_a_draft_is_named_at_its_field(world: World) -> None:
    with pytest.raises(InvalidInput) as error:
        draft(world, "zhao", None, problem="weather", account_of_facts=" ", clue="")

    assert [(reason.code, reason.field) for reason in error.value.reasons] == [
        ("referral.problem_missing", "problem"),
        ("referral.facts_missing", "account_of_facts"),
        ("referral.unit_missing", "about_unit"),
        ("referral.no_ground", "clue"),
    ]


def test_a_referral_about_no_application_that_exists_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        draft(world, "zhao", 10_000)


def test_the_efficiency_office_is_not_referred_to_itself(world: World) -> None:
    with pytest.raises(InvalidInput) as error:
        world.referral(None, clue="来信", unit_of="xuyuan")

    assert codes(error) == ["referral.unit_not_answerable"]


def test_only_the_head_signs(world: World) -> None:
    referral = world.referral(late_in_precheck(world))

    for account in ("zhao", "xie"):
        assert refused(world, account, "sign", referral) == ["reason.head_only"]
    world.do("qian", "sign", referral)

    case = world.case(referral)
    assert (case.state, case.number) == ("sent", "移〔2026〕1号")


def test_a_signature_that_is_not_committed_moves_neither(world: World) -> None:
    application = late_in_precheck(world)
    referral = world.referral(application)
    seen = world.case(referral).version

    with world.store.writing() as session:
        perform(session, referral, "sign", world.actor("qian"), now=world.now, seen_version=seen)

    assert world.case(referral).state == "drafted"
    assert world.case(application).state == "township_precheck"


def test_a_punctual_case_gives_no_ground_at_the_signature(world: World) -> None:
    application = world.in_precheck()
    referral = world.referral(application, clue="来信")
    lose_clue(world, referral)

    assert refused(world, "qian", "sign", referral) == ["reason.no_ground"]
    assert world.case(application).state == "township_precheck"


def test_a_referral_about_no_application_rests_on_its_clue_until_it_is_signed(world: World) -> None:
    referral = world.referral(None, clue="来信", unit_of="guo")
    lose_clue(world, referral)

    assert refused(world, "qian", "sign", referral) == ["reason.no_ground"]


def lose_clue(world: World, referral: int) -> None:
    with world.store.writing() as session:
        session.get_one(Referral, referral).clue = None
        session.commit()


def test_a_public_notice_makes_nobody_late(world: World) -> None:
    case_id = world.awaiting_payment()

    assert not world.case(case_id).was_late
    with pytest.raises(InvalidInput) as error:
        world.referral(case_id)
    assert codes(error) == ["referral.no_ground"]


def test_a_referral_about_quality_work_needs_no_application(world: World) -> None:
    referral = world.referred(None, clue="长期不开展质量工作", unit_of="guo")

    assert world.case(referral).state == "investigating"
    assert referral_of(world, referral).application_id is None


def test_a_draft_may_be_discarded_with_a_reason(world: World) -> None:
    referral = world.referral(late_in_precheck(world))

    world.do("zhao", "discard", referral, reason="已办结")

    assert world.case(referral).state == "closed"


@pytest.mark.parametrize(("account", "may"), [("zhao", True), ("qian", True), ("xie", False)])
def test_a_draft_is_discarded_by_its_drafter_or_the_head(
    sqlite_world: World, account: str, may: bool
) -> None:
    referral = sqlite_world.referral(late_in_precheck(sqlite_world))

    if may:
        sqlite_world.do(account, "discard", referral, reason="已办结")
    else:
        assert refused(sqlite_world, account, "discard", referral, reason="已办结") == [
            "reason.head_or_drafter"
        ]


def referral_about(world: World, account: str) -> int:
    """Drafted by 赵文斌 about an officer of his own office, on a clue."""
    with world.store.writing() as session:
        case = draft_referral(
            session,
            world.actor("zhao"),
            now=world.later(minutes=1),
            application_id=None,
            about_unit_id=next(iter(world.actor(account).unit_ids)),
            about_person_id=world.person_id(account),
            typed={"problem": "inaction", "account_of_facts": "长期不办", "clue": "来信"},
        )
        session.commit()
        return case.id


@pytest.mark.parametrize("account", ["zhao", "qian"])
def test_nobody_discards_the_referral_about_herself(world: World, account: str) -> None:
    referral = referral_about(world, account)

    assert refused(world, account, "discard", referral, reason="小事") == ["reason.not_the_person_concerned"]


def test_nobody_signs_the_referral_about_herself(world: World) -> None:
    referral = referral_about(world, "qian")

    assert refused(world, "qian", "sign", referral) == ["reason.not_the_person_concerned"]


def test_nobody_gives_the_detail_on_herself(world: World) -> None:
    referral = referral_about(world, "zhao")
    world.do("qian", "sign", referral)
    world.do("xuyuan", "receive", referral)
    world.do("xuyuan", "ask_detail", referral, reason="时间不明")

    with pytest.raises(Refused) as error:
        world.do("zhao", "give_detail", referral, reason="没有此事")

    assert codes(error) == ["reason.not_the_person_concerned"]
    world.do("xie", "give_detail", referral, reason="补充如下")


def test_a_referral_is_not_handed_over_to_another_office(world: World) -> None:
    referral = world.referral(late_in_precheck(world))

    for account in ("xuyuan", "lin", "donglong"):
        with pytest.raises(Refused) as error:
            world.do("qian", "hand_over", referral, handler=world.person_id(account))
        assert codes(error) == ["reason.not_of_this_unit"]
    world.do("qian", "hand_over", referral, handler=world.person_id("xie"))


def test_a_clock_set_back_writes_no_history_that_runs_backwards(world: World) -> None:
    referral = world.referral(late_in_precheck(world))
    world.do("qian", "sign", referral)
    signed_at = world.now
    world.now -= timedelta(hours=20)

    world.do("xuyuan", "receive", referral)

    with world.store.reading() as session:
        moments = session.scalars(
            select(Event.at).where(Event.case_id == referral).order_by(Event.number)
        ).all()
    assert moments == sorted(moments)
    assert moments[-1] == signed_at
    assert steps_of(world, referral)[-1].entered_at == signed_at
