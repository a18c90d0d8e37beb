"""The doors to the database: `reading()` for looking, `writing()` for one transaction the edge commits."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session

from workflow.storage.prepared import send

BUSY_TIMEOUT_S = 30
# A connection that was used a moment ago is not asked whether it lives: each question is a way to the server.
TRUSTED_S = 1.0

# Which server, port and database: the key of what is remembered of one.
Database: TypeAlias = tuple[object, int | None, str | None]


def database_of(session: Session) -> Database:
    """The database a session speaks to; a socket's folder stands in the query of its address."""
    url = session.get_bind().engine.url
    return url.host or url.query.get("host"), url.port, url.database


class WritingSession(Session):
    """A session of a transaction that its connection has begun.

    It joins in when it is asked for entities. An act runs prepared statements on the connection alone, and is
    spared what a session does for its entities.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, join_transaction_mode="control_fully")
        self._connection = connection

    def connection(self, *options: Any, **named: Any) -> Connection:
        if options or named or self.in_transaction() or not self._connection.in_transaction():
            return super().connection(*options, **named)
        return self._connection

    def commit(self) -> None:
        if self.in_transaction():
            super().commit()
        else:
            self._connection.commit()

    def rollback(self) -> None:
        if self.in_transaction():
            super().rollback()
        else:
            self._connection.rollback()

    def close(self) -> None:
        # Where no entity was asked for, none has to be let go.
        if self.in_transaction() or self.identity_map:
            super().close()


class Store:
    """One database with two engines: one that cannot write, one whose transactions begin as writers.

    A writing session is rolled back when its block ends unless the edge has committed it.
    """

    def __init__(self, url: str | URL, *, pool_size: int = 5) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock_file = f"{self.url.database}.lock" if self.is_sqlite and self.url.database else None
        self.reader = self._engine(pool_size, begin="BEGIN", writable=False)
        self.writer = self._engine(pool_size, begin="BEGIN IMMEDIATE", writable=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session on a connection that refuses to write."""
        with Session(self.reader) as session:
            yield session

    @contextmanager
    def reading_one_moment(self) -> Iterator[Session]:
        """The same for several statements that belong together: none sees what is committed meanwhile."""
        with self.reading() as session:
            # SQLite's readers always see one moment.
            if not self.is_sqlite:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction is a writer from its first statement; the caller commits."""
        with self._gate(), self.writer.connect() as connection:
            connection.begin()
            with WritingSession(connection) as session:
                yield session

    def dispose(self) -> None:
        self.reader.dispose()
        self.writer.dispose()

    @contextmanager
    def _gate(self) -> Iterator[None]:
        # SQLite lets waiting writers starve each other; a lock file in front of BEGIN serves them in turn.
        if self._lock_file is None:
            yield
            return
        gate = os.open(self._lock_file, os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield
        finally:
            os.close(gate)

    def _engine(self, pool_size: int, *, begin: str, writable: bool) -> Engine:
        if not self.is_sqlite:
            engine = create_engine(self.url, pool_size=pool_size)
            event.listen(engine, "connect", _do_not_compile)
            _ping_after_rest(engine)
            return engine if writable else engine.execution_options(postgresql_readonly=True)
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(self.url, pool_size=pool_size, connect_args={"timeout": BUSY_TIMEOUT_S})

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, record: object) -> None:
            connection.isolation_level = None  # the driver must not begin transactions of its own
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
            if not writable:
                cursor.execute("PRAGMA query_only=ON")
            cursor.close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            send(connection, begin)

        return engine


def _do_not_compile(connection: Any, _record: object) -> None:
    """Run what is asked as it is: PostgreSQL takes half a second to compile what runs in milliseconds."""
    connection.autocommit = True  # what a transaction sets goes with it when it is rolled back
    connection.execute("SET jit = off")
    connection.autocommit = False


def _ping_after_rest(engine: Engine) -> None:
    """Ask a connection that has rested whether it still lives; the pool replaces one that does not.

    After one was lost all that rested then are asked: of a server that was restarted each would cost an act.
    """
    lost_at = -inf

    @event.listens_for(engine, "checkin")
    def _rest(connection: Any, record: Any) -> None:
        record.info["rests_since"] = monotonic()

    @event.listens_for(engine, "invalidate")
    def _lose(*_lost: object) -> None:
        nonlocal lost_at
        lost_at = monotonic()

    @event.listens_for(engine, "checkout")
    def _wake(connection: Any, record: Any, proxy: object) -> None:
        rests_since = record.info.get("rests_since", inf)
        if monotonic() - rests_since <= TRUSTED_S and rests_since > lost_at:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error
