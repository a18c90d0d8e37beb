"""Rows put straight into the tables, for tests of what is read; how cases really move is tested elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from workflow.people.actors import Actor, Post
from workflow.storage.store import Store
from workflow.storage.tables import (
    Application,
    Base,
    CalendarYear,
    Case,
    Event,
    Installation,
    Organisation,
    Person,
    PolicyVersion,
    ProcessVersion,
    Step,
    Unit,
)

MONDAY = date(2026, 11, 23)
PROCESSES = Path(__file__).parents[1] / "workflow" / "districts" / "changle" / "processes"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KINDS = {
    "township_officer": "township",
    "bureau_reviewer": "bureau",
    "joint_meeting_officer": "joint_meeting_office",
    "finance_officer": "finance",
    "efficiency_officer": "efficiency_office",
    "supervisor": "supervision",
    "leader": "supervision",
    "administrator": "administration",
}
_numbers = count(1)


@contextmanager
def opened_at(url: str) -> Iterator[Session]:
    """A writing session on the empty database of this address."""
    store = Store(url)
    Base.metadata.create_all(store.writer)
    with store.writing() as session:
        install(session)
        yield session
    store.dispose()


def add(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def add_unit(session: Session, kind: str, name: str) -> int:
    number = next(_numbers)
    return add(session, Unit(code=f"u{number}", kind=kind, name=name, name_en=f"{kind} {number}")).id


def add_person(session: Session, name: str) -> int:
    return add(session, Person(account=f"p{next(_numbers)}", name=name)).id


def add_organisation(session: Session, township_id: int, name: str = "福建示例锦纶有限公司") -> int:
    code = f"9135{next(_numbers):014d}"
    return add(
        session,
        Organisation(
            credit_code=code,
            name=name,
            kind="enterprise",
            township_id=township_id,
            address="长乐区",
            contact_name="陈小明",
            contact_phone="13800000000",
            registered_on=date(2010, 1, 1),
        ),
    ).id


def officer(
    session: Session, role: str, unit_id: int, name: str = "林秀英", *, is_head: bool = False
) -> Actor:
    post = Post(role, is_head, unit_id, KINDS[role], "机构")
    return Actor(add_person(session, name), name, (post,))


def applicant(session: Session, organisation_id: int, name: str = "陈小明") -> Actor:
    post = Post("applicant", organisation_id=organisation_id, organisation_name="单位")
    return Actor(add_person(session, name), name, (post,))


def install(session: Session) -> None:
    """A calendar of which only the year is known, the processes, and the policy every application names."""
    session.add(CalendarYear(year=2026))
    for file in sorted(PROCESSES.glob("*.toml")):
        source = file.read_text(encoding="utf-8")
        session.add(ProcessVersion(code=file.stem, version=1, digest="0", source=source, stored_at=NOW))
    session.add(Installation(name="reference_revision", value=str(next(_numbers) + 10**6)))
    session.add(
        PolicyVersion(
            id=1,
            code="quality",
            digest="0",
            source="",
            valid_from=date(2020, 1, 1),
            valid_to=None,
            stored_at=NOW,
        )
    )
    session.flush()


def add_case(
    session: Session, state: str, unit_id: int | None, due_on: date | None = None, **columns: Any
) -> int:
    """A case with its open step and first event; it entered its state ten days before now."""
    columns = {"process": "award_application", "township_id": unit_id, **columns}
    application = {
        name: columns.pop(name) for name in ("line", "amount_yuan", "entered_by_id") if name in columns
    }
    case = add(
        session,
        Case(
            process_version=1,
            state=state,
            unit_id=unit_id,
            due_on=due_on,
            chain_head="0" * 64,
            duties={},
            opened_at=NOW - timedelta(days=20),
            **{"number": f"CL2026-{next(_numbers):06d}", **columns},
        ),
    )
    session.add(
        Step(
            case_id=case.id,
            number=case.step_number,
            state=state,
            unit_id=unit_id,
            handler_id=case.handler_id,
            entered_at=NOW - timedelta(days=10),
            limit_days=5,
            due_on=due_on,
        )
    )
    if case.organisation_id is not None:
        _add_application(session, case, application)
    session.flush()
    return case.id


def _add_application(session: Session, case: Case, columns: dict[str, Any]) -> None:
    session.add(
        Application(
            case_id=case.id,
            organisation_id=case.organisation_id,
            policy_id=1,
            facts={},
            contact_name="陈小明",
            contact_phone="13800000000",
            award_year=2025,
            **{"line": "Q1-5", "amount_yuan": 500_000, **columns},
        )
    )


def add_step(
    session: Session, case_id: int, number: int, state: str, unit_id: int | None, **columns: Any
) -> None:
    """A closed earlier step."""
    columns = {
        "entered_at": NOW - timedelta(days=40),
        "left_at": NOW - timedelta(days=30),
        "limit_days": 5,
        "used_days": 3,
        "late_days": 0,
        "outcome": "accept",
        **columns,
    }
    session.add(Step(case_id=case_id, number=number, state=state, unit_id=unit_id, **columns))
    session.flush()


def add_event(
    session: Session, case_id: int, number: int, action: str, actor_id: int | None, **columns: Any
) -> None:
    columns = {
        "from_state": None,
        "to_state": "submitted",
        "details": {},
        "at": NOW,
        "recorded_at": NOW,
        "reason": None,
        "unit_id": None,
        "standing": {"step_number": 1, "due_on": None},
        **columns,
    }
    session.add(
        Event(
            case_id=case_id,
            number=number,
            action=action,
            actor_id=actor_id,
            previous="0",
            digest="1",
            reason_digest="2",
            details_digest="3",
            **columns,
        )
    )
    session.flush()
