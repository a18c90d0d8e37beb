"""试算: the four readings of the highest-only rule over a list of claims in a JSON file. No database."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from workflow.errors import InvalidInput, Reason
from workflow.policy.entitlement import Claim, Entitled, entitlement
from workflow.policy.terms import READINGS, Policy

REQUIRED = ("line", "organisation", "awarded_on", "achievement")
OPTIONAL = ("number", "paid_yuan", "promised_yuan", "stands", "amount_yuan")

Entry = Mapping[str, object]


def read_claims(path: Path, policies: Sequence[Policy]) -> list[Claim]:
    """The claims of a file, taken as eligible; InvalidInput names the claim and the key that is wrong."""
    content = _json(path)
    entries = content.get("claims") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise InvalidInput(Reason("policy.trial.no_claims", {"file": str(path)}))
    return [_claim(number, entry, policies) for number, entry in enumerate(entries, start=1)]


def readings(claims: Sequence[Claim], policies: Sequence[Policy]) -> dict[str, tuple[Entitled, ...]]:
    """What each reading makes of the claims, in their order, each under the policy of its award date."""
    return {reading: _under(reading, claims, policies) for reading in READINGS}


def as_json(found: Mapping[str, Sequence[Entitled]], locale: str) -> dict[str, object]:
    """The trial as plain values, reasons in one language."""
    return {"readings": {reading: _reading_as_json(each, locale) for reading, each in found.items()}}


def policy_of(claim: Claim, policies: Sequence[Policy]) -> Policy:
    """The policy of the award date; the nearest one where none covers it, for a trial refuses nobody."""
    knowing = [policy for policy in policies if policy.has_line(claim.line)]
    return min(knowing, key=lambda policy: _days_outside(policy, claim.awarded_on))


def _days_outside(policy: Policy, day: date) -> int:
    if day < policy.valid_from:
        return (policy.valid_from - day).days
    return max(0, (day - policy.valid_to).days) if policy.valid_to else 0


def _under(reading: str, claims: Sequence[Claim], policies: Sequence[Policy]) -> tuple[Entitled, ...]:
    chosen = [policy_of(claim, policies) for claim in claims]
    found: dict[int, Entitled] = {}
    for policy in policies:
        places = [place for place, each in enumerate(chosen) if each is policy]
        results = entitlement([claims[place] for place in places], policy, reading)
        found.update(zip(places, results, strict=True))
    return tuple(found[place] for place in range(len(claims)))


def _reading_as_json(entitled: Sequence[Entitled], locale: str) -> dict[str, object]:
    return {
        "total_yuan": sum(each.payable_yuan for each in entitled),
        "claims": [
            {"payable_yuan": each.payable_yuan, "reason": each.reason.sentence(locale)} for each in entitled
        ],
    }


def _json(path: Path) -> object:
    name = {"file": str(path)}
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InvalidInput(Reason("policy.trial.unreadable", name)) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(Reason("policy.trial.not_utf8", name)) from error
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise InvalidInput(Reason("policy.trial.not_json", {**name, **place})) from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput(Reason("policy.trial.not_json_value", name)) from error


def _claim(number: int, entry: object, policies: Sequence[Policy]) -> Claim:
    if not isinstance(entry, dict):
        raise _wrong("not_an_object", number)
    for key in entry:
        if key not in (*REQUIRED, *OPTIONAL):
            raise _wrong("unknown_key", number, key=_short(key), known=[*REQUIRED, *OPTIONAL])
    for key in REQUIRED:
        if key not in entry:
            raise _wrong("missing", number, key=key)
    return Claim(
        line=_line(number, entry, policies),
        organisation=_text(number, entry, "organisation"),
        awarded_on=_day(number, entry),
        achievement=_text(number, entry, "achievement"),
        number=_text(number, entry, "number") if "number" in entry else "",
        paid_yuan=_yuan(number, entry, "paid_yuan"),
        promised_yuan=_yuan(number, entry, "promised_yuan"),
        stands=_flag(number, entry, "stands"),
        amount_yuan=_yuan(number, entry, "amount_yuan") if "amount_yuan" in entry else None,
    )


def _text(number: int, entry: Entry, key: str) -> str:
    value = entry[key]
    if not isinstance(value, str) or not value.strip() or not _printable(value):
        raise _wrong("not_text", number, key=key)
    return value


def _line(number: int, entry: Entry, policies: Sequence[Policy]) -> str:
    code = _text(number, entry, "line")
    if not any(policy.has_line(code) for policy in policies):
        raise _wrong("unknown_line", number, line=_short(code))
    return code


def _day(number: int, entry: Entry) -> date:
    value = entry["awarded_on"]
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise _wrong("not_day", number, value=value) from None
    raise _wrong("not_day", number, value=_short(value))


def _yuan(number: int, entry: Entry, key: str) -> int:
    value = entry.get(key, 0)
    # true is an int to Python, 1.0 is no whole number of yuan to the treasury.
    if type(value) is not int or value < 0:
        raise _wrong("not_yuan", number, key=key, value=_short(value))
    return value


def _flag(number: int, entry: Entry, key: str) -> bool:
    value = entry.get(key, True)
    if not isinstance(value, bool):
        raise _wrong("not_flag", number, key=key, value=_short(value))
    return value


def _printable(text: str) -> bool:
    """JSON can spell half of a surrogate pair, which no terminal can show."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _short(value: object) -> str:
    spoken = value if isinstance(value, str) and _printable(value) else json.dumps(value)
    return spoken if len(spoken) <= 60 else f"{spoken[:60]}…"


def _wrong(why: str, number: int, **params: object) -> InvalidInput:
    return InvalidInput(Reason(f"policy.trial.{why}", {"number": number, **params}))
