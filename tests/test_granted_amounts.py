"""What an approval grants, to whom, and out of which pool; what changes it until the payment."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.driving import POLICY
from tests.movements import (
    CERTIFICATE,
    CITY,
    PROVINCE,
    Act,
    amounts,
    codes,
    held,
    last_event,
    move_out,
    race,
    refused,
    revoke,
)
from tests.world import World
from workflow.errors import Refused
from workflow.process.definitions import money_actions, process_of
from workflow.storage.tables import Application, PolicyVersion


def test_an_approval_grants_an_amount_and_keeps_what_it_rests_on(world: World) -> None:
    case_id = world.in_notice(line=CITY)

    assert amounts(world, case_id) == (500_000, 0, 0)
    assert held(world, case_id) == {2026: 500_000}
    snapshot = last_event(world, case_id).details["entitlement"]
    assert snapshot["reading"] == "per_item"
    assert snapshot["policy_digest"] == POLICY.digest
    assert snapshot["readings"] == dict.fromkeys(
        ("per_item", "pooled", "per_subclause", "per_achievement"), 500_000
    )
    assert snapshot["claims"][0]["reason"] == "policy.entitled.only"


def test_the_higher_award_of_the_year_is_owed_the_difference(world: World) -> None:
    world.paid(line=CITY)
    province = world.in_notice(line=PROVINCE)
    assert amounts(world, province) == (500_000, 0, 0)

    world.end_notice(province)
    world.pay(province)

    assert amounts(world, province) == (500_000, 500_000, 0)


def test_a_lower_award_of_the_year_is_recognised_and_not_paid(world: World) -> None:
    world.paid(line=PROVINCE)
    city = world.in_notice(line=CITY)

    world.end_notice(city)

    case = world.case(city)
    assert (case.state, amounts(world, city)) == ("recognised", (0, 0, 0))
    assert case.closed_at is not None


def test_a_certificate_adds_to_what_the_award_pays(world: World) -> None:
    world.paid(line=PROVINCE)

    assert amounts(world, world.paid(line=CERTIFICATE)) == (30_000, 30_000, 0)


def test_a_recognised_award_revives_when_the_higher_one_falls(world: World) -> None:
    province = world.awaiting_payment(line=PROVINCE)
    city = world.in_notice(line=CITY)
    world.end_notice(city)
    assert refused(world, "zhao", "revive", city) == ["reason.pool_owes_nothing"]

    world.do("sun", "cancel_award", province, reason="不符合条件")
    world.do("zhao", "revive", city)
    world.pay(city)

    assert (world.case(city).state, amounts(world, city)) == ("paid", (500_000, 500_000, 0))


def test_no_organisation_gets_more_than_the_cap_of_the_year(world: World) -> None:
    with_a_cap(world, 520_000)
    world.paid(line=CITY)

    certificate = world.in_notice(line=CERTIFICATE)

    assert amounts(world, certificate) == (20_000, 0, 0)
    claims = last_event(world, certificate).details["entitlement"]["claims"]
    assert [claim["reason"] for claim in claims][1] == "policy.entitled.capped"


def test_the_amount_is_settled_again_when_the_notice_is_over(world: World) -> None:
    province = world.awaiting_payment(line=PROVINCE)
    city = world.in_notice(line=CITY)
    assert amounts(world, city) == (0, 0, 0)
    world.do("sun", "cancel_award", province, reason="不符合条件")

    world.end_notice(city)

    assert (world.case(city).state, amounts(world, city)) == ("payment_pending", (500_000, 0, 0))
    details = last_event(world, city).details
    assert (details["approved_before_yuan"], details["approved_yuan"]) == (0, 500_000)


def test_a_paid_award_is_topped_up_when_the_pool_owes_it_more(world: World) -> None:
    city = world.awaiting_payment(line=CITY)
    province = world.paid(line=PROVINCE)
    world.do("sun", "cancel_award", city, reason="不符合条件")

    world.do("zhao", "top_up", province)
    world.pay(province)

    assert amounts(world, province) == (1_000_000, 1_000_000, 0)


def test_the_actions_of_money_are_known_before_any_application_was_seen(world: World) -> None:
    with world.store.reading() as session:
        process_of(session, "referral", 1)

        assert {"approve", "confirm", "revoke", "top_up"} <= money_actions(session)


def test_nothing_is_endorsed_that_is_not_eligible_any_more(world: World) -> None:
    case_id = world.in_review()
    move_out(world)

    assert refused(world, "wang", "endorse", case_id) == ["policy.refused.not_here_at_application"]


def test_nothing_is_approved_that_is_not_eligible_any_more(world: World) -> None:
    case_id = world.in_meeting()
    move_out(world)

    assert refused(world, "zhao", "approve", case_id) == ["policy.refused.not_here_at_application"]


def test_nothing_is_approved_that_another_application_claims(world: World) -> None:
    first = world.in_meeting(edition="5")
    with world.store.writing() as session:
        session.execute(update(Application).values(claim_key=None))
        session.commit()
    second = world.submitted(edition="5")

    with pytest.raises(Refused) as error:
        world.do("zhao", "approve", first)

    assert codes(error) == ["application.claimed"]
    assert error.value.reasons[0].params == {"number": world.case(second).number}


def test_a_claim_of_another_policy_competes_in_a_pool_of_its_own(world: World) -> None:
    of_the_township = world.paid(line=CITY)
    under_another_policy(world, of_the_township)

    province = world.paid(line=PROVINCE)

    assert amounts(world, province) == (1_000_000, 1_000_000, 0)
    revoke(world, of_the_township)
    assert amounts(world, of_the_township) == (0, 500_000, 500_000)


def test_a_new_version_of_a_policy_keeps_its_claims_in_one_pool(world: World) -> None:
    world.paid(line=CITY)
    with world.store.writing() as session:
        stored = session.scalars(select(PolicyVersion)).one()
        session.execute(update(Application).values(policy_id=another_policy(session, stored.source).id))
        session.commit()

    assert amounts(world, world.in_notice(line=PROVINCE)) == (500_000, 0, 0)


def under_another_policy(world: World, case_id: int) -> None:
    """The application was made under a policy of a township, with a line that the district does not know."""
    with world.store.writing() as session:
        source = session.scalars(select(PolicyVersion)).one().source
        source = source.replace(f'"{POLICY.code}"', '"meihua-quality"').replace(f'"{CITY}"', '"T1-5"')
        values = {"policy_id": another_policy(session, source).id, "line": "T1-5"}
        session.execute(update(Application).where(Application.case_id == case_id).values(values))
        session.commit()


def another_policy(session: Any, source: str) -> PolicyVersion:
    first = session.scalars(select(PolicyVersion)).first()
    code = "meihua-quality" if "meihua-quality" in source else first.code
    source += "\n"
    added = PolicyVersion(
        code=code,
        digest=hashlib.sha256(source.encode()).hexdigest(),
        source=source,
        valid_from=first.valid_from,
        valid_to=first.valid_to,
        stored_at=first.stored_at,
    )
    session.add(added)
    session.flush()
    return added


def test_two_approvals_at_once_share_one_pool(world: World) -> None:
    city, province = world.in_meeting(line=CITY), world.in_meeting(line=PROVINCE)

    race(world, Act("zhao", "approve", city), Act("zhao", "approve", province))

    assert (amounts(world, city)[0], amounts(world, province)[0]) == (500_000, 500_000)
    assert held(world, province) == {2026: 500_000}


def with_a_cap(world: World, yuan: int) -> None:
    """The policy of the district with one more rule."""
    with world.store.writing() as session:
        stored = session.scalars(select(PolicyVersion)).one()
        rule = f'[[rules]]\nkind = "cap_per_organisation_year"\nitems = [1, 2, 3, 4]\ncap_yuan = {yuan}\n\n'
        stored.source = stored.source.replace("[[corrections]]", rule + "[[corrections]]", 1)
        stored.digest = hashlib.sha256(stored.source.encode()).hexdigest()
        session.commit()
