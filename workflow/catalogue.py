"""The one catalogue of labels and sentences, zh and en, for the codes of the engine."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files

LOCALES = ("zh", "en")
# Parameters that are days; in a sentence they are written out, 2020年1月1日, and not as in a table.
DAYS = frozenset({"day", "first", "last", "today"})
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@cache
def texts(locale: str) -> Mapping[str, str]:
    """All texts of one language by dotted code, merged from every file of `workflow/locale/<locale>/`."""
    merged: dict[str, str] = {}
    for file in sorted(files("workflow").joinpath("locale", locale).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        for code, text in _flat("", tomllib.loads(file.read_text(encoding="utf-8"))):
            if code in merged:
                raise ValueError(f"{file.name}: {code} is already defined in another file")
            merged[code] = text
    return merged


def sentence(code: str, locale: str = "zh", /, **params: object) -> str:
    """The text of a code with its parameters filled in.

    A parameter ending in `_label` is itself a code and is translated first; a list is joined in the
    manner of the language. A code without a text raises KeyError: a missing sentence is a defect.
    """
    filled = {name: _spoken(name, value, locale) for name, value in params.items()}
    return texts(locale)[code].format(**filled)


def label(kind: str, name: str, locale: str = "zh") -> str:
    """The label of a state, action, role, kind … for example `label("state", "draft")`."""
    return texts(locale)[f"{kind}.{name}"]


def input_label(action: str, name: str, locale: str = "zh") -> str:
    """What a field is called on the form of an action."""
    return texts(locale)[input_code(action, name)]


def input_code(action: str, name: str) -> str:
    """The code of that label; some actions say more exactly what is meant."""
    own = f"input_of.{action}.{name}"
    return own if own in texts("zh") else f"input.{name}"


def _spoken(name: str, value: object, locale: str) -> object:
    if name.endswith("_label"):
        if isinstance(value, list | tuple):
            return _joined([texts(locale)[str(code)] for code in value], locale)
        return texts(locale)[str(value)]
    if isinstance(value, list | tuple):
        return _joined([str(part) for part in value], locale)
    if name in DAYS and isinstance(value, str) and ISO_DAY.fullmatch(value):
        return _written_out(date.fromisoformat(value), locale)
    return value


def _written_out(on: date, locale: str) -> str:
    month = f"clock.month.{on.month}"
    return sentence("clock.prose_day", locale, year=on.year, month_label=month, day=on.day)


def _joined(parts: list[str], locale: str) -> str:
    return ("、" if locale == "zh" else ", ").join(parts)


def _flat(prefix: str, table: Mapping[str, object]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        code = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict):
            pairs.extend(_flat(code, value))
        else:
            pairs.append((code, str(value)))
    return pairs
