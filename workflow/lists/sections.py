"""The parts of an office's worklist by what has to be done, for the offices that do several things."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, not_, select
from sqlalchemy.orm import Session

from workflow.lists.paging import KEPT_STATEMENTS, capped
from workflow.lists.scope import held_by_her_units
from workflow.people.actors import Actor
from workflow.process.scope import APPLICATION, REFERRAL
from workflow.storage.cases import Case
from workflow.storage.money import Payment

Condition = Callable[[Actor], ColumnElement[bool]]


def _with_payment(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    # The few payments are read first: of the many cases each would have to be looked up among them.
    return Case.id.in_(select(Payment.case_id).where(*conditions))


def _in_state(state: str) -> Condition:
    def is_in_state(actor: Actor) -> ColumnElement[bool]:
        return (Case.process == APPLICATION) & (Case.state == state)

    return is_in_state


_is_pending = _in_state("payment_pending")


def _to_prepare(actor: Actor) -> ColumnElement[bool]:
    return _is_pending(actor) & not_(_with_payment(Payment.status == "prepared"))


def _to_confirm(actor: Actor) -> ColumnElement[bool]:
    # Maker and checker differ: what she prepared herself is for a colleague to confirm.
    return _is_pending(actor) & _with_payment(
        Payment.status == "prepared", Payment.prepared_by_id != actor.person_id
    )


def _for_colleague(actor: Actor) -> ColumnElement[bool]:
    return _is_pending(actor) & _with_payment(
        Payment.status == "prepared", Payment.prepared_by_id == actor.person_id
    )


def _returned_transfers(actor: Actor) -> ColumnElement[bool]:
    return _is_pending(actor) & _with_payment(Payment.kind == "returned")


def _referrals(actor: Actor) -> ColumnElement[bool]:
    # Named, because an index leads to a name and not past one.
    return Case.process == REFERRAL


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
