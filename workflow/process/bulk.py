"""Doing one action to many cases: each through the one door by itself, and what became of each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from workflow.errors import Reason, WorkflowError
from workflow.process.perform import Outcome

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Picked:
    """A case that was picked in a list, with the version the list showed."""

    case_id: int
    seen_version: int


@dataclass(frozen=True, slots=True)
class Done:
    picked: Picked
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Failed:
    """What was refused, not found, overtaken or not written; it left nothing and held up no other."""

    picked: Picked
    error: WorkflowError


def perform_each(picked: Iterable[Picked], act: Callable[[Picked], Outcome]) -> list[Done | Failed]:
    """Take an action on each case in its order, a case that was picked twice once.

    `act` belongs to the edge: it performs the action in a transaction of its own and commits it.
    """
    return [_tried(each, act) for each in dict.fromkeys(picked)]


def _tried(picked: Picked, act: Callable[[Picked], Outcome]) -> Done | Failed:
    try:
        return Done(picked, act(picked))
    except WorkflowError as error:
        return Failed(picked, error)
    except DBAPIError:
        # Locked for too long, given up, disconnected: what was done before is done, and is to be told.
        log.exception("case %d could not be written and the others go on", picked.case_id)
        return Failed(picked, WorkflowError(Reason("reason.not_written")))
