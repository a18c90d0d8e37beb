"""Reminders: the alert levels a step has reached, each recorded once and told in one message.

Late is not decided here: a page asks the clock itself, with or without a reminder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.orm import Session

from workflow.clock.alerts import AlertLevel, Thresholds, alert_moments, next_alert_at, passed_levels
from workflow.clock.calendar import WorkingCalendar
from workflow.clock.days import shanghai_day
from workflow.clock.due import days_late, days_left
from workflow.process.definitions import process_of
from workflow.reference import reference_of
from workflow.storage.cases import Case, Step
from workflow.storage.people import Organisation
from workflow.storage.store import Store
from workflow.storage.telling import Outbox, Reminder
from workflow.sweeps.walking import BATCH, behind, walk


class DueReminder(NamedTuple):
    """A case with an alert level to be told."""

    id: int
    next_reminder_at: datetime


class _Remindable(NamedTuple):
    """A case under its lock, with what a reminder says of it."""

    id: int
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


def run_reminders(store: Store, now: datetime) -> int:
    """Record and tell every level reached by `now`; returns of how many cases. Any number of workers may."""
    return walk(
        store,
        lambda session, last: due_reminders(session, now, last),
        lambda session, due: remind(session, due.id, now),
    )


def due_reminders(session: Session, now: datetime, last: DueReminder | None = None) -> Sequence[DueReminder]:
    """The next batch of cases with a level to be told, the oldest first."""
    wanted = select(Case.id, Case.next_reminder_at).where(_is_due(now))
    if last is not None:
        wanted = wanted.where(behind(Case.next_reminder_at, Case.id, (last.next_reminder_at, last.id)))
    rows: Sequence[Any] = session.execute(wanted.order_by(Case.next_reminder_at, Case.id).limit(BATCH)).all()
    return [DueReminder(*row) for row in rows]


def _is_due(now: datetime) -> ColumnElement[bool]:
    # A case whose time is up is the timer's: its people hear what became of it, not that it is late.
    return and_(Case.next_reminder_at <= now, or_(Case.timer_at.is_(None), Case.timer_at > now))


def remind(session: Session, case_id: int, now: datetime) -> bool:
    """Record and tell the levels of one case in this transaction; False when there is nothing to be told."""
    case = _locked(session, case_id, now)
    if case is None:
        return False
    alerts = process_of(session, case.process, case.process_version).states[case.state].alerts
    if case.due_on is None or alerts is None:
        _set_next(session, case_id, None)
        return True
    calendar, thresholds = reference_of(session).calendar, Thresholds(near_days=alerts.near_days)
    moments = alert_moments(shanghai_day(case.entered_at), case.due_on, calendar, thresholds)
    already = _recorded(session, case)
    levels = passed_levels(moments, now, already)
    if levels:
        _record(session, case, {level: begins for level, begins in moments if level in levels}, now)
        days = _days(case.due_on, shanghai_day(now), calendar)
        _tell(session, case, levels, alerts.recipients[levels[-1]], days, now)
    _set_next(session, case_id, next_alert_at(moments, now, (*already, *levels)))
    return True


def _locked(session: Session, case_id: int, now: datetime) -> _Remindable | None:
    """The case under its lock if it is still due; one being acted on comes with the next sweep."""
    row: Any = session.execute(
        select(
            Case.id,
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
        .where(Case.id == case_id, _is_due(now))
        .with_for_update(of=Case, skip_locked=True)
    ).one_or_none()
    return None if row is None else _Remindable(*row)


def _recorded(session: Session, case: _Remindable) -> list[AlertLevel]:
    levels = session.scalars(
        select(Reminder.level).where(
            Reminder.case_id == case.id,
            Reminder.step_number == case.step_number,
            Reminder.due_version == case.due_version,
        )
    )
    return [AlertLevel(level) for level in levels]


def _record(session: Session, case: _Remindable, begins: dict[AlertLevel, datetime], now: datetime) -> None:
    session.execute(
        insert(Reminder),
        [
            {
                "case_id": case.id,
                "step_number": case.step_number,
                "due_version": case.due_version,
                "level": level.value,
                "begins_at": begins_at,
                "recorded_at": now,
            }
            for level, begins_at in begins.items()
        ],
    )


def _tell(
    session: Session,
    case: _Remindable,
    levels: Sequence[AlertLevel],
    audience: Sequence[str],
    days: Mapping[str, int],
    now: datetime,
) -> None:
    told = {
        "state": case.state,
        "number": case.number,
        "organisation": case.organisation,
        "due_on": case.due_on,
        "levels": [level.value for level in levels],
    }
    session.execute(
        insert(Outbox).values(
            case_id=case.id,
            topic=f"alert.{levels[-1].value}",
            audience=" ".join(audience),
            unit_id=case.unit_id,
            handler_id=case.handler_id,
            params={**told, **days},
            created_at=now,
        )
    )


def _days(due_on: date, today: date, calendar: WorkingCalendar) -> dict[str, int]:
    return {"days_left": days_left(due_on, today, calendar), "days_late": days_late(due_on, today, calendar)}


def _set_next(session: Session, case_id: int, at: datetime | None) -> None:
    # The version stays: telling people does not make a form stale that an officer is filling in.
    session.execute(update(Case).where(Case.id == case_id).values(next_reminder_at=at))
