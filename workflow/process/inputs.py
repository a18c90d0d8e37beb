"""What is typed into an action: each input parsed by its kind, every mistake a sentence at its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workflow.amounts import whole_yuan
from workflow.catalogue import input_code
from workflow.errors import InvalidInput, Reason
from workflow.process.definition import Action
from workflow.process.registry import CHOICES, INPUTS, Input

MAX_YUAN = 10**12
MAX_LIMIT_DAYS = 250
MAX_DEFECTS = 30
# "2. ", "2、", "（2）" at the beginning of a line, but not 2.5 or 2.1.3.
NUMBERED = re.compile(r"^\s*(?:\d{1,2}(?:[、．)）]|\.(?!\d))|[（(]\d{1,2}[)）])\s*")


def checked_inputs(action: Action, given: Mapping[str, object]) -> dict[str, Any]:
    """The parsed inputs of an action. Raises InvalidInput with every mistake, each naming its field."""
    unknown = sorted(set(given) - set(action.inputs))
    mistakes = [Reason("input.unknown", {"name": name}, name) for name in unknown]
    parsed: dict[str, Any] = {}
    for name, required in action.inputs.items():
        value = _cleaned(given.get(name))
        if value is None:
            if required:
                mistakes.append(_wrong("input.missing", INPUTS[name]))
            continue
        outcome = _parsed(INPUTS[name], value)
        if isinstance(outcome, Reason):
            mistakes.append(outcome)
        else:
            parsed[name] = outcome
    if mistakes:
        raise InvalidInput(*(_as_called_by(action, mistake) for mistake in mistakes))
    return parsed


def _as_called_by(action: Action, mistake: Reason) -> Reason:
    """The mistake with its field called as on the form of the action."""
    if mistake.field is None or "field_label" not in mistake.params:
        return mistake
    called = {"field_label": input_code(action.name, mistake.field)}
    return replace(mistake, params={**mistake.params, **called})


def _cleaned(value: object) -> object | None:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list | tuple):
        return [line.strip() for line in value if isinstance(line, str) and line.strip()] or None
    return value


def _parsed(described: Input, value: object) -> object:
    """The value, or the reason why it is none."""
    match described.kind:
        case "text" | "line":
            return _text(described, value)
        case "lines":
            return _lines(described, value)
        case "money":
            return _yuan(described, value)
        case "integer":
            return _whole(described, value, MAX_LIMIT_DAYS, "input.not_days")
        case "person":
            return _whole(described, value, 2**62, "input.not_person")
        case "internal":
            return _whole(described, value, 2**62, "input.not_case")
        case "choice":
            known = CHOICES[described.name]
            return value if value in known else _wrong("input.not_choice", described)
    return value


def _text(described: Input, value: object) -> object:
    text = str(value)
    if len(text) > described.max_length:
        return _wrong("input.too_long", described, most=described.max_length)
    if any(ord(char) < 32 and char not in "\n\r\t" for char in text):
        return _wrong("input.control_characters", described)
    # More breaks than "\n" end a line for the head of a letter.
    if described.kind == "line" and len(text.splitlines()) > 1:
        return _wrong("input.one_line", described)
    return text


def _lines(described: Input, value: object) -> object:
    lines = value if isinstance(value, list) else str(value).splitlines()
    # Lists are numbered when they are shown: what she numbered herself would be numbered twice.
    kept = [text for line in lines if (text := NUMBERED.sub("", line).strip())]
    if len(kept) > MAX_DEFECTS:
        return _wrong("input.too_many", described, most=MAX_DEFECTS)
    for line in kept:
        checked = _text(described, line)
        if isinstance(checked, Reason):
            return checked
    return kept


def _yuan(described: Input, value: object) -> object:
    amount = None if isinstance(value, bool) else whole_yuan(str(value))
    if amount is None or not 1 <= amount <= MAX_YUAN:
        return _wrong("input.not_money", described, most=MAX_YUAN)
    return amount


def _whole(described: Input, value: object, most: int, code: str) -> object:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,19}", text) or not 1 <= int(text) <= most:
        return _wrong(code, described, most=most)
    return int(text)


def _wrong(code: str, described: Input, **params: object) -> Reason:
    return Reason(code, {"field_label": f"input.{described.name}", **params}, described.name)
