"""Who acts in the demo: finds the person for each act as the offices would, by asking the engine who may."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.people.actors import Actor, actor_of
from workflow.process.available import reasons_for
from workflow.process.definition import State
from workflow.process.definitions import process_of
from workflow.storage.cases import Case, Event
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
    origin: State | None


def standing_of(session: Session, case_id: int) -> Standing:
    row = session.execute(
        select(
            Case.process, Case.process_version, Case.state, Case.version, Case.unit_id, Case.township_id,
            Case.organisation_id, Case.handler_id, Case.origin_state,
        ).where(Case.id == case_id)
    ).one()  # fmt: skip
    states = process_of(session, row.process, row.process_version).states
    return Standing(case_id, states[row.state], *row[3:8], states.get(row.origin_state))


class Cast:
    """Everybody in the demo; choices among several are drawn by lot, always the same."""

    def __init__(self, session: Session, chance: Random, today: date) -> None:
        everybody = select(Person.id).order_by(Person.id)
        found = (actor_of(session, person_id, today) for person_id in session.scalars(everybody))
        self._people = {actor.person_id: actor for actor in found if actor is not None}
        self._chance = chance

    def person_for(self, session: Session, act: str, by: str, at: Standing, now: datetime) -> Actor:
        """Who does an act; `by` is a part (handler, head, …) or a role of whatever unit."""
        match by:
            case "applicant":
                return self.applicant(at.organisation_id)
            case "head":
                return next(actor for actor in self._all() if actor.heads(at.unit_id))
            case "township":
                able = self._officers(at.township_id)
            case "last":
                last = select(Event.actor_id).where(Event.case_id == at.case_id)
                return self._people[session.scalars(last.order_by(Event.number.desc()).limit(1)).one()]
            case "handler":
                able = [actor for actor in self._all() if at.unit_id in actor.unit_ids]
            case "colleague":
                able = [actor for actor in self._officers(at.unit_id) if actor.person_id != at.handler_id]
            case _:
                able = [actor for actor in self._all() if by in actor.roles]
        return self._fittest(session, act, able, at, now)

    def applicant(self, organisation_id: int | None) -> Actor:
        return next(actor for actor in self._all() if organisation_id in actor.organisation_ids)

    def township_officer(self, township_id: int | None) -> Actor:
        return self._chance.choice(self._officers(township_id))

    def officer(self, role: str) -> Actor:
        return self._chance.choice([a for a in self._all() if role in a.roles and not _is_head(a)])

    def ordered(self, session: Session, by: Actor, at: Standing, now: datetime) -> Actor:
        """Who is ordered to handle a case that the efficiency office gives back: not the late one."""
        assert at.origin is not None, "the case came from somewhere"
        kind, order = at.origin.holder, ["order_handling"]
        # Within a township people know the files: another one is not troubled with them.
        back = [
            actor
            for actor in self._all()
            if any(post.unit_kind == kind for post in actor.posts)
            and (kind != "township" or at.township_id in actor.unit_ids)
            and not _is_head(actor)
            and reasons_for(session, at.case_id, order, [by], now, handler=actor.person_id) == [[]]
        ]
        return self._chance.choice(back)

    def _fittest(
        self, session: Session, act: str, able: Sequence[Actor], at: Standing, now: datetime
    ) -> Actor:
        """One against whom the engine has the least: to this act, then to what may be decided after it.

        What speaks against everybody is a matter of the case. Of equals the handler goes first, heads last.
        """

        def least_against(actors: Sequence[Actor], acts: Sequence[str]) -> list[Actor]:
            if len(actors) == 1:
                return list(actors)
            reasons = [len(each) for each in reasons_for(session, at.case_id, acts, actors, now)]
            return [actor for actor, count in zip(actors, reasons, strict=True) if count == min(reasons)]

        able = least_against(able, [act])
        if (handler := self._people.get(at.handler_id)) in able:
            return handler
        able = [actor for actor in able if not _is_head(actor)] or able
        decisions = [action.name for action in at.state.actions.values() if action.duty is not None]
        return self._chance.choice(least_against(able, decisions))

    def _all(self) -> Iterable[Actor]:
        return self._people.values()

    def _officers(self, unit_id: int | None) -> list[Actor]:
        return [actor for actor in self._all() if unit_id in actor.unit_ids and not _is_head(actor)]


def _is_head(actor: Actor) -> bool:
    return any(post.is_head for post in actor.posts)
