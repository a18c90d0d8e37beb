"""What has happened to a case, line by line as its reader may see it: stays, acts, alerts, files, money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from workflow.clock.days import shanghai_day
from workflow.clock.ledger import Stay
from workflow.lists.overview import unit_name
from workflow.lists.track import Stop
from workflow.people.actors import Actor
from workflow.process.definition import CONTINUE, RESUME, Process
from workflow.process.disclosure import (
    SUPERVISION,
    action_label,
    details_for_officers,
    details_for_outsiders,
    is_supervision,
    masked,
    reason_for_outsiders,
    referral_words,
    state_label,
    tells_outsiders,
)
from workflow.reference import Reference
from workflow.storage.cases import Event, Evidence, Step
from workflow.storage.money import Payment
from workflow.storage.people import Person
from workflow.storage.telling import Reminder


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and what that means for what is shown."""

    actor: Actor
    reference: Reference
    process: Process
    outsider: bool
    reads_outcome: bool
    reads_file: bool

    def unit(self, unit_id: int | None, *, hidden: bool = False) -> str:
        """A unit's name; `hidden` from the organisation is which office supervises the others."""
        return "" if hidden and self.outsider else unit_name(self.reference, self.actor, unit_id)


@dataclass(frozen=True, slots=True)
class EventLine:
    """One act. `actor` is None for the system and, to the organisation, for officers, whose unit it sees.

    `step_number` is the stay in which the case stood after it, `due_on` the day that stay was due then,
    `handler` the officer to whom the act gave the case, if it named one.
    """

    number: int
    action: str
    action_label: str
    from_state: str | None
    to_state: str
    to_label: str
    moves: bool
    is_system: bool
    actor: str | None
    unit: str
    reason: str | None
    details: Mapping[str, Any]
    at: datetime
    recorded_at: datetime
    step_number: int
    due_on: date | None
    handler: str | None


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert level that began in a step."""

    step_number: int
    level: str
    begins_at: datetime


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """A file that was given and not removed again."""

    evidence_id: int
    requirement: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One movement of money; names only for officers, the account in full only for who has to pay."""

    payment_id: int
    kind: str
    status: str
    amount_yuan: int
    account: Mapping[str, str]
    prepared_by: str | None
    prepared_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    voucher: str | None


def stops_of(session: Session, case_id: int, reader: Reader) -> tuple[Stop, ...]:
    """The stays of the case in their order."""
    rows = session.execute(
        select(
            Step.number, Step.state, Step.unit_id, Person.name.label("handler"), Step.entered_at,
            Step.left_at, Step.limit_days, Step.used_before, Step.due_on, Step.outcome, Step.used_days,
            Step.was_late, Step.late_days,
        )
        .outerjoin(Person, Person.id == Step.handler_id)
        .where(Step.case_id == case_id)
        .order_by(Step.number)
    )  # fmt: skip
    return tuple(
        Stop(
            number=row.number,
            state=row.state,
            unit=reader.unit(row.unit_id, hidden=row.state == SUPERVISION),
            handler=None if reader.outsider else row.handler,
            entered_on=shanghai_day(row.entered_at),
            left_on=shanghai_day(row.left_at) if row.left_at else None,
            limit_days=row.limit_days,
            used_before=row.used_before,
            due_on=row.due_on,
            outcome=row.outcome,
            used_days=row.used_days,
            # Who was late concerns the offices.
            was_late=row.was_late and not reader.outsider,
            late_days=0 if reader.outsider else row.late_days or 0,
        )
        for row in rows
    )


def stays_of(stops: Sequence[Stop], process: Process) -> list[Stay]:
    """The stays in the present state that share its running limit, for the ledger."""
    before = {after.number: first for first, after in pairwise(stops)}
    same_state = [stop for stop in stops if stop.state == stops[-1].state]
    chain = same_state[-1:]
    for earlier in reversed(same_state[:-1]):
        if not _goes_on(chain[0], earlier, before[chain[0].number], process):
            break
        chain.insert(0, earlier)
    return [_stay(stop, before.get(stop.number), process) for stop in chain]


def _goes_on(stop: Stop, earlier: Stop, before: Stop, process: Process) -> bool:
    """Whether a stay took over the limit of the last one in its state, be it that no day was used there."""
    used = earlier.used_before + (earlier.used_days or 0)
    returns = _returned(before, process)
    return returns == RESUME or (returns == CONTINUE and stop.used_before == used)


def _returned(before: Stop, process: Process) -> str | None:
    """How the clock went on in the state that this stay led back to, where it led back."""
    came_by = process.action(before.state, before.outcome or "")
    return came_by.returns if came_by else None


def _stay(stop: Stop, before: Stop | None, process: Process) -> Stay:
    return Stay(
        stop.entered_on,
        stop.left_on,
        stop.limit_days,
        stop.used_before,
        stop.outcome,
        stop.due_on,
        entered_by=before.outcome if before else None,
        resumed=before is not None and _returned(before, process) == RESUME,
        waited_from=_timed_out_on(before, process) if before and before.left_on != stop.entered_on else None,
    )


