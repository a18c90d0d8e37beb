"""Turns rows of the played demo into lines with holes: new ids, numbers and names, perhaps other days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Dialect, Table

from workflow.clock.days import shanghai_day
from workflow.demo.scale_holes import Line, json_with_holes, line, number_hole, printable, text_hole
from workflow.process.chain import covered
from workflow.storage.tables import Base

Row = Mapping[str, Any]

# In details and standing, the names under which there is the id of a row that is copied.
_IDS = {
    "account_id": "organisation_accounts",
    "organisation_id": "organisations",
    "achievement_id": "achievements",
    "referral": "cases",
    "application_referred": "cases",
    "by": "persons",
}
# Days and moments in JSON that move with the case; the others are on the papers.
_MOVING = frozenset({"due_on", "at", "timer_at", "submitted_at", "approved_at"})
# What an application says of the past stays as it is on the papers, and who applies was there before.
_STAYING = frozenset({("applications", "awarded_on"), ("organisations", "registered_on")})
_SEALED = ("salt", "reason_digest", "details_digest", "previous", "digest")


@dataclass(frozen=True, slots=True)
class Differences:
    """What is not in a copy as in its template. `keys` are holes of new ids, by table and old id."""

    dialect: Dialect
    keys: Mapping[tuple[str, int], str]
    # What becomes another text wherever it stands.
    texts: Mapping[str, str] = field(default_factory=dict)
    earlier: timedelta = timedelta(0)

    def moved(self, day: Any) -> Any:
        return day - self.earlier

    def day_of(self, moment: datetime) -> date:
        return shanghai_day(self.moved(moment))

    def years_moved(self, moment: datetime) -> int:
        return self.day_of(moment).year - shanghai_day(moment).year


def event_line(row: Row, by: Differences) -> Line:
    """An event, with the texts its digests are made of."""
    marked = {**row, **{name: text_hole(name) for name in _SEALED}}
    for column in Base.metadata.tables["events"].c:
        if column.foreign_keys and row[column.name] is not None:
            marked[column.name] = _reference(column, row[column.name], by)
    marked |= {"at": by.moved(row["at"]), "recorded_at": by.moved(row["recorded_at"])}
    marked |= {"standing": _marked(row["standing"], by), "details": _marked(row["details"], by)}
    words = (json_with_holes(row["reason"]), json_with_holes(marked["details"]))
    cells = _cells(Base.metadata.tables["events"], row, by) | {name: marked[name] for name in _SEALED}
    return line("events", cells, tuple(map(printable, words)), printable(json_with_holes(covered(marked))))


def row_line(table: str, row: Row, by: Differences, **cells: Any) -> Line:
    """A row of any other table; `cells` are what it has in place of what the template has."""
    return line(table, _cells(Base.metadata.tables[table], row, by) | cells)


def with_texts(text: str, by: Differences) -> str:
    """The text with everything in it that becomes another text."""
    if not any(old in text for old in by.texts):
        return text
    # In one pass, the longest first: what was put in must not be found again.
    longest_first = sorted(by.texts, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda found: by.texts[found[0]], text)


def _cells(table: Table, row: Row, by: Differences) -> dict[str, Any]:
    return {column.name: _cell(table, column, row[column.name], by) for column in table.c}


def _cell(table: Table, column: Column[Any], value: Any, by: Differences) -> Any:
    if value is None:
        return None
    if column.foreign_keys or column.name == "id":
        return _reference(column, value, by)
    if isinstance(value, dict):
        return json_with_holes(_marked(value, by))
    if isinstance(value, str):
        return with_texts(value, by)
    if isinstance(value, date) and (table.name, column.name) not in _STAYING:
        value = by.moved(value)
    bind = column.type.dialect_impl(by.dialect).bind_processor(by.dialect)
    value = bind(value) if bind else value
    return value.isoformat() if isinstance(value, date) else value


def _reference(column: Column[Any], value: int, by: Differences) -> Any:
    targets = [key.column.table.name for key in column.foreign_keys] or [column.table.name]
    key = by.keys.get((targets[0], value))
    return value if key is None else number_hole(key)


def _marked(value: Any, by: Differences, name: str = "") -> Any:
    if isinstance(value, dict):
        return {inner: _marked(each, by, inner) for inner, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, by) for each in value]
    if isinstance(value, str):
        return _marked_text(value, by, name)
    key = by.keys.get((_IDS.get(name, ""), value)) if isinstance(value, int) else None
    return value if key is None else number_hole(key)


def _marked_text(text: str, by: Differences, name: str) -> str:
    if name in _MOVING:
        return _moved_text(text, by)
    return claim_key(text, by) if name == "claim_key" else with_texts(text, by)


def claim_key(key: str, by: Differences) -> str:
    """What is claimed once; it begins with the id of its organisation."""
    organisation, _, claimed = key.partition("/")
    return f"{text_hole(by.keys['organisations', int(organisation)])}/{with_texts(claimed, by)}"


def _moved_text(text: str, by: Differences) -> str:
    read = date if len(text) == len("2026-11-02") else datetime
    return str(by.moved(read.fromisoformat(text)).isoformat())
