"""What the lists and the sweeps cost: a worklist with its numbers, and the search for what is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from statistics import median
from time import perf_counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.benchmarks.large import made_at
from workflow.clock.days import shanghai_day
from workflow.lists.sections import section_counts
from workflow.lists.worklist import bucket_counts, worklist
from workflow.people.actors import Actor, actor_of
from workflow.reference import reference_of
from workflow.storage.cases import Case
from workflow.storage.people import Person
from workflow.storage.store import Store
from workflow.sweeps.reminders import due_reminders, run_reminders
from workflow.sweeps.timers import due_timers

ROUNDS = 30
# The township, the bureau, the joint-meeting office and the finance office, which have the most.
OFFICERS = ("songxia1", "shijian1", "lianxi1", "caizheng1")
# As many due rows are told at the most; a worker goes on with the next ones.
DUE_ROWS = 300


def worklist_ms(store: Store) -> float:
    """The page of the officer whose page takes longest: fifty lines, the tiles and the sections."""
    today = shanghai_day(made_at(store))
    with store.reading() as session:
        reference = reference_of(session)

        def page(officer: Actor) -> None:
            worklist(session, officer, reference, today)
            bucket_counts(session, officer, reference, today)
            section_counts(session, officer)

        officers = [_actor(session, account, today) for account in OFFICERS]
        return max(_median_ms(lambda officer=officer: page(officer)) for officer in officers)  # type: ignore[misc]


def idle_sweep_ms(store: Store) -> float:
    """To find that nothing is due: the moment before the first reminder and the first timer."""
    with store.reading() as session:
        firsts = session.execute(select(func.min(Case.next_reminder_at), func.min(Case.timer_at))).one()
        before = min(moment for moment in firsts if moment is not None) - timedelta(seconds=1)

        def look() -> None:
            assert not due_reminders(session, before)
            assert not due_timers(session, before)

        return _median_ms(look)


def due_row_us(store: Store) -> float:
    """To record and tell what is due, each row of it."""
    with store.reading() as session:
        due = select(Case.next_reminder_at).where(Case.next_reminder_at.is_not(None), Case.timer_at.is_(None))
        last = session.scalars(due.order_by(Case.next_reminder_at).offset(DUE_ROWS - 1).limit(1)).one()
        number = session.scalars(select(func.count()).where(Case.next_reminder_at <= last)).one()
    started = perf_counter()
    done = run_reminders(store, last)
    seconds = perf_counter() - started
    assert 0 < done <= number
    return seconds / done * 1e6


def _actor(session: Session, account: str, today: object) -> Actor:
    person_id = session.scalars(select(Person.id).where(Person.account == account)).one()
    actor = actor_of(session, person_id, today)  # type: ignore[arg-type]
    assert actor is not None
    return actor


def _median_ms(ask: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS + 3):
        started = perf_counter()
        ask()
        times.append(perf_counter() - started)
    # The first ones compile the statements.
    return median(times[3:]) * 1000
