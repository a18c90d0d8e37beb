"""A demo of any size: the played demo, and copies of its organisations with all that happened to them.

What is copied and how is in `scale_templates`; how rows get into the database fast, in `scale_loading`.
"""

from __future__ import annotations

import gc
import secrets
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from workflow.demo.making import APPLICATIONS, MADE, cases_by_state, make_demo
from workflow.demo.names import sample_credit_code, sample_email, sample_mobile
from workflow.demo.scale_holes import Line, Values, filled
from workflow.demo.scale_loading import Rows, loading
from workflow.demo.scale_moving import WEEKS
from workflow.demo.scale_templates import Firm, Group, Templates, read_templates
from workflow.installation import record_fact
from workflow.process.chain import CHAIN_START
from workflow.process.numbers import number_prefix
from workflow.settings import Settings
from workflow.storage.money import Reservation, YearTotal
from workflow.storage.people import CODE_END, Membership
from workflow.storage.reference import Budget, Counter, Installation
from workflow.storage.store import Store
from workflow.storage.tables import Base

# Of a million applications two hundred thousand are under way.
OPEN_SHARE = 0.2
# Credit codes have six digits of their own, and an organisation has more than one application.
MOST_APPLICATIONS = 1_500_000
# How often a group is copied: what was referred is rare, and most histories are short.
REFERRED_SHARE, LONG_SHARE = 0.04, 0.12
LONG_EVENTS = 9
# The officers of the demo have the first telephone numbers.
PHONES_BEFORE = 1000
# As many applications are written in one go.
BATCH = 2000
# The played applications take the first part of the bar.
PLAYED_PERCENT = 20

Progress = Callable[[int, int], None]


