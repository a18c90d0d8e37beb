"""Names of persons and organisations in one spelling, so that the same name is the same text everywhere."""

from __future__ import annotations

import re
import unicodedata
from string import ascii_letters, digits

from workflow.errors import Reason

MAX_PERSON_NAME = 50
MAX_ORGANISATION_NAME = 100

_BRACKETS = str.maketrans("()", "（）")
_MIDDLE_DOTS = str.maketrans(dict.fromkeys("•‧⋅・･", "·"))
# Full-width letters and digits are the ASCII ones typed in another mode.
_NARROW = str.maketrans({chr(ord(narrow) + 0xFEE0): narrow for narrow in f"{ascii_letters}{digits}&-."})
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
# They turn the reading direction: what is shown is then not what is stored.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff（）"
_SPACE_AT_WIDE = re.compile(f"(?<=[{_WIDE}]) | (?=[{_WIDE}])")


def normalised_person_name(text: str) -> str:
    """NFC, one middle dot, no spaces between Chinese characters: 阿依古丽·买买提, 林 㛃 → 林㛃."""
    return _normalised(text).translate(_MIDDLE_DOTS)


def normalised_organisation_name(text: str) -> str:
    """NFC, full-width brackets, no spaces at Chinese characters: 某某 (福建) 公司 → 某某（福建）公司."""
    return _normalised(text)


def person_name_reasons(name: str, field: str = "name") -> list[Reason]:
    if not name:
        return [Reason("name.person_missing", {}, field)]
    return _name_reasons(name, MAX_PERSON_NAME, field)


def organisation_name_reasons(name: str, field: str = "name") -> list[Reason]:
    return _name_reasons(name, MAX_ORGANISATION_NAME, field)


def character_reasons(text: str, field: str) -> list[Reason]:
    """Refuses the first character of the private use area, and control characters, also of direction.

    Rare characters of GB 18030-2022 are no fault, also those this version of Python has no name for.
    """
    for position, character in enumerate(text, start=1):
        if unicodedata.category(character) == "Co":
            params = {"text": text, "position": position, "point": f"U+{ord(character):04X}"}
            return [Reason("name.private_use", params, field)]
        if unicodedata.category(character) in ("Cc", "Cs") or character in _TURNING:
            return [Reason("name.control", {"position": position}, field)]
    return []


def _normalised(text: str) -> str:
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    spaced = " ".join(visible.translate(_NARROW).translate(_BRACKETS).split())
    return _SPACE_AT_WIDE.sub("", spaced)


def _name_reasons(name: str, most: int, field: str) -> list[Reason]:
    if not name:
        return [Reason("name.missing", {}, field)]
    # Code points are counted: a rare character is one, however many bytes it takes.
    if len(name) > most:
        return [Reason("name.too_long", {"most": most}, field), *character_reasons(name, field)]
    return character_reasons(name, field)
