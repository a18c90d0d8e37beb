"""Amounts in capital characters (大写), as documents of payment write them."""

from __future__ import annotations

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "兆")


def capital(yuan: int) -> str:
    """A positive amount of whole yuan, below ten quadrillion: 205000 → 贰拾万伍仟元整."""
    written, groups = "", []
    while yuan:
        yuan, group = divmod(yuan, 10_000)
        groups.append(group)
    for place in range(len(groups) - 1, -1, -1):
        written = _appended(written, groups[place], GROUPS[place])
    return f"{written or DIGITS[0]}元整"


def _appended(written: str, group: int, name: str) -> str:
    if not group:
        return written
    # One 零 for however many empty places between two digits.
    gap = DIGITS[0] if written and group < 1000 else ""
    return written + gap + _group(group) + name


def _group(group: int) -> str:
    written, is_gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            written += (DIGITS[0] if is_gap and written else "") + DIGITS[digit] + PLACES[place]
        is_gap = not digit
    return written
