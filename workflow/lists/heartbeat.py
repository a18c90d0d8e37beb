"""Whether the scheduler is alive, as the pages say it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.storage.telling import Heartbeat

SILENT_AFTER = timedelta(minutes=5)


class SchedulerSilence(NamedTuple):
    """When a worker last ran its sweeps, and whether that is too long ago; never is silent too."""

    last_beat_at: datetime | None
    is_silent: bool


def scheduler_silence(session: Session, real_now: datetime) -> SchedulerSilence:
    """`real_now` is the real clock: a demo clock that was moved has not made the worker silent."""
    last = session.scalar(select(func.max(Heartbeat.beat_at)))
    return SchedulerSilence(last, last is None or real_now - last > SILENT_AFTER)
