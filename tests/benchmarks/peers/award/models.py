"""The tables of Lianshen that an act writes, as Django models: every peer leaves the same rows in them."""

from __future__ import annotations

import json

from django.db import models
from django_fsm import ConcurrentTransitionMixin, FSMField, transition


def _is_held(case: Case) -> bool:
    return case.unit_id is not None


def _is_not_conflicted(case: Case) -> bool:
    return case.handler_id not in json.loads(case.duties).get("review", [])


def _may_recommend(case: Case, person: int) -> bool:
    return case.handler_id in (None, person)


class Case(ConcurrentTransitionMixin, models.Model):
    state = FSMField(default="submitted", protected=True)
    number = models.TextField(null=True)
    version = models.IntegerField()
    unit_id = models.BigIntegerField(null=True)
    handler_id = models.BigIntegerField(null=True)
    step_number = models.IntegerField()
    event_number = models.IntegerField()
    chain_head = models.TextField()
    duties = models.TextField()
    due_on = models.DateField(null=True)
    next_reminder_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "cases"

    @transition(field=state, source="submitted", target="township_precheck")
    def accept(self, by: int) -> None: ...

    @transition(
        field=state,
        source="township_precheck",
        target="bureau_review",
        conditions=[_is_held, _is_not_conflicted],
        permission=_may_recommend,
    )
    def recommend(self, by: int) -> None:
        self.duties = f'{{"precheck":[{by}]}}'

    @transition(field=state, source="bureau_review", target="joint_meeting_approval")
    def endorse(self, by: int) -> None: ...


class Step(models.Model):
    pk = models.CompositePrimaryKey("case_id", "number")
    case_id = models.BigIntegerField()
    number = models.IntegerField()
    state = models.TextField()
    unit_id = models.BigIntegerField(null=True)
    handler_id = models.BigIntegerField(null=True)
    entered_at = models.DateTimeField()
    limit_days = models.IntegerField(null=True)
    used_before = models.IntegerField(default=0)
    due_on = models.DateField(null=True)
    left_at = models.DateTimeField(null=True)
    outcome = models.TextField(null=True)
    used_days = models.IntegerField(null=True)
    was_late = models.BooleanField(default=False)

    class Meta:
        managed = False
        db_table = "steps"


class Event(models.Model):
    pk = models.CompositePrimaryKey("case_id", "number")
    case_id = models.BigIntegerField()
    number = models.IntegerField()
    action = models.TextField()
    actor_id = models.BigIntegerField()
    unit_id = models.BigIntegerField(null=True)
    from_state = models.TextField()
    to_state = models.TextField()
    details = models.TextField(default="{}")
    reason_digest = models.TextField(default="0" * 64)
    details_digest = models.TextField(default="0" * 64)
    standing = models.TextField(default="{}")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    previous = models.TextField()
    digest = models.TextField(default="1" * 64)

    class Meta:
        managed = False
        db_table = "events"


class Outbox(models.Model):
    case_id = models.BigIntegerField()
    topic = models.TextField()
    audience = models.TextField()
    unit_id = models.BigIntegerField(null=True)
    handler_id = models.BigIntegerField(null=True)
    params = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "outbox"
