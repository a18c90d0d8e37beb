"""The stays of a case as its record told them at an earlier moment, for what was signed on them then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflow.clock.days import shanghai_day
from workflow.history.replay import ToldStep, steps_told_by
from workflow.lists.overview import unit_name
from workflow.lists.track import Stop
from workflow.people.actors import Actor
from workflow.process.disclosure import SUPERVISION
from workflow.reference import Reference
from workflow.storage.cases import Event
from workflow.storage.people import Person


def stops_before(
    session: Session, actor: Actor, reference: Reference, case_id: int, signed_at: datetime
) -> tuple[Stop, ...]:
    """The stays that had begun when a referral was signed; what was open then is open here.

    For officers: it names units and handlers, and is asked for a case that the reader sees.
    """
    steps = steps_told_by(_known(_acts(session, case_id, signed_at), signed_at))
    names = _names(session, steps)
    return tuple(_stop(step, names, reference, actor) for step in steps)


def _acts(session: Session, case_id: int, until: datetime) -> Sequence[Row[Any]]:
    return session.execute(
        select(Event.action, Event.to_state, Event.standing, Event.at, Event.recorded_at)
        .where(Event.case_id == case_id, Event.recorded_at <= until)
        .order_by(Event.number)
    ).all()


def _known(acts: Iterable[Row[Any]], signed_at: datetime) -> Iterable[Row[Any]]:
    # The signature itself sends the case on, in the same moment: that is after what was signed.
    for act in acts:
        if act.to_state == SUPERVISION and act.recorded_at == signed_at:
            return
        yield act


def _names(session: Session, steps: Iterable[ToldStep]) -> dict[int, str]:
    handlers = {step.handler_id for step in steps if step.handler_id is not None}
    found = session.execute(select(Person.id, Person.name).where(Person.id.in_(handlers)))
    return {person.id: person.name for person in found}


def _stop(step: ToldStep, names: dict[int, str], reference: Reference, actor: Actor) -> Stop:
    return Stop(
        number=step.number,
        state=step.state,
        unit=unit_name(reference, actor, step.unit_id),
        handler=None if step.handler_id is None else names.get(step.handler_id),
        entered_on=shanghai_day(step.entered_at),
        left_on=shanghai_day(step.left_at) if step.left_at else None,
        limit_days=step.limit_days,
        used_before=step.used_before,
        due_on=step.due_on,
        outcome=step.outcome,
        used_days=step.used_days,
        was_late=step.was_late,
        late_days=step.late_days or 0,
    )
