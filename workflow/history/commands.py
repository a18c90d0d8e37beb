"""`lianshen audit verify`: reads the whole history and says what is wrong with it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from workflow.catalogue import sentence
from workflow.cli import terminal_locale
from workflow.history.anchors import anchor_count, broken_anchors, kept_lines, wrong_days
from workflow.history.audit import Finding, Verified, event_count, findings
from workflow.installation import is_demo
from workflow.settings import settings
from workflow.storage.schema import refuse_unless_current
from workflow.storage.store import Store

# Drawing the bar for every case would take longer than verifying it.
SHOWN = 500


@click.group(help="Verify the recorded history.")
def audit() -> None:
    pass


@audit.command(help="Check every chain, the tables and the daily anchors; exit 1 when something is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(as_json: bool) -> None:
    chosen = settings()
    store = Store(chosen.database.url)
    progress = Verified()
    kept = kept_lines(chosen.history.anchor_file)
    try:
        refuse_unless_current(store)
        with store.reading_one_moment() as session:
            wrong = _wrong_with_cases(session, progress, hidden=as_json or not sys.stderr.isatty())
            wrong += broken_anchors(session, kept)
            # What a demo played happened in days on which there was no worker.
            wrong += [] if is_demo(session) else wrong_days(session, datetime.now(UTC))
            anchors = {"anchors": anchor_count(session), "kept": len(set(kept))}
    finally:
        store.dispose()
    click.echo(_json(progress, anchors, wrong) if as_json else _words(progress, anchors, wrong))
    if wrong:
        raise SystemExit(1)


def _wrong_with_cases(session: Session, progress: Verified, *, hidden: bool) -> list[Finding]:
    events = event_count(session)
    with click.progressbar(length=events, file=sys.stderr, hidden=hidden, update_min_steps=SHOWN) as bar:
        return list(findings(session, progress, bar.update))


def _json(progress: Verified, anchors: dict[str, int], wrong: list[Finding]) -> str:
    return json.dumps({**asdict(progress), **anchors, "findings": [_finding(one) for one in wrong]})


def _finding(one: Finding) -> dict[str, object]:
    day = None if one.day is None else one.day.isoformat()
    place = {"case": one.case_id, "event": one.event_number, "anchor": day, "year": one.year}
    return {"kind": one.kind, **place}


def _words(progress: Verified, anchors: dict[str, int], wrong: list[Finding]) -> str:
    locale, counted = terminal_locale(), asdict(progress)
    told = sentence("audit.anchors", locale, **anchors)
    if not wrong:
        return "\n".join([sentence("audit.whole", locale, **counted), told])
    lines = [_line(one, locale) for one in wrong]
    return "\n".join([sentence("audit.broken", locale, count=len(wrong), **counted), *lines, told])


def _line(one: Finding, locale: str) -> str:
    kind = f"audit.{one.kind}"
    if one.year is not None:
        return sentence("audit.year_finding", locale, year=one.year, kind_label=kind)
    if one.case_id is None:
        return sentence("audit.anchor_finding", locale, day=one.day, kind_label=kind)
    code = "audit.finding" if one.event_number else "audit.case_finding"
    return sentence(code, locale, kind_label=kind, case=one.case_id, event=one.event_number)
