"""The district for those who watch it: late by unit and state, what may be referred, and where time went."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
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
from workflow.clock.alerts import Bucket
from workflow.clock.calendar import WorkingCalendar
from workflow.clock.due import days_late, is_overdue
from workflow.lists.lateness import Ageing, ageing_range, late_by
from workflow.lists.overview import (
    Cell,
    Filters,
    district_list,
    late_by_unit_and_state,
    overview,
    referrals_by_state,
)
from workflow.lists.paging import Place
from workflow.lists.search import search
from workflow.lists.statistics import statistics
from workflow.people.actors import Actor
from workflow.reference import Reference, reference_of
from workflow.storage.tables import Referral

pytestmark = pytest.mark.usefixtures("installed")

DAY = timedelta(1)
PLAIN = WorkingCalendar((), range(1900, 2100))


@pytest.fixture
def meihua(session: Session) -> int:
    return add_unit(session, "township", "梅花镇")


@pytest.fixture
def zheng(session: Session, meihua: int) -> Actor:
    """郑国栋 supervises the district."""
    return officer(session, "supervisor", add_unit(session, "supervision", "督查室"), "郑国栋")


@pytest.fixture
def reference(session: Session, zheng: Actor) -> Reference:
    return reference_of(session)


def refer(session: Session, case_id: int, unit_id: int, state: str, closed_at: datetime | None = None) -> int:
    referral = add_case(session, state, unit_id, process="referral", township_id=None, closed_at=closed_at)
    add(
        session,
        Referral(
            case_id=referral,
            application_id=case_id,
            about_unit_id=unit_id,
            problem="slowness",
            account_of_facts="逾期未办",
        ),
    )
    return referral


@given(days=st.integers(-5, 60), least=st.integers(0, 12), more=st.integers(0, 8))
def test_a_range_of_lateness_holds_the_days_that_are_so_late(days: int, least: int, more: int):
    due, span = MONDAY - timedelta(days), late_by(MONDAY, PLAIN, least, least + more)

    late = days_late(due, MONDAY, PLAIN)

    assert (due in span) == (is_overdue(due, MONDAY) and least <= late <= least + more)


@given(today=st.dates(date(2026, 1, 1), date(2026, 12, 31)), days=st.integers(1, 60))
def test_every_overdue_day_has_one_age(today: date, days: int):
    due = today - timedelta(days)

    assert sum(due in ageing_range(age, today, PLAIN) for age in Ageing) == 1


def test_the_numbers_count_what_an_office_is_late_with(
    session: Session, meihua: int, zheng: Actor, reference: Reference
):
    firm = add_organisation(session, meihua)
    for due in (MONDAY - DAY * 30, MONDAY - DAY * 3, MONDAY, MONDAY + DAY, MONDAY + DAY * 20):
        add_case(session, "submitted", meihua, due, organisation_id=firm)
    add_case(session, "awaiting_correction", meihua, MONDAY - DAY, waiting=True)
    add_case(session, "public_notice", meihua, MONDAY - DAY, timer_at=NOW)
    add_case(session, "paid", None, closed_at=NOW, township_id=meihua)
    add_case(session, "paid", None, closed_at=datetime(2025, 12, 31, tzinfo=UTC), township_id=meihua)
    add_case(session, "draft", None, township_id=meihua, number=None)
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *sent: statements.append(sent[2]))

    seen = overview(session, zheng, reference, MONDAY)

    assert (seen.red, seen.yellow, seen.blue) == (2, 1, 1)
    assert seen.by_ageing == {Ageing.TO_5: 1, Ageing.TO_10: 0, Ageing.OVER_10: 1}
    assert (seen.in_hand, seen.closed_this_year) == (7, 1)
    assert seen.oldest_due_on == MONDAY - 30 * DAY
    assert len(statements) <= 5


def test_a_case_is_suggested_when_five_working_days_red_or_red_again(
    session: Session, meihua: int, zheng: Actor, reference: Reference
):
    long_red = add_case(session, "submitted", meihua, MONDAY - 10 * DAY)
    again = add_case(session, "township_precheck", meihua, MONDAY - DAY, was_late=True, step_number=2)
    add_step(session, again, 1, "submitted", meihua, was_late=True)
    add_case(session, "submitted", meihua, MONDAY - 4 * DAY)
    # A remark on a late step marks the case, but it is the same lateness still.
    add_case(session, "submitted", meihua, MONDAY - 4 * DAY, was_late=True)
    add_case(session, "efficiency_office", meihua, MONDAY - 30 * DAY)
    referred = add_case(session, "submitted", meihua, MONDAY - 30 * DAY)
    running = refer(session, referred, meihua, "drafted")
    settled = add_case(session, "submitted", meihua, MONDAY - 9 * DAY)
    refer(session, settled, meihua, "closed", NOW)

    found = district_list(session, zheng, reference, MONDAY, Filters(suggested=True))
    everything = district_list(session, zheng, reference, MONDAY, Filters())

    assert [row.case_id for row in found.rows] == [long_red, settled, again]
    assert overview(session, zheng, reference, MONDAY).suggested == 3
    assert {row.case_id: row.referral_id for row in everything.rows}[referred] == running
    assert {row.case_id for row in everything.rows if row.suggested} == {long_red, settled, again}


def test_the_matrix_names_unit_state_and_oldest_day_and_its_numbers_open_their_lists(
    session: Session, meihua: int, zheng: Actor, reference: Reference
):
    bureau = add_unit(session, "bureau", "区市场监管局")
    reference = reference_of(session, -1)
    for state, unit in (("submitted", meihua), ("bureau_review", bureau)):
        add_case(session, state, unit, MONDAY - 2 * DAY)
    add_case(session, "bureau_review", bureau, MONDAY)
    add_case(session, "bureau_review", bureau, MONDAY - 3 * DAY)

    cells = late_by_unit_and_state(session, zheng, reference, MONDAY)

    assert cells == (
        Cell(meihua, "梅花镇", "award_application", "submitted", 1, MONDAY - 2 * DAY),
        Cell(bureau, "区市场监管局", "award_application", "bureau_review", 2, MONDAY - 3 * DAY),
    )
    for cell in cells:
        filters = Filters(unit_id=cell.unit_id, state=cell.state, process=cell.process)
        assert len(district_list(session, zheng, reference, MONDAY, filters).rows) == cell.cases


def test_the_red_list_says_unit_person_step_and_days_page_by_page(
    session: Session, meihua: int, zheng: Actor, reference: Reference
):
    lin = add_person(session, "林秀英")
    for days in (7, 5, 3):
        add_case(session, "township_precheck", meihua, MONDAY - days * DAY, handler_id=lin)

    first = district_list(session, zheng, reference, MONDAY, Filters(), limit=2)
    second = district_list(session, zheng, reference, MONDAY, Filters(), after=Place.of(first.next), limit=2)

    worst = first.rows[0]
    assert (worst.unit, worst.handler, worst.state_label, worst.days_late) == (
        "梅花镇",
        "林秀英",
        "state.township_precheck",
        5,
    )
    assert [row.days_late for row in (*first.rows, *second.rows)] == [5, 3, 1]
    assert second.next is None


def test_an_officer_of_a_township_finds_only_its_cases_in_the_district(
    session: Session, meihua: int, reference: Reference
):
    jinfeng = add_unit(session, "township", "金峰镇")
    own = add_case(session, "submitted", meihua, MONDAY - DAY)
    add_case(session, "submitted", jinfeng, MONDAY - DAY)
    lin = officer(session, "township_officer", meihua)

    assert [row.case_id for row in district_list(session, lin, reference, MONDAY, Filters()).rows] == [own]


def test_statistics_tell_where_the_time_went(
    session: Session, meihua: int, zheng: Actor, reference: Reference
):
    case = add_case(session, "paid", None, closed_at=NOW, township_id=meihua, step_number=30)
    for number, days in enumerate((1, 2, 3, 4, 5, 6, 7, 8, 9, 10), start=1):
        late = {"was_late": days > 5, "late_days": max(0, days - 5)}
        add_step(session, case, number, "submitted", meihua, used_days=days, **late)
    add_step(session, case, 11, "awaiting_correction", meihua, used_days=4)
    add_step(session, case, 12, "submitted", meihua, left_at=NOW - timedelta(days=400), used_days=99)
    add_step(session, case, 13, "public_notice", meihua, used_days=5)
    other = add_case(session, "awaiting_correction", meihua, MONDAY, waiting=True, step_number=2)
    add_step(session, other, 1, "submitted", meihua, outcome="request_correction", used_days=2)

    told = statistics(session, zheng, reference, MONDAY, ())

    organisation, township = told.by_holder
    assert (organisation.holder, organisation.median_days, organisation.limit_days) == ("organisation", 4, 10)
    assert (township.holder, township.median_days, township.p90_days) == ("township", 5, 9)
    assert (township.limit_days, township.steps) == (5, 11)
    assert [(rate.unit, rate.steps, rate.in_time, rate.percent) for rate in told.by_unit] == [
        ("梅花镇", 11, 6, 54)
    ]
    assert (told.examined, told.corrected, told.corrected_percent) == (2, 1, 50)


def test_a_step_that_lies_overdue_is_not_in_time_though_it_never_ended(
    session: Session, meihua: int, zheng: Actor, reference: Reference
):
    case = add_case(session, "paid", None, closed_at=NOW, township_id=meihua, step_number=4)
    for number in (1, 2, 3):
        add_step(session, case, number, "submitted", meihua, used_days=2)
    add_case(session, "submitted", meihua, MONDAY - DAY)
    add_case(session, "submitted", meihua, MONDAY)
    add_case(session, "rectifying", meihua, MONDAY - DAY, process="referral")

    overdue = late_by_unit_and_state(session, zheng, reference, MONDAY)
    told = statistics(session, zheng, reference, MONDAY, overdue)

    assert [(rate.steps, rate.in_time, rate.percent) for rate in told.by_unit] == [(4, 3, 75)]
    assert (told.steps, told.in_time) == (4, 3)


def test_statistics_of_an_empty_district_claim_nothing(session: Session, zheng: Actor, reference: Reference):
    told = statistics(session, zheng, reference, MONDAY, ())

    assert (told.by_holder, told.by_unit) == ((), ())
    assert told.in_time_percent is None
    assert told.corrected_percent is None


def test_referrals_are_counted_by_state(session: Session, meihua: int, zheng: Actor, reference: Reference):
    case = add_case(session, "submitted", meihua, MONDAY - 30 * DAY)
    for state in ("drafted", "sent", "sent"):
        refer(session, case, meihua, state)
    refer(session, case, meihua, "closed", NOW)

    assert referrals_by_state(session, zheng) == {"drafted": 1, "sent": 2}
    assert overview(session, zheng, reference, MONDAY).referrals_running == 2


@pytest.mark.parametrize("words", ["CL2026-77", "cl2026-7700", "锦纶", "林秀", " 福建 "])
def test_a_case_is_found_by_number_organisation_and_handler(
    session: Session, meihua: int, zheng: Actor, reference: Reference, words: str
):
    firm = add_organisation(session, meihua, "福建 示例锦纶有限公司")
    lin = add_person(session, "林秀英")
    case = add_case(
        session, "submitted", meihua, MONDAY, organisation_id=firm, handler_id=lin, number="CL2026-7700"
    )
    add_case(session, "submitted", meihua, MONDAY, number="CL2025-7700")

    assert [row.case_id for row in search(session, zheng, reference, MONDAY, words).rows] == [case]


@pytest.mark.parametrize("words", ["", "   ", "%", "_", "\\", "CL2026-7701", "'; drop table cases", "𬎆"])
def test_a_search_for_nothing_finds_nothing(
    session: Session, meihua: int, zheng: Actor, reference: Reference, words: str
):
    add_case(session, "submitted", meihua, MONDAY, organisation_id=add_organisation(session, meihua))

    assert search(session, zheng, reference, MONDAY, words).rows == ()


def test_a_search_stays_within_the_scope_and_says_when_there_is_more(
    session: Session, meihua: int, reference: Reference
):
    jinfeng = add_unit(session, "township", "金峰镇")
    firm = add_organisation(session, jinfeng, "长乐样本纺织有限公司")
    for _ in range(52):
        add_case(session, "submitted", jinfeng, MONDAY, organisation_id=firm)
    lin = officer(session, "township_officer", meihua)
    guo = officer(session, "township_officer", jinfeng)

    assert search(session, lin, reference, MONDAY, "样本").rows == ()
    found = search(session, guo, reference, MONDAY, "样本")
    assert (len(found.rows), found.more) == (50, True)


def test_a_filter_without_a_bucket_lists_all_open_work(
    session: Session, meihua: int, zheng: Actor, reference: Reference
):
    for due in (MONDAY - DAY, MONDAY, None):
        add_case(session, "submitted", meihua, due)

    assert len(district_list(session, zheng, reference, MONDAY, Filters(bucket=None)).rows) == 3
    assert len(district_list(session, zheng, reference, MONDAY, Filters(bucket=Bucket.DUE_TODAY)).rows) == 1
