"""Short ways to look at the money of an application, and to let two people act at the same moment."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.world import World
from workflow.applications.rules import as_refusal
from workflow.errors import Refused, WorkflowError
from workflow.process.perform import Outcome, perform
from workflow.storage.tables import Budget, Event, Organisation, Payment, Reservation

CITY, PROVINCE, NOMINATION, CERTIFICATE = "Q1-5", "Q1-3", "Q1-4", "M4-1"


def codes(error: pytest.ExceptionInfo[Any]) -> list[str]:
    return [reason.code for reason in error.value.reasons]


def refused(world: World, account: str, action: str, case_id: int, **inputs: Any) -> list[str]:
    """Why this action of hers is refused, in codes."""
    with pytest.raises(Refused) as error:
        world.do(account, action, case_id, **inputs)
    return codes(error)


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
    """What somebody is about to do; the moment is that of the world unless the act has one of its own."""

    account: str
    action: str
    case_id: int
    inputs: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None


Result = Outcome | WorkflowError


def race(world: World, first: Act, second: Act, *, commits: bool = True) -> tuple[Result, Result]:
    """Both saw the same page; the second begins when the first has acted and not yet ended her transaction.

    The first then commits, or loses everything as if her process had died.
    """
    now = world.later(minutes=1)
    # The same act in two windows is still two acts.
    second = replace(second)
    versions = versions_of(world, first, second)
    waiting: list[Future[Result]] = []

    def take(act: Act) -> Result:
        try:
            with world.store.writing() as session:
                outcome = act_in(session, world, act, versions[act.case_id], now)
                if act is first:
                    waiting.append(threads.submit(take, second))
                    until_it_waits(world, waiting[0], whole_case=first.case_id == second.case_id)
                if act is second or commits:
                    session.commit()
                return outcome
        except (IntegrityError, WorkflowError) as error:
            return told(error)

    with ThreadPoolExecutor(1) as threads:
        return take(first), waiting[0].result(timeout=30)


def versions_of(world: World, *acts: Act) -> Mapping[int, int]:
    """What the pages show from which these acts are taken; who acts is looked up as well."""
    for act in acts:
        world.actor(act.account)
    return {act.case_id: world.case(act.case_id).version for act in acts}


def act_in(session: Session, world: World, act: Act, seen_version: int, now: datetime) -> Outcome:
    return perform(
        session,
        act.case_id,
        act.action,
        world.actor(act.account),
        now=act.at or now,
        seen_version=seen_version,
        **act.inputs,
    )


def told(error: IntegrityError | WorkflowError) -> WorkflowError:
    """What the edge makes of an error: nothing but refusals reaches people."""
    if isinstance(error, WorkflowError):
        return error
    refusal = as_refusal(error)
    assert refusal is not None, error
    return refusal


def until_it_waits(world: World, second: Future[Result], *, whole_case: bool) -> None:
    """Until the second stands before a lock of the first; on SQLite before the door.

    Two acts on one case always meet; what has nothing to do with each other may go on at once.
    """
    stands = _stands_at_the_gate if world.store.is_sqlite else _stands_before_a_lock
    deadline = time.monotonic() + 20
    while not stands(world):
        if second.done():
            assert not whole_case, "the second did not have to wait"
            return
        assert time.monotonic() < deadline, "the second never came to a lock"
        time.sleep(0.001)


def _stands_before_a_lock(world: World) -> bool:
    with world.store.reading() as session:
        waiting = select(func.count()).select_from(text("pg_stat_activity"))
        return bool(
            session.scalar(
                waiting.where(text("datname = current_database()"), text("wait_event_type = 'Lock'"))
            )
        )


def _stands_at_the_gate(world: World) -> bool:
    gate = Path(f"{world.store.url.database}.lock").stat().st_ino
    locks = (line.split() for line in Path("/proc/locks").read_text().splitlines())
    return any(line[1] == "->" and line[6].endswith(f":{gate}") for line in locks)
