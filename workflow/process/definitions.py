"""The process versions stored in the database, each parsed once per process of the operating system."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.errors import NotFound, Reason
from workflow.process.definition import Process
from workflow.process.loading import process_from_text
from workflow.storage.reference import ProcessVersion

_parsed: dict[tuple[str, str, int], Process] = {}


def process_of(session: Session, code: str, version: int) -> Process:
    """The definition a case was given. Raises NotFound when this version was never stored."""
    key = (session.get_bind().engine.url.database or "", code, version)
    if key not in _parsed:
        stored = session.get(ProcessVersion, (code, version))
        if stored is None:
            raise NotFound(Reason("process.not_stored", {"name": code, "version": version}))
        _parsed[key] = process_from_text(stored.source, f"{code}.toml")
    return _parsed[key]


def newest_process(session: Session, code: str) -> Process:
    """The definition a new case is given. Raises NotFound when none was stored."""
    version = session.scalar(select(func.max(ProcessVersion.version)).where(ProcessVersion.code == code))
    if version is None:
        raise NotFound(Reason("process.not_stored", {"name": code, "version": 1}))
    return process_of(session, code, version)


def money_actions(session: Session) -> frozenset[str]:
    """The actions that touch money in any process this database has given to a case so far."""
    database = session.get_bind().engine.url.database or ""
    known = [process for (of, _, _), process in _parsed.items() if of == database]
    if not known:
        rows = session.execute(select(ProcessVersion.code, ProcessVersion.version)).all()
        known = [process_of(session, code, version) for code, version in rows]
    return frozenset().union(*(process.money_actions for process in known))
