"""What somebody typed into a search, as conditions on cases that an index answers on both databases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.process.numbers import numbers_counted
from workflow.storage.cases import Case
from workflow.storage.people import CODE_END, Organisation

LAST = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)
# Names many share, such as 公司: so many organisations or people are looked into.
MOST_NAMES = 200
# 137, 0137 or 2026-0137: what of a number people say to each other.
_COUNTED = re.compile(r"(?:([0-9]{4})-)?([0-9]{1,8})")
_CODE_END = re.compile(rf"[0-9A-Z]{{{CODE_END},18}}")


def matches(session: Session, text: str) -> tuple[ColumnElement[bool], ...]:
    """Cases by beginning or count of their number, by either end of the credit code, by part of the name."""
    typed = unicodedata.normalize("NFKC", text).upper()
    organisations = (*_by_code(typed), _named(text))
    return (
        *_by_number(session, typed),
        *(Case.organisation_id.in_(_some(condition)) for condition in organisations),
    )


def are_too_many(session: Session, text: str) -> bool:
    """Whether more organisations have the text in their names than are looked into."""
    found = select(Organisation.id).where(_named(text)).limit(MOST_NAMES + 1).subquery()
    return session.execute(select(func.count()).select_from(found)).scalar_one() > MOST_NAMES


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


def _by_code(typed: str) -> Iterator[ColumnElement[bool]]:
    yield begins_with(Organisation.credit_code, typed)
    if _CODE_END.fullmatch(typed):
        yield (Organisation.code_end == typed[-CODE_END:]) & Organisation.credit_code.endswith(typed)


def _named(text: str) -> ColumnElement[bool]:
    return Organisation.name.icontains(text, autoescape=True)


def _some(condition: ColumnElement[bool]) -> Select[int]:
    return select(Organisation.id).where(condition).limit(MOST_NAMES)
