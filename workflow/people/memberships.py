"""Who serves where, in which role, from a day to a day (任职)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from workflow.errors import InvalidInput, NotFound, Reason, Refused
from workflow.people.trail import Signature, record_post
from workflow.reference import UnitFacts, reference_of
from workflow.storage.people import Membership, Organisation, Person

APPLICANT = "applicant"
ADMINISTRATOR = "administrator"

# In which kind of unit a role serves; an applicant serves an organisation.
ROLE_UNITS: Mapping[str, str] = {
    "township_officer": "township",
    "bureau_reviewer": "bureau",
    "joint_meeting_officer": "joint_meeting_office",
    "finance_officer": "finance",
    "efficiency_officer": "efficiency_office",
    "supervisor": "supervision",
    # Told when the efficiency office itself is late; decides on no case.
    "leader": "supervision",
    ADMINISTRATOR: "administration",
}
# Whoever gives out accounts decides on no case, and the other way round.
EXCLUSIVE_ROLES = frozenset({ADMINISTRATOR})


def in_force(day: date) -> ColumnElement[bool]:
    """The condition that a membership is in force on a day."""
    return and_(Membership.from_on <= day, or_(Membership.to_on.is_(None), Membership.to_on >= day))


def add_membership(
    session: Session,
    person_id: int,
    role: str,
    from_on: date,
    *,
    unit_id: int | None = None,
    organisation_id: int | None = None,
    is_head: bool = False,
    to_on: date | None = None,
    by: Signature | None = None,
) -> Membership:
    """Appoint a person, for a unit or for an organisation; InvalidInput with every reason against.

    Without a signature nothing is recorded: for who registers herself, and for databases of samples.
    """
    if session.get(Person, person_id, with_for_update=True) is None:
        raise NotFound(Reason("not_found"))
    membership = Membership(
        person_id=person_id,
        role=role,
        unit_id=unit_id,
        organisation_id=organisation_id,
        is_head=is_head,
        from_on=from_on,
        to_on=to_on,
    )
    if reasons := _reasons_against(session, membership):
        raise InvalidInput(*reasons)
    session.add(membership)
    session.flush()
    if by is not None:
        record_post(session, by, "appointed", membership)
    return membership


def end_membership(session: Session, membership_id: int, to_on: date, by: Signature) -> Membership:
    """Let a membership end with a day, which is its last; it can be the day before it began."""
    membership = session.get(Membership, membership_id)
    if membership is None:
        raise NotFound(Reason("not_found"))
    if to_on < membership.from_on - timedelta(days=1):
        raise InvalidInput(Reason("membership.ends_before_it_begins", {}, "to_on"))
    if membership.role == ADMINISTRATOR:
        refuse_losing_last_administrator(session, membership.person_id, to_on + timedelta(days=1))
    membership.to_on = to_on
    session.flush()
    record_post(session, by, "post_ended", membership)
    return membership


def refuse_losing_last_administrator(session: Session, person_id: int, day: date) -> None:
    """Refused when the person is the only administrator on that day: nobody could appoint another."""
    administrators = session.scalars(
        select(Membership.person_id)
        .join(Person)
        .where(Membership.role == ADMINISTRATOR, in_force(day), Person.disabled_at.is_(None))
    ).all()
    if set(administrators) == {person_id}:
        raise Refused(Reason("membership.last_administrator"))


def _reasons_against(session: Session, wanted: Membership) -> list[Reason]:
    reasons = _place_reasons(session, wanted)
    if wanted.to_on is not None and wanted.to_on < wanted.from_on:
        reasons.append(Reason("membership.ends_before_it_begins", {}, "to_on"))
    others = session.scalars(
        select(Membership).where(Membership.person_id == wanted.person_id, _overlapping(wanted))
    ).all()
    if any(_is_same_post(wanted, other) for other in others):
        reasons.append(Reason("membership.held_already", {"role_label": f"role.{wanted.role}"}, "role"))
    if any(_exclude_each_other(wanted.role, other.role) for other in others):
        reasons.append(Reason("membership.exclusive", {}, "role"))
    return reasons


def _place_reasons(session: Session, wanted: Membership) -> list[Reason]:
    if wanted.role == APPLICANT:
        return _applicant_reasons(session, wanted)
    kind = ROLE_UNITS.get(wanted.role)
    if kind is None:
        return [Reason("membership.unknown_role", {"role": wanted.role}, "role")]
    unit = reference_of(session).units.get(wanted.unit_id or 0)
    if unit is None:
        return [Reason("membership.unit_missing", {}, "unit")]
    return _unit_reasons(wanted, unit, kind)


def _applicant_reasons(session: Session, wanted: Membership) -> list[Reason]:
    known = wanted.organisation_id and session.get(Organisation, wanted.organisation_id)
    return [] if known else [Reason("membership.organisation_missing", {}, "organisation")]


def _unit_reasons(wanted: Membership, unit: UnitFacts, kind: str) -> list[Reason]:
    reasons = []
    if unit.kind != kind:
        params = {
            "unit": unit.name,
            "role_label": f"role.{wanted.role}",
            "kind_label": f"unit_kind.{kind}",
        }
        reasons.append(Reason("membership.wrong_unit", params, "role"))
    if not unit.is_valid_on(wanted.from_on):
        params = {"unit": unit.name, "day": wanted.from_on.isoformat()}
        reasons.append(Reason("membership.unit_not_valid", params, "unit"))
    return reasons


def _overlapping(wanted: Membership) -> ColumnElement[bool]:
    ends_later = or_(Membership.to_on.is_(None), Membership.to_on >= wanted.from_on)
    return ends_later if wanted.to_on is None else and_(ends_later, Membership.from_on <= wanted.to_on)


def _is_same_post(wanted: Membership, other: Membership) -> bool:
    same_place = (wanted.unit_id, wanted.organisation_id) == (other.unit_id, other.organisation_id)
    return same_place and wanted.role == other.role


def _exclude_each_other(role: str, other: str) -> bool:
    return role != other and bool(EXCLUSIVE_ROLES & {role, other})
