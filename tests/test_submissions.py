"""What stops a submission, and what one leaves behind."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from sqlalchemy import select

from tests.drafting import begin, last_details, organisation_of, problems_of, save
from tests.movements import codes
from tests.world import CHANGLE, World
from workflow.applications.policies import newest_policy, policy_for, policy_of, rulings_in_force
from workflow.errors import Refused
from workflow.storage.tables import Organisation, PolicyVersion, Pool, RulingRow

FOURTH_LIST = {"edition": "4", "document_on": "2019-07-05"}


def rule(world: World, point: str, option: str, scope: str | None = None) -> None:
    with world.store.writing() as session:
        _, policy = newest_policy(session)
        decided = RulingRow(
            policy=policy.code, point=point, option=option, scope=scope, decided_on=world.today
        )
        decided.decided_by_id = world.person_id("wuyan")
        session.add(decided)
        session.commit()


def test_an_empty_form_names_every_field_and_every_paper_that_is_missing(world: World) -> None:
    case_id = begin(world, "donglong")
    save(world, "donglong", case_id, contact_name="", contact_phone="12", account="")

    found = problems_of(world, case_id)

    assert {reason.field for reason in found} >= {
        "edition", "document_title", "document_on", "award_certificate", "business_licence",
        "contact_name", "contact_phone", "account", "promise",
    }  # fmt: skip
    assert all(reason.sentence("zh") and reason.sentence("en") for reason in found)
    with pytest.raises(Refused) as error:
        world.do("donglong", "submit", case_id)
    assert list(error.value.reasons) == found


def test_a_complete_draft_has_no_problems(world: World) -> None:
    assert problems_of(world, world.draft()) == []


def test_an_award_older_than_the_policy_is_refused_in_the_form_and_at_submission(world: World) -> None:
    case_id = world.draft("donglong", "Q1-5", **FOURTH_LIST)

    (reason,) = problems_of(world, case_id)
    with pytest.raises(Refused) as error:
        world.do("donglong", "submit", case_id)

    assert (reason.code, reason.field) == ("policy.refused.before_policy", "document_on")
    assert "2019年7月5日" in reason.sentence("zh")
    assert codes(error) == [reason.code]


def test_a_later_award_of_a_joint_project_is_refused_while_another_has_it(world: World) -> None:
    project = {"project_number": "闽标准〔2021〕9号", "project_name": "示例项目"}
    world.submitted("jinlun", "S3-2", **project)
    late = world.draft("donglong", "S3-2", **project)

    assert [reason.code for reason in problems_of(world, late)] == ["policy.refused.project_taken"]


def test_whoever_claimed_a_joint_project_first_is_not_stopped_by_the_second(world: World) -> None:
    project = {"project_number": "闽标准〔2021〕9号", "project_name": "示例项目"}
    rule(world, "A9", "each_unit")
    first = world.in_review("donglong", "S3-2", **project)
    world.submitted("jinlun", "S3-2", **project)
    world.later(days=1)
    rule(world, "A9", "lead_once")

    world.do("wang", "endorse", first)

    assert world.case(first).state == "joint_meeting_approval"


def test_a_ruling_on_one_achievement_opens_the_line_for_it(world: World) -> None:
    case_id = world.draft("donglong", "S2-2", standard_number="GB/T 5-2021", foreword_order="unordered")
    assert [reason.code for reason in problems_of(world, case_id)] == ["policy.refused.unordered"]

    rule(world, "A3", "as_lead", scope="gb/t5-2021")

    assert problems_of(world, case_id) == []


def test_an_account_has_to_be_confirmed_before_acceptance(world: World) -> None:
    case_id = world.submitted()

    with pytest.raises(Refused) as error:
        world.do("lin", "accept", case_id)
    world.confirm_accounts("lin")
    world.do("lin", "accept", case_id)

    assert codes(error) == ["application.account_unconfirmed"]


def test_an_organisation_that_moved_out_is_not_paid(world: World) -> None:
    case_id = world.awaiting_payment()
    with world.store.writing() as session:
        session.get_one(Organisation, organisation_of(world, "donglong")).moved_out_on = world.today
        session.commit()

    with pytest.raises(Refused) as error:
        world.do("sun", "prepare", case_id)

    assert codes(error) == ["policy.refused.not_here_at_payment"]


def test_a_submission_fixes_year_amount_policy_and_pool_and_keeps_what_was_submitted(world: World) -> None:
    case_id = world.submitted("donglong", "Q1-5", edition="5", document_on="2021-02-08")

    application = world.application(case_id)
    assert (application.awarded_on, application.award_year) == (date(2021, 2, 8), 2021)
    assert (application.amount_yuan, application.submitted_at) == (500_000, world.now)
    details = last_details(world, case_id)
    assert details["facts"]["document_on"] == "2021-02-08"
    assert {file["requirement"] for file in details["evidence"]} >= {"award_decision", "award_certificate"}
    with world.store.reading() as session:
        pool = session.scalars(select(Pool)).one()
        assert (pool.organisation_id, pool.award_year) == (application.organisation_id, 2021)
        assert details["policy_digest"] == policy_of(session, application.policy_id).digest


def test_the_award_date_chooses_the_policy_of_a_submission(world: World) -> None:
    with world.store.writing() as session:
        source = (CHANGLE / "policy" / "opinions-2020.toml").read_text(encoding="utf-8")
        old = session.scalars(select(PolicyVersion)).one()
        newer = source.replace("valid_from = 2020-01-01", "valid_from = 2024-01-01", 1)
        newer = newer.replace("awards_from = 2020-01-01", "awards_from = 2024-01-01", 1)
        newer = newer.replace("changle-quality-2020", "changle-quality-2024", 1)
        session.add(
            PolicyVersion(
                code="changle-quality-2024",
                digest=hashlib.sha256(newer.encode()).hexdigest(),
                source=newer,
                valid_from=date(2024, 1, 1),
                valid_to=None,
                stored_at=world.now,
            )
        )
        session.flush()
        old_id = old.id
        new_id, _ = newest_policy(session)
        session.commit()

    with world.store.reading() as session:
        assert policy_for(session, date(2021, 2, 8))[0] == old_id
    case_id = world.draft("donglong", "Q1-5", document_on="2021-02-08")
    assert world.application(case_id).policy_id == new_id
    world.do("donglong", "submit", case_id)
    assert world.application(case_id).policy_id == old_id


def test_no_policy_for_an_award_day_is_refused_with_the_days(world: World) -> None:
    with world.store.reading() as session, pytest.raises(Refused, match="2020-01-01"):
        policy_for(session, date(2019, 7, 5))


def test_rulings_count_from_their_day(world: World) -> None:
    rule(world, "A12", "first_only")

    with world.store.reading() as session:
        _, policy = newest_policy(session)
        assert [ruling.option for ruling in rulings_in_force(session, policy, world.today)] == ["first_only"]
        assert rulings_in_force(session, policy, date(2026, 11, 1)) == ()
