"""The stored versions of processes and policies, and how many cases each was given to, counted to the cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from workflow.lists.paging import CAP
from workflow.storage.cases import Application, Case
from workflow.storage.reference import PolicyVersion, ProcessVersion


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """One stored version of a process, and how many open cases run on it."""

    code: str
    version: int
    digest: str
    stored_at: datetime
    open_cases: int


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """One stored text of a policy, and how many applications it was given to, ended ones too."""

    policy_id: int
    code: str
    digest: str
    valid_from: date
    valid_to: date | None
    stored_at: datetime
    applications: int


def process_versions(session: Session) -> list[ProcessLine]:
    """Every version of every process, the newest of each first."""
    row = ProcessVersion
    running = (
        select(literal(1))
        .where(Case.process == row.code, Case.process_version == row.version, Case.closed_at.is_(None))
        .correlate(row)
        .limit(CAP + 1)
        .subquery()
    )
    number = select(func.count()).select_from(running).scalar_subquery()
    stored = select(row.code, row.version, row.digest, row.stored_at, number)
    found = session.execute(stored.order_by(row.code, row.version.desc()))
    return [ProcessLine(*each) for each in found]


def policy_versions(session: Session) -> list[PolicyLine]:
    """Every stored policy, the one that begins last first."""
    row = PolicyVersion
    given = select(literal(1)).where(Application.policy_id == row.id).correlate(row).limit(CAP + 1).subquery()
    number = select(func.count()).select_from(given).scalar_subquery()
    stored = select(row.id, row.code, row.digest, row.valid_from, row.valid_to, row.stored_at, number)
    found = session.execute(stored.order_by(row.valid_from.desc(), row.id.desc()))
    return [PolicyLine(*each) for each in found]
