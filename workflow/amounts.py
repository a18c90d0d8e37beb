"""Amounts of yuan as people type them: 500,000, ５０００００, 50万. What could mean two things is none."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

# More digits are no amount of money.
MOST_DIGITS = 19
# Full-width signs are made ordinary ones before: ，is a comma and ￥ is ¥ by then.
_AMOUNT = re.compile(
    rf"¥?\s*([0-9]{{1,3}}(?:,[0-9]{{3}}){{1,5}}|[0-9]{{1,{MOST_DIGITS}}})(\.[0-9]{{1,4}})?\s*(万)?\s*元?"
)
_WAN = 10_000


def whole_yuan(typed: str) -> int | None:
    """The amount in yuan; None where it is none, not whole, or its commas stand where no thousands end."""
    written = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    if written is None:
        return None
    whole, decimals, wan = written.groups()
    amount = Decimal(whole.replace(",", "") + (decimals or "")) * (_WAN if wan else 1)
    return int(amount) if amount == int(amount) else None
