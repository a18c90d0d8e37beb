"""What award lines are called on a page, whichever policy they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from web.language import _, day_with_year, locale
from workflow.applications.policies import current_policies
from workflow.policy.editions import EDITION, spoken_edition, spoken_title
from workflow.policy.facts import Fact, parse_facts
from workflow.policy.terms import AwardLine, FormField


@dataclass(frozen=True, slots=True)
class Names:
    """The lines by code; the newest policy that has a line names it."""

    lines: Mapping[str, AwardLine]

    def line(self, code: str) -> str:
        return self.lines[code].name.text(locale()) if code in self.lines else code

    def achievement(self, title: str) -> str:
        """An achievement of the register for the reader."""
        return spoken_title(title, self.lines.values(), locale())


def names_of_lines(session: Session) -> Names:
    policies = sorted((policy for _id, policy in current_policies(session)), key=lambda each: each.valid_from)
    return Names({line.code: line for policy in policies for line in policy.lines})


def fact_pairs(line: AwardLine, typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """The facts of a form as they read, by the labels of their fields; what is no fact stays as typed."""
    facts, _mistakes = parse_facts(line, typed)
    return [
        (field.label.text(locale()), fact_words(field, facts.get(field.code), typed.get(field.code, "")))
        for field in line.fields
    ]


def fact_words(field: FormField, fact: Fact | None, typed: str) -> str:
    """One fact as it reads; what is no fact as it was typed."""
    if isinstance(fact, date):
        return day_with_year(fact)
    if field.code == EDITION and isinstance(fact, int):
        return spoken_edition(fact, locale())
    if field.code.endswith("_yuan") and isinstance(fact, int):
        return f"{fact:,}"
    names = {choice.code: choice.name.text(locale()) for choice in field.choices}
    return names.get(typed, typed) or _("未填写")
