"""What is shown to whom on a page that several may see: applicants, officers, those who read findings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from workflow.people.actors import Actor
from workflow.process.definition import ORGANISATION, Process
from workflow.process.scope import REFERRAL_ROLES


class EventRow(Protocol):
    """An act on record, as far as its words go."""

    @property
    def action(self) -> str: ...
    @property
    def unit_id(self) -> int | None: ...
    @property
    def to_state(self) -> str: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


# An applicant is told that his case was pressed and until when; why, and against whom, concerns the offices.
SUPERVISION = "efficiency_office"
# What the applicant has done is, to the office, what it owes.
_STATES_OUTSIDE = {SUPERVISION: "lists.supervised", "submitted": "lists.submitted"}
_SUPERVISING = frozenset({"refer", "draw", "order_handling"})
_SHOWN_DETAILS = frozenset({"defects", "amount_yuan", "document_number"})
# What an investigation brought out and what was decided on it: the acts and the details that say so.
_OUTCOME_ACTS = frozenset(
    {"conclude", "close_without_action", "decide", "uphold_decision", "overturn_decision"}
)
_OUTCOME_DETAILS = frozenset({"finding", "decision"})
_RECTIFYING = "rectifying"


def is_outsider(actor: Actor, organisation_id: int | None) -> bool:
    """Whether she looks at a case as the organisation does: also an officer looks so at her own firm's."""
    return organisation_id is not None and organisation_id in actor.organisation_ids


def state_label(state: str, *, outsider: bool) -> str:
    """The code of a state's label for this reader."""
    code = f"state.{state}"
    return _STATES_OUTSIDE.get(state, code) if outsider else code


def unit_shown(unit_id: int | None, state: str, *, outsider: bool) -> int | None:
    """The unit that holds a case, as far as this reader is told."""
    return None if outsider and state == SUPERVISION else unit_id


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


def details_for_officers(details: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """The details of an act for an office: who objected is read by the one that looks into it alone.

    The public notice promises that to whoever objects.
    """
    kept_secret = () if "joint_meeting_officer" in actor.roles else ("objector",)
    return {name: value for name, value in details.items() if name not in kept_secret}


def reads_file(actor: Actor) -> bool:
    """The file of a referral: facts, clue, what the offices said to each other while it was looked into."""
    return bool(actor.roles & REFERRAL_ROLES)


def reads_outcome(actor: Actor, decided_about_id: int | None) -> bool:
    """Finding and decision: the efficiency office, the head of the meeting's office, and who has to rectify.

    The latter are those who serve in the unit a referral is about, once it was decided on.
    """
    if decided_about_id in actor.unit_ids or "efficiency_officer" in actor.roles:
        return True
    return any(post.role == "joint_meeting_officer" and post.is_head for post in actor.posts)


def referral_words(
    act: EventRow, *, outcome: bool, file: bool, unit_ids: Collection[int]
) -> tuple[str | None, dict[str, Any]]:
    """The words and details of an act of a referral, for who reads outcome, file, or neither.

    Who does not read the file reads what her own unit said, and what was said when its turn came.
    """
    hers = act.unit_id in unit_ids or act.to_state == _RECTIFYING
    is_told = outcome if act.action in _OUTCOME_ACTS else file or hers
    details = act.details if file or is_told else {}
    kept = {name: value for name, value in details.items() if outcome or name not in _OUTCOME_DETAILS}
    return (act.reason if is_told else None), kept


def masked(number: str) -> str:
    """A bank account of which only the last four digits are shown."""
    return f"**** {number[-4:]}"
