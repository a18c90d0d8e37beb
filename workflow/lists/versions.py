"""The stored versions of processes and policies, and how many open cases run on each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.storage.cases import Application, Case
from workflow.storage.reference import PolicyVersion, ProcessVersion


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """One stored version of a process."""

    code: str
    version: int
    digest: str
    stored_at: datetime
    open_cases: int


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """One stored text of a policy."""

    policy_id: int
    code: str
    digest: str
    valid_from: date
    valid_to: date | None
    stored_at: datetime
    open_cases: int


def process_versions(session: Session) -> list[ProcessLine]:
    """Every version of every process, the newest of each first."""
    running = (
        select(Case.process, Case.process_version, func.count().label("number"))
        .where(Case.closed_at.is_(None))
        .group_by(Case.process, Case.process_version)
        .subquery()
    )
    row = ProcessVersion
    number = func.coalesce(running.c.number, 0)
    stored = (
        select(row.code, row.version, row.digest, row.stored_at, number)
        .outerjoin(running, (running.c.process == row.code) & (running.c.process_version == row.version))
        .order_by(row.code, row.version.desc())
    )
    return [ProcessLine(*found) for found in session.execute(stored)]


def policy_versions(session: Session) -> list[PolicyLine]:
    """Every stored policy, the one that begins last first."""
    running = (
        select(Application.policy_id, func.count().label("number"))
        .join(Case, Case.id == Application.case_id)
        .where(Case.closed_at.is_(None))
        .group_by(Application.policy_id)
        .subquery()
    )
    row = PolicyVersion
    number = func.coalesce(running.c.number, 0)
    stored = (
        select(row.id, row.code, row.digest, row.valid_from, row.valid_to, row.stored_at, number)
        .outerjoin(running, running.c.policy_id == row.id)
        .order_by(row.valid_from.desc(), row.id.desc())
    )
    return [PolicyLine(*found) for found in session.execute(stored)]
