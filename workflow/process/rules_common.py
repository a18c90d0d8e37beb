"""Guards and effects any process may use: taking on, handing over, recall, referral of a late case."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from workflow.clock.days import start_of_day
from workflow.errors import Reason
from workflow.people.actors import Actor, actor_of
from workflow.process.definition import State
from workflow.process.facts import Facts, loader, needs
from workflow.process.move import Move
from workflow.process.reasons import SEPARATE_DUTIES
from workflow.process.registry import effect, guard
from workflow.storage.cases import Event, Step


@loader
def candidate(session: Session, facts: Facts) -> Actor | None:
    """The person named in the input `handler`, with the posts she holds today."""
    chosen = facts.inputs.get("handler")
    return None if chosen is None else actor_of(session, chosen, facts.today)


@loader
def last_event(session: Session, facts: Facts) -> Event:
    return session.scalars(
        select(Event).where(Event.case_id == facts.case.id, Event.number == facts.case.event_number)
    ).one()


@guard
def not_taken(facts: Facts) -> list[Reason]:
    yours = facts.actor.person_id is not None and facts.case.handler_id == facts.actor.person_id
    return [Reason("reason.already_yours")] if yours else []


@guard
def free_of_conflicts(facts: Facts) -> list[Reason]:
    """Nobody takes on what she then may not decide: her colleagues would be kept from it."""
    held = conflicting_duties(facts, facts.state, facts.actor.person_id)
    return [Reason("reason.duty_conflict", {"duty_label": f"duty.{duty}"}) for duty in held]


def conflicting_duties(facts: Facts, state: State, person_id: int | None) -> list[str]:
    """The duties in which a person took part that keep her from those of the state."""
    here = {action.duty for action in state.actions.values() if action.duty in SEPARATE_DUTIES}
    others = [duty for duty in SEPARATE_DUTIES if here and duty not in here]
    return [duty for duty in others if person_id in facts.those_of_duty(duty)]


@guard
@needs("candidate")
def handler_or_head(facts: Facts) -> list[Reason]:
    """Hand over what is yours, or as head what is your unit's, to an officer of the same unit."""
    case, reasons = facts.case, []
    if facts.actor.person_id != case.handler_id and not facts.actor.heads(case.unit_id):
        reasons.append(Reason("reason.handler_or_head"))
    if "handler" in facts.inputs:
        person: Actor | None = facts.loaded["candidate"]
        roles = _roles_of_unit(facts)
        if person is None or not any(case.unit_id in person.units_as(role) for role in roles):
            reasons.append(Reason("reason.not_of_this_unit", field="handler"))
        elif person.person_id == case.handler_id:
            reasons.append(Reason("reason.already_handler", field="handler"))
        elif case.organisation_id in person.organisation_ids:
            reasons.append(Reason("reason.handler_of_organisation", field="handler"))
        else:
            reasons += _handler_conflicts(facts, facts.state, person)
    return reasons


@guard
@needs("last_event")
def own_last_action(facts: Facts) -> list[Reason]:
    """Undo one's own last action only until somebody of the next office has acted."""
    event: Event = facts.loaded["last_event"]
    undone = facts.process.action(event.from_state or "", event.action) if event.from_state else None
    if event.actor_id != facts.actor.person_id or undone is None or not undone.recallable:
        return [Reason("reason.too_late_to_recall")]
    if facts.process.states[facts.case.state].actions["recall"].destinations != (event.from_state,):
        return [Reason("reason.too_late_to_recall")]
    return []


@loader
def late_handler(session: Session, facts: Facts) -> int | None:
    """Who handled the case in the step that was taken to the efficiency office."""
    step = session.scalars(
        select(Step)
        .where(Step.case_id == facts.case.id, Step.state == facts.case.origin_state)
        .order_by(Step.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return None if step is None else answering_for(session, step)


def answering_for(session: Session, step: Step) -> int | None:
    """In whose hands a step became late; in whose hands it is, or last was, when it did not.

    Handing it over once it is late takes nothing off one's own account, and whoever takes on a late case that
    lay untaken does not answer for it: that lateness is the unit's.
    """
    if step.due_on is None:
        return step.handler_id
    since = session.execute(
        select(Event.action, Event.details)
        .where(
            Event.case_id == step.case_id,
            Event.from_state == step.state,
            Event.at >= max(step.entered_at, start_of_day(step.due_on + timedelta(1))),
            Event.at <= step.left_at if step.left_at else true(),
        )
        .order_by(Event.number)
    ).all()
    for action, details in since:
        if action == "hand_over":
            return int(details["from_handler"]) if details.get("from_handler") else None
        if action == "take_on" or details.get("taken_on"):
            return None
    return step.handler_id


@guard
@needs("candidate", "late_handler")
def fit_to_handle(facts: Facts) -> list[Reason]:
    """Ordered to handle is an officer of the origin's kind, not the late one, and free of conflicts."""
    if "handler" not in facts.inputs:
        return []
    person: Actor | None = facts.loaded["candidate"]
    state = facts.process.states[facts.case.origin_state or facts.case.state]
    roles = {permission.role for action in state.actions.values() for permission in action.by}
    kind = state.holder
    posts = [post for post in person.posts if post.unit_kind == kind and post.role in roles] if person else []
    if person is None or not posts:
        return [Reason("reason.not_fit_to_handle", {"state_label": f"state.{state.name}"}, "handler")]
    reasons = []
    if person.person_id == facts.loaded["late_handler"]:
        reasons.append(Reason("reason.late_handler", field="handler"))
    if facts.case.organisation_id in person.organisation_ids:
        reasons.append(Reason("reason.handler_of_organisation", field="handler"))
    return [*reasons, *_handler_conflicts(facts, state, person)]


def _handler_conflicts(facts: Facts, state: State, person: Actor) -> list[Reason]:
    return [
        Reason("reason.handler_duty_conflict", {"duty_label": f"duty.{duty}"}, "handler")
        for duty in conflicting_duties(facts, state, person.person_id)
    ]


@effect
def take_on(move: Move) -> None:
    move.handler_id = move.actor_id


@effect
def keep_handler(move: Move) -> None:
    """The same officer goes on in the next step of the same office."""
    move.handler_id = move.actor_id


@effect
def hand_over(move: Move) -> None:
    move.details["from_handler"] = move.facts.case.handler_id
    move.handler_id = move.facts.inputs["handler"]


@effect
def order_handling(move: Move) -> None:
    """交办: another officer, also of another unit of the same kind, with a limit of its own."""
    person: Actor = move.facts.loaded["candidate"]
    move.handler_id = person.person_id
    move.unit_id = next(post.unit_id for post in person.posts if post.unit_kind == move.destination.holder)
    move.limit_days = move.facts.inputs["limit_days"]
    move.used_before = 0


def _roles_of_unit(facts: Facts) -> set[str]:
    """The roles that may act for the holding unit in the present state."""
    return {
        permission.role
        for action in facts.state.actions.values()
        for permission in action.by
        if permission.of == "holder"
    }
