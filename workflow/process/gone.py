"""The refusal of an action whose rules the program has no more; old versions of a process may name some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.errors import Reason
from workflow.process.registry import guard

if TYPE_CHECKING:
    from workflow.process.facts import Facts

RULE_GONE = "rule_gone"


@guard
def rule_gone(facts: Facts) -> list[Reason]:
    return [Reason("reason.rule_gone", {"version": facts.process.version})]
