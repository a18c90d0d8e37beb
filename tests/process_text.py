"""A small process that is sound, and where its lines are."""

from __future__ import annotations

from tests.world import CHANGLE
from workflow.process.definition import Process
from workflow.process.loading import load_process

SMALL = """\
code = "sample"
version = 1
initial = "submitted"
series = "sample"

[alerts]
blue = ["handler"]
near_days = 2
yellow = ["handler", "head"]
red = ["handler", "head", "supervisor"]

[verbs.comment]
in = ["submitted"]
to = "stay"
by = ["township_officer"]
[verbs.comment.inputs]
note = "required"

[states.submitted]
holder = "township"
limit = 5
[states.submitted.actions.accept]
to = "township_precheck"
by = ["township_officer"]
guards = ["not_taken"]
effects = ["take_on"]
tell = ["organisation"]

[states.township_precheck]
holder = "township"
limit = "none"
[states.township_precheck.actions.request_correction]
to = ["awaiting_correction", "withdrawn"]
choose = "origin"
by = [{ role = "township_officer", of = "any", head = true }]
returns = "continue"

[states.awaiting_correction]
holder = "organisation"
limit = 10
waiting = true
timer = "lapse"
[states.awaiting_correction.actions.lapse]
to = "withdrawn"
by = ["system"]

[states.withdrawn]
final = true
"""


def broken(old: str, new: str) -> str:
    assert SMALL.count(old) == 1, old
    return SMALL.replace(old, new)


def read(code: str) -> Process:
    return load_process(CHANGLE / "processes" / f"{code}.toml")
