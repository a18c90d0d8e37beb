"""Rows with holes: a cell is a value, a hole to be filled, or a text with holes in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.storage.types import canonical_json

# By the name of a hole what a copy has there.
Values = dict[str, Any]

# Brackets no text of the demo has; a number stands in JSON without the quotes its hole has.
_HOLE = re.compile(r"⟦(#?)([^⟧]+)⟧")
_QUOTED_NUMBER = re.compile(r'"⟦#([^⟧]+)⟧"')


def number_hole(name: str) -> str:
    return f"⟦#{name}⟧"


def text_hole(name: str) -> str:
    return f"⟦{name}⟧"


def json_with_holes(value: object) -> str:
    """Canonical JSON, still with the holes of its values."""
    return _QUOTED_NUMBER.sub(r"⟦\1⟧", canonical_json(value))


def printable(text: str) -> str:
    """The text as a format that `%` fills out of the values of a copy."""
    return _HOLE.sub(r"%(\2)s", text.replace("%", "%%"))


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table. `words` and `link` are the texts an event's digests are made of."""

    table: str
    cells: tuple[Any, ...]
    holes: tuple[tuple[int, str], ...]
    texts: tuple[tuple[int, str], ...]
    words: tuple[str, ...] = ()
    link: str = ""


def line(table: str, cells: Mapping[str, Any], words: tuple[str, ...] = (), link: str = "") -> Line:
    """The row of these cells, in the order of the columns."""
    holes, texts = [], []
    for place, cell in enumerate(cells.values()):
        if not isinstance(cell, str) or not _HOLE.search(cell):
            continue
        whole = _HOLE.fullmatch(cell)
        if whole:
            holes.append((place, whole[2]))
        else:
            texts.append((place, printable(cell)))
    return Line(table, tuple(cells.values()), tuple(holes), tuple(texts), words, link)


def filled(template: Line, values: Values) -> list[Any]:
    """The row with every hole filled, as the driver takes it."""
    row = list(template.cells)
    for place, name in template.holes:
        row[place] = values[name]
    for place, text in template.texts:
        row[place] = text % values
    return row
