"""The process versions stored in the database, each parsed once per process of the operating system."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.errors import NotFound, Reason
from workflow.process.definition import Process
from workflow.process.loading import stored_process
from workflow.storage.reference import ProcessVersion
from workflow.storage.store import Database, database_of

_parsed: dict[tuple[Database, str, int], Process] = {}
_money_actions: dict[Database, frozenset[str]] = {}


def process_of(session: Session, code: str, version: int) -> Process:
    """The definition a case was given. Raises NotFound when this version was never stored."""
    key = (database_of(session), code, version)
    if key not in _parsed:
        stored = session.get(ProcessVersion, (code, version))
        if stored is None:
            raise NotFound(Reason("process.not_stored", {"name": code, "version": version}))
        _parsed[key] = stored_process(stored.source, f"{code}.toml")
        # A version stored since may know further actions that touch money.
        _money_actions.pop(key[0], None)
    return _parsed[key]


def newest_process(session: Session, code: str) -> Process:
    """The definition a new case is given. Raises NotFound when none was stored."""
    version = session.scalar(select(func.max(ProcessVersion.version)).where(ProcessVersion.code == code))
    if version is None:
        raise NotFound(Reason("process.not_stored", {"name": code, "version": 1}))
    return process_of(session, code, version)


def money_actions(session: Session) -> frozenset[str]:
    """The actions that touch money in any process this database holds; asked before a case is looked at."""
    database = database_of(session)
    if database not in _money_actions:
        stored = session.execute(select(ProcessVersion.code, ProcessVersion.version)).all()
        processes = [process_of(session, code, version) for code, version in stored]
        _money_actions[database] = frozenset().union(*(process.money_actions for process in processes))
    return _money_actions[database]


def forget() -> None:
    """Know no database any more, for one that was replaced under the same address."""
    _parsed.clear()
    _money_actions.clear()
