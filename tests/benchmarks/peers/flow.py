"""Viewflow as its documentation tells: a flow of views, each task run inside `task.activation()`.

Its process is the case and its tasks are the steps; event and outbox are written in the same transaction.
"""

from __future__ import annotations

from typing import Any

from tests.benchmarks.peers.django_home import open_django
from tests.benchmarks.peers.rows import AUDIENCE, NOW, Part, message
from tests.benchmarks.rounds import serve


def prepare(cases: int) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from viewflow.workflow.models import Task

    from tests.benchmarks.peers.award.flows import AwardFlow

    call_command("migrate", verbosity=0)
    officer = User.objects.create(username="lin", is_superuser=True)
    for _ in range(cases):
        AwardFlow.start.run()
    for task in Task.objects.filter(flow_task=AwardFlow.precheck):
        with task.activation() as activation:
            activation.assign(officer)


def act(part: Part, case_id: int, task_id: int, officer: Any) -> None:
    from viewflow.workflow.models import Task

    from tests.benchmarks.peers.award.models import Event, Outbox

    task = Task.objects.get(pk=task_id)
    with task.activation() as activation:
        assert activation.flow_task.can_execute(officer, activation.task)
        activation.start(None)
        activation.execute()
        Event.objects.create(
            case_id=case_id, number=99, action="recommend", actor_id=part.officer, unit_id=part.township,
            from_state="township_precheck", to_state="bureau_review", at=NOW, recorded_at=NOW,
            previous="0" * 64,
        )  # fmt: skip
        Outbox.objects.create(
            case_id=case_id, topic="moved", audience=AUDIENCE, unit_id=part.bureau, created_at=NOW,
            params=message("bureau_review", f"CL2026-9{case_id:06d}"),
        )  # fmt: skip


def main(part: Part) -> None:
    open_django(part.url, "viewflow", "viewflow.workflow")
    from tests.benchmarks.peers.award.models import Case

    if part.number == "prepare":
        prepare(Case.objects.filter(pk__gte=part.first).count())
        return
    from django.contrib.auth.models import User
    from viewflow.workflow.models import Task

    from tests.benchmarks.peers.award.flows import AwardFlow

    officer = User.objects.get(username="lin")
    waiting = Task.objects.filter(flow_task=AwardFlow.precheck).order_by("pk").values_list("pk", flat=True)
    tasks = iter(waiting[part.share * int(part.number) : part.share * (int(part.number) + 1)])
    case_ids = part.cases
    serve(lambda: act(part, next(case_ids), next(tasks), officer))


if __name__ == "__main__":
    main(Part.given())
