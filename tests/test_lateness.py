"""Lateness has one answer: what is late to the rules is late on every list and page, and nothing else is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.sample_rows import (
    MONDAY,
    NOW,
    PROCESSES,
    add_case,
    add_event,
    add_organisation,
    add_unit,
    applicant,
    officer,
)
from workflow.clock.alerts import AlertLevel, Bucket
from workflow.clock.days import start_of_day
from workflow.clock.due import is_late
from workflow.lists.case_page import dossier_of
from workflow.lists.lateness import office_clock_runs
from workflow.lists.mine import my_applications
from workflow.lists.overview import Filters, district_list
from workflow.lists.paging import due_within
from workflow.lists.search import search
from workflow.lists.track import Mark
from workflow.lists.worklist import bucket_counts, in_bucket, worklist
from workflow.people.actors import Actor
from workflow.process.definition import Process, State
from workflow.process.facts import read_facts
from workflow.process.loading import load_process
from workflow.process.scope import APPLICATION
from workflow.reference import Reference, reference_of
from workflow.storage.tables import Case, Referral

pytestmark = pytest.mark.usefixtures("installed")

DAY = timedelta(1)
STATES = [
    (process, state)
    for process in map(load_process, sorted(PROCESSES.glob("*.toml")))
    for state in process.states.values()
]
# Long past, the day before, the day itself and the day after.
DUE_DAYS = (MONDAY - 30 * DAY, MONDAY - DAY, MONDAY, MONDAY + DAY)
OFFICES = ("township", "bureau", "joint_meeting_office", "finance", "efficiency_office", "unit")
EVERYTHING = 1000


@pytest.fixture
def reference(session: Session) -> Reference:
    return reference_of(session)


@pytest.fixture
def bureau(session: Session) -> int:
    return add_unit(session, "bureau", "市监局")


@pytest.fixture
def zheng(session: Session, bureau: int) -> Actor:
    """A supervisor who also serves in the bureau, so that its worklist is hers."""
    watching = officer(session, "supervisor", add_unit(session, "supervision", "督查室"), "郑国栋")
    serving = officer(session, "bureau_reviewer", bureau)
    return Actor(watching.person_id, "郑国栋", (*watching.posts, *serving.posts))


@pytest.fixture
def firm(session: Session) -> Actor:
    return applicant(session, add_organisation(session, add_unit(session, "township", "梅花镇")))


@pytest.fixture
def late(session: Session, bureau: int, firm: Actor) -> set[int]:
    """One case in every state of every process with every due day; those that are late, by the definition."""
    late = set()
    for process, state in STATES:
        for due_on in DUE_DAYS:
            case_id = add_standing(session, process, state, due_on, bureau, firm)
            if state.holder in OFFICES and state.timer is None and not state.final and due_on < MONDAY:
                late.add(case_id)
    return late


def add_standing(
    session: Session, process: Process, state: State, due_on: date, unit_id: int, firm: Actor
) -> int:
    """A case as the engine leaves it in this state, all held by one unit."""
    runs = state.limit_days is not None and not state.final
    of_firm = {"organisation_id": next(iter(firm.organisation_ids))} if process.code == APPLICATION else {}
    case_id = add_case(
        session,
        state.name,
        unit_id,
        due_on if runs else None,
        process=process.code,
        waiting=state.waiting,
        timer_at=start_of_day(due_on + DAY) if state.timer else None,
        closed_at=NOW if state.final else None,
        **of_firm,
    )
    add_event(session, case_id, 1, "open", None)
    if process.code != APPLICATION:
        about = {"problem": "slowness", "account_of_facts": "逾期", "about_unit_id": unit_id}
        session.add(Referral(case_id=case_id, **about))
        session.flush()
    return case_id


def everything(session: Session) -> dict[int, Case]:
    return {case.id: case for case in session.scalars(select(Case))}


def submitted(case: Case) -> bool:
    return case.state != "draft"


def test_the_rule_and_the_facts_of_a_case_agree(session: Session, late: set[int], zheng: Actor) -> None:
    cases = everything(session)

    assert {case_id for case_id, case in cases.items() if is_late(case, MONDAY)} == late
    facts = {case_id: read_facts(session, case_id, zheng, NOW, locked=False) for case_id in cases}
    assert {case_id for case_id, found in facts.items() if found.is_late} == late


def test_the_condition_in_sql_finds_the_same(session: Session, late: set[int], reference: Reference) -> None:
    span, conditions = in_bucket(Bucket.OVERDUE, MONDAY, reference.calendar)

    of_open_cases = select(Case.id).where(Case.closed_at.is_(None), *due_within(span))
    assert set(session.scalars(of_open_cases.where(office_clock_runs()))) == late
    assert set(session.scalars(of_open_cases.where(*conditions))) == late


def test_the_worklist_counts_and_marks_the_same(
    session: Session, late: set[int], zheng: Actor, reference: Reference
) -> None:
    def listed(bucket: Bucket | None) -> dict[int, AlertLevel]:
        page = worklist(session, zheng, reference, MONDAY, bucket=bucket, limit=EVERYTHING)
        return {row.case_id: row.level for row in page.rows}

    assert set(listed(Bucket.OVERDUE)) == late
    assert {case_id for case_id, level in listed(None).items() if level is AlertLevel.RED} == late
    assert bucket_counts(session, zheng, reference, MONDAY).by_bucket[Bucket.OVERDUE] == len(late)


def test_every_open_case_of_an_office_stands_in_one_bucket(
    session: Session, late: set[int], zheng: Actor, reference: Reference
) -> None:
    listed = {
        bucket: worklist(session, zheng, reference, MONDAY, bucket=bucket, limit=EVERYTHING).rows
        for bucket in Bucket
    }

    counts = bucket_counts(session, zheng, reference, MONDAY).by_bucket
    assert {bucket: len(rows) for bucket, rows in listed.items()} == counts
    ids = [row.case_id for rows in listed.values() for row in rows]
    assert sorted(ids) == sorted(case.id for case in everything(session).values() if case.closed_at is None)


def test_the_overview_and_the_search_mark_the_same(
    session: Session, late: set[int], zheng: Actor, reference: Reference
) -> None:
    rows = district_list(session, zheng, reference, MONDAY, Filters(Bucket.OVERDUE), limit=EVERYTHING).rows
    assert {row.case_id for row in rows} == late
    assert all(row.level is AlertLevel.RED for row in rows)

    for case_id, case in everything(session).items():
        found = search(session, zheng, reference, MONDAY, case.number or "").rows
        assert [row.level is AlertLevel.RED for row in found] == (
            [case_id in late] if submitted(case) else []
        )


def test_the_page_of_a_case_and_its_track_mark_the_same(
    session: Session, late: set[int], zheng: Actor, reference: Reference
) -> None:
    for case_id, case in everything(session).items():
        if not submitted(case):
            continue
        page = dossier_of(session, zheng, reference, MONDAY, case_id)
        assert (page.head.level is AlertLevel.RED) == (case_id in late), page.head
        assert ("late" in page.head.standing.code) == (case_id in late), page.head
        marks = [mark for node in page.track for mark in (node.mark, *(one.mark for one in node.branches))]
        on_track = any(stop.state in [node.state for node in page.track] for stop in page.stops[-1:])
        assert (Mark.LATE in marks) == (case_id in late and on_track), page.head


def test_the_firm_is_shown_the_same(
    session: Session, late: set[int], firm: Actor, reference: Reference
) -> None:
    cards = my_applications(session, firm, reference, MONDAY, limit=EVERYTHING).rows

    shown = {card.case_id: card.level for card in cards}
    assert {case_id for case_id, level in shown.items() if level is AlertLevel.RED} == late & set(shown)
