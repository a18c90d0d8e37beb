"""The doors to the database: who looks cannot write, and what was not committed leaves nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import DBAPIError

from workflow.storage.prepared import Prepared
from workflow.storage.store import Store
from workflow.storage.tables import Installation

ADD = Prepared(insert(Installation).values(name=bindparam("name"), value=bindparam("value")))
NAMES = select(Installation.name).where(Installation.name.in_(("one", "two")))


def test_who_looks_cannot_write(store: Store) -> None:
    with store.reading() as session, pytest.raises(DBAPIError, match=r"read-?only"):
        session.execute(insert(Installation).values(name="one", value="1"))

    with store.reading_one_moment() as session, pytest.raises(DBAPIError, match=r"read-?only"):
        session.execute(insert(Installation).values(name="one", value="1"))

    with store.reading() as session:
        assert session.scalars(NAMES).all() == []


def test_what_prepared_statements_wrote_is_gone_when_it_is_rolled_back(store: Store) -> None:
    with store.writing() as session:
        connection = session.connection()
        ADD.run(connection, name="one", value="1")
        session.rollback()

        # Whatever the block does next begins anew.
        session.add(Installation(name="two", value="2"))
        session.commit()

    with store.reading() as session:
        assert session.scalars(NAMES).all() == ["two"]
