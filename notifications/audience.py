"""Who is meant by an audience: the people behind codes such as handler, head or organisation, on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from workflow.people.memberships import APPLICANT, in_force
from workflow.process.scope import APPLICATION
from workflow.storage.cases import Case, Referral, Step
from workflow.storage.people import Membership, Person, Unit
from workflow.storage.telling import Outbox


@dataclass(frozen=True, slots=True)
class _Holder:
    """The unit and the person who hold the case, or who held it last."""

    unit_id: int | None
    handler_id: int | None


def recipients(session: Session, told: Outbox, today: date) -> Sequence[Person]:
    """The people an outbox row is meant for today, each once, without whoever caused it."""
    holder = _holder(session, told)
    meant = [_meant(session, code, told, holder, today) for code in told.audience.split()]
    wanted = select(Person).where(
        Person.disabled_at.is_(None),
        exists().where(Membership.person_id == Person.id, in_force(today), or_(false(), *meant)),
    )
    actor_id = told.params.get("actor_id")
    if actor_id is not None:
        wanted = wanted.where(Person.id != actor_id)
    return session.scalars(wanted.order_by(Person.id)).all()


def _holder(session: Session, told: Outbox) -> _Holder:
    if told.unit_id is not None:
        return _Holder(told.unit_id, told.handler_id)
    # A case that has ended lies with nobody; whoever had it last still has to hear of its end.
    last = session.execute(
        select(Step.unit_id, Step.handler_id)
        .where(Step.case_id == told.case_id, Step.unit_id.is_not(None))
        .order_by(Step.number.desc())
        .limit(1)
    ).one_or_none()
    return _Holder(None, told.handler_id) if last is None else _Holder(*last)


def _meant(session: Session, code: str, told: Outbox, holder: _Holder, today: date) -> ColumnElement[bool]:
    """The posts a code stands for."""
    match code:
        case "organisation":
            return _applicants(session, told.case_id)
        case "handler":
            return _handler(session, holder, today)
        case "unit":
            return Membership.unit_id == holder.unit_id
        case "head":
            return and_(Membership.unit_id == holder.unit_id, Membership.is_head)
        case "supervisor" | "leader":
            return Membership.role == code
        case "joint_meeting_office":
            return Membership.unit_id.in_(select(Unit.id).where(Unit.kind == code))
        case "former_unit":
            return _former(told)
        case "about_unit":
            about = select(Referral.about_unit_id).where(Referral.case_id == told.case_id)
            return Membership.unit_id.in_(about)
    raise ValueError(f"nobody is known as {code}")


def _former(told: Outbox) -> ColumnElement[bool]:
    """The office the case was taken from; nobody where the same office goes on."""
    unit_id = told.params.get("from_unit_id")
    is_taken = None not in (unit_id, told.unit_id) and unit_id != told.unit_id
    return Membership.unit_id == unit_id if is_taken else false()


def _applicants(session: Session, case_id: int) -> ColumnElement[bool]:
    case = session.execute(select(Case.process, Case.organisation_id).where(Case.id == case_id)).one()
    # A referral is about officials; the organisation of the application behind it is not told of it.
    if case.process != APPLICATION:
        return false()
    return and_(Membership.role == APPLICANT, Membership.organisation_id == case.organisation_id)


def _handler(session: Session, holder: _Holder, today: date) -> ColumnElement[bool]:
    """The handler; while nobody who serves there has taken the case on, the whole unit."""
    posts = and_(Membership.unit_id == holder.unit_id, Membership.person_id == holder.handler_id)
    serves = session.scalar(
        select(Membership.id)
        .join(Person)
        .where(posts, in_force(today), Person.disabled_at.is_(None))
        .limit(1)
    )
    return Membership.unit_id == holder.unit_id if serves is None else posts
