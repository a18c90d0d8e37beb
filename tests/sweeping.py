"""An office with due cases and a process of its own: where the tests of sweeps, outbox and worker begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from threading import Barrier, Thread
from typing import Any

from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from tests.sample_rows import add, add_case, add_event
from workflow.clock.alerts import alert_moments, next_alert_at
from workflow.clock.days import moment_on, start_of_day
from workflow.reference import reference_of
from workflow.storage.store import Store
from workflow.storage.tables import Case, Membership, Outbox, Person, ProcessVersion

# Monday 23 November 2026: a case due on Wednesday turns blue, yellow and red on ordinary working days.
MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (23, 24, 25, 26))
PROCESS = """
code = "sample"
version = 1
initial = "submitted"
series = "sample"

[alerts]
near_days = 2
blue = ["handler"]
yellow = ["handler", "head"]
red = ["handler", "head", "supervisor"]

[states.submitted]
holder = "township"
limit = 5
[states.submitted.actions.request_correction]
to = "awaiting_correction"
by = ["township_officer"]
tell = ["unit"]

[states.awaiting_correction]
holder = "organisation"
waiting = true
limit = 10
timer = "lapse"
[states.awaiting_correction.actions.resubmit]
to = "submitted"
by = ["township_officer"]
returns = "continue"
tell = ["handler"]
[states.awaiting_correction.actions.lapse]
to = "withdrawn"
by = ["system"]
tell = ["handler"]

[states.withdrawn]
final = true
"""


@dataclass(frozen=True)
class Office:
    """The township in which 林秀英 and 陈志强 are officers and 黄丽华 is the head, and its firm 东龙."""

    unit: int
    firm: int
    lin: int
    chen: int
    huang: int


def open_office(session: Session) -> Office:
    """The office as the district's people find it, with the process of these tests."""
    ids = {person.account: person.id for person in session.scalars(select(Person))}
    stored_at = start_of_day(MONDAY)
    session.add(ProcessVersion(code="sample", version=1, digest="0", source=PROCESS, stored_at=stored_at))
    return Office(
        unit=_place(session, ids["lin"]).unit_id,
        firm=_place(session, ids["donglong"]).organisation_id,
        lin=ids["lin"],
        chen=ids["chen"],
        huang=ids["huang"],
    )


def _place(session: Session, person_id: int) -> Any:
    return session.scalars(select(Membership).where(Membership.person_id == person_id)).one()


def add_running_case(session: Session, office: Office, due_on: date = WEDNESDAY, **columns: Any) -> int:
    """A case of the township, taken on by 林秀英, whose reminders have not begun."""
    moments = alert_moments(date(2026, 11, 2), due_on, reference_of(session).calendar)
    reminder = next_alert_at(moments, start_of_day(date(2026, 11, 2)))
    columns = {
        "process": "sample",
        "handler_id": office.lin,
        "next_reminder_at": reminder,
        **columns,
    }
    case_id = add_case(session, columns.pop("state", "submitted"), office.unit, due_on, **columns)
    add_event(session, case_id, 1, "open", None)
    return case_id


def add_waiting_case(session: Session, office: Office, due_on: date = WEDNESDAY, **columns: Any) -> int:
    """A case that waits for the organisation's correction and lapses when the due day is over."""
    timer_at = start_of_day(due_on + timedelta(1))
    columns = {"state": "awaiting_correction", "waiting": True, "timer_at": timer_at, **columns}
    return add_running_case(session, office, due_on, **columns)


def add_outbox(session: Session, case_id: int, audience: str, **columns: Any) -> int:
    """Something to tell, as a move writes it; the params of the sentence are those of an acceptance."""
    params = {
        "action": "accept",
        "state": "township_precheck",
        "number": "CL2026-1",
        "organisation": "福建示例",
    }
    columns = {"topic": "moved", "created_at": at(MONDAY, 9), **columns}
    columns["params"] = {**params, "due_on": WEDNESDAY, "actor_id": None, **columns.get("params", {})}
    return add(session, Outbox(case_id=case_id, audience=audience, **columns)).id


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """The moment when the clocks of Changle show that hour."""
    return moment_on(day, time(hour, minute))


def in_the_database(store: Store, write: Callable[[Session], Any]) -> Any:
    with store.writing() as session:
        written = write(session)
        session.commit()
    return written


def read_all(store: Store, entity: type[Any]) -> Sequence[Any]:
    """Every row of a table, by primary key."""
    with store.reading() as session:
        return session.scalars(select(entity).order_by(*entity.__table__.primary_key)).all()


def case_of(store: Store, case_id: int) -> Case:
    with store.reading() as session:
        return session.get_one(Case, case_id)


def set_person(store: Store, person_id: int, **columns: Any) -> None:
    with store.writing() as session:
        person = session.get_one(Person, person_id)
        for name, value in columns.items():
            setattr(person, name, value)
        session.commit()


def racing(*runs: Callable[[], int]) -> list[int]:
    """What each of several runs returns that start at the same moment, each in a thread of its own."""
    start, counts = Barrier(len(runs)), [0] * len(runs)

    def run(number: int) -> None:
        start.wait()
        counts[number] = runs[number]()

    threads = [Thread(target=run, args=(number,)) for number in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counts


def plan_of(session: Any, run: Callable[[], object]) -> str:
    """How the database finds the rows of the statement that `run` sends."""
    sent: list[tuple[str, Any]] = []
    connection = session.connection()
    # A handful of rows is read whole by every planner; with thousands it would be wrong.
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    if connection.dialect.name != "sqlite":
        connection.execute(text("SET LOCAL enable_seqscan = off"))
    event.listen(connection, "before_cursor_execute", lambda *call: sent.append((call[2], call[3])))
    run()
    statement, parameters = sent[0]
    return "\n".join(map(str, connection.exec_driver_sql(explain + statement, parameters).all()))
