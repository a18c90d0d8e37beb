"""What a list calls the act that a case waits for, where that is said shorter than by opening it."""

from __future__ import annotations

from web.language import _


def act_waited_for(state: str) -> str:
    """Of a referral that waits to be received or for more details; empty for others."""
    return {"sent": _("签收"), "awaiting_detail": _("补充")}.get(state, "")
