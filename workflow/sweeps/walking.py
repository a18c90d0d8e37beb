"""How every sweep walks: what is due is looked up in batches, and each item has a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.storage.store import Store

BATCH = 500

Item = TypeVar("Item")
log = logging.getLogger(__name__)


def walk(
    store: Store,
    due_after: Callable[[Session, Item | None], Sequence[Item]],
    act: Callable[[Session, Item], bool],
) -> int:
    """Act on everything due and return on how many items it was done.

    `due_after` reads the next `BATCH` items behind the given one, so one that fails is passed by and cannot
    hold up the rest. `act` says whether there was something to do; its transaction is then committed.
    """
    done, last = 0, None
    while True:
        with store.reading() as session:
            items = due_after(session, last)
        for item in items:
            done += _acted(store, act, item)
        if len(items) < BATCH:
            return done
        last = items[-1]


def behind(
    column: InstrumentedAttribute[Any], key: InstrumentedAttribute[int], last: tuple[Any, int]
) -> ColumnElement[bool]:
    """The rows after the one with these two values, in the order of the two columns."""
    value, number = last
    return or_(column > value, and_(column == value, key > number))


def _acted(store: Store, act: Callable[[Session, Item], bool], item: Item) -> bool:
    try:
        with store.writing() as session:
            done = act(session, item)
            if done:
                session.commit()
            return done
    except Exception:
        log.exception("a sweep could not finish %r and goes on", item)
        return False
