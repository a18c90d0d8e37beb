"""Claims of the quality awards, and what the policy of Changle grants on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.claiming import CHANGLE
from workflow.policy.entitlement import Claim, entitlement
from workflow.policy.rulings import with_rulings
from workflow.policy.terms import CapPerOrganisationYear, Policy, Ruling

JUNE = date(2024, 6, 1)


def payable(claims: list[Claim], policy: Policy = CHANGLE, reading: str | None = None) -> list[int]:
    return [each.payable_yuan for each in entitlement(claims, policy, reading)]


def ruled(point: str, option: str) -> Policy:
    return with_rulings(CHANGLE, [Ruling(point, option, JUNE, "区市场监管局")], JUNE)


def capped(cap_yuan: int) -> Policy:
    return replace(CHANGLE, cap=CapPerOrganisationYear((1, 2, 3, 4), cap_yuan))
