"""The way of a case in words: nodes of the track, lines of the history, the clock's ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from web import edge
from web.language import _, _n, day, locale, moment
from workflow import catalogue
from workflow.clock.ledger import Line
from workflow.lists.case_history import EventLine
from workflow.lists.track import Branch, LateStay, Mark, Node

# While these last, the days of the step they left do not run.
_STOPS_THE_CLOCK = frozenset({"correction", "objection"})
_REVIEW, _RECOVERY = "state.revocation_review", "state.recovering"


def short_nodes(track: Sequence[Node]) -> list[dict[str, Any]]:
    """The track of a card: names and marks alone."""
    return [{"state": node.mark.value, "label": said(node.label)} for node in track]


def nodes(track: Sequence[Node]) -> list[dict[str, Any]]:
    """The track of a page: days used and allowed, the latest day of the end, what branched off."""
    promised = not _is_off_the_way(track)
    return [
        {
            "state": node.mark.value,
            "label": said(node.label),
            "note": _note(node, is_last=node is track[-1] and promised),
            "late": [_late_stay(stay, node.visits) for stay in node.late_stays],
            "branches": [(branch.kind, _branch(branch)) for branch in node.branches],
        }
        for node in track
    ]


def events(lines: Sequence[EventLine]) -> list[dict[str, str]]:
    """The history, newest first."""
    return [
        {
            "what": said(line.action_label),
            "said": _said(line),
            "by": _by(line),
            "at": moment(line.at),
            "note": "→ " + said(line.to_label) if line.moves and line.from_state else "",
            "kind": "system" if line.is_system else "person",
        }
        for line in lines
    ]


def ledger(lines: Sequence[Line]) -> list[str]:
    return [line.sentence(locale(), edge.today()) for line in lines]


def said(code: str) -> str:
    return catalogue.sentence(code, locale())


def _is_off_the_way(track: Sequence[Node]) -> bool:
    """Whether the award is looked into again or has fallen: then no day of the way is promised any more."""
    if track[-1].mark in (Mark.NOW, Mark.LATE):
        # The way had come to its end and the case was opened again.
        return True
    branches = [branch for node in track for branch in node.branches]
    looked_into = any(each.label == _REVIEW and each.until_on is None for each in branches)
    return looked_into or any(each.label == _RECOVERY for each in branches)


def _note(node: Node, *, is_last: bool) -> str:
    if node.mark is Mark.ENDED and node.entered_on:
        return day(node.entered_on)
    if node.used_days is not None and node.limit_days is not None:
        return _("%(used)s / %(limit)s 日", used=node.used_days, limit=node.limit_days)
    if is_last and node.latest_on is not None:
        return _latest(node)
    if node.entered_on is not None:
        return day(node.entered_on)
    return _("%(limit)s 日", limit=node.limit_days) if node.limit_days else ""


def _latest(node: Node) -> str:
    assert node.latest_on is not None
    if node.is_estimated:
        return _("最迟 %(day)s（预计）", day=day(node.latest_on))
    return _("最迟 %(day)s", day=day(node.latest_on))


def _late_stay(stay: LateStay, visits: int) -> str:
    late = " · ".join(filter(None, [late_words(stay.late_days), stay.handler]))
    if visits == 1:
        return late
    used = _("%(used)s / %(limit)s 日", used=stay.used_days, limit=stay.limit_days)
    return _("第 %(visit)s 次 %(used)s，%(late)s", visit=stay.visit, used=used, late=late)


def late_words(days: int) -> str:
    """Days late; without a number when only days of rest had passed."""
    return _n("超期 %(num)d 日", days) if days else _("已超期")


def _branch(branch: Branch) -> str:
    begun = day(branch.from_on)
    if branch.until_on is None and branch.kind in _STOPS_THE_CLOCK:
        return _("%(what)s %(day)s起，时限中止", what=said(branch.label), day=begun)
    if branch.until_on is None:
        return _("%(what)s %(day)s起", what=said(branch.label), day=begun)
    if branch.until_on == branch.from_on:
        return _("%(what)s %(day)s", what=said(branch.label), day=begun)
    return _("%(what)s %(first)s–%(last)s", what=said(branch.label), first=begun, last=day(branch.until_on))


def _said(line: EventLine) -> str:
    defects = line.details.get("defects") or ()
    parts = [f"{number}. {text}" for number, text in enumerate(defects, start=1)]
    return " ".join([*([line.reason] if line.reason else []), *parts])


def _by(line: EventLine) -> str:
    if line.is_system:
        return _("系统")
    words = [part for part in (line.unit, line.actor) if part]
    return " · ".join(words) or _("承办机构")
