"""How every sweep walks: what is due is looked up in batches, and done item by item or together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.storage.store import Store

BATCH = 500

Item = TypeVar("Item")
Work = TypeVar("Work")
log = logging.getLogger(__name__)


def walk(
    store: Store,
    due_after: Callable[[Session, Item | None], Sequence[Item]],
    act: Callable[[Session, Item], bool],
) -> int:
    """Act on everything due, each item in a transaction of its own; returns on how many it was done.

    `due_after` reads the next `BATCH` items behind the given one, so one that fails is passed by and cannot
    hold up the rest. `act` says whether there was something to do; its transaction is then committed.
    """
    return sum(_acted(store, act, item) for items in _batches(store, due_after) for item in items)


def walk_together(
    store: Store,
    due_after: Callable[[Session, Item | None], Sequence[Item]],
    act: Callable[[Session, Sequence[Item]], int],
) -> int:
    """The same with one transaction for a batch: `act` says on how many of its items it was done.

    A batch that fails is done again item by item, so that only the one that cannot be done is passed by.
    """
    return sum(_acted_together(store, act, items) for items in _batches(store, due_after))


def behind(
    column: InstrumentedAttribute[Any], key: InstrumentedAttribute[int], last: tuple[Any, int]
) -> ColumnElement[bool]:
    """The rows after the one with these two values, in the order of the two columns."""
    value, number = last
    return or_(column > value, and_(column == value, key > number))


def _batches(
    store: Store, due_after: Callable[[Session, Item | None], Sequence[Item]]
) -> Iterator[Sequence[Item]]:
    last = None
    while True:
        with store.reading() as session:
            items = due_after(session, last)
        if items:
            yield items
        if len(items) < BATCH:
            return
        last = items[-1]


def _acted_together(
    store: Store, act: Callable[[Session, Sequence[Item]], int], items: Sequence[Item]
) -> int:
    try:
        return _committed(store, act, items)
    except Exception:
        log.warning("a sweep could not finish %d at once and does each for itself", len(items), exc_info=True)
    return sum(_acted(store, lambda session, item: act(session, [item]), item) for item in items)


def _acted(store: Store, act: Callable[[Session, Item], int], item: Item) -> int:
    try:
        return _committed(store, act, item)
    except Exception:
        log.exception("a sweep could not finish %r and goes on", item)
        return 0


def _committed(store: Store, act: Callable[[Session, Work], int], work: Work) -> int:
    with store.writing() as session:
        done = act(session, work)
        if done:
            session.commit()
        return done
