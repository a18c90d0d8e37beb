"""Moving the due day of an open step to where the calendar now puts it; who is told lives in the process.

Which cases a changed calendar concerns is found in `calendar_change`.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import update

from workflow.clock.calendar import WorkingCalendar
from workflow.clock.days import shanghai_day
from workflow.clock.due import due_on, is_overdue
from workflow.errors import Reason
from workflow.process.facts import Facts
from workflow.process.move import Clock, Move, clock_until
from workflow.process.registry import effect, guard
from workflow.storage.cases import Case, Step


def due_day_under(
    calendar: WorkingCalendar, entered_on: date, limit_days: int, used_before: int, stands: date, today: date
) -> date:
    """The due day of a running step under a calendar; `stands` is the one it has.

    A calendar that takes days away makes nobody late in hindsight: a day that has not passed moves to today
    at the earliest, one that has passed does not move back.
    """
    return max(due_on(entered_on, limit_days, used_before, calendar), min(stands, today))


@guard
def due_day_moves(facts: Facts) -> list[Reason]:
    return [Reason("reason.due_day_stands")] if _due_day(facts) == facts.case.due_on else []


@effect
def move_due_day(move: Move) -> None:
    """Reminders of the new day go out again: they are counted by the version of the due day."""
    facts, case = move.facts, move.facts.case
    due = _due_day(facts)
    move.details |= {"due_on_before": case.due_on, "due_on": due}
    move.case |= {
        "due_on": due,
        "due_version": case.due_version + 1,
        # Late by the calendar that has just been corrected is not late.
        "was_late": case.was_late or (facts.state.can_be_late and is_overdue(due, facts.today)),
    }
    if due is not None:
        entered_on = shanghai_day(case.entered_at)
        clock = clock_until(due, facts.reference.calendar, facts.now, facts.state, entered_on)
        move.case["timer_at"] = clock.timer_at
        _set_clock(move, clock)


def _due_day(facts: Facts) -> date | None:
    case = facts.case
    if case.limit_days is None or case.due_on is None:
        return case.due_on
    entered_on = shanghai_day(case.entered_at)
    return due_day_under(
        facts.reference.calendar, entered_on, case.limit_days, case.used_before, case.due_on, facts.today
    )


def _set_clock(move: Move, clock: Clock) -> None:
    """The columns that a case otherwise changes only by moving on."""
    case = move.facts.case
    move.session.execute(
        update(Case)
        .where(Case.id == case.id)
        .values(next_reminder_at=clock.next_reminder_at)
        .execution_options(synchronize_session=False)
    )
    move.session.execute(
        update(Step)
        .where(Step.case_id == case.id, Step.number == case.step_number)
        .values(due_on=clock.due_on)
        .execution_options(synchronize_session=False)
    )
