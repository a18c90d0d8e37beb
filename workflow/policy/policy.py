"""Reads policy files into frozen terms and checks them hard; chooses the policy by award date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from workflow.errors import ConfigurationError, Reason, Refused
from workflow.policy.lines import read_lines
from workflow.policy.points import read_points
from workflow.policy.source import Source, Table
from workflow.policy.terms import (
    READINGS,
    AwardLine,
    CapPerOrganisationYear,
    Choice,
    Document,
    EvidenceRequirement,
    FormField,
    HighestOnly,
    Policy,
    Ruling,
    RulingOption,
    RulingPoint,
    Wording,
)

__all__ = [
    "AwardLine",
    "CapPerOrganisationYear",
    "Choice",
    "Document",
    "EvidenceRequirement",
    "FormField",
    "HighestOnly",
    "Policy",
    "Ruling",
    "RulingOption",
    "RulingPoint",
    "Wording",
    "check_succession",
    "in_force_on",
    "load_policies",
    "load_policy",
    "policy_from_text",
]

TOP_LEVEL = (
    "policy",
    "document",
    "checksum",
    "forms",
    "rules",
    "corrections",
    "clauses",
    "fields",
    "evidence",
    "lines",
    "rulings",
)


def load_policies(folder: Path) -> tuple[Policy, ...]:
    """Every policy of a district folder (`<folder>/policy/*.toml`), checked, oldest first."""
    files = sorted((folder / "policy").glob("*.toml"))
    if not files:
        raise ConfigurationError(str(folder / "policy"), None, Reason("policy.file.none_found"))
    policies = sorted(map(load_policy, files), key=lambda each: (each.owner_unit, each.valid_from))
    check_succession(policies, str(folder / "policy"))
    return tuple(policies)


def load_policy(path: Path) -> Policy:
    """One policy file, checked, also against the published text that stands beside it."""
    text = _read(path)
    policy = policy_from_text(text, str(path))
    _check_quotes(policy, path, text)
    return policy


def policy_from_text(text: str, name: str) -> Policy:
    """A policy from the text of its file, for example one kept for running applications."""
    source = Source(text, name)
    root = source.root
    root.only(TOP_LEVEL)
    lines = read_lines(root)
    policy = _policy(root, lines, hashlib.sha256(text.encode("utf-8")).hexdigest())
    _check_validity(policy, root)
    _check_sums(policy, root)
    _check_highest_only(policy, root)
    return policy


def in_force_on(policies: Iterable[Policy], award_date: date) -> Policy:
    """Which of one owner's policies an award of this day falls under; Refused, naming the days, if none."""
    known = list(policies)
    for policy in known:
        if policy.valid_from <= award_date and (policy.valid_to is None or award_date <= policy.valid_to):
            return policy
    spans = [f"{policy.valid_from}—{policy.valid_to or ''}" for policy in known]
    raise Refused(Reason("policy.none_in_force", {"day": award_date.isoformat(), "spans": spans}))


def check_succession(policies: Sequence[Policy], place: str) -> None:
    """Refuse versions of one owner that overlap, or leave days without any that nobody owned up to."""
    for policy in policies:
        if sum(each.code == policy.code for each in policies) > 1:
            raise ConfigurationError(place, None, Reason("policy.file.code_twice", {"code": policy.code}))
    for earlier, later in pairwise(policies):
        if earlier.owner_unit != later.owner_unit:
            continue
        params = {"earlier": earlier.code, "later": later.code, "day": later.valid_from.isoformat()}
        if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
            raise ConfigurationError(place, None, Reason("policy.file.overlap", params))
        if earlier.valid_to + timedelta(days=1) < later.valid_from and not later.gap_before:
            raise ConfigurationError(place, None, Reason("policy.file.gap", params))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ConfigurationError(str(path), None, Reason("policy.file.unreadable")) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(str(path), None, Reason("policy.file.not_utf8")) from error


