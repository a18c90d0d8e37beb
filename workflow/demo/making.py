"""Makes a demo database: district, people, organisations, budgets, and months of work played day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, islice
from random import Random

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from workflow.clock.days import shanghai_day
from workflow.demo.agenda import Entry, Placed, placed, played_day
from workflow.demo.cast import Cast
from workflow.demo.claims import Allotment
from workflow.demo.everyday_stories import offices, one_of_each, ordinary, townships, turns
from workflow.demo.forms import Forms
from workflow.demo.organisations import register_samples
from workflow.demo.particular_stories import differences, highest_only, referrals, revocations
from workflow.demo.people import Accounts, appoint_officers
from workflow.demo.playing import Played, Stage
from workflow.demo.sample_files import sample_files
from workflow.demo.telling import Story, Telling
from workflow.district import install_district, load_district
from workflow.installation import declare_demo, record_fact
from workflow.policy.terms import Policy
from workflow.process.definitions import newest_process
from workflow.process.scope import APPLICATION
from workflow.reference import reference_of
from workflow.settings import Settings
from workflow.storage.cases import Case
from workflow.storage.reference import Budget
from workflow.storage.schema import upgrade
from workflow.storage.store import Store
from workflow.storage.telling import Outbox

MADE = "demo_made_at"
APPLICATIONS = 200
# The same demo every time: only the days depend on when it is made.
SEED = 350112
BUDGET_YUAN = 20_000_000
# What is older than this has been read and cleared from the inboxes.
INBOX_DAYS = 14

Progress = Callable[[int, int], None]


def make_demo(
    store: Store,
    settings: Settings,
    now: datetime,
    *,
    applications: int = APPLICATIONS,
    progress: Progress = lambda done, of: None,
) -> Mapping[str, int]:
    """Fill an empty database with a demo that ends at `now`; returns how many cases stand in each state.

    Every application goes through the engine, by the hands of those who may act, at moments in the past.
    Commits day by day; the database is a finished demo once it says so under `MADE`.
    """
    upgrade(store)
    district, chance = load_district(settings.district.folder), Random(SEED)
    files = sample_files(settings.files.folder)
    policy = district.policies()[-1]
    with store.writing() as session:
        # Said before anything else: what an interruption leaves is known for what it is.
        declare_demo(session)
        session.commit()
    with store.writing() as session:
        install_district(session, district, now)
        agenda = _agenda(session, chance, now, applications)
        since = agenda[0].begins_on - timedelta(40)
        entries = _peopled(session, chance, policy, agenda, since)
        cast = Cast(session, chance, since)
        session.commit()
    stage = Stage(cast, Forms(cast, files, policy), chance)
    _play(store, stage, entries, now, progress)
    with store.writing() as session:
        _clear_inboxes(session, now)
        record_fact(session, MADE, now.isoformat())
        session.commit()
        return cases_by_state(session)


def _agenda(session: Session, chance: Random, now: datetime, applications: int) -> Sequence[Placed]:
    """The stories with the days of their beats, earliest first."""
    calendar = reference_of(session).calendar
    telling = Telling(chance, newest_process(session, APPLICATION))
    stories = islice(_stories(telling), applications)
    return sorted(
        (placed(story, calendar, shanghai_day(now), chance) for story in stories),
        key=lambda each: each.moments[0],
    )


def _stories(telling: Telling) -> Iterator[Story]:
    """Stories without end; the first forty show every state."""
    yield from chain(one_of_each(telling), revocations(telling), highest_only(telling), referrals(telling))
    yield from chain(offices(telling), townships(telling), turns(telling), differences(telling))
    while True:
        yield from ordinary(telling)


def _peopled(
    session: Session, chance: Random, policy: Policy, agenda: Sequence[Placed], since: date
) -> list[Entry]:
    """Put everybody in place and give each story its claim; returns all beats in the order of time."""
    accounts = Accounts(session, chance, since)
    appoint_officers(session, accounts, since)
    allotment = Allotment(session, chance, policy, register_samples(session, accounts, since))
    session.add_all(Budget(year=since.year + more, amount_yuan=BUDGET_YUAN) for more in range(3))
    entries: list[Entry] = []
    for each in agenda:
        played = Played(allotment.claim_for(each.story, each.begins_on))
        beats = zip(each.moments, each.story.course.beats, strict=True)
        entries += [Entry(moment, len(entries) + n, played, beat) for n, (moment, beat) in enumerate(beats)]
    return sorted(entries)


def _play(store: Store, stage: Stage, entries: Sequence[Entry], now: datetime, progress: Progress) -> None:
    day, last, done = shanghai_day(entries[0].at), shanghai_day(now), 0
    while day <= last:
        of_day = [entry for entry in islice(entries, done, None) if shanghai_day(entry.at) == day]
        with store.writing() as session:
            played_day(session, stage, day, of_day, now)
            session.commit()
        done += len(of_day)
        progress(done, len(entries))
        day += timedelta(1)


def _clear_inboxes(session: Session, now: datetime) -> None:
    """Let the worker put only the last days into the inboxes: nobody opens a demo to a year of messages."""
    old = Outbox.created_at < now - timedelta(INBOX_DAYS)
    session.execute(update(Outbox).where(old).values(dispatched_at=Outbox.created_at))


def cases_by_state(session: Session) -> Mapping[str, int]:
    """How many cases stand in each state; those of referrals as `referral.<state>`."""
    states = select(Case.process, Case.state, func.count()).group_by(Case.process, Case.state)
    found = session.execute(states.order_by(Case.process, Case.state)).all()
    return {
        state if process == APPLICATION else f"{process}.{state}": number for process, state, number in found
    }
