"""Amounts of yuan as people type them: 500,000, ５０００００, 50万. What could mean two things is none."""

from __future__ import annotations

import re
from decimal import Decimal

# More digits are no amount of money.
MOST_DIGITS = 19
# Full-width signs of a keyboard are made ordinary ones before; not ² or ①, which only look like digits.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {ord("￥"): "¥"}
_WHOLE = rf"([0-9]{{1,3}}(?:,[0-9]{{3}}){{1,5}}|[0-9]{{1,{MOST_DIGITS}}})"
# A point before three digits may be meant as a comma, also before 万: none is read with three decimals.
_AMOUNT = re.compile(rf"¥?\s*{_WHOLE}(?:(\.[0-9]{{1,2}})?|(\.[0-9]{{1,2}}|\.[0-9]{{4}})?\s*(万))\s*元?")
_WAN = 10_000


def whole_yuan(typed: str) -> int | None:
    """The amount in yuan; None where it is none, not whole, or its commas stand where no thousands end."""
    written = _AMOUNT.fullmatch(typed.translate(_WIDE).strip())
    if written is None:
        return None
    whole, cents, decimals, wan = written.groups()
    amount = Decimal(whole.replace(",", "") + (cents or decimals or "")) * (_WAN if wan else 1)
    return int(amount) if amount == int(amount) else None
