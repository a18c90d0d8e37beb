"""Applications from draft to submission: what is kept, who may change it, what stops it, what it leaves."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.world import CHANGLE, World, typed_facts
from workflow.applications.drafts import choose_account, copy_of, save_draft, start_draft
from workflow.applications.policies import newest_policy, policy_for, policy_of, rulings_in_force
from workflow.applications.preview import AwardPreview, preview, problems, read_application
from workflow.errors import InvalidInput, NotFound, Overtaken, Reason, Refused
from workflow.people.organisations import add_account
from workflow.people.trail import Signature
from workflow.process.perform import perform
from workflow.storage.tables import (
    Case,
    Event,
    Evidence,
    Organisation,
    PolicyVersion,
    Pool,
    RulingRow,
)

FOURTH_LIST = {"edition": "4", "document_on": "2019-07-05"}


def codes(error: pytest.ExceptionInfo[Any]) -> list[str]:
    return [reason.code for reason in error.value.reasons]


def organisation_of(world: World, applicant: str) -> int:
    return next(iter(world.actor(applicant).organisation_ids))


def begin(world: World, account: str, applicant: str = "donglong", line: str = "Q1-5", **more: Any) -> int:
    with world.store.writing() as session:
        organisation_id = organisation_of(world, applicant)
        case = start_draft(session, world.actor(account), organisation_id, line, now=world.now, **more)
        session.commit()
        return case.id


def save(world: World, account: str, case_id: int, seen: int | None = None, /, **fields: str) -> int:
    with world.store.writing() as session:
        version = session.get_one(Case, case_id).version if seen is None else seen
        saved = save_draft(
            session, case_id, world.actor(account), fields, now=world.now, seen_version=version
        )
        session.commit()
        return saved


def problems_of(world: World, case_id: int, account: str = "donglong") -> list[Reason]:
    with world.store.reading() as session:
        return problems(read_application(session, case_id, world.actor(account), world.now))


def preview_of(world: World, case_id: int, account: str = "donglong") -> AwardPreview:
    with world.store.reading() as session:
        return preview(read_application(session, case_id, world.actor(account), world.now))


def last_details(world: World, case_id: int) -> dict[str, Any]:
    with world.store.reading() as session:
        events = select(Event.details).where(Event.case_id == case_id).order_by(Event.number.desc())
        details: dict[str, Any] = session.scalars(events).first() or {}
        return details


def rule(world: World, point: str, option: str, scope: str | None = None) -> None:
    with world.store.writing() as session:
        _, policy = newest_policy(session)
        decided = RulingRow(
            policy=policy.code, point=point, option=option, scope=scope, decided_on=world.today
        )
        decided.decided_by_id = world.person_id("wuyan")
        session.add(decided)
        session.commit()


def ask_correction(world: World, officer: str, case_id: int) -> None:
    world.do(officer, "request_correction", case_id, defects=["证书扫描件不清晰"])


# Drafts


def test_a_draft_begins_with_what_the_organisation_has_told_before(world: World) -> None:
    application = world.application(begin(world, "donglong"))

    assert application.contact_name == "董晓东"
    assert application.account_id is not None
    assert (application.amount_yuan, application.facts) == (500_000, {})


def test_what_was_typed_is_kept_also_while_it_is_wrong(world: World) -> None:
    case_id = begin(world, "donglong")

    save(world, "donglong", case_id, edition="第五届", document_on="明年", contact_phone="1", nonsense="x")

    application = world.application(case_id)
    assert application.facts["edition"] == "第五届"
    assert application.facts["document_on"] == "明年"
    assert application.contact_phone == "1"
    assert "nonsense" not in application.facts


def test_what_is_not_given_stays_and_what_is_emptied_goes(world: World) -> None:
    case_id = begin(world, "donglong")
    save(world, "donglong", case_id, edition="5", document_title="决定", promise="yes")

    save(world, "donglong", case_id, document_title="", promise="")

    application = world.application(case_id)
    assert application.facts["edition"] == "5"
    assert "document_title" not in application.facts
    assert application.promised_at is None


def test_what_no_database_can_store_is_replaced_and_too_much_refused(world: World) -> None:
    case_id = begin(world, "donglong")

    save(world, "donglong", case_id, document_title="决\x00定\ud800", contact_name="林\x00")

    assert world.application(case_id).facts["document_title"] == "决\ufffd定?"
    with pytest.raises(InvalidInput) as error:
        save(world, "donglong", case_id, document_title="长" * 10_001)
    assert [reason.field for reason in error.value.reasons] == ["document_title"]


def test_whoever_saves_an_old_form_is_told_that_she_saved_elsewhere_and_nothing_is_lost(world: World) -> None:
    case_id = begin(world, "donglong")
    seen = world.case(case_id).version
    save(world, "donglong", case_id, seen, edition="5")

    with pytest.raises(Overtaken, match=r"您已于.*在另一窗口.*办理“保存”"):
        save(world, "donglong", case_id, seen, edition="6")
    assert world.application(case_id).facts["edition"] == "5"


def test_a_form_overtaken_by_the_submission_says_so(world: World) -> None:
    case_id = world.draft()
    seen = world.case(case_id).version
    world.do("donglong", "submit", case_id)

    with pytest.raises(Overtaken, match=r"您已于.*在另一窗口.*办理“提交”"):
        save(world, "donglong", case_id, seen, edition="6")


def test_a_submission_overtaken_by_her_own_saved_form_says_so(world: World) -> None:
    case_id = world.draft()
    seen = world.case(case_id).version
    save(world, "donglong", case_id, seen, edition="5")

    with world.store.writing() as session, pytest.raises(Overtaken, match=r"您已于.*在另一窗口.*办理“保存”"):
        perform(session, case_id, "submit", world.actor("donglong"), now=world.now, seen_version=seen)


def test_saving_makes_no_history_and_touches_nothing_but_the_form(world: World) -> None:
    case_id = begin(world, "donglong")
    before = world.case(case_id)

    saved = save(world, "donglong", case_id, edition="5")

    after = world.case(case_id)
    assert (saved, after.version) == (before.version + 1, before.version + 1)
    assert (after.event_number, after.chain_head, after.state) == (1, before.chain_head, "draft")


def test_only_an_account_of_the_organisation_can_be_chosen(world: World) -> None:
    case_id = begin(world, "donglong")
    with world.store.writing() as session:
        own, other = (
            add_account(
                session,
                organisation_of(world, account),
                holder=holder,
                bank="银行",
                number="6222" * 4,
                by=Signature(world.actor(account), world.now),
            )
            for account, holder in (("donglong", "福建东龙针纺有限公司"), ("jinlun", "福建示例锦纶有限公司"))
        )
        session.commit()
        ids = own.id, other.id

    for account_id, expected in zip(ids, (None, InvalidInput), strict=True):
        with world.store.writing() as session:
            seen = session.get_one(Case, case_id).version
            arguments = (session, case_id, world.actor("donglong"), account_id)
            if expected is None:
                choose_account(*arguments, now=world.now, seen_version=seen)
                session.commit()
            else:
                with pytest.raises(expected):
                    choose_account(*arguments, now=world.now, seen_version=seen)

    assert world.application(case_id).account_id == ids[0]


def test_a_line_no_policy_has_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        begin(world, "donglong", line="Q9-9")


# Entered from paper by the township


def test_an_officer_enters_an_application_only_with_the_originals_seen(world: World) -> None:
    with pytest.raises(Refused) as error:
        begin(world, "lin")
    assert [reason.field for reason in error.value.reasons] == ["originals_seen"]

    case_id = begin(world, "lin", originals_seen=True)

    assert world.application(case_id).entered_by_id == world.person_id("lin")
    assert world.case(case_id).unit_id == world.case(case_id).township_id


@pytest.mark.parametrize("account", ["guo", "wang", "jinlun"])
def test_nobody_else_can_begin_an_application_for_the_organisation(world: World, account: str) -> None:
    with pytest.raises(NotFound):
        begin(world, account, originals_seen=True)


def test_whoever_entered_or_submitted_it_for_the_organisation_does_not_pre_check_it(world: World) -> None:
    case_id = entered_by(world, "lin")
    world.do("chen", "submit", case_id)
    world.confirm_accounts("huang")

    for account in ("lin", "chen"):
        with pytest.raises(Refused) as error:
            world.do(account, "accept", case_id)
        assert codes(error) == ["reason.duty_conflict"]
    world.do("huang", "accept", case_id)
    world.do("huang", "request_correction", case_id, defects=["缺页"])

    with pytest.raises(Refused) as error:
        world.do("huang", "resubmit", case_id)
    assert codes(error) == ["reason.duty_conflict"]
    world.do("lin", "resubmit", case_id, note="材料齐全")
    world.do("huang", "recommend", case_id)


def test_an_office_submits_what_it_entered_and_a_colleague_may_go_on_with_it(world: World) -> None:
    case_id = entered_by(world, "lin")

    world.do("chen", "submit", case_id)

    assert world.case(case_id).state == "submitted"


def entered_by(world: World, account: str) -> int:
    """A complete draft from paper, on which a colleague has typed too."""
    case_id = begin(world, account, originals_seen=True)
    fields = {**typed_facts("Q1-5", 5), "promise": "yes"}
    save(world, "chen", case_id, **fields)
    given = world.draft("donglong", "Q1-5", edition="77")
    with world.store.writing() as session:
        for file in session.scalars(select(Evidence).where(Evidence.case_id == given)):
            file.case_id = case_id
        session.commit()
    return case_id


def test_an_office_neither_sees_nor_changes_what_the_organisation_drafts(world: World) -> None:
    case_id = begin(world, "donglong")

    with pytest.raises(NotFound):
        save(world, "lin", case_id, edition="5")


def test_an_office_does_not_correct_in_place_of_the_organisation(world: World) -> None:
    case_id = world.submitted()
    ask_correction(world, "lin", case_id)

    with pytest.raises(Refused) as saved:
        save(world, "lin", case_id, edition="5")
    with pytest.raises(Refused) as resubmitted:
        world.do("lin", "resubmit", case_id)

    assert codes(saved) == codes(resubmitted) == ["application.entered_by_organisation"]


# What stops a submission


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


# What a submission leaves behind


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


# Corrections


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


# Copies and previews


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


def test_a_preview_waits_with_the_rule_until_the_award_date_is_known(world: World) -> None:
    seen = preview_of(world, begin(world, "donglong"))

    assert seen.entitled is None
    assert seen.amount_yuan == 500_000
