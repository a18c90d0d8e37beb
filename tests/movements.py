"""Short ways to look at the money of an application, and to let two people act at the same moment."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from tests.world import World
from workflow.applications.rules import as_refusal
from workflow.errors import WorkflowError
from workflow.process.perform import Outcome, perform
from workflow.storage.tables import Budget, Event, Organisation, Payment, Reservation

CITY, PROVINCE, NOMINATION, CERTIFICATE = "Q1-5", "Q1-3", "Q1-4", "M4-1"


def codes(error: pytest.ExceptionInfo[Any]) -> list[str]:
    return [reason.code for reason in error.value.reasons]


def last_event(world: World, case_id: int) -> Event:
    with world.store.reading() as session:
        event = session.scalars(
            select(Event).where(Event.case_id == case_id).order_by(Event.number.desc())
        ).first()
        assert event is not None
        session.expunge(event)
        return event


def payments(world: World, case_id: int) -> list[tuple[str, str, int]]:
    with world.store.reading() as session:
        rows = session.scalars(select(Payment).where(Payment.case_id == case_id).order_by(Payment.id))
        return [(row.kind, row.status, row.amount_yuan) for row in rows]


def amounts(world: World, case_id: int) -> tuple[int, int, int]:
    one = world.application(case_id)
    return one.approved_yuan, one.paid_yuan, one.recover_yuan


def held(world: World, case_id: int) -> Mapping[int, int]:
    """What the application holds of the budget of each year."""
    with world.store.reading() as session:
        rows = session.scalars(select(Reservation).where(Reservation.case_id == case_id))
        return {row.year: row.amount_yuan for row in rows}


def set_budget(world: World, year: int, yuan: int) -> None:
    with world.store.writing() as session:
        session.merge(Budget(year=year, amount_yuan=yuan))
        session.commit()


def move_out(world: World, applicant: str = "donglong") -> None:
    """From today on the organisation is of another district."""
    (organisation_id,) = world.actor(applicant).organisation_ids
    with world.store.writing() as session:
        session.get_one(Organisation, organisation_id).moved_out_on = world.today
        session.commit()


def revoke(world: World, case_id: int) -> None:
    world.do("wuyan", "open_revocation", case_id, reason="弄虚作假")
    world.do("wuyan", "revoke", case_id, reason="查实", document_number="长市监撤〔2026〕1号")


@dataclass(frozen=True)
class Act:
    account: str
    action: str
    case_id: int
    inputs: Mapping[str, Any] = field(default_factory=dict)


def race(world: World, first: Act, second: Act) -> tuple[Outcome | WorkflowError, Outcome | WorkflowError]:
    """Both saw the same page; the second begins when the first has acted and not yet committed."""
    now = world.later(minutes=1)
    versions = {act.case_id: world.case(act.case_id).version for act in (first, second)}
    actors = {act.account: world.actor(act.account) for act in (first, second)}
    waiting: list[Future[Outcome | WorkflowError]] = []

    def take(act: Act) -> Outcome | WorkflowError:
        try:
            with world.store.writing() as session:
                outcome = perform(
                    session,
                    act.case_id,
                    act.action,
                    actors[act.account],
                    now=now,
                    seen_version=versions[act.case_id],
                    **act.inputs,
                )
                if act is first:
                    waiting.append(threads.submit(take, second))
                    until_it_waits(world, waiting[0])
                session.commit()
                return outcome
        except IntegrityError as error:
            refusal = as_refusal(error)
            assert refusal is not None
            return refusal
        except WorkflowError as error:
            return error

    with ThreadPoolExecutor(1) as threads:
        return take(first), waiting[0].result(timeout=30)


def until_it_waits(world: World, second: Future[Outcome | WorkflowError]) -> None:
    """Until the second stands before a lock of the first; on SQLite it stands before the door."""
    deadline = time.monotonic() + (0.2 if world.store.is_sqlite else 20)
    while time.monotonic() < deadline:
        assert not second.done(), "the second did not have to wait"
        if not world.store.is_sqlite:
            with world.store.reading() as session:
                if session.scalar(select(func.count()).select_from(text("pg_locks WHERE NOT granted"))):
                    return
        time.sleep(0.01)
    assert world.store.is_sqlite, "the second never came to a lock"
