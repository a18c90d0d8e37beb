"""An application that lies too long, the referral about it, and who hears of either."""

from __future__ import annotations

from sqlalchemy import select

from notifications.audience import recipients
from tests.world import World
from workflow.process.perform import Outcome
from workflow.referrals.drafting import draft_referral
from workflow.storage.tables import Outbox, Referral, Step, Unit

TYPED = {"problem": "slowness", "account_of_facts": "久拖不办", "clue": "企业来信"}


def late_in_precheck(world: World, applicant: str = "donglong") -> int:
    """The officer accepted it and let it lie for two days too long."""
    case_id = world.in_precheck(applicant)
    world.working_days_later(7)
    return case_id


def order(world: World, case_id: int, handler: str, limit_days: int = 3) -> Outcome:
    return world.do(
        "xuyuan",
        "order_handling",
        case_id,
        handler=world.person_id(handler),
        limit_days=limit_days,
        reason="限期办结",
    )


def referral_of(world: World, case_id: int) -> Referral:
    with world.store.reading() as session:
        referral = session.get_one(Referral, case_id)
        session.expunge(referral)
        return referral


def steps_of(world: World, case_id: int) -> list[Step]:
    with world.store.reading() as session:
        steps = list(session.scalars(select(Step).where(Step.case_id == case_id).order_by(Step.number)))
        for step in steps:
            session.expunge(step)
        return steps


def corrected_by_head(world: World, case_id: int) -> None:
    """The head takes it over from 林秀英 and asks for a correction."""
    world.do("huang", "hand_over", case_id, handler=world.person_id("huang"))
    world.do("huang", "request_correction", case_id, defects=["缺合同"])


def told(world: World, action: str) -> set[str]:
    """The accounts of those whom the latest message about this action goes to."""
    with world.store.reading() as session:
        rows = session.scalars(select(Outbox).order_by(Outbox.id.desc()))
        row = next(row for row in rows if row.params.get("action") == action)
        return {person.account for person in recipients(session, row, world.today)}


def written(world: World, application_id: int | None, unit: str | None = None) -> int:
    """赵文斌 drafts a referral on the clue of a firm; returns its id."""
    with world.store.writing() as session:
        unit_id = session.scalar(select(Unit.id).where(Unit.code == unit)) if unit else None
        referral = draft_referral(
            session, world.actor("zhao"), now=world.now, application_id=application_id,
            about_unit_id=unit_id, about_person_id=None, typed=TYPED,
        ).id  # fmt: skip
        session.commit()
    return referral


def version(world: World, case_id: int) -> dict[str, int]:
    """What a form made from the case as it is now sends along."""
    return {"seen_version": world.case(case_id).version}
