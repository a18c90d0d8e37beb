"""The facts of an application, read from what was typed, and what follows: date, achievement, amount."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from workflow.amounts import whole_yuan
from workflow.errors import Reason
from workflow.policy.editions import EDITION, registered_title
from workflow.policy.terms import AwardLine, FormField, Policy

Fact = str | int | date
Facts = Mapping[str, Fact]

LONGEST_TEXT = 300
LARGEST_INTEGER = 999_999_999_999

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe63:~]+")
_IGNORED = re.compile("[\\s\u200b-\u200f\ufeff《》“”‘’\"']+")
_MINUS = re.compile(r"^\s*[-−－]\s*")
_YEAR_AT_END = re.compile(r"-\d{4}$")


@dataclass(frozen=True, slots=True)
class EarlierClaim:
    """A living claim of the same organisation, made before the one that is examined."""

    number: str
    line: str
    awarded_on: date
    amount_yuan: int


def parse_facts(line: AwardLine, raw: Mapping[str, str]) -> tuple[dict[str, Fact], list[Reason]]:
    """What was typed into the form as facts, and a reason with its field for every value that is none.

    Keys the line does not ask for are left aside; an empty optional field is no fact.
    """
    facts: dict[str, Fact] = {}
    reasons: list[Reason] = []
    for field in line.fields:
        read = _fact(field, unicodedata.normalize("NFC", raw.get(field.code, "")).strip())
        if isinstance(read, Reason):
            reasons.append(read)
        elif read is not None:
            facts[field.code] = read
    return facts, reasons + _missing_years(line, facts)


def awarded_on(line: AwardLine, facts: Facts, policy: Policy) -> date | None:
    """The day that fixes the award year: the line's own, for standards as ruled; None while unknown."""
    day = facts.get(date_field(line, policy))
    return day if isinstance(day, date) else None


def date_field(line: AwardLine, policy: Policy) -> str:
    """The fact that fixes the award year, as ruled."""
    ruled = policy.option_on("standard_date", line)
    return str(ruled.settings["date_field"]) if ruled else line.date_field


def achievement_key(line: AwardLine, facts: Facts) -> str:
    """The achievement in the register's spelling: width, case, spaces, dashes and quotes make no difference.

    Empty while a fact that names it is missing. A prize and its edition is named after the line.
    """
    parts = [str(facts.get(code, "")) for code in line.key_fields]
    if not all(parts):
        return ""
    if line.achievement_kind == "award_edition":
        parts.insert(0, line.name.zh)
    return "|".join(map(_normal, parts))


def achievement_title(line: AwardLine, facts: Facts) -> str:
    """The achievement as people write it, for the register: number and name, or award and edition."""
    if line.achievement_kind == "award_edition":
        return registered_title(line.name.zh, facts.get(EDITION, ""))
    named = [field.code for field in line.fields if field.code.endswith(("_number", "_title", "_name"))]
    spoken = [code for code in named if not code.startswith(("document_", "acceptance_"))]
    return " ".join(str(facts[code]) for code in spoken if code in facts)


def pool_achievement(line: AwardLine, key: str) -> str:
    """What a claim calls its achievement before the pools; kinds are kept apart, quality awards are one."""
    return line.pools_as or f"{line.achievement_kind}:{key}"


def drafter_rank(line: AwardLine, facts: Facts, policy: Policy) -> int | None:
    """The rank that counts, printed or certified as ruled; None where it is unknown or means nothing."""
    source = policy.chosen("rank_source", line)
    if source in ("as_lead", "as_participant"):
        return None
    if source == "certificate_rank" and line.field("certificate_rank"):
        return _whole(facts, "certificate_rank")
    unordered = source == "foreword_order" and facts.get("foreword_order") == "unordered"
    return None if unordered else _whole(facts, "rank")


def amount_of(line: AwardLine, facts: Facts, policy: Policy, *, earlier: Sequence[EarlierClaim] = ()) -> int:
    """What the line pays on these facts, in yuan: its own amount, or what the rulings make of it."""
    amount = _gross(line, facts, policy)
    if policy.chosen("higher_grade_later", line) == "top_up":
        amount -= sum(each.amount_yuan for each in earlier_grades(line, facts, policy, earlier))
    if policy.chosen("higher_level_money", line) == "deduct":
        amount -= _whole(facts, "higher_level_yuan") or 0
    if policy.chosen("township_money", line) == "deduct":
        amount -= _whole(facts, "township_yuan") or 0
    return max(0, amount)


