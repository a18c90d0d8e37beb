"""Imports every module that registers guards, effects and choosers, so that the registries are complete."""

from __future__ import annotations

import workflow.applications.rules
import workflow.money.approval
import workflow.money.payment
import workflow.money.revocation
import workflow.process.rules_common
import workflow.referrals.rules  # noqa: F401
