"""Whom a case can be given to: the officers against whom the process has nothing, by their unit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.language import unit_name
from workflow.people.actors import Actor, Post
from workflow.people.memberships import in_force
from workflow.people.units import units_on
from workflow.process.definition import Action
from workflow.process.facts import Facts, load_needs
from workflow.process.reasons import reasons_against
from workflow.storage.people import Membership, Person


class Group(NamedTuple):
    """The officers of one unit: what is sent, and the name."""

    unit: str
    officers: tuple[tuple[int | str, str], ...]


def handler_choices(session: Session, facts: Facts, action: Action) -> list[Group]:
    """Who may be named as the handler in this action, grouped by unit, the nearest units first."""
    load_needs(session, facts, [action])
    unit_ids = _units(facts, action)
    fitting = [each for each in _officers(session, facts, unit_ids) if _fits(facts, action, each)]
    groups = [(unit_id, [each for each in fitting if unit_id in each.unit_ids]) for unit_id in unit_ids]
    return [
        Group(unit_name(unit_id), tuple((each.person_id or 0, each.name) for each in officers))
        for unit_id, officers in groups
        if officers
    ]


def _units(facts: Facts, action: Action) -> list[int]:
    """The unit that holds the case, or all of the kind the action leads to."""
    if action.stays:
        return [facts.case.unit_id] if facts.case.unit_id is not None else []
    state = facts.process.states[facts.case.origin_state or facts.case.state]
    found = [unit.id for unit in units_on(facts.reference, facts.today, state.holder)]
    near = (*facts.actor.unit_ids, facts.case.township_id)
    return sorted(found, key=lambda unit_id: unit_id not in near)


def _officers(session: Session, facts: Facts, unit_ids: Collection[int]) -> list[Actor]:
    """Who serves in one of these units today, each with the posts she holds there and her organisations."""
    there = Membership.unit_id.in_(unit_ids)
    serving = select(Membership.person_id).where(there, in_force(facts.today))
    rows = session.execute(
        select(Person.id, Person.name, Membership)
        .join(Membership, Membership.person_id == Person.id)
        .where(Person.id.in_(serving), Person.disabled_at.is_(None), in_force(facts.today))
        .order_by(Person.id, Membership.id)
    ).all()
    posts: dict[tuple[int, str], list[Post]] = {}
    for person_id, name, membership in rows:
        posts.setdefault((person_id, name), []).append(_post(membership, facts))
    return [Actor(person_id, name, tuple(held)) for (person_id, name), held in posts.items()]


def _post(membership: Membership, facts: Facts) -> Post:
    unit = facts.reference.units.get(membership.unit_id) if membership.unit_id is not None else None
    return Post(
        role=membership.role,
        is_head=membership.is_head,
        unit_id=membership.unit_id,
        unit_kind=unit.kind if unit else None,
        organisation_id=membership.organisation_id,
    )


def _fits(facts: Facts, action: Action, person: Actor) -> bool:
    """Whether naming her would be accepted; reasons that are not about her do not matter here."""
    named = replace(facts, inputs={"handler": person.person_id}, loaded={**facts.loaded, "candidate": person})
    return not any(reason.field == "handler" for reason in reasons_against(named, action))