def earlier_grades(
    line: AwardLine, facts: Facts, policy: Policy, earlier: Sequence[EarlierClaim]
) -> list[EarlierClaim]:
    """The organisation's claims of other years on the grades of the same title."""
    point = policy.point_on("higher_grade_later", line)
    day = awarded_on(line, facts, policy)
    if point is None or day is None:
        return []
    return [each for each in earlier if each.line in point.lines and each.awarded_on.year != day.year]


def _gross(line: AwardLine, facts: Facts, policy: Policy) -> int:
    by_body = policy.option_on("committee_amount", line)
    if by_body and isinstance(amounts := by_body.settings.get("amounts_yuan"), Mapping):
        return int(amounts.get(facts.get("body_type"), line.amount_yuan))
    participant = policy.option_on("unlisted_participant", line)
    if participant and participant.code == "paid" and _ranks_after(line, drafter_rank(line, facts, policy)):
        return _setting_yuan(participant.settings)
    grade = policy.option_on("unlisted_grade", line)
    if grade and grade.code == "paid" and facts.get("certificate_grade") == grade.settings["grade"]:
        return _setting_yuan(grade.settings)
    return line.amount_yuan


def _setting_yuan(settings: Mapping[str, object]) -> int:
    amount = settings["amount_yuan"]
    assert isinstance(amount, int)
    return amount


def _ranks_after(line: AwardLine, rank: int | None) -> bool:
    return rank is not None and line.rank_to is not None and rank > line.rank_to


def _whole(facts: Facts, code: str) -> int | None:
    value = facts.get(code)
    return value if isinstance(value, int) else None


def _fact(field: FormField, typed: str) -> Fact | Reason | None:
    if not typed:
        return _problem(field, "missing") if field.required else None
    if field.kind == "day":
        return _day(field, typed)
    if field.kind == "integer":
        return _integer(field, typed)
    if field.kind == "choice":
        known = [choice.code for choice in field.choices]
        return typed if typed in known else _problem(field, "unknown_choice")
    return typed if len(typed) <= LONGEST_TEXT else _problem(field, "too_long", longest=LONGEST_TEXT)


def _day(field: FormField, typed: str) -> Fact | Reason:
    parts = _DAY.fullmatch(unicodedata.normalize("NFKC", typed))
    if parts is None:
        return _problem(field, "not_day", typed=typed[:40])
    try:
        return date(*map(int, parts.groups()))
    except ValueError:
        return _problem(field, "not_day", typed=typed[:40])


def _integer(field: FormField, typed: str) -> Fact | Reason:
    is_money = field.code.endswith("_yuan")
    if is_money and whole_yuan(_MINUS.sub("", typed)) != whole_yuan(typed):
        return _problem(field, "negative", typed=typed[:40])
    value = whole_yuan(typed) if is_money else _number(typed)
    if value is None:
        return _problem(field, "not_yuan" if is_money else "not_integer", typed=typed[:40])
    if not field.least <= value <= LARGEST_INTEGER:
        return _problem(field, "out_of_range", least=field.least, largest=LARGEST_INTEGER)
    return value


def _number(typed: str) -> int | None:
    digits = unicodedata.normalize("NFKC", typed)
    return int(digits) if re.fullmatch(r"[0-9]{1,15}", digits) else None


def _missing_years(line: AwardLine, facts: Facts) -> list[Reason]:
    # "GB/T 1" beside "GB/T 1-2021" would be two achievements, and one standard would be claimed twice.
    if line.achievement_kind != "standard":
        return []
    numbers = [field for field in line.fields if field.code in line.key_fields and field.code in facts]
    unfit = [field for field in numbers if not _YEAR_AT_END.search(_normal(str(facts[field.code])))]
    return [_problem(field, "no_year") for field in unfit]


def _problem(field: FormField, why: str, **params: object) -> Reason:
    names = {"field_zh": field.label.zh, "field_en": field.label.en}
    return Reason(f"policy.fact.{why}", {**names, **params}, field.code)


def _normal(text: str) -> str:
    plain = _IGNORED.sub("", unicodedata.normalize("NFKC", text))
    return _DASHES.sub("-", plain).casefold()
