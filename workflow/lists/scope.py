"""Which cases exist for a person, as a condition on `cases`: `process.scope.sees` is the same in Python."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from workflow.people.actors import Actor
from workflow.process.disclosure import SUPERVISION
from workflow.process.scope import APPLICATION, DISTRICT_ROLES, REFERRAL, REFERRAL_ROLES
from workflow.storage.cases import Application, Case, Referral


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition a statement over `cases` needs so that it finds only what this person may see."""
    was_submitted = and_(Case.state != "draft", or_(Case.state != "withdrawn", _is_numbered()))
    return _visible(actor, was_submitted)


def visible_open(actor: Actor) -> ColumnElement[bool]:
    """The same of the cases that are still open, from columns that stand in the indexes over those alone."""
    return and_(Case.closed_at.is_(None), _visible(actor, Case.state != "draft"))


def _visible(actor: Actor, was_submitted: ColumnElement[bool]) -> ColumnElement[bool]:
    if actor.is_system:
        return true()
    return or_(
        and_(Case.process != APPLICATION, _referral(actor)),
        and_(Case.process == APPLICATION, or_(*_own(actor), and_(was_submitted, *_under_way(actor)))),
    )


def is_application() -> ColumnElement[bool]:
    """Whether a case is an application, where something else leads to the cases."""
    # Nearly all are: by the index of processes all would be read and sorted, and no index leads to unlike.
    return Case.process != REFERRAL


def held_by_her_units(actor: Actor) -> ColumnElement[bool]:
    """The open cases of the units she serves in: the scope of a worklist, part of what is visible to her."""
    return and_(is_one_of(Case.unit_id, actor.unit_ids), Case.closed_at.is_(None))


def of_others(actor: Actor) -> Iterator[ColumnElement[bool]]:
    """Leaves her own organisations' cases out where a list is asked for what she is not told of them."""
    if actor.organisation_ids:
        # A referral belongs to no organisation.
        is_anothers = Case.organisation_id.not_in(sorted(actor.organisation_ids))
        yield or_(Case.organisation_id.is_(None), is_anothers)


def told_where(actor: Actor) -> Iterator[ColumnElement[bool]]:
    """The same where it is asked by state or unit: of her own under supervision she is told neither."""
    for anothers in of_others(actor):
        yield or_(Case.state != SUPERVISION, anothers)


def _referral(actor: Actor) -> ColumnElement[bool]:
    if actor.roles & REFERRAL_ROLES:
        return true()
    decided = exists().where(Referral.case_id == Case.id, Referral.decision.is_not(None))
    # Only the case is the outer one: lists that join referrals themselves use this condition too.
    about_hers = decided.where(Referral.about_unit_id.in_(actor.unit_ids)).correlate(Case)
    return or_(Case.unit_id.in_(actor.unit_ids), about_hers)


def _own(actor: Actor) -> Iterator[ColumnElement[bool]]:
    """The applications of her organisations, and the drafts her office enters for who came with paper."""
    if actor.organisation_ids:
        yield Case.organisation_id.in_(actor.organisation_ids)
    townships = actor.units_as("township_officer")
    if townships:
        application = exists().where(Application.case_id == Case.id, Application.entered_by_id.is_not(None))
        # Only the case is the outer one: statements that join applications themselves use this condition too.
        entered = application.correlate(Case)
        yield and_(Case.state == "draft", Case.township_id.in_(townships), entered)


def _under_way(actor: Actor) -> Iterator[ColumnElement[bool]]:
    if not actor.roles & DISTRICT_ROLES:
        townships = actor.units_as("township_officer")
        yield or_(Case.unit_id.in_(townships), Case.township_id.in_(townships))


def _is_numbered() -> ColumnElement[bool]:
    """Whether it was ever submitted: a draft that was deleted has no number."""
    # Looked up for the withdrawn alone; as a column of each row it would keep counts off their indexes.
    same = aliased(Case)
    number = select(same.number).where(same.id == Case.id).correlate(Case).scalar_subquery()
    return number.is_not(None)


def is_one_of(column: InstrumentedAttribute[int | None], ids: Collection[int]) -> ColumnElement[bool]:
    """Whether the column is one of these numbers, said so that an index is used as far as it goes."""
    # With one unit the index gives the rows in their order; a list of units has to be sorted.
    if not ids:
        return false()
    if len(ids) == 1:
        return column == next(iter(ids))
    return column.in_(sorted(ids))
