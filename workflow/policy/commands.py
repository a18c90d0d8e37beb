"""The command `lianshen trial`: reads a file of claims, prints the four readings. Needs no database."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import click

from workflow.catalogue import label, sentence
from workflow.cli import terminal_locale
from workflow.policy.entitlement import Claim, Entitled
from workflow.policy.policy import load_policies
from workflow.policy.trial import as_json, read_claims, readings
from workflow.settings import district_folder


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "machine", is_flag=True, help="输出 JSON / print JSON")
@click.option("--district", type=click.Path(path_type=Path), help="区的资料文件夹 / folder of the district")
def trial(file: Path, machine: bool, district: Path | None) -> None:
    """试算：FILE 里的各件在四种就高口径下各奖励多少。 / What the claims in FILE would be paid under the four
    readings of the highest-only rule.

    FILE holds {"claims": [{"line", "organisation", "awarded_on", "achievement", "paid_yuan"?}]}; the claims
    are taken as eligible.
    """
    policies = load_policies(district or district_folder())
    claims = read_claims(file, policies)
    found = readings(claims, policies)
    locale = terminal_locale()
    if machine:
        click.echo(json.dumps(as_json(found, locale), ensure_ascii=False, indent=2))
        return
    adopted = {policy.reading for policy in policies}
    for reading, entitled in found.items():
        click.echo(_table(reading, claims, entitled, adopted, locale))


def _table(
    reading: str, claims: Sequence[Claim], entitled: Sequence[Entitled], adopted: set[str], locale: str
) -> str:
    total = f"{sum(each.payable_yuan for each in entitled):,}"
    mark = f" ({_word('adopted', locale)})" if reading in adopted else ""
    head = [_word(each, locale) for each in ("number", "line", "organisation", "payable", "reason")]
    rows = [head]
    for number, (claim, each) in enumerate(zip(claims, entitled, strict=True), start=1):
        payable = f"{each.payable_yuan:,}"
        rows.append([str(number), claim.line, claim.organisation, payable, each.reason.sentence(locale)])
    title = f"{label('policy.reading', reading, locale)}{mark}  {_word('total', locale)} {total}"
    return "\n".join([title, *_aligned(rows), ""])


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=False)]
        lines.append("  " + "  ".join([*cells, row[-1]]))
    return lines


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _word(name: str, locale: str) -> str:
    return sentence(f"policy.trial.{name}", locale)
