"""The names a process may use for guards, effects, choosers, inputs; the functions are where they belong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow.errors import Reason

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workflow.process.facts import Facts
    from workflow.process.move import Move

# Takes the lock that an action which touches money needs, before the case row is locked.
Lock = Callable[["Session", int], None]
Guard = Callable[["Facts"], list[Reason]]
Effect = Callable[["Move"], None]
Chooser = Callable[["Facts"], str]


@dataclass(frozen=True, slots=True)
class Input:
    """Something an action asks for: `kind` says how it is typed and checked."""

    name: str
    kind: str
    max_length: int = 2000


LOCKS: dict[str, Lock] = {}
GUARDS: dict[str, Guard] = {}
EFFECTS: dict[str, Effect] = {}
CHOOSERS: dict[str, Chooser] = {}
INPUTS: dict[str, Input] = {
    one.name: one
    for one in (
        Input("reason", "text"),
        Input("note", "text"),
        Input("defects", "lines"),
        Input("objector", "line", 200),
        Input("document_number", "line", 100),
        Input("voucher", "line", 60),
        Input("amount_yuan", "money"),
        Input("limit_days", "integer"),
        Input("handler", "person"),
        Input("referral", "internal"),
        Input("finding", "choice"),
        Input("decision", "text"),
    )
}
CHOICES: dict[str, tuple[str, ...]] = {"finding": ("true", "partly_true", "untrue")}


def lock(function: Lock) -> Lock:
    """Register what every action that touches money locks before its case."""
    LOCKS[function.__name__] = function
    return function


def guard(function: Guard) -> Guard:
    """Make a pure rule usable by its name: it returns every reason against, or an empty list."""
    GUARDS[function.__name__] = function
    return function


def effect(function: Effect) -> Effect:
    """Make a change usable by its name: it adds to the move what is to be written."""
    EFFECTS[function.__name__] = function
    return function


def chooser(function: Chooser) -> Chooser:
    """Make a choice among an action's destinations usable by its name; pure, from facts."""
    CHOOSERS[function.__name__] = function
    return function
