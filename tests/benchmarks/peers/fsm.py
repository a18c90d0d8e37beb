"""django-fsm-2 as its README tells: a protected FSMField, conditions, a permission, one transaction."""

from __future__ import annotations

from tests.benchmarks.peers.django_home import open_django
from tests.benchmarks.peers.rows import AUDIENCE, DUE_ON, NOW, REMINDED_AT, Part, message
from tests.benchmarks.rounds import serve


def act(part: Part, case_id: int) -> None:
    from django.db import transaction
    from django_fsm import has_transition_perm

    from tests.benchmarks.peers.award.models import Case, Event, Outbox, Step

    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=case_id)
        assert has_transition_perm(case.recommend, part.officer)
        before = case.state
        case.recommend(by=part.officer)
        Step.objects.filter(case_id=case_id, number=case.step_number).update(
            left_at=NOW, outcome="recommend", used_days=1, handler_id=part.officer
        )
        case.version += 1
        case.step_number += 1
        case.event_number += 1
        case.unit_id, case.handler_id = part.bureau, None
        case.due_on, case.next_reminder_at = DUE_ON, REMINDED_AT
        previous, case.chain_head = case.chain_head, "1" * 64
        case.save()
        Step.objects.create(
            case_id=case_id, number=case.step_number, state=case.state, unit_id=part.bureau, entered_at=NOW,
            limit_days=15, due_on=case.due_on,
        )  # fmt: skip
        Event.objects.create(
            case_id=case_id, number=case.event_number, action="recommend", actor_id=part.officer,
            unit_id=part.township, from_state=before, to_state=case.state, at=NOW, recorded_at=NOW,
            previous=previous,
        )  # fmt: skip
        Outbox.objects.create(
            case_id=case_id, topic="moved", audience=AUDIENCE, unit_id=part.bureau, created_at=NOW,
            params=message(case.state, case.number),
        )  # fmt: skip


def main(part: Part) -> None:
    open_django(part.url)
    if part.number != "prepare":
        cases = part.cases
        serve(lambda: act(part, next(cases)))


if __name__ == "__main__":
    main(Part.given())
