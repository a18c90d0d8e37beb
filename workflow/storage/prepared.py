"""Core statements compiled once per dialect and run through the driver: the way of the hot path.

They run on the connection of a transaction that has begun, as part of it. What the driver raises arrives as
SQLAlchemy raises it, and whoever listens to the statements of an engine hears these too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from operator import itemgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Dialect, Executable, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any]
Key = TypeVar("Key")
Row = TypeVar("Row")
# What is interrupted may have an answer on its way that belongs to nobody: its connection is given up.
_INTERRUPTS = (KeyboardInterrupt, SystemExit)
# SQLite is in the same process: there is no trip to save.
_NO_SERVER = nullcontext()


class Prepared:
    """One statement with named parameters, compiled on first use for each dialect.

    Every parameter must be given at each run; values pass through the column types as in plain Core.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, **params: Any) -> None:
        compiled = self._for(connection.dialect)
        send(connection, compiled.sql, compiled.values(params))

    def run_all(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Run it once for each row, handed to the driver together; no rows, no statement."""
        if rows:
            compiled = self._for(connection.dialect)
            connection.exec_driver_sql(compiled.sql, [compiled.values(dict(row)) for row in rows])

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        return compiled


class PreparedRow(Prepared, Generic[Row]):
    """A prepared statement that finds one row; `row` is the named tuple with its columns in their order."""

    def __init__(self, statement: Select[*tuple[Any, ...]], row: type[Row]) -> None:
        super().__init__(statement)
        assert tuple(statement.selected_columns.keys()) == row._fields  # type: ignore[attr-defined]
        self._make: Callable[[Sequence[Any]], Row] = row._make  # type: ignore[attr-defined]

    def first(self, connection: Connection, **params: Any) -> Row | None:
        compiled = self._for(connection.dialect)
        found = send(connection, compiled.sql, compiled.values(params), fetch=True)
        return None if found is None else self._make(compiled.found(found))


def one_trip(connection: Connection) -> AbstractContextManager[None]:
    """Prepared statements run in this block go to a server together; its answers are waited for once.

    An error of one of them is raised when the block ends at the latest.
    """
    return _pipeline(connection) if connection.dialect.driver == "psycopg" else _NO_SERVER


@contextmanager
def _pipeline(connection: Connection) -> Iterator[None]:
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline():
            yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(connection, error) from error
    except _INTERRUPTS:
        connection.invalidate()
        raise


def send(connection: Connection, sql: str, values: Any = (), *, fetch: bool = False) -> Any:
    """Run a text on a cursor of the driver: `exec_driver_sql` takes ten times as long for the same."""
    cursor = connection.connection.cursor()
    for hears in connection.dispatch.before_cursor_execute:
        hears(connection, cursor, sql, values, None, False)
    try:
        cursor.execute(sql, values)
        found = cursor.fetchone() if fetch else None
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(connection, error, sql, values) from error
    except _INTERRUPTS:
        connection.invalidate()
        raise
    for hears in connection.dispatch.after_cursor_execute:
        hears(connection, cursor, sql, values, None, False)
    return found


def _as_sqlalchemy(
    connection: Connection, error: Any, sql: str | None = None, values: Any = None
) -> BaseException:
    """What SQLAlchemy makes of the driver's error; a connection that was lost is not used again."""
    lost = connection.dialect.is_disconnect(error, connection.connection, None)
    if lost:
        connection.invalidate(error)
    told: BaseException = DBAPIError.instance(
        sql,
        values,
        error,
        connection.dialect.loaded_dbapi.Error,
        hide_parameters=connection.engine.hide_parameters,
        connection_invalidated=lost,
        dialect=connection.dialect,
    )
    return told


class _Compiled:
    """The text for one dialect, and what has to be done to values on their way in and out."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        self.sql = compiled.string
        binds = compiled.binds
        self._fixed = {name: bind.value for name, bind in binds.items() if not bind.required}
        self._in_order = _tuple_of(compiled.positiontup or ()) if compiled.positional else None
        self._convert_in = _needed(
            (name, bind.type.dialect_impl(dialect).bind_processor(dialect)) for name, bind in binds.items()
        )
        self._convert_out = _needed(
            (place, column.type.dialect_impl(dialect).result_processor(dialect, None))
            for place, column in enumerate(getattr(statement, "selected_columns", ()))
        )

    def values(self, params: dict[str, Any]) -> Any:
        """What the driver is given for these parameters, which are changed on the way."""
        params.update(self._fixed)
        for name, convert in self._convert_in:
            params[name] = convert(params[name])
        return params if self._in_order is None else self._in_order(params)

    def found(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for place, convert in self._convert_out:
            if values[place] is not None:
                values[place] = convert(values[place])
        return values


def _needed(converters: Iterable[tuple[Key, Convert | None]]) -> tuple[tuple[Key, Convert], ...]:
    return tuple((key, convert) for key, convert in converters if convert is not None)


def _tuple_of(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Picks the values of these names, in their order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda params: tuple(params[name] for name in names)
