"""The parts of an office's worklist by what has to be done, for the offices that do several things."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, not_, select
from sqlalchemy.orm import Session

from workflow.lists.paging import KEPT_STATEMENTS, capped
from workflow.lists.scope import held_by_her_units
from workflow.people.actors import Actor
from workflow.process.scope import APPLICATION
from workflow.storage.cases import Case
from workflow.storage.money import Payment

Condition = Callable[[Actor], ColumnElement[bool]]


def _prepared(actor: Actor) -> ColumnElement[bool]:
    return exists().where(Payment.case_id == Case.id, Payment.status == "prepared")


def _prepared_by_her(actor: Actor) -> ColumnElement[bool]:
    return exists().where(
        Payment.case_id == Case.id, Payment.status == "prepared", Payment.prepared_by_id == actor.person_id
    )


def _returned(actor: Actor) -> ColumnElement[bool]:
    return exists().where(Payment.case_id == Case.id, Payment.kind == "returned")


def _in_state(state: str) -> Condition:
    def is_in_state(actor: Actor) -> ColumnElement[bool]:
        return Case.state == state

    return is_in_state


def _to_prepare(actor: Actor) -> ColumnElement[bool]:
    return (Case.state == "payment_pending") & not_(_prepared(actor))


def _to_confirm(actor: Actor) -> ColumnElement[bool]:
    # Maker and checker differ: what she prepared herself is for a colleague to confirm.
    return (Case.state == "payment_pending") & _prepared(actor) & not_(_prepared_by_her(actor))


def _for_colleague(actor: Actor) -> ColumnElement[bool]:
    return (Case.state == "payment_pending") & _prepared_by_her(actor)


def _returned_transfers(actor: Actor) -> ColumnElement[bool]:
    return (Case.state == "payment_pending") & _returned(actor)


def _referrals(actor: Actor) -> ColumnElement[bool]:
    return Case.process != APPLICATION


SECTIONS: Mapping[str, Condition] = {
    "for_approval": _in_state("joint_meeting_approval"),
    "notices": _in_state("public_notice"),
    "objections": _in_state("objection_check"),
    "to_prepare": _to_prepare,
    "to_confirm": _to_confirm,
    "for_colleague": _for_colleague,
    "returned_transfers": _returned_transfers,
    "recoveries": _in_state("recovering"),
    "to_order": _in_state("efficiency_office"),
    "referrals": _referrals,
}
SECTIONS_OF_ROLE: Mapping[str, tuple[str, ...]] = {
    "joint_meeting_officer": ("for_approval", "notices", "objections", "referrals"),
    "finance_officer": ("to_prepare", "to_confirm", "for_colleague", "returned_transfers", "recoveries"),
    "efficiency_officer": ("to_order", "referrals"),
}


def sections_of(actor: Actor) -> tuple[str, ...]:
    """The sections her worklist is divided into; none for roles that do one thing."""
    names = (name for role in sorted(actor.roles) for name in SECTIONS_OF_ROLE.get(role, ()))
    return tuple(dict.fromkeys(names))


def section_counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many open cases of her units stand in each of her sections, each counted to the cap at most."""
    if not sections_of(actor):
        return {}
    return dict(session.execute(_counting(actor)).one()._mapping)


@lru_cache(KEPT_STATEMENTS)
def _counting(actor: Actor) -> Select[*tuple[Any, ...]]:
    held = held_by_her_units(actor)
    return select(*(capped(held, SECTIONS[name](actor)).label(name) for name in sections_of(actor)))
