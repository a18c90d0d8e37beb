"""The units of a district as its file `units.csv` lists them, read and checked; `district` stores them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from workflow.errors import ConfigurationError, Reason

COLUMNS = ("code", "kind", "name", "name_en", "phone", "valid_from", "valid_to", "successor")
# A district has one of each of these; of townships it has many.
SINGLE_KINDS = (
    "bureau",
    "joint_meeting_office",
    "finance",
    "efficiency_office",
    "supervision",
    "administration",
)
KINDS = ("township", *SINGLE_KINDS)
_NEVER, _ALWAYS = date.max, date.min


class UnitRow(NamedTuple):
    """One line of the file; `successor` is the code of the unit that took over the work."""

    line: int
    code: str
    kind: str
    name: str
    name_en: str
    phone: str | None
    valid_from: date | None
    valid_to: date | None
    successor: str | None


def units_from_csv(text: str, file: str) -> tuple[UnitRow, ...]:
    """Every unit of the file; ConfigurationError names `file` and the line of the first fault."""
    rows: dict[str, UnitRow] = {}
    for line, cells in _lines(text, file):
        row = _row(line, cells, file)
        if row.code in rows:
            raise _fault(file, line, "code_twice", unit=row.code, first=rows[row.code].line)
        rows[row.code] = row
    for row in rows.values():
        _check_successor(row, rows, file)
    _check_kinds(tuple(rows.values()), file)
    return tuple(rows.values())


def _lines(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text.removeprefix("\ufeff").splitlines(), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if tuple(header) != COLUMNS:
            raise _fault(file, 1, "bad_header", columns=",".join(COLUMNS), found=",".join(header))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(COLUMNS):
                raise _fault(file, reader.line_num, "bad_cells", expected=len(COLUMNS), found=len(cells))
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise _fault(file, reader.line_num, "bad_csv", why=error) from error


def _row(line: int, cells: list[str], file: str) -> UnitRow:
    code, kind, name, name_en, phone, first, last, successor = cells
    for column, cell in zip(COLUMNS[:4], cells[:4], strict=True):
        if not cell:
            raise _fault(file, line, "empty", column=column)
    if kind not in KINDS:
        raise _fault(file, line, "unknown_kind", found=kind, known=KINDS)
    valid_from, valid_to = _day(first, line, file), _day(last, line, file)
    if valid_from and valid_to and valid_to < valid_from:
        raise _fault(file, line, "ends_before_it_begins", name=name)
    return UnitRow(line, code, kind, name, name_en, phone or None, valid_from, valid_to, successor or None)


def _day(text: str, line: int, file: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise _fault(file, line, "bad_date", found=text) from error


def _check_successor(row: UnitRow, rows: Mapping[str, UnitRow], file: str) -> None:
    if row.successor is None:
        return
    successor = rows.get(row.successor)
    if successor is None or successor.kind != row.kind or successor.code == row.code:
        raise _fault(file, row.line, "bad_successor", name=row.name, found=row.successor)
    # The work must pass on from day to day, and a chain of units that only moves forward has no circle.
    if row.valid_to is None or (successor.valid_to or _NEVER) <= row.valid_to:
        raise _fault(file, row.line, "successor_ends_first", name=row.name, successor=successor.name)


def _check_kinds(rows: tuple[UnitRow, ...], file: str) -> None:
    counts = Counter(row.kind for row in rows if row.valid_to is None)
    for kind in KINDS:
        if not counts[kind]:
            raise _fault(file, None, "kind_missing", kind_label=f"unit_kind.{kind}")
    for kind in SINGLE_KINDS:
        in_time = sorted((r for r in rows if r.kind == kind), key=lambda row: row.valid_from or _ALWAYS)
        for earlier, later in pairwise(in_time):
            if (later.valid_from or _ALWAYS) <= (earlier.valid_to or _NEVER):
                raise _fault(file, later.line, "kind_twice", kind_label=f"unit_kind.{kind}")


def _fault(file: str, line: int | None, fault: str, **params: object) -> ConfigurationError:
    return ConfigurationError(file, line, Reason(f"unit_file.{fault}", params))
