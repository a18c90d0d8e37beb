"""Pages and workers killed with -9 at random moments while people work through the pages.

Afterwards nothing that was accepted is lost, nothing is half done, every chain is whole, and every reminder
stands in every inbox once.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Signal
from threading import Lock, Thread

from sqlalchemy import func, select

from tests.driving import INPUTS, Driver
from tests.soak.house import PATIENCE_S, House
from tests.soak.visiting import Form, Visitor, forms_of
from tests.world import OFFICERS, World
from workflow.errors import Refused
from workflow.installation import moment
from workflow.storage.tables import Case, Event, Message, Outbox, Reminder, Unit
from workflow.sweeps.timers import due_timers

# Who works; the chiefs too, or nobody opens what is late.
STAFF = ("lin", "chen", "huang", "wang", "wuyan", "zhao", "qian", "xie", "sun", "zhou", "xuyuan", "hemin")
ONWARD = {"accept", "recommend", "endorse", "approve", "prepare", "confirm"}
WHOM = ("house", "page", "page", "page", "worker", "worker", "worker")
OPEN_CASES = 30


@dataclass(frozen=True)
class Accepted:
    """An act to which the pages answered that it was done."""

    case_id: int
    action: str
    person_id: int
    seen_version: int


@dataclass
class Seen:
    """What happened in a run, told by those outside."""

    accepted: list[Accepted] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self, status: int, accepted: Accepted | None = None) -> None:
        with self.lock:
            self.answers[status] += 1
            if accepted is not None and status == 303:
                self.accepted.append(accepted)


def people_work(house: House, seconds: float, seed: int, *, workers: int, seen: Seen) -> None:
    """So many seconds of people at work, new applications, a running clock, and a hand that kills."""
    stop = Signal()
    server = house.serve()
    helpers = [house.start("worker") for _ in range(workers - 1)]
    loops = [
        lambda one=one: _person_works(house, one, random.Random(f"{seed}/{one}"), seen, stop) for one in STAFF
    ]
    loops += [lambda: _firms_apply(house, stop), lambda: _time_passes(house, seen, stop)]
    threads = [Thread(target=_watched(loop, seen, stop)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        _kill_at_random(house, server, helpers, seconds, random.Random(seed), seen, stop)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _kill_at_random(
    house: House,
    server: subprocess.Popen[bytes],
    helpers: list[subprocess.Popen[bytes]],
    seconds: float,
    drawn: random.Random,
    seen: Seen,
    stop: Signal,
) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not stop.is_set():
        _until_people_are_at_work(seen, stop)
        stop.wait(drawn.uniform(0.0, 3.0))
        whom = drawn.choice(WHOM)
        seen.kills[whom] += 1
        if whom == "house":
            house.kill(server)
            server = house.serve()
        elif whom == "page":
            _kill_one_of(server, drawn)
        elif helpers:
            place = drawn.randrange(len(helpers))
            house.kill(helpers[place])
            helpers[place] = house.start("worker")


def _until_people_are_at_work(seen: Seen, stop: Signal) -> None:
    """Until the pages have answered again: killing what does not run yet shows nothing."""
    before, until = len(seen.accepted), time.monotonic() + PATIENCE_S / 4
    while len(seen.accepted) < before + 3 and time.monotonic() < until and not stop.wait(0.05):
        pass


def _kill_one_of(server: subprocess.Popen[bytes], drawn: random.Random) -> None:
    """One process of the server's group, but not the one that keeps it: it is started again by itself."""
    members = [pid for pid in _group(server.pid) if pid != server.pid]
    if members:
        with suppress(ProcessLookupError):
            os.kill(drawn.choice(members), signal.SIGKILL)


def _group(leader: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[2]) == leader:
                found.append(int(status.parent.name))
    return sorted(found)


def _person_works(house: House, account: str, drawn: random.Random, seen: Seen, stop: Signal) -> None:
    person_id = house.world.person_id(account)
    visitor: Visitor | None = None
    while not stop.is_set():
        try:
            if visitor is None:
                visitor = Visitor(house.address)
                visitor.sign_in(person_id)
            _take_one_act(house, account, person_id, visitor, drawn, seen)
        except OSError:
            # The server is down or was killed under the request: whether it was done, nobody was told.
            seen.unanswered += 1
            visitor = None
            stop.wait(0.2)


def _take_one_act(
    house: House, account: str, person_id: int, visitor: Visitor, drawn: random.Random, seen: Seen
) -> None:
    case_id = _case_for(house, account, drawn)
    if case_id is None:
        time.sleep(0.2)
        return
    status, page = visitor.get(f"/applications/{case_id}")
    forms = [form for form in forms_of(page) if "/act/" in form.address and "seen_version" in form.fields]
    if status != 200 or not forms:
        seen.note(status)
        if status == 401:
            visitor.sign_in(person_id)
        return
    # Rather what leads on, so that cases come to the end of their way.
    form = drawn.choices(forms, [8 if _action_of(form) in ONWARD else 1 for form in forms])[0]
    action = _action_of(form)
    fields = _filled_in(form, drawn)
    answer, _ = visitor.post(form.address, fields)
    seen.note(answer, Accepted(case_id, action, person_id, int(fields["seen_version"])))


def _action_of(form: Form) -> str:
    return form.address.rpartition("/")[2]


def _filled_in(form: Form, drawn: random.Random) -> dict[str, str]:
    fields = dict(form.fields)
    for name, typed in fields.items():
        if typed or name not in INPUTS or name == "amount_yuan":
            continue
        told = INPUTS[name][0]
        fields[name] = "\n".join(told) if isinstance(told, list) else str(told)
    if "voucher" in fields:
        fields["voucher"] = f"凭证{drawn.randrange(10**9)}"
    for name, choices in form.choices.items():
        fields[name] = drawn.choice([choice for choice in choices if choice] or [""])
    return fields


