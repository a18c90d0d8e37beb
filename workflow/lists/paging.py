"""Pages that cost the same wherever they begin: by key, not by offset; counts that stop at a thousand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Date, Row, ScalarSelect, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

from workflow.clock.alerts import DueRange
from workflow.storage.cases import Case
from workflow.storage.types import Id

CAP = 1000
PAGE_SIZE = 50
# To build a statement takes longer than to run it: those that are asked again and again are kept.
KEPT_STATEMENTS = 500
EVERY_DAY = DueRange(None, None)
# Of digits; a database takes no longer one.
LONGEST_NUMBER = 18

Line = TypeVar("Line")
Seen = TypeVar("Seen")


class Place(NamedTuple):
    """Where a row stands in a list ordered by due day: the next page begins after it."""

    due_on: date | None
    case_id: int

    def __str__(self) -> str:
        return f"{self.due_on.isoformat() if self.due_on else 'none'}.{self.case_id}"

    @classmethod
    def of(cls, text: str | None) -> Place | None:
        """The place a link names; None, the beginning, where the text names none."""
        day, _, number = (text or "").partition(".")
        if len(number) > LONGEST_NUMBER:
            return None
        try:
            return cls(None if day == "none" else date.fromisoformat(day), int(number))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Page(Generic[Line]):
    """Some rows of a list, and the text by which the next page is asked for, if there is one."""

    rows: tuple[Line, ...]
    next: str | None = None


def page_of(
    found: Sequence[Seen], limit: int, line: Callable[[Seen], Line], place: Callable[[Seen], object]
) -> Page[Line]:
    """The page of what was found with `limit + 1`: the row too many only says that there is more."""
    shown = found[:limit]
    following = str(place(shown[-1])) if len(found) > limit else None
    return Page(tuple(line(row) for row in shown), following)


def capped(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many cases meet the conditions, counted to one more than `CAP` at most."""
    found = select(literal(1)).select_from(Case).where(*conditions).limit(CAP + 1).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def spoken_count(number: int) -> str:
    """A capped count as it is shown: "1000+" where counting stopped."""
    return f"{CAP}+" if number > CAP else str(number)


def due_within(span: DueRange) -> list[ColumnElement[bool]]:
    """The conditions that a case is due on a day of the range; a range without end also has the undated."""
    conditions = []
    if span.from_on is not None:
        conditions.append(Case.due_on >= span.from_on)
    if span.until_on is not None:
        conditions.append(Case.due_on <= span.until_on)
    return conditions


def by_due(
    session: Session, statement: Select[*tuple[Any, ...]], span: DueRange, after: Place | None, limit: int
) -> list[Row[Any]]:
    """Rows of a statement over cases by due day and id, those without a due day last where `span` is open."""
    # Two statements: the databases disagree where NULL is sorted, and no key can be compared with it.
    rows: list[Row[Any]] = []
    if after is None or after.due_on is not None:
        rows += session.execute(_dated(statement, span, after, limit)).all()
    if span.until_on is None and len(rows) < limit:
        rows += session.execute(_undated(statement, after, limit - len(rows))).all()
    return rows


@lru_cache(KEPT_STATEMENTS)
def _dated(
    statement: Select[*tuple[Any, ...]], span: DueRange, after: Place | None, limit: int
) -> Select[*tuple[Any, ...]]:
    dated = statement.where(*(due_within(span) or [Case.due_on.is_not(None)]))
    if after is not None:
        key = tuple_(literal(after.due_on, Date()), literal(after.case_id, Id))
        dated = dated.where(tuple_(Case.due_on, Case.id) > key)
    return dated.order_by(Case.due_on, Case.id).limit(limit)


@lru_cache(KEPT_STATEMENTS)
def _undated(
    statement: Select[*tuple[Any, ...]], after: Place | None, limit: int
) -> Select[*tuple[Any, ...]]:
    undated = statement.where(Case.due_on.is_(None))
    if after is not None and after.due_on is None:
        undated = undated.where(Case.id > after.case_id)
    return undated.order_by(Case.id).limit(limit)
