"""What is shown to whom on a page that several may see: applicants, officers, those who read findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from workflow.people.actors import Actor
from workflow.process.definition import ORGANISATION, Process


class _Guarded(NamedTuple):
    """A detail of events that not everybody reads, and the acts whose words say it."""

    detail: str
    acts: frozenset[str]


# An applicant is told that his case was pressed and until when; why, and against whom, concerns the offices.
SUPERVISION = "efficiency_office"
_SUPERVISING = frozenset({"refer", "draw", "order_handling"})
_SHOWN_DETAILS = frozenset({"defects", "amount_yuan", "document_number"})
# What an investigation brought out, what was decided on it, and the acts that say either.
_FINDING = _Guarded("finding", frozenset({"conclude", "close_without_action"}))
_DECISION = _Guarded("decision", frozenset({"decide", "uphold_decision", "overturn_decision"}))


def is_outsider(actor: Actor, organisation_id: int | None) -> bool:
    """Whether she looks at a case as the organisation does: also an officer looks so at her own firm's."""
    return organisation_id is not None and organisation_id in actor.organisation_ids


def state_label(state: str, *, outsider: bool) -> str:
    """The code of a state's label for this reader."""
    return "lists.supervised" if outsider and state == SUPERVISION else f"state.{state}"


def action_label(action: str, *, outsider: bool) -> str:
    """The code of an action's label for this reader."""
    return "lists.supervised" if outsider and action in _SUPERVISING else f"action.{action}"


def is_supervision(action: str | None, state: str | None) -> bool:
    return action in _SUPERVISING or state == SUPERVISION


def tells_outsiders(process: Process, action: str, from_state: str | None, to_state: str) -> bool:
    """Whether an act of an office belongs into the history the organisation reads."""
    if from_state != to_state:
        return True
    defined = process.action(to_state, action) if to_state in process.states else None
    return defined is not None and ORGANISATION in defined.tell


def reason_for_outsiders(process: Process, action: str, from_state: str | None) -> bool:
    """Whether the words given with an act were written for the organisation; notes are among officers."""
    if action in _SUPERVISING:
        return False
    defined = None if from_state is None else process.action(from_state, action)
    return defined is None or "note" not in defined.inputs


def details_for_outsiders(details: Mapping[str, Any]) -> dict[str, Any]:
    # Who objected is not the applicant's to know.
    return {name: value for name, value in details.items() if name in _SHOWN_DETAILS}


def reads_findings(actor: Actor) -> bool:
    """Findings and decisions of a referral: the efficiency office, and the head of the meeting's office."""
    return "efficiency_officer" in actor.roles or any(
        post.role == "joint_meeting_officer" and post.is_head for post in actor.posts
    )


def reads_decisions(actor: Actor, about_unit_id: int | None) -> bool:
    """Who reads findings, and the head of the unit the referral is about: it has to rectify."""
    return reads_findings(actor) or actor.heads(about_unit_id)


def referral_words(
    action: str, reason: str | None, details: Mapping[str, Any], *, findings: bool, decisions: bool
) -> tuple[str | None, dict[str, Any]]:
    """The words and details of an act of a referral, for who reads findings, decisions, or neither."""
    hidden = [*([] if findings else [_FINDING]), *([] if decisions else [_DECISION])]
    is_hidden = any(action in guarded.acts for guarded in hidden)
    kept = dict(details)
    for guarded in hidden:
        kept.pop(guarded.detail, None)
    return (None if is_hidden else reason), kept


def masked(number: str) -> str:
    """A bank account of which only the last four digits are shown."""
    return f"**** {number[-4:]}"
