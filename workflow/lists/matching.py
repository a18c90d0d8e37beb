"""Conditions that match what somebody typed, so written that an index answers them on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

LAST = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)


def begins_with(column: InstrumentedAttribute[Any], text: str) -> ColumnElement[bool]:
    """Whether the column begins with the text, which has at least one character."""
    # A range, because SQLite does not use an index for LIKE; the last character raised by one is its end.
    begins = (column >= text) & column.startswith(text, autoescape=True)
    after = ord(text[-1]) + 1
    if after > LAST:
        return begins
    # No text holds half a pair: neither database takes one.
    end = text[:-1] + chr(SURROGATES.stop if after in SURROGATES else after)
    return begins & (column < end)
