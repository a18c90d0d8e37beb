"""`lianshen audit verify`: reads the whole history and says what is wrong with it."""

from __future__ import annotations

import json
import sys

import click

from workflow.catalogue import sentence
from workflow.cli import terminal_locale
from workflow.history.audit import Finding, Verified, event_count, findings
from workflow.settings import settings
from workflow.storage.store import Store


@click.group(help="Verify the recorded history.")
def audit() -> None:
    pass


@audit.command(help="Check every chain of events against the cases; exit 1 when something is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(as_json: bool) -> None:
    store = Store(settings().database.url)
    progress, wrong = Verified(), []
    with store.reading() as session:
        total = event_count(session)
        hidden = as_json or not sys.stderr.isatty()
        with click.progressbar(length=total, file=sys.stderr, hidden=hidden) as bar:
            for finding in findings(session, progress):
                wrong.append(finding)
                bar.update(progress.events - bar.pos)
            bar.update(progress.events - bar.pos)
    click.echo(_json(progress, wrong) if as_json else _words(progress, wrong))
    if wrong:
        raise SystemExit(1)


def _json(progress: Verified, wrong: list[Finding]) -> str:
    return json.dumps(
        {
            "cases": progress.cases,
            "events": progress.events,
            "erased": progress.erased,
            "findings": [{"kind": one.kind, "case": one.case_id, "event": one.event_number} for one in wrong],
        },
        ensure_ascii=False,
    )


def _words(progress: Verified, wrong: list[Finding]) -> str:
    locale = terminal_locale()
    counted = {"cases": progress.cases, "events": progress.events, "erased": progress.erased}
    if not wrong:
        return sentence("audit.whole", locale, **counted)
    lines = [
        sentence(
            "audit.finding", locale, kind_label=f"audit.{one.kind}", case=one.case_id, event=one.event_number
        )
        for one in wrong
    ]
    return "\n".join([sentence("audit.broken", locale, count=len(wrong), **counted), *lines])
