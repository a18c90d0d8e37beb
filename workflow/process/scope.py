"""Who sees a case at all, as a pure rule; `lists.scope` says the same in SQL, and a test compares them."""

from __future__ import annotations

from workflow.people.actors import Actor
from workflow.process.facts import CaseFacts

APPLICATION, REFERRAL = "award_application", "referral"
# The leader answers for the offices and is told when they are late; she reads what the supervisor reads.
REFERRAL_ROLES = frozenset({"joint_meeting_officer", "efficiency_officer", "supervisor", "leader"})
DISTRICT_ROLES = REFERRAL_ROLES | {"bureau_reviewer", "finance_officer"}


def sees(actor: Actor, case: CaseFacts) -> bool:
    """Whether the case exists for this person; what she may do to it is the process's business."""
    if actor.is_system:
        return True
    if case.process != APPLICATION:
        # From the decision on the unit it is about follows it to its end, also while others hold it.
        theirs = {case.unit_id, case.decided_about_id} & actor.unit_ids
        return bool(actor.roles & REFERRAL_ROLES) or bool(theirs)
    if case.organisation_id in actor.organisation_ids:
        return True
    townships = actor.units_as("township_officer")
    if case.state == "draft":
        return case.entered_by_id is not None and case.township_id in townships
    if case.state == "withdrawn" and case.number is None:
        # Deleted and never submitted: nobody's but the organisation's.
        return False
    return bool(actor.roles & DISTRICT_ROLES) or bool({case.unit_id, case.township_id} & townships)
