"""A stored process version as a table people can read, and as a Mermaid diagram to take along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import render_template, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.admin.blueprint import blueprint
from web.admin.naming import process_name
from web.language import _, label, locale
from workflow.process.commands import mermaid
from workflow.process.definition import SYSTEM_ROLE, UNIT_HOLDERS, Action, Process, State
from workflow.process.definitions import process_of


@blueprint.get("/admin/processes/<code>/<int:version>")
@audience("administrator")
def process(code: str, version: int) -> str:
    shown = _stored(code, version)
    return render_template(
        "admin/process.html",
        name=process_name(shown.code),
        process=shown,
        states=[_state(each) for each in shown.states.values()],
        download=url_for("admin.diagram", code=code, version=version),
    )


@blueprint.get("/admin/processes/<code>/<int:version>/diagram")
@audience("administrator")
def diagram(code: str, version: int) -> Response:
    text = mermaid(_stored(code, version), locale())
    answer = Response(f"{text}\n", mimetype="text/plain")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{code}-{version}.mmd")
    return answer


def _stored(code: str, version: int) -> Process:
    with edge.reading() as session:
        return process_of(session, code, version)


def _state(state: State) -> dict[str, Any]:
    moving = [action for action in state.actions.values() if not action.stays]
    return {
        "name": label("state", state.name),
        "code": state.name,
        "holder": _holder(state),
        "limit": _limit(state),
        "leaves": [_leave(state, action) for action in moving],
        "stays": _("、").join(label("action", each.name) for each in state.actions.values() if each.stays),
    }


def _holder(state: State) -> str:
    return label("unit_kind" if state.holder in UNIT_HOLDERS else "holder", state.holder)


def _limit(state: State) -> str:
    if state.limit_days is None:
        return _("终态") if state.final else _("无时限")
    return _("%(days)s 日", days=state.limit_days)


def _leave(state: State, action: Action) -> dict[str, str]:
    goals = [label("state", each) for each in action.destinations if each not in ("stay", state.name)]
    return {
        "name": label("action", action.name),
        "goals": _(" 或 ").join(goals) or _("本状态"),
        "who": _("、").join(dict.fromkeys(_who(action))),
    }


def _who(action: Action) -> Iterator[str]:
    for permission in action.by:
        role = label("role", permission.role)
        if permission.role == SYSTEM_ROLE:
            yield _("到期自动")
        else:
            yield _("%(role)s（分管领导）", role=role) if permission.head else role
