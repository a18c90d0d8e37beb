"""Core statements compiled once per dialect and run through the driver: the way of the hot path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Executable
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any]


class Prepared:
    """One statement with named parameters, compiled on first use for each dialect.

    Every parameter must be given at each run; values pass through the column types as in plain Core.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, **params: object) -> CursorResult[Any]:
        return connection.exec_driver_sql(*self._for(connection.dialect).call(params))

    def run_all(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Run it once for each row, handed to the driver together; no rows, no statement."""
        if rows:
            compiled = self._for(connection.dialect)
            connection.exec_driver_sql(compiled.sql, [compiled.values(row) for row in rows])

    def row(self, connection: Connection, **params: object) -> dict[str, Any] | None:
        """The first row by column name, or None."""
        compiled = self._for(connection.dialect)
        found = connection.exec_driver_sql(*compiled.call(params)).first()
        return None if found is None else compiled.named(tuple(found))

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        return compiled


class _Compiled:
    """The text for one dialect, and what has to be done to values on their way in and out."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        self.sql = compiled.string
        self.order = tuple(compiled.positiontup or ()) if compiled.positional else None
        binds = compiled.binds
        self.fixed = {name: bind.value for name, bind in binds.items() if not bind.required}
        self.convert_in = _converters(
            {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        )
        columns = list(getattr(statement, "selected_columns", ()))
        self.names = tuple(column.key for column in columns)
        self.convert_out = tuple(
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
        )

    def call(self, params: Mapping[str, object]) -> tuple[str, Any]:
        return self.sql, self.values(params)

    def values(self, params: Mapping[str, object]) -> Any:
        values = {**self.fixed, **params}
        for name, convert in self.convert_in:
            values[name] = convert(values[name])
        if self.order is None:
            return values
        return tuple(values[name] for name in self.order)

    def named(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return {
            name: value if convert is None else convert(value)
            for name, value, convert in zip(self.names, row, self.convert_out, strict=True)
        }


def _converters(by_name: Mapping[str, Convert | None]) -> tuple[tuple[str, Convert], ...]:
    return tuple((name, convert) for name, convert in by_name.items() if convert is not None)
