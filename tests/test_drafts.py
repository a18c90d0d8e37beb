"""Drafts: what is kept of what was typed, who may change it, and what an office enters from paper."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.drafting import ask_correction, begin, organisation_of, save
from tests.movements import codes
from tests.world import World, typed_facts
from workflow.applications.drafts import choose_account
from workflow.errors import InvalidInput, NotFound, Overtaken, Refused
from workflow.people.organisations import add_account
from workflow.people.trail import Signature
from workflow.process.perform import perform
from workflow.storage.tables import Case, Evidence


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

    # Nor does she take it on, or is given it: who may decide would be kept from it.
    for account in ("lin", "chen"):
        with pytest.raises(Refused) as error:
            world.do(account, "take_on", case_id)
        assert codes(error) == ["reason.duty_conflict"]
    for account in ("lin", "chen"):
        with pytest.raises(Refused) as error:
            world.do(account, "accept", case_id)
        assert codes(error) == ["reason.duty_conflict"]
    world.do("huang", "accept", case_id)
    with pytest.raises(Refused) as error:
        world.do("huang", "hand_over", case_id, handler=world.person_id("chen"))
    assert codes(error) == ["reason.handler_duty_conflict"]
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
