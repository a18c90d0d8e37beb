"""Short ways to draft an application through the engine, and to ask what stands against it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from tests.world import World
from workflow.applications.drafts import save_draft, start_draft
from workflow.applications.preview import problems, read_application
from workflow.errors import Reason
from workflow.storage.tables import Case, Event


def organisation_of(world: World, applicant: str) -> int:
    return next(iter(world.actor(applicant).organisation_ids))


def begin(world: World, account: str, applicant: str = "donglong", line: str = "Q1-5", **more: Any) -> int:
    with world.store.writing() as session:
        organisation_id = organisation_of(world, applicant)
        case = start_draft(session, world.actor(account), organisation_id, line, now=world.now, **more)
        session.commit()
        return case.id


def save(world: World, account: str, case_id: int, seen: int | None = None, /, **fields: str) -> int:
    with world.store.writing() as session:
        version = session.get_one(Case, case_id).version if seen is None else seen
        saved = save_draft(
            session, case_id, world.actor(account), fields, now=world.now, seen_version=version
        )
        session.commit()
        return saved


def problems_of(world: World, case_id: int, account: str = "donglong") -> list[Reason]:
    with world.store.reading() as session:
        return problems(read_application(session, case_id, world.actor(account), world.now))


def last_details(world: World, case_id: int) -> dict[str, Any]:
    with world.store.reading() as session:
        events = select(Event.details).where(Event.case_id == case_id).order_by(Event.number.desc())
        details: dict[str, Any] = session.scalars(events).first() or {}
        return details


def ask_correction(world: World, officer: str, case_id: int) -> None:
    world.do(officer, "request_correction", case_id, defects=["证书扫描件不清晰"])
