"""A fresh application copied from a refused one; what the rules would make of a draft now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.drafting import begin, problems_of, save
from tests.world import World
from workflow.applications.drafts import copy_of
from workflow.applications.preview import AwardPreview, preview, read_application
from workflow.errors import NotFound, Refused


def preview_of(world: World, case_id: int, account: str = "donglong") -> AwardPreview:
    with world.store.reading() as session:
        return preview(read_application(session, case_id, world.actor(account), world.now))


def test_a_refused_application_can_begin_afresh_as_a_copy(world: World) -> None:
    case_id = world.submitted("donglong", "Q1-5", edition="5")
    with world.store.writing() as session, pytest.raises(Refused, match="已提交"):
        copy_of(session, case_id, world.actor("donglong"), world.now)
    world.do("lin", "decline", case_id, reason="材料与所报奖项不符")

    with world.store.writing() as session:
        fresh = copy_of(session, case_id, world.actor("donglong"), world.now).id
        session.commit()

    assert world.application(fresh).facts["edition"] == "5"
    assert world.application(fresh).promised_at is None
    assert {reason.code for reason in problems_of(world, fresh)} == {"application.promise_missing"}
    save(world, "donglong", fresh, promise="yes")
    world.do("donglong", "submit", fresh)
    assert world.case(fresh).number != world.case(case_id).number


def test_nobody_copies_an_application_of_others(world: World) -> None:
    case_id = world.submitted("donglong")
    world.do("donglong", "withdraw", case_id)

    with world.store.writing() as session, pytest.raises(NotFound):
        copy_of(session, case_id, world.actor("jinlun"), world.now)


def test_a_preview_says_what_the_highest_only_rule_makes_of_it_now(world: World) -> None:
    higher = world.submitted("donglong", "Q1-3", edition="6", document_on="2025-03-01")
    case_id = world.draft("donglong", "Q1-5", edition="5", document_on="2025-06-10")

    seen = preview_of(world, case_id)

    assert (seen.amount_yuan, seen.awarded_on) == (500_000, date(2025, 6, 10))
    assert seen.entitled is not None
    assert (seen.entitled.entitled_yuan, seen.entitled.payable_yuan) == (0, 0)
    assert str(world.case(higher).number) in seen.entitled.reason.sentence("zh")
    assert {state.requirement.code: state.files for state in seen.evidence}["award_certificate"] == 1


def test_a_preview_of_another_award_year_is_not_touched_by_it(world: World) -> None:
    world.submitted("donglong", "Q1-3", edition="6", document_on="2024-03-01")
    seen = preview_of(world, world.draft("donglong", "Q1-5", edition="5", document_on="2025-06-10"))

    assert seen.entitled is not None
    assert seen.entitled.payable_yuan == 500_000


def test_a_preview_leaves_out_what_another_policy_rewards(world: World) -> None:
    world.submitted("donglong", "Q1-3", edition="6", document_on="2025-03-01")
    case_id = world.draft("donglong", "Q1-5", edition="5", document_on="2025-06-10")

    with world.store.reading() as session:
        facts = read_application(session, case_id, world.actor("donglong"), world.now)
        dossier = facts.loaded["dossier"]
        elsewhere = tuple(claim._replace(line="X1-1") for claim in dossier.own_claims)
        facts.loaded["dossier"] = replace(dossier, own_claims=elsewhere)
        seen = preview(facts)

    assert seen.entitled is not None
    assert seen.entitled.payable_yuan == 500_000


def test_a_referral_has_no_preview(world: World) -> None:
    case_id = world.referral(world.in_review(), clue="群众来信")

    with world.store.reading() as session, pytest.raises(NotFound):
        read_application(session, case_id, world.actor("zhao"), world.now)


def test_a_preview_waits_with_the_rule_until_the_award_date_is_known(world: World) -> None:
    seen = preview_of(world, begin(world, "donglong"))

    assert seen.entitled is None
    assert seen.amount_yuan == 500_000
