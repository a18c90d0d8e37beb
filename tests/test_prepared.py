"""Prepared statements go through the driver; errors, listeners and values are as SQLAlchemy has them."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, event, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from tests.world import World
from workflow.process.perform import perform
from workflow.storage.prepared import Prepared, PreparedRow, one_trip, send
from workflow.storage.store import Store
from workflow.storage.tables import Case, Installation
from workflow.storage.types import canonical_json

ON_POSTGRESQL = pytest.mark.parametrize("home", ["postgresql"], indirect=True)


class Fact(NamedTuple):
    name: str
    value: str


ADD = Prepared(insert(Installation).values(name=bindparam("name"), value=bindparam("value")))
FIND = PreparedRow(
    select(Installation.name, Installation.value).where(Installation.name == bindparam("name")), Fact
)


def write_in_one_trip(session: Session, *facts: tuple[str, str]) -> None:
    with one_trip(session.connection()):
        for name, value in facts:
            ADD.run(session.connection(), name=name, value=value)


def test_a_broken_key_arrives_as_sqlalchemys_integrity_error(store: Store) -> None:
    with store.writing() as session:
        ADD.run(session.connection(), name="one", value="1")

        with pytest.raises(IntegrityError) as raised:
            ADD.run(session.connection(), name="one", value="2")

    assert "INSERT INTO" in str(raised.value.statement)
    assert "2" in str(raised.value.params)


def test_a_broken_key_among_several_in_one_trip_is_raised_at_its_end_and_leaves_nothing(store: Store) -> None:
    with store.writing() as session, pytest.raises(IntegrityError):
        write_in_one_trip(session, ("one", "1"), ("one", "2"), ("two", "2"))

    with store.writing() as session:
        assert FIND.first(session.connection(), name="one") is None
        write_in_one_trip(session, ("one", "1"))
        assert FIND.first(session.connection(), name="one") == Fact("one", "1")


def test_what_one_trip_wrote_is_found_in_it(store: Store) -> None:
    with store.writing() as session, one_trip(session.connection()):
        ADD.run(session.connection(), name="one", value="1")

        assert FIND.first(session.connection(), name="one") == Fact("one", "1")


@ON_POSTGRESQL
def test_an_act_that_waited_too_long_for_its_case_gets_an_operational_error(
    world: World,
) -> None:
    case_id = world.submitted()
    with world.store.writing() as other, world.store.writing() as session:
        other.execute(select(Case.id).where(Case.id == case_id).with_for_update())
        session.execute(text("SET LOCAL lock_timeout = '50ms'"))

        with pytest.raises(OperationalError) as raised:
            perform(
                session, case_id, "accept", world.actor("lin"), now=world.later(minutes=1), seen_version=2
            )

    assert getattr(raised.value.orig, "sqlstate", None) == "55P03"


@ON_POSTGRESQL
def test_a_lost_connection_is_told_and_never_used_again(world: World) -> None:
    case_id = world.submitted()
    act = {"now": world.later(minutes=1), "seen_version": world.case(case_id).version}
    world.confirm_accounts("lin")
    with world.store.writing() as session, world.store.writing() as other:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
        other.execute(text("SELECT pg_terminate_backend(:backend, 5000)"), {"backend": backend})

        with pytest.raises(OperationalError) as raised:
            perform(session, case_id, "accept", world.actor("lin"), **act)

    assert raised.value.connection_invalidated
    with world.store.writing() as session:
        assert perform(session, case_id, "accept", world.actor("lin"), **act).to_state == "township_precheck"


@ON_POSTGRESQL
def test_a_server_that_was_restarted_costs_one_act_and_not_one_of_each_connection(world: World) -> None:
    world.actor("lin")
    store = Store(world.store.url)
    with store.writing() as one, store.writing() as two, store.writing() as three:
        resting = [session.scalar(text("SELECT pg_backend_pid()")) for session in (one, two, three)]
    with world.store.writing() as session:
        for backend in resting:
            session.execute(text("SELECT pg_terminate_backend(:backend, 5000)"), {"backend": backend})

    failed = 0
    for _act in resting:
        try:
            with store.writing() as session:
                send(session.connection(), "SELECT 1", fetch=True)
        except OperationalError:
            failed += 1
    store.dispose()

    assert failed == 1


def test_a_writer_that_is_kept_out_of_sqlite_gets_an_operational_error(sqlite_store: Store) -> None:
    with sqlite_store.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=10")
    intruder = sqlite3.connect(str(sqlite_store.url.database), isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")

    with pytest.raises(OperationalError, match="locked"), sqlite_store.writing():
        pass

    intruder.execute("ROLLBACK")
    intruder.close()


def test_who_listens_to_the_statements_of_an_engine_hears_every_one_of_an_act(world: World) -> None:
    case_id = world.in_precheck()
    version = world.case(case_id).version
    before: list[str] = []
    after: list[str] = []

    with world.store.writing() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *sent: before.append(sent[2]))
        event.listen(connection, "after_cursor_execute", lambda *sent: after.append(sent[2]))
        perform(session, case_id, "recommend", world.actor("lin"), now=world.now, seen_version=version)

    written = [sql for sql in before if sql.startswith(("UPDATE", "INSERT"))]
    assert [sql.split()[1 if sql.startswith("UPDATE") else 2] for sql in written] == [
        "cases", "steps", "steps", "events", "outbox",
    ]  # fmt: skip
    assert before == after


words = st.text(st.characters(exclude_categories=["Cs"]))
moments = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(minutes=-270))])
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | words | st.dates() | moments
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=6),
    max_leaves=20,
)


@given(documents)
def test_canonical_json_is_to_the_byte_what_the_standard_library_writes(document: Any) -> None:
    def iso(value: datetime | date) -> str:
        return (value.astimezone(UTC) if isinstance(value, datetime) else value).isoformat()

    assert canonical_json(document).encode() == json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=iso
    ).encode()  # fmt: skip


def test_canonical_json_refuses_what_has_no_form() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        canonical_json({"a": object()})
