"""Brings a database to the schema of this program, with Alembic, and tells whether it has it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from workflow.errors import Reason, Refused
from workflow.storage.store import Store

ALEMBIC_INI = Path(__file__).parent / "alembic.ini"

# Databases of the time before the first version: their histories were sealed in another way.
BEFORE_FIRST_VERSION = frozenset({"0001", "0002", "0003"})


def upgrade(store: Store) -> str | None:
    """Run every migration the database lacks, all in one transaction; returns the revision it had before.

    There is no way back down: a backup is.
    """
    config = _config()
    if store.is_sqlite and store.url.database:
        # Bank accounts stand in it: the file is its owner's alone from its first byte.
        Path(store.url.database).touch(mode=0o600)
    with store.writer.begin() as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        _refuse_unknown(before)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before


def revision_of(store: Store) -> str | None:
    """The revision of the database; None when nothing was ever created in it."""
    with store.reader.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """The revision this program was written for."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def refuse_unless_current(store: Store) -> None:
    """Refused, saying what to do, when the database is older or newer than the program, or empty."""
    found = revision_of(store)
    _refuse_unknown(found)
    if found != head_revision():
        raise Refused(Reason("schema.outdated" if found else "schema.empty"))


def _refuse_unknown(revision: str | None) -> None:
    if revision in BEFORE_FIRST_VERSION:
        raise Refused(Reason("schema.before_first_version"))
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise Refused(Reason("schema.newer", {"revision": revision}))


def _config() -> Config:
    return Config(ALEMBIC_INI)
