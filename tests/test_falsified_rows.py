"""What cases, steps, sums and papers say is held against the history, and what differs is found."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.tampering import found, late_in_hand, paid_among_others, tamper
from tests.world import MONDAY, World
from workflow.applications.drafts import save_draft
from workflow.history.audit import Finding
from workflow.people.organisations import add_account
from workflow.people.trail import Signature
from workflow.storage.tables import (
    Application,
    Case,
    Evidence,
    Organisation,
    OrganisationAccount,
    Payment,
    Reservation,
    Step,
    YearTotal,
)
from workflow.storage.types import Base


@pytest.fixture
def case_id(world: World) -> int:
    return paid_among_others(world)


@pytest.fixture
def late_id(world: World) -> int:
    return late_in_hand(world)


def late_step(case_id: int) -> tuple[object, ...]:
    return (Step.case_id == case_id, Step.was_late)


PUNCTUAL: list[dict[str, object]] = [
    {"was_late": False, "late_days": 0},
    {"late_days": 1},
    {"used_days": 1},
    {"limit_days": 50},
    {"used_before": 3},
    {"outcome": "reject"},
    {"handler_id": None},
]


@pytest.mark.parametrize("columns", PUNCTUAL)
def test_a_step_made_punctual_is_found(world: World, late_id: int, columns: dict[str, object]) -> None:
    tamper(world, lambda session: session.execute(update(Step).where(*late_step(late_id)).values(**columns)))

    assert found(world) == [Finding("step_changed", late_id, 5)]


def test_a_due_day_moved_past_the_door_is_found(world: World, late_id: int) -> None:
    def move(session: Session) -> None:
        open_step = (Step.case_id == late_id, Step.left_at.is_(None))
        later = session.scalars(select(Step.due_on).where(*open_step)).one() or world.today
        for table, where in ((Step, open_step), (Case, (Case.id == late_id,))):
            session.execute(update(table).where(*where).values(due_on=later + timedelta(days=30)))

    tamper(world, move)

    assert found(world) == [Finding("case_changed", late_id, 5), Finding("step_changed", late_id, 5)]


OF_CASE: list[dict[str, object]] = [{"was_late": False}, {"handler_id": None}, {"unit_id": 1}]


@pytest.mark.parametrize("columns", OF_CASE)
def test_a_case_that_hides_its_lateness_or_its_handler_is_found(
    world: World, late_id: int, columns: dict[str, object]
) -> None:
    tamper(world, lambda session: session.execute(update(Case).where(Case.id == late_id).values(**columns)))

    assert found(world) == [Finding("case_changed", late_id, 5)]


def test_a_step_that_is_gone_is_found(world: World, late_id: int) -> None:
    tamper(world, lambda session: session.execute(delete(Step).where(*late_step(late_id))))

    assert found(world) == [Finding("step_changed", late_id, 5)]


SUMS: list[dict[str, object]] = [{"paid_yuan": 1}, {"approved_yuan": 1}, {"recover_yuan": 1}]


@pytest.mark.parametrize("columns", SUMS)
def test_a_changed_sum_is_found(world: World, case_id: int, columns: dict[str, object]) -> None:
    of_case = Application.case_id == case_id

    tamper(world, lambda session: session.execute(update(Application).where(of_case).values(**columns)))

    assert {(one.kind, one.case_id) for one in found(world)} == {("sums_changed", case_id)}


@pytest.mark.parametrize("column", ["amount_yuan", "status"])
def test_a_changed_sum_of_a_payment_is_found(world: World, case_id: int, column: str) -> None:
    changed = {"amount_yuan": 1, "status": "cancelled"}[column]
    of_case = Payment.case_id == case_id

    tamper(world, lambda session: session.execute(update(Payment).where(of_case).values({column: changed})))

    assert found(world) == [Finding("sums_changed", case_id, 9), Finding("payment_changed", case_id, 9)]


# What each protects money or people with, and what is said where it was set past the door.
GUARDED: list[tuple[type[Base], dict[str, Any], str]] = [
    (Case, {"duties": {}}, "duties_changed"),
    (Case, {"timer_at": MONDAY - timedelta(days=99)}, "timer_changed"),
    (Case, {"number": "CL2026-9999"}, "identity_changed"),
    (Case, {"organisation_id": 2}, "identity_changed"),
    (Case, {"township_id": 3}, "identity_changed"),
    (Case, {"process_version": 7}, "identity_changed"),
    (Case, {"waiting": True}, "case_changed"),
    (Case, {"origin_state": "bureau_review"}, "case_changed"),
    (Application, {"amount_yuan": 2_000_000}, "application_changed"),
    (Application, {"facts": {}}, "application_changed"),
    (Application, {"approved_at": None}, "application_changed"),
    (Application, {"claim_key": None}, "application_changed"),
    (Application, {"award_year": 2020}, "application_changed"),
    (Application, {"awarded_on": date(2020, 1, 1)}, "application_changed"),
    (Application, {"account_id": None}, "application_changed"),
    (Application, {"line": "Q1-1"}, "application_changed"),
    (Evidence, {"sha256": "f" * 64}, "evidence_changed"),
    (Evidence, {"requirement": "other"}, "evidence_changed"),
    (Evidence, {"removed_at": MONDAY}, "evidence_changed"),
    (Payment, {"account": {"holder": "某", "bank": "某行", "number": "666"}}, "payment_changed"),
    (Payment, {"voucher": "V-2"}, "payment_changed"),
    (Payment, {"prepared_by_id": 1}, "payment_changed"),
    (Payment, {"prepared_at": MONDAY}, "payment_changed"),
    (Payment, {"confirmed_by_id": 1}, "payment_changed"),
    (Payment, {"confirmed_at": MONDAY}, "payment_changed"),
    (OrganisationAccount, {"number": "6222999999999999"}, "account_changed"),
    (OrganisationAccount, {"holder": "某"}, "account_changed"),
    (OrganisationAccount, {"bank": "某行"}, "account_changed"),
    (OrganisationAccount, {"confirmed_by_id": 2}, "account_changed"),
    (OrganisationAccount, {"confirmed_at": MONDAY - timedelta(days=1)}, "account_changed"),
]


@pytest.mark.parametrize(("table", "columns", "kind"), GUARDED)
def test_what_guards_the_money_cannot_be_set_past_the_door(
    world: World, table: type[Any], columns: dict[str, Any], kind: str
) -> None:
    case_id = world.paid()
    account_id = world.application(case_id).account_id
    ids = {Case: case_id, OrganisationAccount: account_id}
    where = table.id == ids[table] if table in ids else table.case_id == case_id

    tamper(world, lambda session: session.execute(update(table).where(where).values(**columns)))

    assert found(world) == [Finding(kind, case_id, 9)]


@pytest.mark.parametrize(("table", "kind"), [(Payment, "payment_changed"), (Evidence, "evidence_changed")])
def test_a_payment_or_a_paper_that_is_gone_is_found(world: World, table: type[Any], kind: str) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id)

    tamper(world, lambda session: session.execute(delete(table).where(table.case_id == case_id)))

    assert found(world) == [Finding(kind, case_id, 8)]


def test_a_correction_may_change_form_papers_and_account(world: World) -> None:
    case_id = world.in_precheck()
    world.do("lin", "request_correction", case_id, defects=["缺页"])

    tamper(world, lambda session: correct(session, world, case_id))
    assert found(world) == []
    world.do("donglong", "resubmit", case_id)

    assert found(world) == []


def correct(session: Session, world: World, case_id: int) -> None:
    donglong = world.actor("donglong")
    firm = session.get_one(Organisation, world.case(case_id).organisation_id)
    account = add_account(
        session, firm.id, holder=firm.name, bank="另一银行", number="6222111122223333",
        by=Signature(donglong, world.now),
    )  # fmt: skip
    fields = {"account": str(account.id), "document_number": "榕政综〔2021〕14号"}
    version = session.get_one(Case, case_id).version
    save_draft(session, case_id, donglong, fields, now=world.now, seen_version=version)
    paper = session.scalars(select(Evidence).where(Evidence.case_id == case_id)).first()
    assert paper is not None
    paper.removed_at = world.now
    columns = {column.name: getattr(paper, column.name) for column in Evidence.__table__.columns}
    session.add(Evidence(**{**columns, "id": None, "removed_at": None, "sha256": "1" * 64}))


@pytest.mark.parametrize("table", [YearTotal, Reservation])
def test_a_total_that_is_not_the_sum_of_its_year_is_found(world: World, case_id: int, table: Any) -> None:
    tamper(world, lambda session: session.execute(update(table).values(paid_yuan=1)))

    assert found(world) == [Finding("total_changed", None, year=2026)]


def test_a_sum_and_its_payments_changed_together_are_found(world: World, case_id: int) -> None:
    def change(session: Session) -> None:
        session.execute(update(Payment).where(Payment.case_id == case_id).values(amount_yuan=1))
        session.execute(update(Application).where(Application.case_id == case_id).values(paid_yuan=1))

    tamper(world, change)

    assert ("sums_changed", case_id) in {(one.kind, one.case_id) for one in found(world)}
