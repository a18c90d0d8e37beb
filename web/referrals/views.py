"""All addresses of the pages of referrals; each module of this folder adds its own to the blueprint."""

from __future__ import annotations

from web.referrals import acts, draft, index, letter, referral
from web.referrals.blueprint import blueprint

__all__ = ["acts", "blueprint", "draft", "index", "letter", "referral"]
