"""Which index the database takes for the lists and the sweep, on both databases with some thousand cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update
from sqlalchemy.orm import Session

from tests.postgres import Cluster
from tests.sample_rows import MONDAY, NOW, add_organisation, add_person, add_unit, opened_at
from workflow.clock.alerts import Bucket
from workflow.lists.budget import budget_of
from workflow.lists.overview import Filters, district_list, overview
from workflow.lists.paging import Place
from workflow.lists.register import Filters as Register
from workflow.lists.register import register
from workflow.lists.search import search
from workflow.lists.sections import section_counts
from workflow.lists.statistics import statistics
from workflow.lists.worklist import Hands, bucket_counts, worklist
from workflow.people.actors import Actor, Post
from workflow.reference import reference_of
from workflow.storage.reference import Counter
from workflow.storage.store import Store
from workflow.storage.tables import Application, Case, Organisation, Step

CASES = 7000
STATES = ("submitted", "township_precheck", "bureau_review", "paid")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def session(request: pytest.FixtureRequest) -> Session:
    filled: Session = request.getfixturevalue(f"{request.param}_filled")
    return filled


@pytest.fixture(scope="module")
def sqlite_filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with opened_at(f"sqlite:///{tmp_path_factory.mktemp('plans') / 'lianshen.db'}") as session:
        yield filled(session)


@pytest.fixture(scope="module")
def postgresql_filled(postgres: Cluster) -> Iterator[Session]:
    with opened_at(postgres.create_database()) as session:
        yield filled(session)


def filled(session: Session) -> Session:
    fill(session)
    session.flush()
    session.execute(text("ANALYZE"))
    if session.get_bind().dialect.name == "postgresql":
        # As the manual advises for solid-state disks; for turning ones it would rather read it all.
        session.execute(text("SET random_page_cost = 1.1"))
    return session


def fill(session: Session) -> None:
    """Most cases are closed, as in an office after some years."""
    units = [add_unit(session, "township", f"{number}镇") for number in range(18)]
    firms = [add_organisation(session, unit, f"示例{n}号公司") for n, unit in enumerate(units * 25)]
    people = [add_person(session, f"陈{number}") for number in range(36)]
    cases, applications, steps = [], [], []
    for number in range(1, CASES + 1):
        state = STATES[number % 4 if number % 10 in (0, 1, 2) else 3]
        unit = None if state == "paid" else units[number % 18]
        due = None if state == "paid" else MONDAY + timedelta(number % 60 - 20)
        cases.append(
            {
                "id": number, "process": "award_application", "process_version": 1, "state": state,
                "number": f"CL2026-{number:06d}", "organisation_id": firms[number % 450], "version": 1,
                "township_id": units[number % 18], "unit_id": unit, "due_on": due, "chain_head": "0",
                "duties": {},
                "handler_id": None if unit is None else people[number % 36], "waiting": number % 9 == 0,
                "next_reminder_at": None if due is None else NOW + timedelta(hours=number % 700 - 20),
                "opened_at": NOW, "closed_at": NOW - timedelta(number % 900) if state == "paid" else None,
            }
        )  # fmt: skip
        applications.append(
            {
                "case_id": number, "organisation_id": firms[number % 450], "line": "Q1-5", "policy_id": 1,
                "facts": {}, "amount_yuan": 500_000, "contact_name": "陈", "contact_phone": "13800000000",
            }
        )  # fmt: skip
        steps += [
            {
                "case_id": number, "number": step, "state": STATES[step % 4], "unit_id": units[number % 18],
                "entered_at": NOW, "left_at": None if step == 3 else NOW - timedelta(number % 900),
            }
            for step in (1, 2, 3)
        ]  # fmt: skip
    session.add(Counter(series="application", year=MONDAY.year, value=CASES))
    for table, rows in ((Case, cases), (Application, applications), (Step, steps)):
        # The table and not the entity: one statement for all rows, whichever columns are empty.
        session.execute(insert(table.__table__), rows)


def plans(session: Session, ask: Callable[[], Any]) -> list[str]:
    """The plan of every statement that is sent while asking, one text for each."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    event.listen(session.get_bind(), "before_cursor_execute", note)
    ask()
    event.remove(session.get_bind(), "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if session.get_bind().dialect.name == "sqlite" else "EXPLAIN "
    connection = session.connection()
    return [
        "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters))
        for statement, parameters in sent
    ]


def reads_whole_table(plan: str, *tables: str) -> bool:
    """Whether the plan goes through a table from one end to the other without an index."""
    return any(
        line.strip().endswith(f"SCAN {table}") or f"Seq Scan on {table}" in line
        for line in plan.splitlines()
        for table in tables
    )


@pytest.fixture
def officer_of_one(session: Session) -> Actor:
    unit_id, handler_id = session.execute(
        select(Case.unit_id, Case.handler_id).where(Case.unit_id.is_not(None)).order_by(Case.id).limit(1)
    ).one()
    return Actor(handler_id, "林秀英", (Post("township_officer", unit_id=unit_id, unit_kind="township"),))


@pytest.fixture
def supervisor() -> Actor:
    return Actor(1, "郑国栋", (Post("supervisor", unit_id=99, unit_kind="supervision"),))


@pytest.mark.parametrize(
    ("bucket", "after"), [*((bucket, None) for bucket in (None, *Bucket)), (None, Place(MONDAY, 2000))]
)
def test_a_worklist_is_one_walk_along_its_index(
    session: Session, officer_of_one: Actor, bucket: Bucket | None, after: Place | None
):
    reference = reference_of(session)

    first, *_ = plans(
        session, lambda: worklist(session, officer_of_one, reference, MONDAY, bucket=bucket, after=after)
    )

    assert "ix_cases_worklist" in first
    assert not reads_whole_table(first, "cases")
    assert "USE TEMP B-TREE" not in first


def test_an_office_with_hundreds_of_cases_never_has_them_sorted(session: Session, officer_of_one: Actor):
    reference = reference_of(session)
    one_of_seven = update(Case).where(Case.unit_id.is_not(None), Case.id % 7 == 0)

    with session.begin_nested() as moved:
        session.execute(one_of_seven.values(unit_id=min(officer_of_one.unit_ids)))
        session.execute(text("ANALYZE"))
        first, *_ = plans(session, lambda: worklist(session, officer_of_one, reference, MONDAY))
        moved.rollback()

    assert "ix_cases_worklist" in first
    assert "Sort Key" not in first
    assert "USE TEMP B-TREE" not in first


def test_the_numbers_above_a_worklist_come_from_the_same_index(session: Session, officer_of_one: Actor):
    reference = reference_of(session)

    (plan,) = plans(session, lambda: bucket_counts(session, officer_of_one, reference, MONDAY))

    assert "ix_cases_worklist" in plan
    assert not reads_whole_table(plan, "cases")


def test_her_own_cases_are_found_by_index(session: Session, officer_of_one: Actor):
    reference = reference_of(session)

    first, *_ = plans(session, lambda: worklist(session, officer_of_one, reference, MONDAY, hands=Hands.MINE))

    assert "ix_cases_worklist" in first or "ix_cases_handler" in first


def test_the_sweep_reads_only_the_reminders_that_are_due(session: Session):
    due = (
        select(Case.id)
        .where(Case.next_reminder_at.is_not(None), Case.next_reminder_at <= NOW)
        .order_by(Case.next_reminder_at, Case.id)
        .limit(500)
    )

    (plan,) = plans(session, lambda: session.execute(due).all())

    assert "ix_cases_next_reminder" in plan
    assert "USE TEMP B-TREE" not in plan


def test_the_districts_overdue_cases_are_found_by_due_day(session: Session, supervisor: Actor):
    reference = reference_of(session)

    *_, listed = plans(
        session, lambda: district_list(session, supervisor, reference, MONDAY, Filters(bucket=Bucket.OVERDUE))
    )

    assert "ix_cases_open_due" in listed
    assert not reads_whole_table(listed, "cases")


def test_the_numbers_of_the_lists_come_from_the_indexes_alone(session: Session, officer_of_one: Actor):
    reference, counted = reference_of(session), []
    finance = Actor(1, "孙明", (Post("finance_officer", unit_id=1, unit_kind="finance"),))
    joint = Actor(2, "赵敏", (Post("joint_meeting_officer", unit_id=1, unit_kind="joint_meeting_office"),))
    for ask in (
        lambda: bucket_counts(session, officer_of_one, reference, MONDAY),
        lambda: section_counts(session, finance),
        lambda: section_counts(session, joint),
    ):
        counted += plans(session, ask)

    # PostgreSQL looks up what was changed lately whatever the index says.
    if session.get_bind().dialect.name == "sqlite":
        for plan in counted:
            assert "ix_cases_" in plan
            assert "SEARCH cases USING INDEX" not in plan
            assert "SEARCH payments USING INDEX" not in plan


def test_the_overview_never_walks_through_all_cases_or_steps(session: Session, supervisor: Actor):
    reference = reference_of(session)

    for plan in plans(session, lambda: overview(session, supervisor, reference, MONDAY)):
        assert not reads_whole_table(plan, "cases", "steps"), plan


def test_the_statistics_read_the_latest_steps_of_each_state_by_index(session: Session, supervisor: Actor):
    reference = reference_of(session)

    for plan in plans(session, lambda: statistics(session, supervisor, reference, MONDAY, ())):
        assert not reads_whole_table(plan, "steps")


def test_the_money_of_a_year_is_not_added_up(session: Session):
    (plan,) = plans(session, lambda: budget_of(session, MONDAY.year))

    assert "reservations" not in plan
    assert "applications" not in plan


def test_a_search_never_walks_through_all_cases(session: Session, supervisor: Actor):
    reference = reference_of(session)
    name, code = session.execute(select(Organisation.name, Organisation.credit_code).limit(1)).one()

    for words in ("CL2026-00012", "12", name, code, code[-4:], "陈1"):
        for plan in plans(session, lambda words=words: search(session, supervisor, reference, MONDAY, words)):
            assert not reads_whole_table(plan, "cases", "applications"), words


def test_a_code_is_looked_up_by_its_end(session: Session, supervisor: Actor):
    reference = reference_of(session)
    code = session.scalars(select(Organisation.credit_code).limit(1)).one()

    found = plans(session, lambda: search(session, supervisor, reference, MONDAY, code[-4:]))

    assert any("ix_organisations_code_end" in plan for plan in found)


def test_the_beginning_of_a_number_is_looked_up_from_where_it_begins_to_where_it_ends(
    session: Session, supervisor: Actor
):
    reference = reference_of(session)

    found = "\n".join(plans(session, lambda: search(session, supervisor, reference, MONDAY, "CL2026-00012")))

    # Without its end the range reads all later numbers, and by the same index.
    if session.get_bind().dialect.name == "sqlite":
        assert "(number>? AND number<?)" in found
    else:
        assert re.search(r"Index Cond: \(.*number.* >= .* AND .*number.* < ", found)


def test_the_lists_of_an_officer_who_acts_for_a_firm_are_found_by_index_too(session: Session):
    posts = (Post("joint_meeting_officer", unit_id=99), Post("applicant", organisation_id=1))
    reference, both = reference_of(session), Actor(1, "赵敏", posts)

    for plan in (
        *plans(session, lambda: search(session, both, reference, MONDAY, "陈1")),
        *plans(session, lambda: register(session, both, reference, MONDAY, Register(state="bureau_review"))),
        *plans(session, lambda: district_list(session, both, reference, MONDAY, Filters())),
    ):
        assert not reads_whole_table(plan, "cases", "applications"), plan


@pytest.mark.postgresql
def test_postgresql_compiles_no_statement(postgres: Cluster):
    """Compiling took the overview of a hundred thousand cases from five milliseconds to five hundred."""
    store = Store(postgres.create_database())

    for begin in (store.reading, store.writing):
        with begin() as session:
            assert session.scalar(text("SHOW jit")) == "off"
            session.rollback()
            assert session.scalar(text("SHOW jit")) == "off"
    store.dispose()
