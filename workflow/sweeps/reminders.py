"""Reminders: the alert levels a step has reached, each recorded once and told in one message.

Late is not decided here: a page asks the clock itself, with or without a reminder.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from workflow.clock.alerts import AlertLevel, Thresholds, alert_moments, next_alert_at, passed_levels
from workflow.clock.calendar import WorkingCalendar
from workflow.clock.days import shanghai_day
from workflow.clock.due import days_late, days_left
from workflow.process.definition import Alerts
from workflow.process.definitions import process_of
from workflow.reference import reference_of
from workflow.storage.cases import Case, Step
from workflow.storage.people import Organisation
from workflow.storage.prepared import Prepared
from workflow.storage.store import Store
from workflow.storage.telling import Outbox, Reminder
from workflow.sweeps.walking import BATCH, behind, walk_together

log = logging.getLogger(__name__)


class DueReminder(NamedTuple):
    """A case with an alert level to be told."""

    id: int
    next_reminder_at: datetime


class _Remindable(NamedTuple):
    """A case under its lock, with what a reminder says of it."""

    id: int
    next_reminder_at: datetime
    process: str
    process_version: int
    number: str | None
    state: str
    unit_id: int | None
    handler_id: int | None
    step_number: int
    due_on: date | None
    due_version: int
    organisation: str | None
    entered_at: datetime


class _Told(NamedTuple):
    """What one case's reminder writes: the levels with their moments, what is told, when it is asked next."""

    case_id: int
    next_at: datetime | None
    begun: Sequence[tuple[AlertLevel, datetime]] = ()
    message: Mapping[str, Any] | None = None


# Five hundred numbers are cheaper to read in the text of a statement than as parameters of it.
_THESE = Case.id.in_(bindparam("case_ids", expanding=True, literal_execute=True))
_REMINDABLE = (
    select(
        Case.id,
        Case.next_reminder_at,
        Case.process,
        Case.process_version,
        Case.number,
        Case.state,
        Case.unit_id,
        Case.handler_id,
        Case.step_number,
        Case.due_on,
        Case.due_version,
        Organisation.name,
        Step.entered_at,
    )
    .join(Step, (Step.case_id == Case.id) & (Step.number == Case.step_number))
    .outerjoin(Organisation, Organisation.id == Case.organisation_id)
    .where(_THESE)
    .order_by(Case.next_reminder_at, Case.id)
)
_RECORDED = (
    select(Reminder.case_id, Reminder.level)
    .join(
        Case,
        (Case.id == Reminder.case_id)
        & (Case.step_number == Reminder.step_number)
        & (Case.due_version == Reminder.due_version),
    )
    .where(_THESE)
)
_RECORD = insert(Reminder).from_select(
    ["case_id", "step_number", "due_version", "level", "begins_at", "recorded_at"],
    select(
        Case.id,
        Case.step_number,
        Case.due_version,
        bindparam("level", type_=Reminder.level.type),
        bindparam("begins_at", type_=Reminder.begins_at.type),
        bindparam("now", type_=Reminder.recorded_at.type),
    ).where(_THESE),
)
# The version stays: telling people does not make a form stale that an officer is filling in.
_SET_NEXT = update(Case).where(_THESE).values(next_reminder_at=bindparam("at"))
_TELL = Prepared(
    insert(Outbox)
    .values(
        {
            name: bindparam(name)
            for name in ("case_id", "topic", "audience", "unit_id", "handler_id", "params", "created_at")
        }
    )
    .inline()
)


def run_reminders(store: Store, now: datetime) -> int:
    """Record and tell every level reached by `now`; returns of how many cases. Any number of workers may."""
    return walk_together(
        store,
        lambda session, last: due_reminders(session, now, last),
        lambda session, due: remind_all(session, [case.id for case in due], now),
    )


def due_reminders(session: Session, now: datetime, last: DueReminder | None = None) -> Sequence[DueReminder]:
    """The next batch of cases with a level to be told, the oldest first."""
    wanted = select(Case.id, Case.next_reminder_at).where(_is_due(now))
    if last is not None:
        wanted = wanted.where(behind(Case.next_reminder_at, Case.id, (last.next_reminder_at, last.id)))
    wanted = wanted.order_by(Case.next_reminder_at, Case.id).limit(BATCH)
    rows: Iterable[Any] = session.connection().execute(wanted)
    return [DueReminder(*row) for row in rows]


def _is_due(now: datetime) -> ColumnElement[bool]:
    # A case whose time is up is the timer's: its people hear what became of it, not that it is late.
    return and_(Case.next_reminder_at <= now, or_(Case.timer_at.is_(None), Case.timer_at > now))


