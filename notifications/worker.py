"""The worker: looks at what is due every few seconds, until it is told to stop. It decides nothing itself.

The only place that knows the scheduler. Every due moment is a row of the database, so any number of workers
may run, and one that was down catches up.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import delete

from notifications.channels.mail import outgoing, sender_address
from notifications.delivery import run_deliveries
from notifications.dispatch import run_dispatch
from workflow.installation import moment
from workflow.settings import Settings
from workflow.storage.store import Store
from workflow.storage.telling import Heartbeat
from workflow.sweeps.anchoring import run_anchor
from workflow.sweeps.reminders import run_reminders
from workflow.sweeps.timers import run_timers

FORGOTTEN_AFTER = timedelta(days=7)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one look has done: cases moved, cases reminded of, outbox rows put into inboxes, mails sent."""

    timers: int
    reminders: int
    messages: int
    mails: int


def run_sweeps_once(store: Store, settings: Settings, now: datetime) -> Swept:
    """Do everything that is due at `now`, in the order in which one thing leads to the next."""
    run_anchor(store, now, settings.history.anchor_file)
    return Swept(
        timers=run_timers(store, now),
        reminders=run_reminders(store, now),
        messages=run_dispatch(store, now, settings.mail),
        mails=send_mails(store, settings, now),
    )


def send_mails(store: Store, settings: Settings, now: datetime) -> int:
    """Send the mails that are due at `now`; returns how many."""
    with outgoing(settings.mail) as send:
        return run_deliveries(store, now, send, sender_address(settings.mail), settings.web.public_address)


def now_of(store: Store) -> datetime:
    """The moment that counts as now in this installation; a demo's clock may be ahead."""
    with store.reading() as session:
        return moment(session, datetime.now(UTC))


def run_worker(store: Store, settings: Settings, stop: Event) -> None:
    """Run the sweeps until `stop` is set; what is running then is brought to its end."""
    scheduler = scheduler_of(store, settings)
    scheduler.start()
    try:
        stop.wait()
    finally:
        scheduler.shutdown(wait=True)


def scheduler_of(store: Store, settings: Settings) -> BackgroundScheduler:
    """The scheduler with its two sweeps: what the engine does and tells, and the mails, which may be slow."""
    scheduler = BackgroundScheduler(
        timezone=UTC,
        # A run that comes late is still needed, and one run makes up for all that were missed.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for sweep in (
        lambda: _look(store, settings),
        lambda: send_mails(store, settings, now_of(store)),
    ):
        scheduler.add_job(
            sweep,
            "interval",
            seconds=settings.worker.seconds_between_sweeps,
            next_run_time=datetime.now(UTC),
        )
    return scheduler


def beat(store: Store, real_now: datetime) -> None:
    """Record that this worker is alive, by the real clock; workers not heard of for long are forgotten."""
    with store.writing() as session:
        session.merge(Heartbeat(worker=f"{socket.gethostname()}:{os.getpid()}", beat_at=real_now))
        session.execute(delete(Heartbeat).where(Heartbeat.beat_at < real_now - FORGOTTEN_AFTER))
        session.commit()


def _look(store: Store, settings: Settings) -> None:
    sweeps: tuple[Callable[[datetime], int], ...] = (
        lambda now: run_timers(store, now),
        lambda now: run_reminders(store, now),
        lambda now: run_dispatch(store, now, settings.mail),
        lambda now: run_anchor(store, now, settings.history.anchor_file),
    )
    beat(store, datetime.now(UTC))
    for sweep in sweeps:
        try:
            sweep(now_of(store))
        except Exception:
            log.exception("a sweep failed; the others go on")
        beat(store, datetime.now(UTC))
