"""What somebody typed into a search, as conditions on cases that an index answers on both databases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.process.numbers import numbers_counted
from workflow.storage.cases import Case
from workflow.storage.people import CODE_END, Organisation

LAST = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)
# What many share, such as 公司 or the first digits of the codes: so many are looked into.
MOST_NAMES = 200
# 137, 0137 or 2026-0137: what of a number people say to each other.
_COUNTED = re.compile(r"(?:([0-9]{4})-)?([0-9]{1,8})")
_CODE_END = re.compile(rf"[0-9A-Z]{{{CODE_END},18}}")


def matches(session: Session, text: str) -> tuple[ColumnElement[bool], ...]:
    """Cases by beginning or count of their number, by either end of the credit code, by part of the name."""
    some = (select(Organisation.id).where(condition).limit(MOST_NAMES) for condition in _organisations(text))
    return (*_by_number(session, _folded(text)), *(Case.organisation_id.in_(ids) for ids in some))


def are_too_many(session: Session, text: str) -> bool:
    """Whether more organisations have the text in their names or codes than are looked into."""
    beyond = (
        select(Organisation.id).where(condition).offset(MOST_NAMES).limit(1).exists()
        for condition in _organisations(text)
    )
    return bool(session.execute(select(or_(*beyond))).scalar_one())


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


def _by_number(session: Session, typed: str) -> Iterator[ColumnElement[bool]]:
    yield begins_with(Case.number, typed)
    if counted := _COUNTED.fullmatch(typed):
        year, number = counted.groups()
        yield Case.number.in_(numbers_counted(session, int(number), int(year) if year else None))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()


def _organisations(text: str) -> Iterator[ColumnElement[bool]]:
    """The organisations somebody may mean, each condition by an index of its own."""
    yield from _by_code(_folded(text))
    yield Organisation.name.icontains(text, autoescape=True)


def _by_code(typed: str) -> Iterator[ColumnElement[bool]]:
    yield begins_with(Organisation.credit_code, typed)
    if _CODE_END.fullmatch(typed):
        yield (Organisation.code_end == typed[-CODE_END:]) & Organisation.credit_code.endswith(typed)
