"""The blueprint that every module of this folder adds its addresses to, and for whom they are."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("supervision", __name__)

# The leader reads what the supervisor reads; neither acts on a case.
SUPERVISORS = ("supervisor", "leader")
# The efficiency office has a list of its own, so that nobody who is late decides what it hears of;
# the joint-meeting office finds on it what it may refer.
WATCHERS = (*SUPERVISORS, "efficiency_officer", "joint_meeting_officer")
