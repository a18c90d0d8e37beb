"""What a sample application says: a valid value for each field of an award line, marked as a sample."""

from __future__ import annotations

from datetime import date

from workflow.policy.terms import AwardLine, FormField

# The latest day that every line of the policy still accepts; registration of one scheme ended in March 2022.
_DAYS = {"S7-2": date(2021, 9, 10)}
_STANDARDS = {
    "international": "ISO {number}:{year}",
    "national": "GB/T {number}-{year}",
    "industry": "FZ/T {number}-{year}",
    "local": "DB35/T {number}-{year}",
    "association": "T/CLSAMPLE {number}-{year}",
    "group": "T/CLSAMPLE {number}-{year}",
}


def sample_facts(line: AwardLine, number: int, awarded_on: date = date(2025, 6, 10)) -> dict[str, str]:
    """Values as they would be typed; `number` keeps achievements apart."""
    day = min(awarded_on, _DAYS.get(line.code, awarded_on))
    return {
        field.code: _value(line, field, number, day)
        for field in line.fields
        if field.required or field.code == "document_number"
    }


def _value(line: AwardLine, field: FormField, number: int, day: date) -> str:
    match field.kind:
        case "day":
            return day.isoformat()
        case "choice":
            return field.choices[0].code
        case "integer":
            return str(line.rank_from or 1) if "rank" in field.code else str(number)
    if field.code == "standard_number":
        pattern = _STANDARDS.get(line.level, "T/CLSAMPLE {number}-{year}")
        return pattern.format(number=40000 + number, year=day.year)
    if field.code == "document_number":
        return f"示例文〔{day.year}〕{number}号"
    return f"{field.label.zh}示例 {number}"
