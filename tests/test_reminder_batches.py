"""Reminders are told a batch at a time: what that costs, and what it must not lose, double or hold up."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.orm import Session

from tests.sweeping import (
    MONDAY,
    THURSDAY,
    WEDNESDAY,
    Office,
    add_outbox,
    add_running_case,
    at,
    case_of,
    in_the_database,
    open_office,
    racing,
    read_all,
)
from workflow.storage.store import Store
from workflow.storage.tables import Case, Outbox, Reminder, Step
from workflow.sweeps.reminders import run_reminders
from workflow.sweeps.walking import BATCH, walk_together


@pytest.fixture
def office(store: Store) -> Office:
    return in_the_database(store, open_office)


def running_cases(store: Store, office: Office, number: int) -> None:
    """So many cases at once that differ in nothing but their number."""

    def add(session: Session) -> None:
        first = add_running_case(session, office, number=None)
        case = select(Case.__table__).where(Case.id == first)
        step = select(Step.__table__).where(Step.case_id == first)
        for table, key, row in ((Case, "id", case), (Step, "case_id", step)):
            columns = dict(session.connection().execute(row).mappings().one())
            # Numbers of their own, far from those that PostgreSQL's sequence gives next.
            copies = [{**columns, key: 10_000 * first + count} for count in range(1, number)]
            session.connection().execute(insert(table), copies)

    in_the_database(store, add)


def times_told(store: Store) -> Sequence[int]:
    with store.reading() as session:
        return session.scalars(select(func.count()).select_from(Outbox).group_by(Outbox.case_id)).all()


def count(store: Store, entity: type[Any]) -> int:
    with store.reading() as session:
        return session.scalars(select(func.count()).select_from(entity)).one()


def sent(store: Store, run: Callable[[], object], *what: str) -> int:
    """How many statements (`before_cursor_execute`) or commits (`commit`) the writer sends."""
    seen: list[object] = []
    listeners = [(name, lambda *call: seen.append(call)) for name in what]
    for listener in listeners:
        event.listen(store.writer, *listener)
    run()
    for listener in listeners:
        event.remove(store.writer, *listener)
    return len(seen)


def test_more_due_cases_of_a_batch_cost_no_more_statements(store, office) -> None:
    running_cases(store, office, 2)
    for_two = sent(store, lambda: run_reminders(store, at(MONDAY, 9)), "before_cursor_execute", "commit")
    assert count(store, Outbox) == 2

    running_cases(store, office, 200)

    for_many = sent(store, lambda: run_reminders(store, at(MONDAY, 9)), "before_cursor_execute", "commit")
    assert for_many <= for_two
    assert count(store, Outbox) == 202


def test_workers_at_the_same_moment_share_several_batches(store, office) -> None:
    running_cases(store, office, 2 * BATCH + 10)
    other = Store(store.url)

    counts = racing(*(lambda one=one: run_reminders(one, at(THURSDAY, 9)) for one in (store, other, store)))

    other.dispose()
    assert sum(counts) == 2 * BATCH + 10
    assert times_told(store) == [1] * (2 * BATCH + 10)
    assert count(store, Reminder) == 3 * (2 * BATCH + 10)


KILLED = """
import os, signal, sys
from datetime import datetime
from sqlalchemy import event
from workflow.storage.store import Store
from workflow.sweeps.reminders import run_reminders
store, commits = Store(sys.argv[1]), []
@event.listens_for(store.writer, "commit")
def die(connection):
    commits.append(1)
    if len(commits) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
run_reminders(store, datetime.fromisoformat(sys.argv[2]))
"""


@pytest.mark.parametrize(("at_commit", "told"), [(1, 0), (2, BATCH)])
def test_a_worker_killed_over_a_batch_neither_loses_nor_doubles_a_reminder(
    store, office, at_commit: int, told: int
) -> None:
    running_cases(store, office, BATCH + 100)
    now = at(WEDNESDAY, 9)
    url = store.url.render_as_string(hide_password=False)
    arguments = [url, now.isoformat(), str(at_commit)]
    worker = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False)
    assert worker.returncode == -signal.SIGKILL
    assert (count(store, Outbox), count(store, Reminder)) == (told, 2 * told)

    run_reminders(store, now)

    assert times_told(store) == [1] * (BATCH + 100)
    assert count(store, Reminder) == 2 * (BATCH + 100)


def test_one_case_that_cannot_be_written_does_not_stop_the_others(store, office, caplog) -> None:
    broken = in_the_database(store, lambda session: add_running_case(session, office))
    running_cases(store, office, 3)
    in_the_database(store, lambda session: add_outbox(session, broken, "handler"))
    once = text("CREATE UNIQUE INDEX told_once ON outbox (case_id)")
    in_the_database(store, lambda session: session.execute(once))

    assert run_reminders(store, at(MONDAY, 9)) == 3

    assert times_told(store) == [1] * 4
    assert broken not in {row.case_id for row in read_all(store, Reminder)}
    assert case_of(store, broken).next_reminder_at == at(MONDAY, 8, 30)
    assert f"DueReminder(id={broken}" in caplog.text


def test_a_case_that_cannot_be_worked_out_leaves_its_batch_whole(store, office, caplog) -> None:
    in_the_database(store, lambda session: add_running_case(session, office, process="unknown"))
    running_cases(store, office, 3)

    assert sent(store, lambda: run_reminders(store, at(MONDAY, 9)), "commit") == 1

    assert times_told(store) == [1] * 3
    assert [record.message.split("(")[0] for record in caplog.records] == [
        "a sweep could not work out DueReminder"
    ]


def test_a_case_without_a_due_day_is_told_of_no_more(store, office) -> None:
    case_id = in_the_database(store, lambda session: add_running_case(session, office))
    with store.writing() as session:
        session.get_one(Case, case_id).due_on = None
        session.commit()

    assert run_reminders(store, at(MONDAY, 9)) == 1

    assert case_of(store, case_id).next_reminder_at is None
    assert read_all(store, Outbox) == []


def test_a_batch_that_fails_is_done_item_by_item_and_the_sweep_comes_to_its_end(sqlite_store) -> None:
    everything = list(range(1, 2 * BATCH + 2))
    done: list[int] = []

    def act(session: object, numbers: Sequence[int]) -> int:
        if 1 in numbers:
            raise ValueError("broken")
        done.extend(numbers)
        return len(numbers)

    count = walk_together(sqlite_store, lambda _, last: everything[last or 0 :][:BATCH], act)

    assert done == everything[1:]
    assert count == 2 * BATCH
