"""林梅, her password and the administrator: where the tests of accounts begin."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from workflow.errors import WorkflowError
from workflow.people.accounts import SignInOutcome, check_credentials, sign_in
from workflow.people.actors import Actor, Post
from workflow.people.persons import PersonParticulars
from workflow.people.trail import Signature

MONDAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
PASSWORD = "Meihua-2026-kou"
ADMINISTRATOR = Actor(1, "管理员", (Post("administrator"),))
BY = Signature(ADMINISTRATOR, NOW)
LIN = PersonParticulars("lin.mei", "林梅", "0591-28920000", "lin@example.cn", PASSWORD)


def attempt(session: Session, account: str, password: str, now: datetime = NOW) -> SignInOutcome:
    credentials = check_credentials(session, account, password)
    return sign_in(session, credentials, "10.1.2.3", now, max_failures=3, lock_minutes=15)


def codes(refusal: pytest.ExceptionInfo[WorkflowError]) -> list[tuple[str, str | None]]:
    return [(reason.code, reason.field) for reason in refusal.value.reasons]