def _policy(root: Table, lines: tuple[AwardLine, ...], digest: str) -> Policy:
    head = root.table("policy")
    head.only(("code", "owner_unit", "valid_from", "valid_to", "awards_from", "gap_before", "reading"))
    highest_only, cap = _rules(root)
    return Policy(
        code=head.text("code"),
        document=_document(root.table("document")),
        owner_unit=head.text("owner_unit"),
        valid_from=head.day("valid_from"),
        valid_to=head.maybe_day("valid_to"),
        awards_from=head.day("awards_from"),
        gap_before=head.flag("gap_before", default=False),
        reading=head.word("reading", READINGS),
        lines=lines,
        highest_only=highest_only,
        cap=cap,
        points=read_points(root, lines),
        corrections=tuple(_correction(each) for each in root.tables("corrections")),
        digest=digest,
    )


def _document(table: Table) -> Document:
    table.only(("title", "number", "issuer", "interpreter", "text_file"))
    return Document(
        title=table.wording("title"),
        number=table.text("number", default=""),
        issuer=table.wording("issuer"),
        interpreter=table.wording("interpreter"),
        text_file=table.text("text_file"),
    )


def _correction(table: Table) -> tuple[str, str]:
    table.only(("printed", "meant"))
    return table.text("printed"), table.text("meant")


def _rules(root: Table) -> tuple[HighestOnly, CapPerOrganisationYear | None]:
    found: dict[str, HighestOnly | CapPerOrganisationYear] = {}
    for table in root.tables("rules"):
        kind = table.word("kind", ("highest_only", "cap_per_organisation_year"))
        if kind in found:
            table.fail("rule_twice", "kind", kind=kind)
        table.only(("kind", "items") if kind == "highest_only" else ("kind", "items", "cap_yuan"))
        items = table.wholes("items")
        found[kind] = (
            HighestOnly(items)
            if kind == "highest_only"
            else CapPerOrganisationYear(items, table.whole("cap_yuan"))
        )
    highest_only, cap = found.get("highest_only", HighestOnly(())), found.get("cap_per_organisation_year")
    assert isinstance(highest_only, HighestOnly)
    assert cap is None or isinstance(cap, CapPerOrganisationYear)
    return highest_only, cap


def _check_validity(policy: Policy, root: Table) -> None:
    head = root.table("policy")
    if policy.valid_to is not None and policy.valid_to < policy.valid_from:
        head.fail("ends_before_it_begins", "valid_to")
    if policy.awards_from < policy.valid_from:
        head.fail("awards_before_validity", "awards_from")


def _check_sums(policy: Policy, root: Table) -> None:
    table = root.table("checksum")
    table.only(("lines", "sum_yuan"))
    counted, summed = len(policy.lines), sum(line.amount_yuan for line in policy.lines)
    if table.whole("lines") != counted:
        table.fail("wrong_count", "lines", stated=table.whole("lines"), counted=counted)
    if table.whole("sum_yuan") != summed:
        table.fail("wrong_sum", "sum_yuan", stated=table.whole("sum_yuan"), summed=summed)


def _check_highest_only(policy: Policy, root: Table) -> None:
    for line, table in zip(policy.lines, root.tables("lines"), strict=True):
        if line.highest_only != (line.item in policy.highest_only.items):
            table.fail("highest_only_disagrees", "highest_only", line=line.code, item=line.item)
    items = {line.item for line in policy.lines}
    stated: Mapping[str, tuple[int, ...]] = {
        "highest_only": policy.highest_only.items,
        "cap_per_organisation_year": policy.cap.items if policy.cap else (),
    }
    for table in root.tables("rules"):
        if unknown := [item for item in stated[table.text("kind")] if item not in items]:
            table.fail("unknown_items", "items", items=unknown)


def _check_quotes(policy: Policy, path: Path, text: str) -> None:
    """Each clause must stand in the published text word for word."""
    published = _read(path.parent / policy.document.text_file)
    source = Source(text, str(path))
    for line in policy.lines:
        if line.quote not in published:
            file = policy.document.text_file
            source.fail(("clauses", line.sub_clause, "quote"), "quote_differs", clause=line.clause, file=file)
