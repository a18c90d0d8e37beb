"""Editions of a prize (届次) as people say them: 第五届, 5th; in the register they stand in digits."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workflow.catalogue import sentence
from workflow.policy.terms import AwardLine

# The fact of the form that says which edition it was.
EDITION = "edition"
_DIGITS = "零一二三四五六七八九"
_REGISTERED = re.compile(r"(.+)（第([0-9]+)届）")
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def registered_title(name: str, edition: object) -> str:
    """The title of a prize and its edition in the register."""
    return f"{name}（第{edition}届）"


def spoken_edition(edition: int, locale: str) -> str:
    """第五届, 5th."""
    numeral = _chinese(edition) if locale == "zh" else f"{edition}{_ending(edition)}"
    return sentence("policy.edition", locale, numeral=numeral)


def spoken_title(title: str, lines: Iterable[AwardLine], locale: str) -> str:
    """A title of the register for a reader: prize and edition in her language, any other as it stands."""
    registered = _REGISTERED.fullmatch(title)
    if registered is None:
        return title
    name = next((line.name.text(locale) for line in lines if line.name.zh == registered[1]), registered[1])
    edition = spoken_edition(int(registered[2]), locale)
    return sentence("policy.of_edition", locale, name=name, edition=edition)


def _chinese(number: int) -> str:
    # Official texts write editions in characters; nobody counts a hundred of them.
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return ten + (_DIGITS[ones] if ones else "")


def _ending(number: int) -> str:
    return "th" if number % 100 in (11, 12, 13) else _ENDINGS.get(number % 10, "th")
