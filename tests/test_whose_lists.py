"""Whom the lists show a case to: drafts, searches, registers, and where their second pages begin."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.pages import signed_in, words
from tests.sample_rows import MONDAY, NOW, add, add_case, add_organisation, add_unit, applicant, officer
from tests.world import World
from workflow.lists import notices
from workflow.lists.mine import deleted_drafts, drafts, my_applications
from workflow.lists.notices import running_notices
from workflow.lists.overview import overview
from workflow.lists.paging import Place
from workflow.lists.people import people
from workflow.lists.register import Filters, register, register_count
from workflow.lists.search import search
from workflow.people.actors import Actor
from workflow.reference import reference_of
from workflow.storage.cases import Achievement, Application, Case
from workflow.storage.people import Membership, Person

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def meihua(session: Session) -> int:
    return add_unit(session, "township", "梅花镇")


@pytest.fixture
def lin(session: Session, meihua: int) -> Actor:
    """林秀英 of 梅花镇."""
    return officer(session, "township_officer", meihua)


@pytest.fixture
def firm_id(session: Session, meihua: int) -> int:
    return add_organisation(session, meihua)


@pytest.fixture
def firm(session: Session, firm_id: int) -> Actor:
    return applicant(session, firm_id)


def test_the_drafts_of_an_office_are_those_it_enters_and_not_those_the_firms_write(
    session: Session, meihua: int, lin: Actor, firm_id: int, firm: Actor
) -> None:
    where = {"township_id": meihua, "organisation_id": firm_id, "number": None}
    own = add_case(session, "draft", None, **where)
    entered = add_case(session, "draft", None, entered_by_id=lin.person_id, **where)

    assert [draft.case_id for draft in drafts(session, lin)] == [entered]
    assert [draft.case_id for draft in drafts(session, firm)] == [entered, own]


def test_a_firm_neither_reads_nor_finds_its_case_by_the_name_of_the_officer(
    session: Session, meihua: int, lin: Actor, firm_id: int, firm: Actor
) -> None:
    case_id = add_case(
        session, "submitted", meihua, MONDAY, organisation_id=firm_id, handler_id=lin.person_id
    )

    def handlers(actor: Actor, words: str) -> list[tuple[int, str | None]]:
        rows = search(session, actor, reference_of(session), MONDAY, words).rows
        return [(row.case_id, row.handler) for row in rows]

    assert handlers(lin, "林秀英") == handlers(lin, "锦纶") == [(case_id, "林秀英")]
    assert handlers(firm, "锦纶") == [(case_id, None)]
    assert handlers(firm, "林秀英") == []


def test_what_an_office_was_ordered_to_handle_for_another_township_is_in_its_register(
    session: Session, meihua: int, lin: Actor
) -> None:
    jinfeng = add_unit(session, "township", "金峰镇")
    elsewhere = {"township_id": jinfeng, "organisation_id": add_organisation(session, jinfeng)}
    ordered = add_case(session, "township_precheck", meihua, MONDAY, **elsewhere)
    add_case(session, "township_precheck", jinfeng, MONDAY, **elsewhere)

    page = register(session, lin, reference_of(session), MONDAY, Filters())

    assert [row.case_id for row in page.rows] == [ordered]
    assert register_count(session, lin, Filters()) == 1


def test_the_second_page_of_her_applications_begins_after_the_last_of_the_first(
    session: Session, meihua: int, firm_id: int, firm: Actor
) -> None:
    case_ids = [add_case(session, "submitted", meihua, MONDAY, organisation_id=firm_id) for _ in range(3)]

    first = my_applications(session, firm, reference_of(session), MONDAY, limit=2)
    assert first.next is not None
    second = my_applications(session, firm, reference_of(session), MONDAY, after=int(first.next), limit=2)

    assert [card.case_id for card in (*first.rows, *second.rows)] == case_ids[::-1]


def test_what_waits_for_her_stands_once_among_her_applications(sqlite_world: World) -> None:
    case_id = sqlite_world.submitted("donglong")
    sqlite_world.do("lin", "request_correction", case_id, defects=["缺页"])

    with sqlite_world.store.reading() as session:
        reference = reference_of(session)
        cards = my_applications(session, sqlite_world.actor("donglong"), reference, sqlite_world.today).rows
    page = signed_in(sqlite_world, "donglong").get("/my").text

    assert [card.case_id for card in cards] == [case_id]
    assert len(re.findall(r'class="[^"]*\bcase-card\b', page)) == 1


def test_the_card_of_a_supervised_application_does_not_say_with_whom_it_lies(sqlite_world: World) -> None:
    case_id = sqlite_world.in_review("donglong")
    before = words(signed_in(sqlite_world, "donglong").get("/my"))
    sqlite_world.do("qian", "sign", sqlite_world.referral(case_id, clue="群众来信"))

    after = words(signed_in(sqlite_world, "donglong").get("/my"))

    assert "市场监管局" in before
    assert "已督办" in after
    assert "效能办" not in after


def test_the_second_page_of_the_notices_goes_on_within_a_day(
    session: Session, firm_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "PER_PAGE", 2)
    office = add_unit(session, "joint_meeting_office", "联席办")
    zhao = officer(session, "joint_meeting_officer", office, "赵文斌")
    prize = add(session, Achievement(kind="edition", key="q1", title="第五届福州市政府质量奖"))
    of_prize = {"firm_id": firm_id, "achievement_id": prize.id}
    later, *same_day = [
        in_notice(session, office, of_prize, MONDAY + timedelta(days)) for days in (1, 0, 0, 0)
    ]

    first = running_notices(session, zhao, reference_of(session))
    second = running_notices(session, zhao, reference_of(session), after=Place.of(first.next))

    assert [row.number for row in first.rows] == same_day[:2]
    assert [row.number for row in second.rows] == [same_day[2], later]


def in_notice(session: Session, office: int, application: dict[str, int], until_on: date) -> str | None:
    case_id = add_case(session, "public_notice", office, until_on, organisation_id=application["firm_id"])
    session.get_one(Application, case_id).achievement_id = application["achievement_id"]
    session.flush()
    return session.get_one(Case, case_id).number


def test_a_deleted_draft_is_not_among_what_was_closed_this_year(
    session: Session, meihua: int, firm_id: int, firm: Actor
) -> None:
    zheng = officer(session, "supervisor", add_unit(session, "supervision", "督查室"), "郑国栋")
    # Who also acts for the firm sees its deleted drafts, and still does not count them.
    both = Actor(zheng.person_id, zheng.name, (*zheng.posts, *firm.posts))
    where = {"township_id": meihua, "organisation_id": firm_id, "closed_at": NOW}
    deleted = add_case(session, "withdrawn", None, number=None, **where)
    add_case(session, "withdrawn", None, **where)

    reference = reference_of(session)
    assert [overview(session, one, reference, MONDAY).closed_this_year for one in (zheng, both)] == [1, 1]
    assert [draft.case_id for draft in deleted_drafts(session, firm)] == [deleted]


def test_an_officer_whose_account_is_closed_is_listed_with_the_closed_ones_alone(
    session: Session, meihua: int, lin: Actor
) -> None:
    chen = officer(session, "township_officer", meihua, "陈志强")
    for actor in (lin, chen):
        add(
            session,
            Membership(person_id=actor.person_id, unit_id=meihua, role="township_officer", from_on=MONDAY),
        )
    session.get_one(Person, chen.person_id).disabled_at = NOW
    session.flush()

    assert [row.name for row in people(session, MONDAY, "officers").rows] == ["林秀英"]
    assert [row.name for row in people(session, MONDAY, "disabled").rows] == ["陈志强"]
