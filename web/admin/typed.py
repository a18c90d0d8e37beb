"""What comes out of the forms of these pages: days, and which form of a page was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask import request

from web.language import by_field, summary
from workflow.errors import InvalidInput, Reason, WorkflowError


@dataclass(frozen=True, slots=True)
class Refusal:
    """The form of a page that was refused, with what was typed into it and what is wrong where."""

    form: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    summary: list[tuple[str, str]] = field(default_factory=list)


NOTHING_REFUSED = Refusal()


def refusal_of(form: str, error: WorkflowError) -> Refusal:
    """Fields are called after their form, because a page has several: `post-unit`."""
    lines = [(f"{form}-{name}" if name else "", said) for name, said in summary(error)]
    return Refusal(form, request.form.to_dict(), by_field(error), lines)


def day_typed(name: str) -> date | None:
    """The day of a field; None when nothing, or no day, was typed."""
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        return None


def wanted_day(name: str) -> date:
    """The day of a field that must have one."""
    found = day_typed(name)
    if found is None:
        raise InvalidInput(Reason("administration.day_missing", {}, name))
    return found


def day_or_open(name: str) -> date | None:
    """The day of a field that may be left empty."""
    return wanted_day(name) if request.form.get(name, "").strip() else None
