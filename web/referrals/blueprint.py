"""The blueprint that every module of this folder adds its addresses to, and for whom they are."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("referrals", __name__)

# Who has to do with every referral, and who only with one that has come to her unit to rectify.
ALL_REFERRALS = ("joint_meeting_officer", "efficiency_officer", "supervisor", "leader")
OFFICES = (
    "township_officer",
    "bureau_reviewer",
    "joint_meeting_officer",
    "finance_officer",
    "efficiency_officer",
)
READERS = (*OFFICES, "supervisor", "leader")
