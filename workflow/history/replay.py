"""The steps of a case told anew from its events, and what differs from the rows of the tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from workflow.storage.types import canonical_json

# The columns of a case that every event repeats; `closed` stands for `closed_at`.
_OF_CASE = ("step_number", "unit_id", "handler_id", "due_on", "was_late")
# Those that only the event says that set them, by what is found where a row says something else.
_SELDOM: Mapping[str, tuple[str, ...]] = {
    "case_changed": ("origin_state", "waiting"),
    "duties_changed": ("duties",),
    "timer_changed": ("timer_at",),
    "identity_changed": ("number", "process", "process_version", "organisation_id", "township_id"),
}
_AT_FIRST: Mapping[str, Any] = {"origin_state": None, "waiting": False, "duties": {}, "number": None}


@dataclass(slots=True)
class ToldStep:
    """A step as the events tell it; the names are those of its row."""

    number: int
    state: str
    unit_id: int | None
    handler_id: int | None
    entered_at: datetime
    limit_days: int | None
    used_before: int
    due_on: date | None
    left_at: datetime | None = None
    outcome: str | None = None
    used_days: int | None = None
    late_days: int | None = None
    was_late: bool = False

    def differs_from(self, row: Any) -> bool:
        return any(getattr(row, name) != told for name, told in asdict(self).items())


def steps_told_by(events: Iterable[Any]) -> list[ToldStep]:
    """Every step of a case; `events` are all its events in order."""
    told: list[ToldStep] = []
    for event in events:
        standing = event.standing
        if len(told) < standing["step_number"]:
            if "left" in standing:
                _leave(told[-1], event)
            told.append(_entered(event))
        else:
            told[-1].handler_id, told[-1].due_on = standing["handler_id"], _day(standing["due_on"])
    return told


def case_differences(case: Any, history: Sequence[Any]) -> Iterator[str]:
    """The kinds of what the row of a case says otherwise than its events."""
    told = {**_AT_FIRST}
    for event in history:
        told |= event.standing
    for kind, names in _SELDOM.items():
        # In the form the history keeps it: days and moments are text there.
        row, past = ({name: read(name) for name in names} for read in (case._mapping.get, told.get))
        seldom = canonical_json(row) != canonical_json(past)
        if seldom or (kind == "case_changed" and _stands_elsewhere(case, history[-1].standing)):
            yield kind


def _stands_elsewhere(case: Any, standing: dict[str, Any]) -> bool:
    told = {**standing, "due_on": _day(standing["due_on"])}
    if (case.closed_at is not None) != standing["closed"]:
        return True
    return any(getattr(case, name) != told[name] for name in _OF_CASE)


def differing_step(told: Sequence[ToldStep], rows: Sequence[Any]) -> int | None:
    """The number of the first step whose row differs, is missing or is one too many."""
    for number, step in enumerate(told, start=1):
        if len(rows) < number or step.differs_from(rows[number - 1]):
            return number
    return len(told) + 1 if len(rows) > len(told) else None


def _entered(event: Any) -> ToldStep:
    standing = event.standing
    return ToldStep(
        number=standing["step_number"],
        state=event.to_state,
        unit_id=standing["unit_id"],
        handler_id=standing["handler_id"],
        # What a timer brings about begins when it was written down, unless it is the end.
        entered_at=event.at if standing["closed"] else max(event.at, event.recorded_at),
        limit_days=standing["limit_days"],
        used_before=standing["used_before"],
        due_on=_day(standing["due_on"]),
        left_at=event.at if standing["closed"] else None,
    )


def _leave(step: ToldStep, event: Any) -> None:
    step.left_at, step.outcome = event.at, event.action
    for name, value in event.standing["left"].items():
        setattr(step, name, value)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
