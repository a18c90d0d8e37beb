"""The head of a case's page: its state and clock in words, its track, and what was wrong with an attempt."""

from __future__ import annotations

from typing import Any

from web import edge
from web.applicant.way import ledger, nodes, said
from web.cases.cards import Attempt
from web.due import until_on_page
from web.language import _, locale, sentences, summary
from workflow.clock.alerts import AlertLevel
from workflow.errors import Overtaken
from workflow.lists.case_page import CasePage
from workflow.lists.track import Mark

ESTIMATED = "clock.ledger.estimated"
HERE = (Mark.NOW, Mark.LATE)


def standing(page: CasePage) -> dict[str, Any]:
    """The state with its level, the due day, why it is that day, and the track, for `render_template`."""
    head = page.head
    return {
        "chip": chip(page),
        "due": "" if head.closed_at else until_on_page(head),
        "estimated": any(line.code == ESTIMATED for line in page.clock),
        "why": [] if head.closed_at else ledger(page.clock),
        "track": _track(page),
    }


def chip(page: CasePage) -> tuple[str, str]:
    """Level and words: the state, and how its clock stands."""
    head = page.head
    state = said(head.state_label)
    if head.closed_at or head.due_on is None:
        return "", state
    if head.waiting:
        return "paused", _("%(state)s，时限已中止", state=state)
    if head.ends_by_itself:
        return "", state
    level = "" if head.level is AlertLevel.NONE else head.level.value
    return level, f"{state} {head.standing.sentence(locale(), edge.today())}"


def faults(attempt: Attempt | None) -> list[tuple[str, str]]:
    """What was wrong with the attempt, for the summary on top."""
    if attempt is None or isinstance(attempt.error, Overtaken):
        return []
    # The same field stands in several cards: each has an id of its own.
    return [(f"{attempt.action}-{field}" if field else "", words) for field, words in summary(attempt.error)]


def overtaken(attempt: Attempt | None) -> list[str]:
    """Who was quicker than the attempt."""
    return sentences(attempt.error) if attempt is not None and isinstance(attempt.error, Overtaken) else []


def _track(page: CasePage) -> list[dict[str, Any]]:
    drawn = zip(nodes(page.track), page.track, strict=True)
    return [{**node, "handler": stop.handler if stop.mark in HERE else ""} for node, stop in drawn]
