"""Runs the migrations on the connection `schema` hands over, or for the alembic command as configured."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import BigInteger, Connection

from workflow.settings import settings
from workflow.storage.store import Store
from workflow.storage.tables import Base
from workflow.storage.types import CanonicalJson, UtcDateTime


def plain_type(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    # A migration says what it creates by itself: our own types may change after it was written.
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, CanonicalJson):
        return "sa.Text()"
    if kind == "type" and isinstance(item, BigInteger):
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=plain_type,
        # SQLite cannot alter a table in place: Alembic copies it.
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


handed_over: Connection | None = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    with Store(settings().database.url).writer.begin() as configured:
        run(configured)