def _timed_out_on(stop: Stop, process: Process) -> date | None:
    """The day on which a timer ended this stay; None when somebody did."""
    timer = process.states[stop.state].timer
    return stop.left_on if timer is not None and stop.outcome == timer else None


def events_of(session: Session, case_id: int, reader: Reader) -> tuple[EventLine, ...]:
    """The history, newest first. The organisation does not read what the offices say among themselves."""
    rows = session.execute(
        select(
            Event.number, Event.action, Event.actor_id, Event.unit_id, Event.from_state, Event.to_state,
            Event.reason, Event.details, Event.standing, Event.at, Event.recorded_at,
            Person.name.label("actor"),
        )
        .outerjoin(Person, Person.id == Event.actor_id)
        .where(Event.case_id == case_id)
        .order_by(Event.number.desc())
    ).all()  # fmt: skip
    handlers = {} if reader.outsider else _named_handlers(session, rows)
    return tuple(_event(row, reader, handlers) for row in rows if _is_shown(row, reader))


def _named_handlers(session: Session, acts: Sequence[Row[Any]]) -> dict[int, str]:
    """The names of the officers to whom these acts gave the case."""
    named = {act.details["handler"] for act in acts if act.details.get("handler")}
    if not named:
        return {}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(named)))
    return {row.id: row.name for row in rows}


def alerts_of(session: Session, case_id: int) -> tuple[AlertLine, ...]:
    rows = session.execute(
        select(Reminder.step_number, Reminder.level, Reminder.begins_at)
        .where(Reminder.case_id == case_id)
        .order_by(Reminder.begins_at.desc())
    )
    return tuple(AlertLine(**row._mapping) for row in rows)


def evidence_of(session: Session, case_id: int) -> tuple[EvidenceLine, ...]:
    rows = session.execute(
        select(
            Evidence.id.label("evidence_id"), Evidence.requirement, Evidence.file_name, Evidence.media_type,
            Evidence.size, Evidence.sha256, Evidence.uploaded_at,
        )
        .where(Evidence.case_id == case_id, Evidence.removed_at.is_(None))
        .order_by(Evidence.id)
    )  # fmt: skip
    return tuple(EvidenceLine(**row._mapping) for row in rows)


def payments_of(session: Session, case_id: int, reader: Reader) -> tuple[PaymentLine, ...]:
    """The movements of money; the organisation sees those that took place."""
    maker, checker = aliased(Person), aliased(Person)
    statement = (
        select(
            Payment.id.label("payment_id"), Payment.kind, Payment.status, Payment.amount_yuan,
            Payment.account,
            maker.name.label("prepared_by"), Payment.prepared_at, checker.name.label("confirmed_by"),
            Payment.confirmed_at, Payment.voucher,
        )
        .join(maker, maker.id == Payment.prepared_by_id)
        .outerjoin(checker, checker.id == Payment.confirmed_by_id)
        .where(Payment.case_id == case_id)
        .order_by(Payment.id)
    )  # fmt: skip
    if reader.outsider:
        statement = statement.where(Payment.status == "confirmed")
    return tuple(_payment(row, reader) for row in session.execute(statement))


def _payment(row: Row[Any], reader: Reader) -> PaymentLine:
    account = dict(row.account)
    if "number" in account and "finance_officer" not in reader.actor.roles:
        account["number"] = masked(account["number"])
    hidden = {"prepared_by": None, "confirmed_by": None} if reader.outsider else {}
    return PaymentLine(**{**row._mapping, **hidden, "account": account})


def _is_shown(row: Row[Any], reader: Reader) -> bool:
    is_officers = row.unit_id is not None
    return not (reader.outsider and is_officers) or tells_outsiders(
        reader.process, row.action, row.from_state, row.to_state
    )


def _event(row: Row[Any], reader: Reader, handlers: Mapping[int, str]) -> EventLine:
    reason, details = _words(row, reader)
    is_officers = row.unit_id is not None
    return EventLine(
        number=row.number,
        action=row.action,
        action_label=action_label(row.action, outsider=reader.outsider),
        from_state=row.from_state,
        to_state=row.to_state,
        to_label=state_label(row.to_state, outsider=reader.outsider),
        moves=row.from_state != row.to_state,
        is_system=row.actor_id is None,
        actor=None if reader.outsider and is_officers else row.actor,
        unit=reader.unit(row.unit_id, hidden=is_supervision(row.action, None)),
        reason=reason,
        details=details,
        at=row.at,
        recorded_at=row.recorded_at,
        step_number=row.standing["step_number"],
        due_on=date.fromisoformat(due) if (due := row.standing["due_on"]) else None,
        handler=handlers.get(row.details.get("handler", 0)),
    )


def _words(row: Row[Any], reader: Reader) -> tuple[str | None, dict[str, Any]]:
    if reader.outsider:
        told = row.unit_id is None or reason_for_outsiders(reader.process, row.action, row.from_state)
        return (row.reason if told else None), details_for_outsiders(row.details)
    reason, details = referral_words(
        row, outcome=reader.reads_outcome, file=reader.reads_file, unit_ids=reader.actor.unit_ids
    )
    return reason, details_for_officers(details, reader.actor)