def remind(session: Session, case_id: int, now: datetime) -> bool:
    """Record and tell the levels of one case in this transaction; False when there is nothing to be told."""
    return remind_all(session, [case_id], now) == 1


def remind_all(session: Session, case_ids: Sequence[int], now: datetime) -> int:
    """Record and tell the levels of these cases in this transaction; returns of how many there was something.

    A case whose reminder cannot be worked out is logged and left as it is.
    """
    connection = session.connection()
    cases = _locked(connection, case_ids, now)
    if not cases:
        return 0
    calendar, already = reference_of(session).calendar, _recorded(connection, cases)
    alerts_of = cache(partial(_alerts, session))
    told = []
    for case in cases:
        try:
            alerts = alerts_of(case.process, case.process_version, case.state)
            told.append(_told(case, alerts, already[case.id], calendar, now))
        except Exception:
            due = DueReminder(case.id, case.next_reminder_at)
            log.exception("a sweep could not work out %r and goes on", due)
    _write(connection, told, now)
    return len(told)


def _alerts(session: Session, process: str, version: int, state: str) -> Alerts | None:
    return process_of(session, process, version).states[state].alerts


def _locked(connection: Connection, case_ids: Sequence[int], now: datetime) -> list[_Remindable]:
    """The cases still due, under their locks; one being acted on comes with the next sweep."""
    lock = select(Case.id).where(_THESE, _is_due(now)).with_for_update(skip_locked=True)
    locked = connection.scalars(lock, {"case_ids": case_ids}).all()
    # Read after the lock: in one statement a case that had moved meanwhile would lose its step.
    rows: Iterable[Any] = connection.execute(_REMINDABLE, {"case_ids": locked})
    return [_Remindable(*row) for row in rows]


def _recorded(connection: Connection, cases: Sequence[_Remindable]) -> Mapping[int, list[AlertLevel]]:
    """The levels already told of the open steps, by case."""
    levels = defaultdict(list)
    for case_id, level in connection.execute(_RECORDED, {"case_ids": [case.id for case in cases]}):
        levels[case_id].append(AlertLevel(level))
    return levels


def _told(
    case: _Remindable,
    alerts: Alerts | None,
    already: Collection[AlertLevel],
    calendar: WorkingCalendar,
    now: datetime,
) -> _Told:
    if case.due_on is None or alerts is None:
        return _Told(case.id, None)
    thresholds = Thresholds(near_days=alerts.near_days)
    moments = alert_moments(shanghai_day(case.entered_at), case.due_on, calendar, thresholds)
    levels = passed_levels(moments, now, already)
    next_at = next_alert_at(moments, now, (*already, *levels))
    if not levels:
        return _Told(case.id, next_at)
    begun = [(level, begins_at) for level, begins_at in moments if level in levels]
    days = _days(case.due_on, shanghai_day(now), calendar)
    return _Told(case.id, next_at, begun, _message(case, levels, alerts.recipients[levels[-1]], days, now))


def _message(
    case: _Remindable,
    levels: Sequence[AlertLevel],
    audience: Sequence[str],
    days: Mapping[str, int],
    now: datetime,
) -> dict[str, Any]:
    told = {
        "state": case.state,
        "number": case.number,
        "organisation": case.organisation,
        "due_on": case.due_on,
        "levels": [level.value for level in levels],
    }
    return {
        "case_id": case.id,
        "topic": f"alert.{levels[-1].value}",
        "audience": " ".join(audience),
        "unit_id": case.unit_id,
        "handler_id": case.handler_id,
        "params": {**told, **days},
        "created_at": now,
    }


@lru_cache(1024)
def _days(due_on: date, today: date, calendar: WorkingCalendar) -> Mapping[str, int]:
    return {"days_left": days_left(due_on, today, calendar), "days_late": days_late(due_on, today, calendar)}


def _write(connection: Connection, told: Sequence[_Told], now: datetime) -> None:
    # A level that begins for many cases at once is one statement for them all.
    levels, nexts = defaultdict(list), defaultdict(list)
    for case_id, next_at, begun, _ in told:
        nexts[next_at].append(case_id)
        for begins in begun:
            levels[begins].append(case_id)
    for (level, begins_at), case_ids in levels.items():
        record = {"level": level.value, "begins_at": begins_at, "now": now, "case_ids": case_ids}
        connection.execute(_RECORD, record)
    _TELL.run_all(connection, [each.message for each in told if each.message])
    for next_at, case_ids in nexts.items():
        connection.execute(_SET_NEXT, {"at": next_at, "case_ids": case_ids})
