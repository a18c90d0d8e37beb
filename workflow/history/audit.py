"""Verifies the recorded history: every chain whole, and the tables saying what the events say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from workflow.history.claims import applications_with_accounts, claim_differences, papers_of_cases
from workflow.history.movements import payments_differ, payments_of_cases
from workflow.history.replay import case_differences, differing_step, steps_told_by
from workflow.history.sums import Sums, sums_of_applications, years_that_differ
from workflow.process.chain import CHAIN_START, link, words_digest
from workflow.storage.cases import Case, Event, Step

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one case, with the anchor of a day or the total of a year.

    `kind` is a code below `audit`.
    """

    kind: str
    case_id: int | None
    event_number: int | None = None
    day: date | None = None
    year: int | None = None


@dataclass(slots=True)
class Verified:
    """How far a verification has come; `erased` counts events whose words were erased."""

    cases: int = 0
    events: int = 0
    erased: int = 0


class _ByCase:
    """Rows in the order of their cases, handed out case by case while the cases are read beside them."""

    def __init__(self, session: Session, statement: Select[*tuple[Any, ...]]) -> None:
        rows = session.execute(statement.execution_options(yield_per=BATCH))
        self._groups = groupby(rows, key=lambda row: row.case_id)
        self._next = next(self._groups, None)

    def strays_before(self, case_id: int | None) -> Iterator[Any]:
        """The first row for every case that there is none of before this one; None: of all that are left."""
        while self._next is not None and (case_id is None or self._next[0] < case_id):
            yield next(self._next[1])
            self._next = next(self._groups, None)

    def of(self, case_id: int) -> list[Any]:
        while self._next is not None and self._next[0] < case_id:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != case_id:
            return []
        rows = list(self._next[1])
        self._next = next(self._groups, None)
        return rows


class _Tables:
    """The rows of one case after the other in the tables its events are compared with."""

    def __init__(self, session: Session) -> None:
        self._steps = _ByCase(session, select(*Step.__table__.c).order_by(Step.case_id, Step.number))
        self._sums = _ByCase(session, sums_of_applications())
        self._applications = _ByCase(session, applications_with_accounts())
        self._papers = _ByCase(session, papers_of_cases())
        self._payments = _ByCase(session, payments_of_cases())

    def stand_at(self, case_id: int) -> None:
        self.steps, self.sums = self._steps.of(case_id), self._sums.of(case_id)
        self.applications, self.papers = self._applications.of(case_id), self._papers.of(case_id)
        self.payments = self._payments.of(case_id)


def event_count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Event)) or 0


def findings(
    session: Session, progress: Verified, advance: Callable[[int], object] = lambda events: None
) -> Iterator[Finding]:
    """Everything wrong, case by case; reads in a stream, so its memory does not grow with the history.

    `advance` hears after every case how many events it had.
    """
    events = _ByCase(session, select(*Event.__table__.c).order_by(Event.case_id, Event.number))
    rows = _Tables(session)
    cases = session.execute(select(*Case.__table__.c).order_by(Case.id).execution_options(yield_per=BATCH))
    sums = Sums()
    for case in cases:
        yield from _lost(events, case.id)
        history = events.of(case.id)
        progress.cases += 1
        progress.events += len(history)
        progress.erased += sum(map(_is_erased, history))
        broken = _broken_chain(case, history)
        rows.stand_at(case.id)
        # What a broken chain says is not worth comparing.
        yield from [broken] if broken else _differences(case, history, rows, sums)
        advance(len(history))
    yield from _lost(events, None)
    yield from (Finding("sums_changed", case_id) for case_id in sums.unexplained())
    yield from (Finding("total_changed", None, year=year) for year in years_that_differ(session))


def _lost(events: _ByCase, case_id: int | None) -> Iterator[Finding]:
    for event in events.strays_before(case_id):
        yield Finding("case_lost", event.case_id, event.number)


def _broken_chain(case: Any, history: list[Any]) -> Finding | None:
    previous, state = CHAIN_START, None
    for number, event in enumerate(history, start=1):
        wrong = _wrong_event(event, number, previous, state)
        if wrong is not None:
            return Finding(wrong, case.id, number)
        previous, state = event.digest, event.to_state
    number = len(history)
    if number < case.event_number:
        return Finding("tail_lost", case.id, number + 1)
    if number > case.event_number:
        return Finding("event_inserted", case.id, case.event_number + 1)
    if previous != case.chain_head:
        return Finding("head_changed", case.id, number)
    return None if state == case.state else Finding("state_changed", case.id, number)


def _wrong_event(event: Any, number: int, previous: str, state: str | None) -> str | None:
    if event.number != number:
        return "event_removed"
    if event.previous != previous:
        return "order_broken"
    if link(event._mapping) != event.digest or _words_changed(event):
        return "event_changed"
    return None if event.from_state == state else "does_not_replay"


def _words_changed(event: Any) -> bool:
    """Whether reason or details are others than those recorded; words that were erased say nothing."""
    if event.salt is None:
        return event.reason is not None or bool(event.details)
    return any(
        words and words_digest(event.salt, words) != recorded
        for words, recorded in ((event.reason, event.reason_digest), (event.details, event.details_digest))
    )


def _is_erased(event: Any) -> bool:
    if event.salt is None:
        return True
    return any(
        words_digest(event.salt, words) != recorded
        for words, recorded in ((event.reason, event.reason_digest), (event.details, event.details_digest))
    )


def _differences(case: Any, history: list[Any], rows: _Tables, sums: Sums) -> Iterator[Finding]:
    """Where the tables say something else than a whole chain."""
    for kind in _different_kinds(case, history, rows, sums):
        yield Finding(kind, case.id, len(history))


def _different_kinds(case: Any, history: list[Any], rows: _Tables, sums: Sums) -> Iterator[str]:
    yield from case_differences(case, history)
    if differing_step(steps_told_by(history), rows.steps) is not None:
        yield "step_changed"
    for row in rows.sums:
        if sums.differ(row, history):
            yield "sums_changed"
    if payments_differ(history, rows.payments):
        yield "payment_changed"
    for row in rows.applications:
        yield from claim_differences(history, row, rows.papers)
