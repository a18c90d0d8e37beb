"""The blueprint that every module of this folder adds its addresses to, and for whom they are."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("office", __name__)

# Who handles applications, and who reads them.
OFFICES = (
    "township_officer",
    "bureau_reviewer",
    "joint_meeting_officer",
    "finance_officer",
    "efficiency_officer",
)
READERS = (*OFFICES, "supervisor", "leader")
