"""The actions on an application as cards: what each leads to and asks for, or why it cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flask import url_for

from web import edge
from web.cases.handlers import Group
from web.cases.payments import to_be_confirmed, to_be_replaced
from web.due import until
from web.language import _, by_field, input_label, label, locale, say, wan
from workflow.errors import WorkflowError
from workflow.lists.case_history import PaymentLine
from workflow.lists.case_page import CasePage
from workflow.process.available import Available, Preview
from workflow.process.definition import ORGANISATION
from workflow.process.disclosure import reason_for_outsiders
from workflow.process.facts import Facts
from workflow.process.registry import CHOICES, INPUTS

# What decides nothing stands below what does; the first three leave the case where it is.
BESIDE = ("take_on", "hand_over", "comment")
LAST = (*BESIDE, "draw")
PREPARE, CONFIRM = "prepare", "confirm"
# What these say of the payment that was prepared, where one was.
ABOUT_PREPARED = {PREPARE: to_be_replaced, CONFIRM: to_be_confirmed}
# How each kind of input is typed; what is chosen from is a choice.
KINDS = {"text": "textarea", "lines": "textarea", "line": "text", "money": "integer", "integer": "integer"}


class Desk(Protocol):
    """What cards are made from, of an application as of a referral."""

    @property
    def page(self) -> CasePage: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def offered(self) -> tuple[Available, ...]: ...
    @property
    def handlers(self) -> Mapping[str, list[Group]]: ...
    @property
    def payable_yuan(self) -> int | None: ...
    @property
    def prepared(self) -> PaymentLine | None: ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """An action that was refused: what was typed, and what was wrong with it."""

    action: str
    typed: Mapping[str, str]
    error: WorkflowError

    def faults(self, action: str) -> Mapping[str, str]:
        return by_field(self.error) if action == self.action else {}

    def text(self, action: str, name: str) -> str:
        return self.typed.get(name, "") if action == self.action else ""


def cards(desk: Desk, attempt: Attempt | None) -> list[dict[str, Any]]:
    """What she can do, the usual way to go on first; then what she cannot, and why."""
    # On a case that is closed there is no usual way to go on.
    primary = None if desk.page.head.closed_at else _usual(desk)
    ranked = sorted(
        desk.offered, key=lambda each: (bool(each.reasons), each.action != primary, each.action in LAST)
    )
    return [_card(each, desk, attempt, is_primary=each.action == primary) for each in ranked]


def leftover(desk: Desk, attempt: Attempt | None) -> list[tuple[str, str]]:
    """What was typed into an action that meanwhile is not available any more: (label, text)."""
    if attempt is None or any(each.action == attempt.action and not each.reasons for each in desk.offered):
        return []
    return [
        (input_label(attempt.action, name), text)
        for name, text in attempt.typed.items()
        if name in INPUTS and text
    ]


def _usual(desk: Desk) -> str | None:
    """The usual way to go on: a decision that asks for no reason, rather one that moves; or the only one."""
    done = () if desk.prepared is None else (PREPARE,)
    open_to_her = [each for each in desk.offered if not each.reasons and each.action not in (*LAST, *done)]
    usual = [each for each in open_to_her if not each.inputs.keys() & {"reason", "defects"}]
    moving = [each for each in usual if each.preview and not each.preview.stays]
    chosen = moving or usual or (open_to_her if len(open_to_her) == 1 else [])
    return chosen[0].action if chosen else None


def _card(offered: Available, desk: Desk, attempt: Attempt | None, *, is_primary: bool) -> dict[str, Any]:
    preview = offered.preview
    return {
        "action": offered.action,
        "label": _label(offered, desk),
        "line": _line(offered, desk),
        # Each kind of case has its own address for acts, in the blueprint that shows it.
        "url": url_for(".act", case_id=desk.page.head.case_id, action=offered.action),
        "kind": "primary" if is_primary else "secondary",
        "reasons": [say(reason) for reason in offered.reasons],
        "leads_to": _leads_to(preview) if preview and offered.action not in BESIDE else "",
        "told": _("、").join(label("audience", who) for who in preview.tell) if preview else "",
        "needs": _("、").join(
            input_label(offered.action, name) for name, required in offered.inputs.items() if required
        ),
        "fields": [_field(name, offered, desk, attempt) for name in offered.inputs],
        "open": attempt is not None and attempt.action == offered.action,
    }


def _label(offered: Available, desk: Desk) -> str:
    if offered.action == PREPARE and desk.prepared is not None:
        return _("重新制单")
    return label("action", offered.action)


def _line(offered: Available, desk: Desk) -> str:
    tell = ABOUT_PREPARED.get(offered.action)
    return tell(desk.prepared, desk.page.payments) if tell and desk.prepared else ""


def _leads_to(preview: Preview) -> str:
    if preview.stays:
        return _("仍为“%(state)s”", state=label("state", preview.state))
    holder = label("holder", "organisation") if preview.by_organisation else _unit(preview.holder)
    return " · ".join(filter(None, [label("state", preview.state), holder, until(preview)]))


def _unit(name: str | None) -> str:
    """A unit in the language of the page, by the name the preview gives it."""
    units = edge.reference().units.values()
    unit = next((each for each in units if each.name == name), None)
    return "" if unit is None else unit.name if locale() == "zh" else unit.name_en


def _field(name: str, offered: Available, desk: Desk, attempt: Attempt | None) -> dict[str, Any]:
    described = INPUTS[name]
    typed = attempt.text(offered.action, name) if attempt else ""
    return {
        "name": name,
        "id": f"{offered.action}-{name}",
        "label": input_label(offered.action, name),
        "kind": KINDS.get(described.kind, "choice"),
        "required": offered.inputs[name],
        "value": typed,
        "help": _help(name, offered, desk),
        "error": attempt.faults(offered.action).get(name, "") if attempt else "",
        "unit": _("元") if described.kind == "money" else _("工作日") if described.kind == "integer" else "",
        "groups": _groups(name, offered, desk),
        "attrs": {"maxlength": described.max_length} if described.kind in ("text", "line") else {},
    }


def _help(name: str, offered: Available, desk: Desk) -> str:
    if name == "defects":
        return _("每行写一项，按行编号。须一次写全：再次要求补正，要由分管领导作出。")
    if name == "objector":
        return _("只有联席会议办公室看得到异议人是谁，申报单位和其他机构都看不到；请不要写进理由。")
    if name == "amount_yuan" and desk.payable_yuan is not None:
        return _("目前应付 %(amount)s。不填就是全额。", amount=wan(desk.payable_yuan))
    if name == "reason" and _is_told_the_reason(offered, desk):
        return _("将原文告知申报单位。")
    return _("只供经办人员查看。") if name == "note" else ""


def _is_told_the_reason(offered: Available, desk: Desk) -> bool:
    told = offered.preview is not None and ORGANISATION in offered.preview.tell
    return told and reason_for_outsiders(desk.facts.process, offered.action, desk.facts.case.state)


def _groups(name: str, offered: Available, desk: Desk) -> list[Group]:
    if name == "handler":
        return desk.handlers.get(offered.action, [])
    choices = CHOICES.get(name, ())
    return [Group("", tuple((choice, label(name, choice)) for choice in choices))] if choices else []
