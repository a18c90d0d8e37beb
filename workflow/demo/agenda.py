"""When the beats of a demo happen, and how one of its days goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random

from sqlalchemy.orm import Session

from workflow.clock.calendar import WorkingCalendar
from workflow.clock.days import moment_on, shanghai_day
from workflow.demo.course import Beat
from workflow.demo.playing import Played, Stage
from workflow.demo.telling import Story
from workflow.sweeps.reminders import due_reminders, remind
from workflow.sweeps.timers import due_timers, fire

# Half a minute after a moment that counts the worker has come round.
SWEEPS = (time(0, 0, 30), time(8, 30, 30), time(18, 30, 30))
MORNING, AFTERNOON = (time(8, 35), 190), (time(14, 30), 140)


@dataclass(frozen=True, slots=True)
class Placed:
    """A story with the moment of each of its beats."""

    story: Story
    moments: tuple[datetime, ...]

    @property
    def begins_on(self) -> date:
        return shanghai_day(self.moments[0])


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One beat of one story at its moment; `number` keeps the order of beats of the same moment."""

    at: datetime
    number: int
    played: Played = field(compare=False)
    beat: Beat = field(compare=False)


def placed(story: Story, calendar: WorkingCalendar, today: date, chance: Random) -> Placed:
    """The story in time: its last beat so many working days before today, or before the next working day."""
    anchor = today if calendar.is_working(today) else calendar.next_working(today)
    day = calendar.subtract_working_days(anchor, story.course.total + story.since)
    moments: list[datetime] = []
    for beat in story.course.beats:
        day = calendar.add_working_days(day, beat.days)
        moments.append(_moment(day, moments[-1] if moments else None, chance))
    return Placed(story, tuple(moments))


def played_day(session: Session, stage: Stage, day: date, entries: Sequence[Entry], now: datetime) -> None:
    """One day in this transaction: sweeps at their times, and what people do, until `now`."""
    sweeps = [at for at in (moment_on(day, each) for each in SWEEPS) if at <= now]
    if day == shanghai_day(now):
        sweeps.append(now)
    acts = [(at, partial(_sweep, session, at)) for at in sweeps]
    acts += [
        (entry.at, partial(stage.play, session, entry.played, entry.beat, entry.at)) for entry in entries
    ]
    for _, act in sorted(acts, key=lambda each: each[0]):
        act()
        session.flush()
        # The engine writes past the session: what it holds is not what stands in the tables.
        session.expire_all()


def _sweep(session: Session, now: datetime) -> None:
    for timer in due_timers(session, now):
        fire(session, timer, now)
    for due in due_reminders(session, now):
        remind(session, due.id, now)


def _moment(day: date, before: datetime | None, chance: Random) -> datetime:
    """In office hours of the day, in the morning as a rule; later than the act before."""
    begins, minutes = MORNING if chance.random() < 0.7 else AFTERNOON
    moment = moment_on(day, begins) + timedelta(minutes=chance.randint(0, minutes))
    if before is not None and shanghai_day(before) == day:
        return before + timedelta(minutes=chance.randint(4, 25))
    return moment
