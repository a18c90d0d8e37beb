"""Who acts in the demo: finds the person for each act as the offices would, without conflicts of duty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.people.actors import Actor, actor_of
from workflow.process.definition import State
from workflow.process.definitions import process_of
from workflow.process.reasons import SEPARATE_DUTIES
from workflow.storage.cases import Case, Event
from workflow.storage.money import Payment
from workflow.storage.people import Person


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands when somebody is looked for."""

    case_id: int
    state: State
    version: int
    unit_id: int | None
    township_id: int | None
    organisation_id: int | None
    handler_id: int | None
    origin: str | None
    duties: Mapping[str, Sequence[int]]


def standing_of(session: Session, case_id: int) -> Standing:
    row = session.execute(
        select(
            Case.process, Case.process_version, Case.state, Case.version, Case.unit_id, Case.township_id,
            Case.organisation_id, Case.handler_id, Case.origin_state, Case.duties,
        ).where(Case.id == case_id)
    ).one()  # fmt: skip
    state = process_of(session, row.process, row.process_version).states[row.state]
    return Standing(case_id, state, *row[3:])


class Cast:
    """Everybody in the demo; choices among several are drawn by lot, always the same."""

    def __init__(self, session: Session, chance: Random, today: date) -> None:
        everybody = select(Person.id).order_by(Person.id)
        found = (actor_of(session, person_id, today) for person_id in session.scalars(everybody))
        self._people = {actor.person_id: actor for actor in found if actor is not None}
        self._chance = chance

    def person_for(self, session: Session, by: str, at: Standing) -> Actor:
        """Who does an act; `by` is a part (handler, head, …) or a role of whatever unit."""
        match by:
            case "applicant":
                return self._first(a for a in self._all() if at.organisation_id in a.organisation_ids)
            case "handler":
                return self._lot(self.fit(at)) if at.handler_id is None else self._people[at.handler_id]
            case "colleague":
                return self._lot(actor for actor in self.fit(at) if actor.person_id != at.handler_id)
            case "head":
                return self._first(actor for actor in self._all() if actor.heads(at.unit_id))
            case "checker":
                maker = session.scalar(
                    select(Payment.prepared_by_id).where(
                        Payment.case_id == at.case_id, Payment.status == "prepared"
                    )
                )
                return self._lot(actor for actor in self.fit(at) if actor.person_id != maker)
            case "township":
                return self._lot(self._officers(at.township_id))
            case "last":
                last = select(Event.actor_id).where(Event.case_id == at.case_id)
                return self._people[session.scalars(last.order_by(Event.number.desc()).limit(1)).one()]
        return self._lot(a for a in self._all() if by in a.roles and self._is_free(a, at) and not _is_head(a))

    def applicant(self, organisation_id: int) -> Actor:
        return self._first(a for a in self._all() if organisation_id in a.organisation_ids)

    def township_officer(self, township_id: int) -> Actor:
        return self._lot(self._officers(township_id))

    def fit(self, at: Standing) -> list[Actor]:
        """Officers of the unit that holds the case who may decide on it; its head where there is none."""
        officers = [actor for actor in self._officers(at.unit_id) if self._is_free(actor, at)]
        return officers or [actor for actor in self._all() if actor.heads(at.unit_id)]

    def ordered(self, at: Standing, origin: State, late: int | None) -> Actor:
        """Who is ordered to handle a case that the efficiency office gives back: not the late one."""
        roles = {permission.role for action in origin.actions.values() for permission in action.by}
        back = [
            actor
            for actor in self._all()
            if any(post.unit_kind == origin.holder and post.role in roles for post in actor.posts)
            and (origin.holder != "township" or at.township_id in actor.unit_ids)
            and actor.person_id != late
            and not _is_head(actor)
        ]
        return self._lot(back)

    def _all(self) -> Iterable[Actor]:
        return self._people.values()

    def _officers(self, unit_id: int | None) -> list[Actor]:
        return [actor for actor in self._all() if unit_id in actor.unit_ids and not _is_head(actor)]

    def _is_free(self, actor: Actor, at: Standing) -> bool:
        """Whether she has taken part in no other duty of the case than those of its present state."""
        here = {action.duty for action in at.state.actions.values()}
        return not any(
            actor.person_id in at.duties.get(duty, ()) for duty in SEPARATE_DUTIES if duty not in here
        )

    def _lot(self, actors: Iterable[Actor]) -> Actor:
        return self._chance.choice(list(actors))

    def _first(self, actors: Iterable[Actor]) -> Actor:
        return next(iter(actors))


def _is_head(actor: Actor) -> bool:
    return any(post.is_head for post in actor.posts)