def make_large_demo(
    store: Store,
    settings: Settings,
    now: datetime,
    applications: int,
    *,
    played: int = APPLICATIONS,
    progress: Progress = lambda done, of: None,
) -> Mapping[str, int]:
    """Fill an empty database with so many applications; returns how many cases stand in each state.

    The first `played` ones go through the engine, the others are copies of those: with new organisations,
    numbers, achievements and salts, with whole chains, and the money of every pool as the engine settled it.
    """

    def show_played(done: int, of: int) -> None:
        progress(done * PLAYED_PERCENT, of * 100)

    make_demo(store, settings, now, applications=played, progress=show_played)
    with store.writing() as session:
        session.execute(delete(Installation).where(Installation.name == MADE))
        session.commit()
        templates, prefix = read_templates(session), number_prefix(session)
        copies = _Copies(templates, _next_numbers(session), applications, prefix)
    with loading(store) as write, _nothing_collected():
        for rows in copies.batches():
            write(rows)
            progress(PLAYED_PERCENT + (100 - PLAYED_PERCENT) * copies.done // applications, 100)
    with store.writing() as session:
        _fit_the_rest(session, copies)
        record_fact(session, MADE, now.isoformat())
        session.commit()
        return cases_by_state(session)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Without the search for cycles, of which rows make none: it takes a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _next_numbers(session: Session) -> dict[str, Iterator[int]]:
    """The ids that follow the highest one of each table that counts its rows."""
    highest = {
        table.name: session.scalar(select(func.max(table.c.id))) or 0
        for table in Base.metadata.sorted_tables
        if "id" in table.c
    }
    return {name: count(last + 1) for name, last in highest.items()}


def _fit_the_rest(session: Session, copies: _Copies) -> None:
    """What speaks of all applications together: counters, budgets, and since when people have served."""
    for (series, year), value in copies.given_out.items():
        known = session.get(Counter, (series, year))
        if known is None:
            session.add(Counter(series=series, year=year, value=value))
        else:
            known.value = value
    sums = func.sum(Reservation.amount_yuan), func.sum(Reservation.paid_yuan)
    held = session.execute(select(Reservation.year, *sums).group_by(Reservation.year))
    for year, reserved, paid in held.all():
        session.merge(YearTotal(year=year, reserved_yuan=int(reserved), paid_yuan=int(paid)))
        budget = session.get(Budget, year) or Budget(year=year, amount_yuan=0)
        budget.amount_yuan = max(budget.amount_yuan, 2 * int(reserved))
        session.add(budget)
    first_day = session.scalars(select(func.min(Membership.from_on))).one()
    session.execute(update(Membership).values(from_on=first_day - timedelta(weeks=WEEKS)))


@dataclass
class _Copies:
    """Copies organisation after organisation until there are enough applications."""

    templates: Templates
    ids: Mapping[str, Iterator[int]]
    wanted: int
    prefix: str
    done: int = field(init=False)
    given_out: Tally[tuple[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.done = self.templates.applications
        self._shares = _shares([group for firm in self.templates.firms for group in firm.groups])
        self.given_out = Tally(self.templates.given_out)
        self._turns: Tally[int] = Tally()
        # Beyond the numbers of the played vouchers and achievements.
        self._counted = count(10**6)
        self._firms = count(self.templates.firms_registered + 1)

    def batches(self) -> Iterator[Rows]:
        rows: Rows = {}
        since = self.done
        while self.done < self.wanted:
            for firm in self.templates.firms:
                self._copy(firm, rows)
                if self.done - since >= BATCH:
                    yield rows
                    rows, since = {}, self.done
                if self.done >= self.wanted:
                    break
        yield rows

    def _copy(self, firm: Firm, rows: Rows) -> None:
        groups = [group for group in firm.groups if self._is_wanted(group)]
        if not groups:
            return
        number = next(self._firms)
        code = sample_credit_code(number, firm.kind)
        values: Values = {
            "firm": number,
            "credit_code": code,
            "code_end": code[-CODE_END:],
            "account": f"firm{number}",
            "phone": sample_mobile(number + PHONES_BEFORE),
            "email": sample_email(f"firm{number}"),
        }
        self._number(values, firm.ids)
        _add(rows, firm.lines, values)
        for group in groups:
            self._copy_group(group, {**values}, rows)

    def _is_wanted(self, group: Group) -> bool:
        """Whether it is the group's turn and there is room for it; it is then counted in."""
        self._turns[id(group)] += 1
        turn, share = self._turns[id(group)], self._shares[id(group)]
        has_turn = int(turn * share) > int((turn - 1) * share)
        if not has_turn or self.done + group.applications > self.wanted:
            return False
        self.done += group.applications
        return True

    def _copy_group(self, group: Group, values: Values, rows: Rows) -> None:
        variant = group.variants[self._turns[id(group)] % len(group.variants)]
        self._number(values, variant.ids)
        for hole in variant.counted:
            values[hole] = next(self._counted)
        for hole, series, year, written in variant.numbers:
            self.given_out[series, year] += 1
            number = self.given_out[series, year]
            values[hole] = written.format(prefix=self.prefix, year=year, number=number)
        for case in variant.cases:
            values["head"] = _copy_events(case.events, values, rows)
            _add(rows, case.lines, values)

    def _number(self, values: Values, ids: tuple[tuple[str, str], ...]) -> None:
        for hole, table in ids:
            values[hole] = next(self.ids[table])


def _shares(groups: Sequence[Group]) -> Mapping[int, float]:
    """How often each group is copied in a round, so that in all `OPEN_SHARE` is under way."""
    shares = {id(group): _share(group) for group in groups}
    ended = sum(shares[id(group)] * group.applications for group in groups if not group.underway)
    open_groups = [group for group in groups if group.underway]
    underway = sum(shares[id(group)] * group.underway for group in open_groups)
    among = sum(shares[id(group)] * group.applications for group in open_groups)
    fewer = OPEN_SHARE * ended / (underway - OPEN_SHARE * among)
    return shares | {id(group): fewer * shares[id(group)] for group in open_groups}


def _share(group: Group) -> float:
    if group.is_referred:
        return REFERRED_SHARE
    is_long = not group.underway and group.events > LONG_EVENTS * group.applications
    return LONG_SHARE if is_long else 1.0


def _copy_events(events: tuple[Line, ...], values: Values, rows: Rows) -> str:
    """Seal the events of one case anew, as `process.chain` does; returns the head of the chain."""
    previous, sealed = CHAIN_START, rows.setdefault("events", [])
    for event in events:
        salt = secrets.token_hex(16)
        reason, details = (_digest(f'["{salt}",{words % values}]') for words in event.words)
        values |= {"salt": salt, "reason_digest": reason, "details_digest": details, "previous": previous}
        values["digest"] = previous = _digest(event.link % values)
        sealed.append(filled(event, values))
    return previous


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _add(rows: Rows, lines: tuple[Line, ...], values: Values) -> None:
    for line in lines:
        rows.setdefault(line.table, []).append(filled(line, values))
