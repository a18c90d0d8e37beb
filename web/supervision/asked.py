"""Which cases of the district an address asks for, and the address of others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request, url_for
from sqlalchemy.orm import Session

from web.numbers import whole_number
from workflow.clock.alerts import Bucket
from workflow.lists.lateness import Ageing
from workflow.lists.overview import Filters
from workflow.process.definition import Process
from workflow.process.definitions import newest_process
from workflow.process.scope import APPLICATION, REFERRAL

Choice = TypeVar("Choice", bound=StrEnum)

# Without a level the overdue cases are listed; this asks for those of every level.
EVERY_LEVEL = "all"
LEVELS = (Bucket.OVERDUE, Bucket.DUE_TODAY, Bucket.NEAR, Bucket.LATER)
PROCESSES = (APPLICATION, REFERRAL)
NOTHING_NARROWED = Filters()


def url(filters: Filters = NOTHING_NARROWED, *, after: str | None = None, **changes: Any) -> str:
    """The address of the list with these filters, or with others in the changes."""
    return _address("supervision.overdue", replace(filters, **changes), after)


def table_url(filters: Filters) -> str:
    """The address of the same list as a table to take away."""
    return _address("supervision.overdue_table", filters)


def asked_filters(states: set[str]) -> Filters:
    """What the address asks for; what it says wrongly narrows nothing."""
    state, process = request.args.get("state"), request.args.get("process")
    ageing = _choice(Ageing, request.args.get("ageing"))
    return Filters(
        # How long something is overdue can only be asked of what is overdue.
        bucket=Bucket.OVERDUE if ageing else _level(request.args.get("level")),
        unit_id=request.args.get("unit", type=whole_number),
        state=state if state in states else None,
        process=process if process in PROCESSES else None,
        ageing=ageing,
        suggested=request.args.get("suggested") == "yes",
    )


def states_of_offices(session: Session) -> tuple[str, ...]:
    """The states in which the clock of an office runs, in the order of the processes."""
    processes = (newest_process(session, code) for code in PROCESSES)
    return tuple(name for process in processes for name in worked_on(process))


def worked_on(process: Process) -> Iterator[str]:
    """The states of a process in which the clock of an office runs."""
    for name, state in process.states.items():
        if state.held_by_unit and not state.final and not state.waiting and state.timer is None:
            yield name


def _address(endpoint: str, filters: Filters, after: str | None = None) -> str:
    level = EVERY_LEVEL if filters.bucket is None else filters.bucket.value
    said = {
        "level": None if filters.bucket is Bucket.OVERDUE else level,
        "unit": filters.unit_id,
        "state": filters.state,
        "process": filters.process,
        "ageing": filters.ageing,
        "suggested": "yes" if filters.suggested else None,
        "after": after,
    }
    query = urlencode({name: value for name, value in said.items() if value is not None})
    return f"{url_for(endpoint)}?{query}" if query else url_for(endpoint)


def _level(text: str | None) -> Bucket | None:
    if text == EVERY_LEVEL:
        return None
    level = _choice(Bucket, text)
    return level if level in LEVELS else Bucket.OVERDUE


def _choice(kind: type[Choice], text: str | None) -> Choice | None:
    return kind(text) if text in set(kind) else None
