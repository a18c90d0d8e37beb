"""The worklist of an office: what stands on it, in which order and bucket, page by page, what comes next."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.sample_rows import (
    MONDAY,
    NOW,
    add,
    add_case,
    add_organisation,
    add_person,
    add_step,
    add_unit,
    officer,
)
from workflow.clock.alerts import AlertLevel, Bucket, bucket
from workflow.lists import paging
from workflow.lists.budget import budget_of
from workflow.lists.paging import Place, spoken_count
from workflow.lists.sections import section_counts
from workflow.lists.worklist import Hands, WorkRow, bucket_counts, next_in_list, worklist
from workflow.money.reservations import reserve, spend
from workflow.people.actors import Actor
from workflow.reference import Reference, reference_of
from workflow.storage.tables import Application, Budget, OrganisationTag, Payment

pytestmark = pytest.mark.usefixtures("installed")

DAY = timedelta(1)


@pytest.fixture
def meihua(session: Session) -> int:
    return add_unit(session, "township", "梅花镇")


@pytest.fixture
def lin(session: Session, meihua: int) -> Actor:
    """林秀英 pre-checks for 梅花镇."""
    return officer(session, "township_officer", meihua)


@pytest.fixture
def reference(session: Session, lin: Actor) -> Reference:
    return reference_of(session)


def ids(rows: tuple[WorkRow, ...]) -> list[int]:
    return [row.case_id for row in rows]


def statements_during(session: Session) -> list[str]:
    seen: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *sent: seen.append(sent[2]))
    return seen


def test_the_earliest_due_day_stands_first(session: Session, meihua: int, lin: Actor, reference: Reference):
    later = add_case(session, "submitted", meihua, MONDAY + 9 * DAY)
    late = add_case(session, "township_precheck", meihua, MONDAY - 5 * DAY)
    undated = add_case(session, "submitted", meihua, None)
    today = add_case(session, "submitted", meihua, MONDAY)

    found = worklist(session, lin, reference, MONDAY)

    assert ids(found.rows) == [late, today, later, undated]
    assert [row.level for row in found.rows] == [AlertLevel.RED, AlertLevel.YELLOW] + [AlertLevel.NONE] * 2
    assert found.next is None


def test_only_open_cases_of_her_own_unit_stand_on_it(
    session: Session, meihua: int, lin: Actor, reference: Reference
):
    jinfeng = add_unit(session, "township", "金峰镇")
    add_case(session, "submitted", jinfeng, MONDAY)
    add_case(session, "rejected", meihua, MONDAY, closed_at=NOW)
    add_case(session, "bureau_review", add_unit(session, "bureau", "局"), MONDAY, township_id=meihua)

    assert worklist(session, lin, reference, MONDAY).rows == ()
    nobody = Actor(lin.person_id, "林秀英")
    assert worklist(session, nobody, reference, MONDAY).rows == ()


def test_a_row_says_whose_it_is_what_it_pays_and_how_often_it_came(
    session: Session, meihua: int, lin: Actor, reference: Reference
):
    firm = add_organisation(session, meihua, "长乐样本纺织有限公司")
    chen = add_person(session, "陈志强")
    case = add_case(
        session,
        "township_precheck",
        meihua,
        MONDAY,
        organisation_id=firm,
        handler_id=chen,
        step_number=4,
        line="S2-2",
        amount_yuan=300_000,
    )
    add_step(session, case, 1, "submitted", meihua)
    add_step(session, case, 2, "township_precheck", meihua)
    add_step(session, case, 3, "awaiting_correction", meihua)
    session.add(OrganisationTag(organisation_id=firm, tag="dishonest", from_on=MONDAY - DAY, to_on=None))
    session.add(
        OrganisationTag(organisation_id=firm, tag="old", from_on=MONDAY - 9 * DAY, to_on=MONDAY - 5 * DAY)
    )

    (row,) = worklist(session, lin, reference, MONDAY).rows

    assert (row.organisation, row.line, row.amount_yuan) == ("长乐样本纺织有限公司", "S2-2", 300_000)
    assert (row.handler, row.hands, row.stays_before) == ("陈志强", Hands.OTHER, 1)
    assert (row.award_year, row.tags, row.version) == (2025, ("dishonest",), 1)


def test_it_can_be_narrowed_to_her_own_and_to_untaken_cases(
    session: Session, meihua: int, lin: Actor, reference: Reference
):
    mine = add_case(session, "submitted", meihua, MONDAY, handler_id=lin.person_id)
    other = add_case(session, "submitted", meihua, MONDAY, handler_id=add_person(session, "陈志强"))
    untaken = add_case(session, "submitted", meihua, MONDAY)

    narrowed = {hands: ids(worklist(session, lin, reference, MONDAY, hands=hands).rows) for hands in Hands}

    assert narrowed == {Hands.MINE: [mine], Hands.OTHER: [other], Hands.UNTAKEN: [untaken]}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dues=st.lists(st.one_of(st.none(), st.integers(-12, 15)), max_size=12),
    waiting=st.sets(st.integers(0, 11), max_size=3),
)
def test_every_bucket_holds_what_it_counts(
    session: Session, meihua: int, lin: Actor, reference: Reference, dues: list[int | None], waiting: set[int]
):
    nested = session.begin_nested()
    expected: dict[Bucket, set[int]] = {name: set() for name in Bucket}
    for number, days in enumerate(dues):
        due = None if days is None else MONDAY + timedelta(days)
        case = add_case(session, "submitted", meihua, due, waiting=number in waiting)
        place = Bucket.WAITING if number in waiting else bucket(due, MONDAY, reference.calendar)
        expected[place].add(case)

    counts = bucket_counts(session, lin, reference, MONDAY)
    listed = {one: set(ids(worklist(session, lin, reference, MONDAY, bucket=one).rows)) for one in Bucket}
    nested.rollback()

    assert listed == expected
    assert counts.by_bucket == {name: len(cases) for name, cases in expected.items()}


def test_the_head_of_the_list_knows_the_worst_case_and_her_own(
    session: Session, meihua: int, lin: Actor, reference: Reference
):
    add_case(session, "submitted", meihua, MONDAY - 3 * DAY, handler_id=lin.person_id)
    add_case(session, "submitted", meihua, MONDAY - 7 * DAY)
    add_case(session, "awaiting_correction", meihua, MONDAY - 20 * DAY, waiting=True)
    statements = statements_during(session)

    counts = bucket_counts(session, lin, reference, MONDAY)

    assert (counts.overdue_mine, counts.oldest_due_on) == (1, MONDAY - 7 * DAY)
    assert len(statements) == 1


def test_pages_follow_each_other_without_gap_or_repetition(
    session: Session, meihua: int, lin: Actor, reference: Reference
):
    dues = [MONDAY, MONDAY, None, MONDAY - DAY, None, MONDAY + DAY, MONDAY, None]
    everything = {add_case(session, "submitted", meihua, due) for due in dues}

    seen: list[int] = []
    place: Place | None = None
    while True:
        page = worklist(session, lin, reference, MONDAY, after=place, limit=2)
        seen += ids(page.rows)
        place = Place.of(page.next)
        if page.next is None:
            break

    assert len(seen) == len(everything)
    assert set(seen) == everything


@pytest.mark.parametrize("text", [None, "", "x", "2026-11-18", "2026-11-18.x", "2026-13-01.4", "none."])
def test_a_spoilt_link_begins_at_the_beginning(text: str | None):
    assert Place.of(text) is None


@pytest.mark.parametrize("place", [Place(date(2026, 11, 18), 147), Place(None, 3)])
def test_a_place_survives_the_way_through_a_link(place: Place):
    assert Place.of(str(place)) == place


def test_counting_stops_at_the_cap(
    session: Session, meihua: int, lin: Actor, reference: Reference, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(paging, "CAP", 2)
    for _ in range(5):
        add_case(session, "submitted", meihua, MONDAY - DAY)

    counts = bucket_counts(session, lin, reference, MONDAY)

    assert counts.by_bucket[Bucket.OVERDUE] == 3
    assert (spoken_count(3), spoken_count(2)) == ("2+", "2")


def test_after_a_case_comes_her_own_most_overdue_then_what_nobody_has(
    session: Session, meihua: int, lin: Actor, reference: Reference
):
    add_case(session, "submitted", meihua, MONDAY - 9 * DAY, handler_id=add_person(session, "陈志强"))
    untaken = add_case(session, "submitted", meihua, MONDAY - 8 * DAY)
    mine = add_case(session, "submitted", meihua, MONDAY, handler_id=lin.person_id)
    late = add_case(session, "submitted", meihua, MONDAY - 4 * DAY, handler_id=lin.person_id)
    colleague = officer(session, "township_officer", meihua, "黄丽华")

    assert next_in_list(session, lin, reference, MONDAY, untaken).case_id == late
    assert next_in_list(session, lin, reference, MONDAY, late).case_id == mine
    assert next_in_list(session, colleague, reference, MONDAY, mine).case_id == untaken


def test_what_comes_next_is_never_a_draft(session: Session, meihua: int, lin: Actor, reference: Reference):
    done = add_case(session, "submitted", meihua, MONDAY)
    add_case(session, "submitted", meihua, number=None, handler_id=lin.person_id)

    assert next_in_list(session, lin, reference, MONDAY, done) is None


def test_after_the_last_case_nothing_comes(session: Session, meihua: int, lin: Actor, reference: Reference):
    only = add_case(session, "submitted", meihua, MONDAY)

    assert next_in_list(session, lin, reference, MONDAY, only) is None


def test_finance_confirms_only_what_a_colleague_prepared(session: Session, reference: Reference):
    finance = add_unit(session, "finance", "区财政局")
    huang = officer(session, "finance_officer", finance, "黄建平")
    zheng = officer(session, "finance_officer", finance, "郑国栋")
    fresh, prepared = (add_case(session, "payment_pending", finance, MONDAY) for _ in range(2))
    add(
        session,
        Payment(
            case_id=prepared,
            kind="payment",
            status="prepared",
            amount_yuan=500_000,
            account={},
            prepared_by_id=huang.person_id,
            prepared_at=NOW,
        ),
    )

    assert section_counts(session, huang) == {
        "to_prepare": 1, "to_confirm": 0, "for_colleague": 1, "returned_transfers": 0, "recoveries": 0
    }  # fmt: skip
    assert section_counts(session, zheng)["to_confirm"] == 1
    assert ids(worklist(session, zheng, reference, MONDAY, section="to_confirm").rows) == [prepared]
    assert ids(worklist(session, huang, reference, MONDAY, section="to_prepare").rows) == [fresh]


def test_the_meetings_office_sees_its_work_by_kind(session: Session, reference: Reference):
    office = add_unit(session, "joint_meeting_office", "联席会议办公室")
    chen = officer(session, "joint_meeting_officer", office)
    for state in ("joint_meeting_approval", "public_notice", "public_notice", "objection_check"):
        add_case(session, state, office, MONDAY)
    add_case(session, "drafted", office, MONDAY, process="referral")

    assert section_counts(session, chen) == {
        "for_approval": 1, "notices": 2, "objections": 1, "referrals": 1
    }  # fmt: skip


def test_a_page_takes_the_same_few_statements_however_long_it_is(
    session: Session, meihua: int, lin: Actor, reference: Reference
):
    firm = add_organisation(session, meihua)
    for days in range(40):
        add_case(session, "submitted", meihua, MONDAY + timedelta(days - 9), organisation_id=firm)
    statements = statements_during(session)

    assert len(worklist(session, lin, reference, MONDAY, limit=30).rows) == 30
    assert len(statements) == 3


def test_the_budget_says_what_is_reserved_paid_and_left(session: Session, meihua: int):
    firm = add_organisation(session, meihua)
    # Paid half a million, nothing, and 700,000 of which this year's is what last year's did not cover.
    for paid, held in (
        (500_000, {2026: 500_000}),
        (0, {2026: 500_000}),
        (700_000, {2025: 500_000, 2026: 500_000}),
    ):
        case = add_case(session, "payment_pending", None, organisation_id=firm, township_id=meihua)
        session.get_one(Application, case).paid_yuan = paid
        for year in held:
            reserve(session, case, year, sum(each for of, each in held.items() if of <= year), 0)
        spend(session, case, paid)
    session.add(Budget(year=2026, amount_yuan=3_000_000))
    session.flush()

    seen = budget_of(session, 2026)

    assert (seen.reserved_yuan, seen.paid_yuan, seen.left_yuan) == (1_500_000, 700_000, 1_500_000)
    assert budget_of(session, 2025).paid_yuan == 500_000
    assert budget_of(session, 2024).left_yuan is None
