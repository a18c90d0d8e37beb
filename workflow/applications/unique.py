"""Rows that several writers may bring into being at the same time: the first one wins, the others use it."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session


def insert_unless_known(session: Session, statement: Insert) -> None:
    """Insert a row whose key is unique; when somebody was quicker, the caller reads theirs."""
    # In a savepoint: PostgreSQL would otherwise give up the whole transaction with the failed statement.
    with suppress(IntegrityError), session.begin_nested():
        session.execute(statement)
