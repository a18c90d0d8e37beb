"""Every reason against an action, from facts alone: permission, duties, handler, timers, guards."""

from __future__ import annotations

from workflow.errors import Reason
from workflow.process.definition import APPLICANT_ROLE, Action, Permission
from workflow.process.facts import Facts
from workflow.process.registry import GUARDS

# Nobody takes part in two of these for one application.
SEPARATE_DUTIES = ("entry", "precheck", "review", "approval", "objection", "payment", "revocation")


def reasons_against(facts: Facts, action: Action) -> list[Reason]:
    """All reasons why the actor may not take this action now; empty when she may."""
    permission = permission_of(facts, action)
    if permission is None:
        return [_not_permitted(action)]
    return [
        *_out_of_time(facts, action),
        *_conflicts(facts, action, permission),
        *_in_other_hands(facts, action, permission),
        *(reason for name in action.guards for reason in GUARDS[name](facts)),
    ]


def permission_of(facts: Facts, action: Action) -> Permission | None:
    """The first permission of the action that the actor has on this case."""
    return next((permission for permission in action.by if _fits(facts, permission)), None)


def _fits(facts: Facts, permission: Permission) -> bool:
    actor, case = facts.actor, facts.case
    match permission.of:
        case "system":
            return actor.is_system
        case "organisation":
            return any(
                post.role == permission.role and post.organisation_id == case.organisation_id
                for post in actor.posts
                if post.organisation_id is not None
            )
        case "any":
            units = actor.units_as(permission.role)
            return bool(units) and (not permission.head or any(actor.heads(unit) for unit in units))
        case "township":
            serving = case.township_id
        case _:
            serving = case.unit_id
    if serving is None or serving not in actor.units_as(permission.role):
        return False
    return not permission.head or actor.heads(serving)


def _not_permitted(action: Action) -> Reason:
    if action.head_only:
        heads = [f"head_of.{permission.role}" for permission in action.by]
        return Reason("reason.head_only", {"heads_label": heads, "action_label": f"action.{action.name}"})
    roles = [f"role.{permission.role}" for permission in action.by]
    return Reason("reason.not_permitted", {"roles_label": roles})


def _out_of_time(facts: Facts, action: Action) -> list[Reason]:
    # The limit ends at its moment, not when the sweep comes round: nobody acts past it, no timer before.
    over = facts.case.timer_at is not None and facts.case.timer_at <= facts.now
    if facts.actor.is_system:
        early = action.name == facts.state.timer and not over
        return [Reason("reason.not_yet_time")] if early else []
    return [Reason("reason.time_is_up")] if over else []


def _conflicts(facts: Facts, action: Action, permission: Permission) -> list[Reason]:
    person_id = facts.actor.person_id
    if person_id is None or permission.role == APPLICANT_ROLE:
        return []
    reasons = []
    # Whoever serves the firm may still speak up and give the case away.
    stands_aside = action.stays and action.any_officer and action.duty is None
    if not stands_aside and facts.case.organisation_id in facts.actor.organisation_ids:
        reasons.append(Reason("reason.own_organisation"))
    if action.duty in SEPARATE_DUTIES:
        reasons += [
            Reason("reason.duty_conflict", {"duty_label": f"duty.{duty}"})
            for duty in SEPARATE_DUTIES
            if duty != action.duty and person_id in facts.those_of_duty(duty)
        ]
    return reasons


def _in_other_hands(facts: Facts, action: Action, permission: Permission) -> list[Reason]:
    case = facts.case
    if action.any_officer or permission.of != "holder" or case.handler_id is None:
        return []
    if case.handler_id == facts.actor.person_id:
        return []
    return [Reason("reason.in_other_hands", {"person": case.handler_name or ""})]
