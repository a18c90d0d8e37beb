"""Every module with rules that a process may name: importing this one fills the registries."""

from __future__ import annotations

import workflow.applications.rules
import workflow.money.approval
import workflow.money.payment
import workflow.money.revocation
import workflow.process.due_day
import workflow.process.rules_common
import workflow.referrals.rules  # noqa: F401