def _case_for(house: House, account: str, drawn: random.Random) -> int | None:
    """One of the open applications that lie with her unit."""
    code = next(unit for name, _, unit, *_ in OFFICERS if name == account)
    with house.store.reading() as session:
        lies_here = (Case.closed_at.is_(None), Case.process == "award_application", Unit.code == code)
        found = session.scalars(select(Case.id).join(Unit, Unit.id == Case.unit_id).where(*lies_here)).all()
    return drawn.choice(found) if found else None


def _firms_apply(house: House, stop: Signal) -> None:
    """New applications, so that there is always something to decide on."""
    firms, lines = ("donglong", "jinlun", "jiance"), ("Q1-5", "Q1-3", "S2-2")
    number = 0
    house.world.now = house.now()
    house.world.submitted()
    house.world.confirm_accounts("lin")
    house.world.confirm_accounts("guo")
    while not stop.is_set():
        with house.store.reading() as session:
            still_open = session.scalar(select(func.count()).where(Case.closed_at.is_(None))) or 0
        if still_open >= OPEN_CASES:
            stop.wait(0.3)
            continue
        house.world.now = house.now()
        number += 1
        # Refused is for example a laboratory that asks for what only firms get.
        with suppress(Refused):
            house.world.submitted(firms[number % 3], lines[number // 3 % 3])


def _time_passes(house: House, seen: Seen, stop: Signal) -> None:
    """Somebody pushes the clock to the next morning again and again."""
    visitor = Visitor(house.address)
    while not stop.wait(1.5):
        try:
            _, page = visitor.get("/demo/")
            token = next(form.fields["csrf_token"] for form in forms_of(page) if "csrf_token" in form.fields)
            status, _ = visitor.post("/demo/clock", {"move": "next_morning", "csrf_token": token})
            seen.note(status)
        except (OSError, StopIteration):
            seen.unanswered += 1


def _watched(loop: Callable[[], None], seen: Seen, stop: Signal) -> Callable[[], None]:
    def run() -> None:
        try:
            loop()
        except Exception as error:  # noqa: BLE001 - told at the end of the run, which it ends
            seen.crashes.append(repr(error))
            stop.set()

    return run


def let_everything_settle(house: House) -> None:
    """Until the workers have done all that is due; they are the ones who must."""
    until = time.monotonic() + PATIENCE_S
    while not _is_settled(house):
        assert time.monotonic() < until, "the workers never finished"
        time.sleep(0.2)


def _is_settled(house: House) -> bool:
    with house.store.reading() as session:
        now = moment(session, datetime.now(UTC))
        due = select(func.count()).where(Case.next_reminder_at <= now)
        untold = select(func.count()).where(Outbox.dispatched_at.is_(None))
        if due_timers(session, now) or session.scalar(due) or session.scalar(untold):
            return False
    return True


def check_nothing_lost(house: House, seen: Seen) -> None:
    """Everything this package exists for."""
    assert seen.crashes == []
    _check_accepted(house, seen.accepted)
    _check_rows(house.world)
    _check_told_once(house)
    status, said = house.audit()
    assert status == 0, said


def _check_accepted(house: House, accepted: Sequence[Accepted]) -> None:
    """What was answered with "done" is in the history, at its place and by its person."""
    with house.store.reading() as session:
        cases = {case.id: case.version - case.event_number for case in session.scalars(select(Case))}
        events = {(one.case_id, one.number): one for one in session.scalars(select(Event))}
    for act in accepted:
        event = events.get((act.case_id, act.seen_version + 1 - cases[act.case_id]))
        assert event is not None, act
        assert (event.action, event.actor_id) == (act.action, act.person_id), (act, event.action)


def _check_rows(world: World) -> None:
    driver = Driver(world, lambda options: options[0])
    # Reminders are told without an act.
    driver.rows["outbox"] = [row for row in driver.rows["outbox"] if not row["topic"].startswith("alert.")]
    driver.check()


def _check_told_once(house: House) -> None:
    """Each person has each message once; each level of each due day was told in one message."""
    with house.store.reading() as session:
        outbox = session.scalars(select(Outbox)).all()
        reminders = session.execute(select(Reminder.case_id, Reminder.level)).all()
        copies = session.execute(
            select(Message.outbox_id, Message.person_id, func.count()).group_by(
                Message.outbox_id, Message.person_id
            )
        ).all()
    assert all(row.dispatched_at is not None for row in outbox)
    assert all(count == 1 for *_, count in copies), "somebody was told twice"
    told = {outbox_id for outbox_id, *_ in copies}
    alerts = [row for row in outbox if row.topic.startswith("alert.")]
    assert {row.id for row in alerts} <= told, "somebody was never told"
    levels = Counter((row.case_id, level) for row in alerts for level in row.params["levels"])
    assert levels == Counter((case_id, level) for case_id, level in reminders)


def ten_days_of_downtime(house: House, workers: int) -> None:
    """Nothing runs for ten days; then several workers begin at once. Levels passed come in one message."""
    with house.store.reading() as session:
        before = set(session.scalars(select(Outbox.id)))
    house.set_clock(house.now() + timedelta(days=10))
    with ExitStack() as started:
        for _ in range(workers):
            started.callback(house.kill, house.start("worker"))
        let_everything_settle(house)
    with house.store.reading() as session:
        told = [row for row in session.scalars(select(Outbox)) if row.id not in before]
    alerts = Counter((row.case_id, row.params["state"]) for row in told if row.topic.startswith("alert."))
    # A timer that has run out brings a new stay, which has a message of its own.
    assert all(count == 1 for count in alerts.values()), alerts
