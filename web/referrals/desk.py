"""What lies on the desk of whoever opens a referral: the case, the application it is about, her actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from web import edge
from web.cases.handlers import Group, handler_choices
from web.referrals.ground import Ground, ground_of
from web.referrals.people import post_of
from workflow.errors import NotFound, Reason
from workflow.lists.case_history import PaymentLine
from workflow.lists.case_links import ReferralPart
from workflow.lists.case_page import CasePage, dossier_of
from workflow.process.available import Available, available_on
from workflow.process.facts import Facts
from workflow.process.seen import seen_facts
from workflow.storage.cases import Referral


@dataclass(frozen=True, slots=True)
class Desk:
    """One referral as one reader sees it. `ground` is the application, where she sees that too."""

    page: CasePage
    referral: ReferralPart
    ground: Ground | None
    post: str
    facts: Facts
    offered: tuple[Available, ...]
    handlers: Mapping[str, list[Group]]
    # Cards ask it of every case; no money moves in a referral.
    payable_yuan: int | None = None
    prepared: PaymentLine | None = None


def desk_of(session: Session, case_id: int) -> Desk:
    """Everything the page shows. Raises NotFound for what is no referral, or is not hers to see."""
    actor, now, today = edge.actor(), edge.now(), edge.today()
    page = dossier_of(session, actor, edge.reference(), today, case_id)
    if page.referral is None:
        raise NotFound(Reason("not_found"))
    facts = seen_facts(session, case_id, actor, now)
    offered = tuple(available_on(session, facts))
    about = select(Referral.about_person_id).where(Referral.case_id == case_id)
    return Desk(
        page=page,
        referral=page.referral,
        ground=_ground(session, page, page.referral),
        post=post_of(session, session.scalar(about), page.referral.about_unit_id),
        facts=facts,
        offered=offered,
        handlers={
            each.action: handler_choices(session, facts, facts.state.actions[each.action])
            for each in offered
            if "handler" in each.inputs and not each.reasons
        },
    )


def _ground(session: Session, page: CasePage, referral: ReferralPart) -> Ground | None:
    if not page.links:
        return None
    ground = ground_of(session, page.links[0].case_id, referral.step_number)
    # Who also acts for the firm does not read here what the offices keep from it.
    return None if ground.page.outsider else ground
