"""Timers and reminders: at their moment, exactly once, whoever else is at work, whatever breaks meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.sweeping import (
    MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Office,
    add_running_case,
    add_waiting_case,
    at,
    case_of,
    in_the_database,
    open_office,
    plan_of,
    racing,
    read_all,
)
from workflow.clock.days import start_of_day
from workflow.people.actors import Actor, actor_of
from workflow.process.perform import perform
from workflow.storage.store import Store
from workflow.storage.tables import Case, Event, Outbox, Reminder, Step
from workflow.sweeps.reminders import due_reminders, run_reminders
from workflow.sweeps.timers import due_timers, fire, run_timers
from workflow.sweeps.walking import BATCH, walk

SECOND = timedelta(seconds=1)


@pytest.fixture
def office(store: Store) -> Office:
    return in_the_database(store, open_office)


def running_case(store: Store, office: Office, **columns: Any) -> int:
    return in_the_database(store, lambda session: add_running_case(session, office, **columns))


def waiting_case(store: Store, office: Office, **columns: Any) -> int:
    return in_the_database(store, lambda session: add_waiting_case(session, office, **columns))


def actor(store: Store, person_id: int) -> Actor:
    with store.reading() as session:
        found = actor_of(session, person_id, MONDAY)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("begins_at", "level"),
    [(at(MONDAY, 8, 30), "blue"), (at(WEDNESDAY, 8, 30), "yellow"), (at(THURSDAY, 8, 30), "red")],
)
def test_a_level_is_told_from_its_moment_on(store, office, begins_at: datetime, level: str) -> None:
    case_id = running_case(store, office)
    run_reminders(store, begins_at - SECOND)
    told_before = len(read_all(store, Outbox))

    assert run_reminders(store, begins_at) == 1

    told = read_all(store, Outbox)[told_before:]
    assert [(row.case_id, row.topic, row.created_at) for row in told] == [
        (case_id, f"alert.{level}", begins_at)
    ]


def test_a_level_is_told_once(store, office) -> None:
    case_id = running_case(store, office)
    run_reminders(store, at(MONDAY, 8, 30))

    assert run_reminders(store, at(TUESDAY, 17)) == 0

    assert len(read_all(store, Outbox)) == 1
    assert case_of(store, case_id).next_reminder_at == at(WEDNESDAY, 8, 30)


def test_levels_passed_while_nothing_ran_are_recorded_and_told_in_one_message(store, office) -> None:
    case_id = running_case(store, office)

    run_reminders(store, at(date(2026, 11, 30), 9))

    reminders = {row.level: row.begins_at for row in read_all(store, Reminder)}
    assert reminders == {
        "blue": at(MONDAY, 8, 30),
        "yellow": at(WEDNESDAY, 8, 30),
        "red": at(THURSDAY, 8, 30),
    }
    [told] = read_all(store, Outbox)
    assert (told.topic, told.audience, told.unit_id, told.handler_id) == (
        "alert.red",
        "handler head supervisor",
        office.unit,
        office.lin,
    )
    assert told.params["levels"] == ["blue", "yellow", "red"]
    assert (told.params["state"], told.params["due_on"]) == ("submitted", "2026-11-25")
    assert (told.params["days_late"], told.params["days_left"]) == (3, 0)
    assert case_of(store, case_id).next_reminder_at is None


def test_a_later_due_day_is_reminded_of_anew(store, office) -> None:
    case_id = running_case(store, office)
    run_reminders(store, at(THURSDAY, 9))
    with store.writing() as session:
        case = session.get_one(Case, case_id)
        case.due_on, case.due_version, case.next_reminder_at = date(2026, 11, 30), 2, at(THURSDAY, 9)
        session.commit()

    run_reminders(store, at(THURSDAY, 9, 1))

    levels = [(row.due_version, row.level) for row in read_all(store, Reminder)]
    assert levels == [(1, "blue"), (1, "red"), (1, "yellow"), (2, "blue")]
    assert case_of(store, case_id).next_reminder_at == at(date(2026, 11, 30), 8, 30)


def test_a_reminder_does_not_make_an_officers_form_stale(store, office) -> None:
    case_id = running_case(store, office)
    seen = case_of(store, case_id).version

    run_reminders(store, at(WEDNESDAY, 9))

    lin = actor(store, office.lin)
    with store.writing() as session:
        perform(session, case_id, "request_correction", lin, now=at(WEDNESDAY, 10), seen_version=seen)


def test_workers_at_the_same_moment_remind_once(store, office) -> None:
    cases = [running_case(store, office) for _ in range(30)]
    other = Store(store.url)

    counts = racing(*(lambda one=one: run_reminders(one, at(THURSDAY, 9)) for one in (store, other, store)))

    other.dispose()
    assert sum(counts) == 30
    assert sorted(row.case_id for row in read_all(store, Outbox)) == cases
    assert len(read_all(store, Reminder)) == 90


# SQLite has one writer at a time and no locks of rows.
@pytest.mark.parametrize("home", ["postgresql"], indirect=True)
def test_a_case_somebody_is_acting_on_is_not_waited_for(store, office, caplog) -> None:
    case_id = running_case(store, office)
    impatient = Store(store.url.update_query_dict({"options": "-c lock_timeout=2000"}))
    with store.writing() as session:
        session.get_one(Case, case_id, with_for_update=True)

        assert run_reminders(impatient, at(MONDAY, 9)) == 0

    assert caplog.text == ""
    assert run_reminders(impatient, at(MONDAY, 9)) == 1
    impatient.dispose()


def test_a_case_whose_time_is_up_is_not_reminded_of(store, office) -> None:
    waiting_case(store, office)

    assert run_reminders(store, at(THURSDAY, 9)) == 0


def test_one_broken_case_does_not_stop_the_others(store, office, caplog) -> None:
    broken = running_case(store, office, process="unknown")
    sound = running_case(store, office)

    assert run_reminders(store, at(MONDAY, 9)) == 1

    assert [row.case_id for row in read_all(store, Outbox)] == [sound]
    assert f"DueReminder(id={broken}" in caplog.text


def test_a_sweep_passes_by_what_fails_and_comes_to_the_end(sqlite_store) -> None:
    everything = list(range(1, 2 * BATCH + 2))
    done: list[int] = []

    def act(session: object, number: int) -> bool:
        if number == 1:
            raise ValueError("broken")
        done.append(number)
        return False

    walk(sqlite_store, lambda _, last: everything[last or 0 :][:BATCH], act)

    assert done == everything[1:]


def test_a_timer_acts_as_the_system_at_the_legal_moment(store, office) -> None:
    case_id = waiting_case(store, office)
    now = at(date(2026, 11, 30), 9)

    assert run_timers(store, now) == 1

    case = case_of(store, case_id)
    midnight = start_of_day(THURSDAY)
    assert (case.state, case.closed_at, case.timer_at) == ("withdrawn", midnight, None)
    lapse = read_all(store, Event)[-1]
    assert (lapse.action, lapse.actor_id, lapse.at, lapse.recorded_at) == ("lapse", None, midnight, now)
    left, entered = read_all(store, Step)
    assert (left.left_at, entered.entered_at) == (midnight, midnight)


def test_a_timer_does_nothing_before_its_moment(store, office) -> None:
    waiting_case(store, office)

    assert run_timers(store, start_of_day(THURSDAY) - SECOND) == 0
    assert run_timers(store, start_of_day(THURSDAY)) == 1


def test_workers_at_the_same_moment_fire_a_timer_once(store, office) -> None:
    for _ in range(20):
        waiting_case(store, office)
    other = Store(store.url)

    counts = racing(*(lambda one=one: run_timers(one, at(THURSDAY, 9)) for one in (store, other, store)))

    other.dispose()
    assert sum(counts) == 20
    assert [row.action for row in read_all(store, Event)].count("lapse") == 20


def test_a_case_that_left_and_came_back_is_not_moved_by_its_former_timer(store, office) -> None:
    case_id = waiting_case(store, office)
    with store.reading() as session:
        [seen] = due_timers(session, at(THURSDAY, 9))
    lin = actor(store, office.lin)
    with store.writing() as session:
        perform(session, case_id, "resubmit", lin, now=at(WEDNESDAY, 10), seen_version=1)
        perform(session, case_id, "request_correction", lin, now=at(WEDNESDAY, 11), seen_version=2)
        session.commit()

    with store.writing() as session:
        fired = fire(session, seen, at(THURSDAY, 9))

    assert not fired
    assert case_of(store, case_id).state == "awaiting_correction"


def test_one_broken_timer_does_not_stop_the_others(store, office, caplog) -> None:
    broken = waiting_case(store, office, process="unknown")
    sound = waiting_case(store, office)

    assert run_timers(store, at(THURSDAY, 9)) == 1

    assert case_of(store, sound).state == "withdrawn"
    assert case_of(store, broken).state == "awaiting_correction"
    assert f"DueTimer(id={broken}" in caplog.text


@pytest.mark.parametrize(
    ("due", "index"), [(due_reminders, "ix_cases_next_reminder"), (due_timers, "ix_cases_timer")]
)
def test_a_sweep_reads_what_is_due_through_its_partial_index(
    store, office, due: Callable[..., Sequence[Any]], index: str
) -> None:
    waiting_case(store, office)
    now = at(date(2027, 1, 1), 9)
    with store.reading() as session:
        first = due(session, at(WEDNESDAY, 9)) or due(session, now)
        plans = [plan_of(session, lambda last=last: due(session, now, last)) for last in (None, first[-1])]

    assert all(index in plan for plan in plans), plans
