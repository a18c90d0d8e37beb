"""Changes made past the door by somebody with the password of the database, and what an audit finds."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from tests.world import World, place
from workflow.history.audit import Finding, Verified, findings
from workflow.storage.tables import Event


def found(world: World) -> list[Finding]:
    with world.store.reading() as session:
        return list(findings(session, Verified()))


def tamper(world: World, how: Callable[[Session], object]) -> None:
    """Somebody with the password of the database."""
    with world.store.writing() as session:
        how(session)
        session.commit()


def one_event(case_id: int, number: int) -> tuple[object, ...]:
    return (Event.case_id == case_id, Event.number == number)


@place
def paid_among_others(world: World) -> int:
    """An award that was paid, with others before and after it."""
    world.submitted("jinlun")
    case_id = world.paid()
    world.in_review(line="Q1-3")
    return case_id


@place
def late_in_hand(world: World) -> int:
    """An application that 林秀英 passed on two days too late, and that now lies with 王海峰."""
    case_id = world.in_precheck()
    world.working_days_later(7)
    world.do("lin", "recommend", case_id)
    world.do("wang", "take_on", case_id)
    return case_id
