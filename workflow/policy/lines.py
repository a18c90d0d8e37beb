"""Reads award lines with their clauses, evidence lists and form fields out of a policy file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from workflow.policy.source import Table
from workflow.policy.terms import (
    ACHIEVEMENT_KINDS,
    FIELD_KINDS,
    ONCE_PER,
    ORGANISATION_KINDS,
    AwardLine,
    Choice,
    EvidenceRequirement,
    FormField,
)

Kept = TypeVar("Kept")

LINE_KEYS = (
    "code",
    "clause",
    "name",
    "level",
    "role",
    "amount_yuan",
    "recipients",
    "highest_only",
    "level_rank",
    "once_per",
    "achievement_kind",
    "date_field",
    "key_fields",
    "evidence",
    "fields",
    "rank_from",
    "rank_to",
    "pools_as",
)


@dataclass(frozen=True, slots=True)
class _Clause:
    item: int
    reference: str
    quote: str


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What lines refer to by code, and what every line has in common."""

    clauses: Mapping[str, _Clause]
    fields: Mapping[str, FormField]
    evidence: Mapping[str, EvidenceRequirement]
    common_fields: tuple[str, ...]
    common_evidence: tuple[str, ...]


def read_lines(root: Table) -> tuple[AwardLine, ...]:
    """All award lines; every clause, field and document they name exists, and none stands unused."""
    shelf = _shelf(root)
    lines: dict[str, AwardLine] = {}
    for table in root.tables("lines"):
        line = _line(table, shelf)
        if line.code in lines:
            table.fail("line_twice", "code", line=line.code)
        lines[line.code] = line
    _refuse_unused(root, lines.values())
    return tuple(lines.values())


def _shelf(root: Table) -> _Shelf:
    forms = root.table("forms")
    forms.only(("common_fields", "common_evidence"))
    fields = {code: _field(code, table) for code, table in root.named_tables("fields").items()}
    evidence = {code: _evidence(code, table) for code, table in root.named_tables("evidence").items()}
    return _Shelf(
        {code: _clause(table) for code, table in root.named_tables("clauses").items()},
        fields,
        evidence,
        forms.words("common_fields", fields),
        forms.words("common_evidence", evidence),
    )


def _clause(table: Table) -> _Clause:
    table.only(("item", "reference", "quote"))
    return _Clause(table.whole("item"), table.text("reference"), table.text("quote"))


def _evidence(code: str, table: Table) -> EvidenceRequirement:
    table.only(("name", "required"))
    return EvidenceRequirement(code, table.wording("name"), table.flag("required"))


def _field(code: str, table: Table) -> FormField:
    table.only(("kind", "required", "label", "help", "choices", "least"))
    kind = table.word("kind", FIELD_KINDS)
    if (kind == "choice") != table.has("choices"):
        table.fail("choices_belong_to_choice", "choices" if table.has("choices") else "kind")
    if table.has("least") and kind != "integer":
        table.fail("least_belongs_to_integer", "least")
    choices = table.table("choices") if kind == "choice" else None
    return FormField(
        code,
        kind,
        table.flag("required"),
        table.wording("label"),
        table.wording("help"),
        tuple(Choice(name, choices.wording(name)) for name in choices.content) if choices else (),
        table.least("least"),
    )


def _line(table: Table, shelf: _Shelf) -> AwardLine:
    table.only(LINE_KEYS)
    sub_clause = table.word("clause", shelf.clauses)
    clause = shelf.clauses[sub_clause]
    line = AwardLine(
        code=table.text("code"),
        item=clause.item,
        sub_clause=sub_clause,
        clause=clause.reference,
        quote=clause.quote,
        name=table.wording("name"),
        level=table.text("level"),
        role=table.text("role"),
        amount_yuan=table.whole("amount_yuan"),
        recipients=table.words("recipients", ORGANISATION_KINDS),
        highest_only=table.flag("highest_only"),
        level_rank=table.whole("level_rank"),
        once_per=table.word("once_per", ONCE_PER),
        achievement_kind=table.word("achievement_kind", ACHIEVEMENT_KINDS),
        date_field=table.text("date_field"),
        key_fields=table.texts("key_fields"),
        evidence=_picked(table, "evidence", shelf.evidence, shelf.common_evidence),
        fields=_picked(table, "fields", shelf.fields, shelf.common_fields),
        rank_from=table.maybe_whole("rank_from"),
        rank_to=table.maybe_whole("rank_to"),
        pools_as=table.text("pools_as", default=""),
    )
    _check_fields(line, table)
    return line


def _picked(table: Table, key: str, shelf: Mapping[str, Kept], common: Iterable[str]) -> tuple[Kept, ...]:
    codes = (*table.words(key, shelf), *common)
    if len(set(codes)) != len(codes):
        table.fail("named_twice", key)
    return tuple(shelf[code] for code in codes)


def _check_fields(line: AwardLine, table: Table) -> None:
    date_field = line.field(line.date_field)
    if date_field is None or date_field.kind != "day" or not date_field.required:
        table.fail("not_a_required_day", "date_field", line=line.code, fact=line.date_field)
    for code in line.key_fields:
        key_field = line.field(code)
        if key_field is None or not key_field.required:
            table.fail("not_a_required_field", "key_fields", line=line.code, fact=code)
    if line.rank_from and line.rank_to and line.rank_to < line.rank_from:
        table.fail("ranks_reversed", "rank_to", line=line.code)


def _refuse_unused(root: Table, lines: Iterable[AwardLine]) -> None:
    """A field, document or clause nobody asks for is a slip of the pen in some line's list."""
    used = {
        "clauses": {line.sub_clause for line in lines},
        "fields": {field.code for line in lines for field in line.fields},
        "evidence": {each.code for line in lines for each in line.evidence},
    }
    for shelf, codes in used.items():
        for code, table in root.named_tables(shelf).items():
            if code not in codes:
                table.fail("unused")
