"""Column types shared by every table: aware moments, canonical JSON, and the declarative base."""

from __future__ import annotations

import json
import json.encoder
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Dialect, Integer, MetaData, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

# SQLite only counts rows up by itself in a column of exactly INTEGER PRIMARY KEY.
Id = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC. SQLite hands back naive times, so the zone is put on again here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = _utc(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def bind_processor(self, dialect: Dialect) -> Any:
        # An act has nine moments: in one step instead of four they cost a third.
        return _sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        if dialect.name == "sqlite":
            return _sqlite_moment
        return super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {moment!r}")
    return moment.astimezone(UTC)


# The moment of an act stands in six columns: it is put into words once.
@lru_cache(256)
def _sqlite_text(moment: datetime | None) -> str | None:
    """The text SQLAlchemy writes for a moment on SQLite."""
    if moment is None:
        return None
    return _utc(moment).replace(tzinfo=None).isoformat(" ", "microseconds")


def _sqlite_moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


class CanonicalJson(TypeDecorator[Any]):
    """JSON as text in one canonical form, so that the same content has the same digest on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def canonical_json(value: object) -> str:
    """Sorted keys, no spaces, no escapes; days and moments in ISO form."""
    return _canonical(value)


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return _iso_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


@lru_cache(256)
def _iso_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _encoder() -> Callable[[object], str]:
    """What `json.JSONEncoder(…).encode` does, but its encoder in C is made once: an act has seven texts."""
    made_in_c = getattr(json.encoder, "c_make_encoder", None)
    if made_in_c is None:
        return json.JSONEncoder(
            sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_iso
        ).encode
    parts = made_in_c(None, _iso, json.encoder.encode_basestring, None, ":", ",", True, False, True)
    return lambda value: "".join(parts(value, 0))


_canonical = _encoder()


class Base(DeclarativeBase):
    """The base of every table; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: Mapping[Any, TypeEngine[Any]] = {
        datetime: UtcDateTime(),
        date: Date(),
        dict[str, Any]: CanonicalJson(),
        str: Text(),
        bool: Boolean(),
    }
