"""The register of achievements (成果), shared by organisations. Their spelling is the policy's business."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflow.applications.unique import insert_unless_known
from workflow.storage.cases import Achievement


def registered_achievement(session: Session, kind: str, key: str, title: str) -> int:
    """The id of the achievement of this kind and normalised key; enters it when it is new."""
    known = select(Achievement.id).where(Achievement.kind == kind, Achievement.key == key)
    found = session.scalar(known)
    if found is None:
        insert_unless_known(session, insert(Achievement).values(kind=kind, key=key, title=title))
        found = session.scalars(known).one()
    return found
