"""The actions open to who looks at an application, in words: where each leads, who is told, what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext

from web import edge
from web.applicant.way import said
from web.due import until
from web.language import _, label, say, unit_name
from workflow.process.available import Available, Preview
from workflow.process.disclosure import SUPERVISION, state_label
from workflow.process.registry import INPUTS

KINDS = {"text": "textarea", "lines": "textarea", "line": "text", "money": "integer", "integer": "integer"}
# What is asked once more before it is done.
WARNINGS = {"discard": lazy_gettext("删除后，这份草稿不能再填写和提交。确定删除吗？")}


def described(one: Available) -> dict[str, Any]:
    """One action for the macros: its label, preview, fields and every reason against it."""
    return {
        "name": one.action,
        "label": label("action", one.action),
        "leads_to": leads_to(one.preview),
        "told": told(one.preview),
        "warning": str(WARNINGS.get(one.action, "")),
        "needs": _("、").join(label("input", name) for name, required in one.inputs.items() if required),
        "reasons": [say(reason) for reason in one.reasons],
        "fields": [_field(name, required) for name, required in one.inputs.items()],
    }


def leads_to(preview: Preview | None) -> str:
    """Next state, next holder, new due day."""
    if preview is None:
        return ""
    parts = [said(state_label(preview.state, outsider=True))]
    if preview.by_organisation:
        parts.append(label("holder", "organisation"))
    elif preview.holder and preview.state != SUPERVISION:
        parts.append(_unit_called(preview.holder))
    return " · ".join(filter(None, [*parts, until(preview)]))


def told(preview: Preview | None) -> str:
    """Who will be told; to the organisation it is itself its own unit."""
    is_own = bool(edge.actor().organisation_ids)
    named = [
        _("本单位") if is_own and each == "organisation" else label("audience", each)
        for each in (preview.tell if preview else ())
    ]
    return _("、").join(named)


def inputs_from(form: Mapping[str, str], one: Available) -> dict[str, Any]:
    """What was typed into the fields of the action, as its own inputs and no others."""
    return {name: form.get(name, "") for name in one.inputs}


def _field(name: str, required: bool) -> dict[str, Any]:
    described = INPUTS[name]
    return {
        "name": name,
        "label": label("input", name),
        "kind": KINDS.get(described.kind, "text"),
        "required": required,
        "attrs": {"maxlength": described.max_length},
    }


def _unit_called(name: str) -> str:
    """The unit's name in the language of the page."""
    units = edge.reference().units.values()
    return next((unit_name(unit.id) for unit in units if unit.name == name), name)
