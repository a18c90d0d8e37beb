"""The recorded history: what was done to a case is told whole, and whoever tampers with it is found out."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner, Result
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.world import MONDAY, World
from workflow.applications.drafts import save_draft
from workflow.clock.days import shanghai_day
from workflow.errors import Refused
from workflow.history.anchors import anchor_day, broken_anchors, kept_lines, wrong_days
from workflow.history.audit import Finding, Verified, event_count, findings
from workflow.history.commands import audit
from workflow.people.organisations import add_account
from workflow.people.trail import Signature
from workflow.process.chain import link
from workflow.process.perform import perform
from workflow.storage.tables import (
    Anchor,
    AnchoredHead,
    Application,
    Case,
    Event,
    Evidence,
    Organisation,
    OrganisationAccount,
    Payment,
    Reservation,
    Step,
    YearTotal,
)
from workflow.storage.types import Base
from workflow.sweeps.anchoring import run_anchor
from workflow.sweeps.timers import run_timers


def found(world: World) -> list[Finding]:
    with world.store.reading() as session:
        return list(findings(session, Verified()))


def tamper(world: World, how: Callable[[Session], object]) -> None:
    """Somebody with the password of the database."""
    with world.store.writing() as session:
        how(session)
        session.commit()


def test_what_is_done_while_the_history_is_verified_breaks_nothing(world: World) -> None:
    case_id, progress, heard = world.submitted(), Verified(), list[int]()

    with world.store.reading_one_moment() as session:
        before = event_count(session)
        world.do("lin", "take_on", case_id)
        wrong = list(findings(session, progress, heard.append))

    assert wrong == []
    assert before == progress.events == sum(heard)


def one_event(case_id: int, number: int) -> tuple[object, ...]:
    return (Event.case_id == case_id, Event.number == number)


@pytest.fixture
def case_id(world: World) -> int:
    """An award that was paid, with others before and after it."""
    world.submitted("jinlun")
    case_id = world.paid()
    world.in_review(line="Q1-3")
    return case_id


def test_an_honest_history_is_whole(world: World, case_id: int) -> None:
    progress = Verified()
    with world.store.reading() as session:
        assert list(findings(session, progress)) == []

    assert (progress.cases, progress.events) == (3, 2 + 9 + 4)


CHANGES = {
    "reason": "另有原因",
    "action": "reject",
    "to_state": "rejected",
    "actor_id": 1,
    "unit_id": 1,
    "details": {"amount_yuan": 1},
}


@pytest.mark.parametrize("column", [*CHANGES, "at", "recorded_at"])
def test_a_changed_line_is_found(world: World, case_id: int, column: str) -> None:
    def change(session: Session) -> None:
        event = session.scalars(select(Event).where(*one_event(case_id, 5))).one()
        moved = getattr(event, column) - timedelta(days=1) if column not in CHANGES else None
        setattr(event, column, CHANGES.get(column, moved))

    tamper(world, change)

    assert found(world) == [Finding("event_changed", case_id, 5)]


def test_a_removed_line_is_found(world: World, case_id: int) -> None:
    tamper(world, lambda session: session.execute(delete(Event).where(*one_event(case_id, 5))))

    assert found(world) == [Finding("event_removed", case_id, 5)]


def test_a_removed_line_is_found_also_when_the_rest_is_renumbered(world: World, case_id: int) -> None:
    def remove(session: Session) -> None:
        session.execute(delete(Event).where(*one_event(case_id, 5)))
        for number in (6, 7, 8, 9):
            session.execute(update(Event).where(*one_event(case_id, number)).values(number=number - 1))
        session.execute(update(Case).where(Case.id == case_id).values(event_number=8))

    tamper(world, remove)

    assert found(world) == [Finding("order_broken", case_id, 5)]


def test_an_inserted_line_is_found(world: World, case_id: int) -> None:
    def insert(session: Session) -> None:
        last = session.scalars(select(Event).where(*one_event(case_id, 9))).one()
        columns = {column.name: getattr(last, column.name) for column in Event.__table__.columns}
        session.add(Event(**{**columns, "number": 10, "previous": last.digest}))

    tamper(world, insert)

    assert [finding.kind for finding in found(world)] == ["event_changed"]


def test_an_inserted_line_that_fits_the_chain_is_found(world: World, case_id: int) -> None:
    """Somebody who knows how the chain is made adds one line to a case of which nothing else tells."""

    def insert(session: Session) -> None:
        last = session.scalars(select(Event).where(*one_event(case_id, 9))).one()
        columns = {column.name: getattr(last, column.name) for column in Event.__table__.columns}
        forged = {
            **columns, "number": 10, "previous": last.digest, "from_state": "paid", "to_state": "paid",
        }  # fmt: skip
        session.add(Event(**{**forged, "digest": link(forged)}))

    tamper(world, insert)

    assert found(world) == [Finding("event_inserted", case_id, 10)]


def test_lines_that_changed_places_are_found(world: World, case_id: int) -> None:
    def swap(session: Session) -> None:
        for number, place in ((5, 100), (6, 5), (100, 6)):
            session.execute(update(Event).where(*one_event(case_id, number)).values(number=place))

    tamper(world, swap)

    assert found(world) == [Finding("order_broken", case_id, 5)]


def test_a_lost_tail_is_found(world: World, case_id: int) -> None:
    tamper(world, lambda session: session.execute(delete(Event).where(*one_event(case_id, 9))))

    assert found(world) == [Finding("tail_lost", case_id, 9)]


def test_a_tail_cut_off_in_the_case_too_is_found(world: World, case_id: int) -> None:
    def cut(session: Session) -> None:
        session.execute(delete(Event).where(*one_event(case_id, 9)))
        session.execute(update(Case).where(Case.id == case_id).values(event_number=8))

    tamper(world, cut)

    assert found(world) == [Finding("head_changed", case_id, 8)]


def test_a_lost_case_is_found(world: World, case_id: int) -> None:
    lose_case(world, case_id)

    assert {(finding.kind, finding.case_id) for finding in found(world)} == {("case_lost", case_id)}


def lose_case(world: World, case_id: int) -> None:
    """The row goes and everything that refers to it stays, which no honest connection could do."""
    if world.store.is_sqlite:
        with closing(sqlite3.connect(world.store.url.database or "")) as connection:
            connection.execute("DELETE FROM cases WHERE id = ?", (case_id,))
            connection.commit()
        return
    with world.store.writer.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(delete(Case).where(Case.id == case_id))


def test_a_state_set_past_the_door_is_found(world: World, case_id: int) -> None:
    tamper(
        world,
        lambda session: session.execute(update(Case).where(Case.id == case_id).values(state="rejected")),
    )

    assert found(world) == [Finding("state_changed", case_id, 9)]


def test_a_changed_head_is_found(world: World, case_id: int) -> None:
    tamper(
        world,
        lambda session: session.execute(update(Case).where(Case.id == case_id).values(chain_head="f" * 64)),
    )

    assert found(world) == [Finding("head_changed", case_id, 9)]


def test_what_happens_to_one_case_leaves_the_others_whole(world: World, case_id: int) -> None:
    tamper(world, lambda session: session.execute(delete(Event).where(*one_event(case_id, 2))))

    assert {finding.case_id for finding in found(world)} == {case_id}


def test_what_was_typed_into_the_form_can_be_erased_without_breaking_the_chain(
    world: World, case_id: int
) -> None:
    tamper(
        world,
        lambda session: session.execute(
            update(Application)
            .where(Application.case_id == case_id)
            .values(contact_name="", contact_phone="", facts={})
        ),
    )
    # The history keeps what was submitted: there it has to be erased too.
    assert found(world) == [Finding("application_changed", case_id, 9)]
    tamper(world, lambda session: words_erased(session, case_id, "submit"))

    assert found(world) == []


def words_erased(session: Session, case_id: int, *actions: str) -> None:
    of_case = update(Event).where(Event.case_id == case_id)
    erased = of_case.where(Event.action.in_(actions)) if actions else of_case
    session.execute(erased.values(reason=None, details={}, salt=None))
    if not actions:
        session.execute(update(Payment).where(Payment.case_id == case_id).values(account={}))


@pytest.mark.parametrize(
    "words", [{"reason": None, "details": {}}, {"reason": None, "details": {}, "salt": None}]
)
def test_personal_words_are_erased_without_breaking_the_chain(
    world: World, case_id: int, words: dict[str, object]
) -> None:
    tamper(world, lambda session: session.execute(update(Event).values(**words)))
    # Where the account is not kept any more, what was paid must not say another one.
    assert found(world) == [Finding("payment_changed", case_id, 9)]
    tamper(world, lambda session: session.execute(update(Payment).values(account={})))

    progress = Verified()
    with world.store.reading() as session:
        assert list(findings(session, progress)) == []
    assert progress.erased > 0


@pytest.mark.parametrize("words", [{"reason": "另有原因"}, {"details": {"amount_yuan": 1}}])
def test_words_put_where_some_were_erased_are_found(
    world: World, case_id: int, words: dict[str, object]
) -> None:
    tamper(world, lambda session: words_erased(session, case_id))

    tamper(
        world, lambda session: session.execute(update(Event).where(*one_event(case_id, 5)).values(**words))
    )

    assert found(world) == [Finding("event_changed", case_id, 5)]


def test_the_same_words_have_another_digest_in_every_line(world: World) -> None:
    """So nobody finds short words by trying what they may have been."""
    for applicant in ("donglong", "jinlun"):
        world.do(applicant, "withdraw", world.submitted(applicant), reason="不报了")

    with world.store.reading() as session:
        lines = session.scalars(select(Event).where(Event.action == "withdraw")).all()
    assert len({line.reason for line in lines}) == 1
    assert len({line.reason_digest for line in lines}) == len(lines) == 2


@pytest.fixture
def late_id(world: World) -> int:
    """An application that 林秀英 passed on two days too late, and that now lies with 王海峰."""
    case_id = world.in_precheck()
    world.working_days_later(7)
    world.do("lin", "recommend", case_id)
    world.do("wang", "take_on", case_id)
    return case_id


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


@pytest.mark.parametrize("table", [Payment, Evidence])
def test_a_payment_or_a_paper_that_is_gone_is_found(world: World, table: type[Any]) -> None:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id)

    tamper(world, lambda session: session.execute(delete(table).where(table.case_id == case_id)))

    assert len(found(world)) == 1


def test_the_history_says_to_which_account_money_went_and_who_had_confirmed_it(world: World) -> None:
    world.paid()

    with world.store.reading() as session:
        acts = {event.action: event for event in session.scalars(select(Event))}
        paid = session.scalars(select(Payment)).one()
    for action in ("submit", "prepare", "confirm"):
        assert acts[action].details["account"] == paid.account
    for action in ("accept", "prepare"):
        assert acts[action].standing["account_confirmed"]["officer_id"] == world.person_id("lin")


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


def test_an_act_keeps_when_it_counted_and_when_it_was_written(world: World) -> None:
    case_id = world.in_notice()
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None
    world.now = timer_at + timedelta(days=3)

    assert run_timers(world.store, world.now) == 1

    with world.store.reading() as session:
        event = session.scalars(select(Event).where(Event.action == "notice_over")).one()
        step = session.scalars(select(Step).where(Step.case_id == case_id, Step.left_at.is_(None))).one()
    assert (event.at, event.recorded_at) == (timer_at, world.now)
    assert (event.actor_id, step.entered_at) == (None, world.now)


def test_an_act_is_recorded_with_who_where_why_and_what_was_typed(world: World) -> None:
    case_id = world.in_precheck()

    world.do("lin", "request_correction", case_id, defects=["证书不清", "缺合同"])

    with world.store.reading() as session:
        event = session.scalars(select(Event).where(Event.action == "request_correction")).one()
    assert event.actor_id == world.person_id("lin")
    assert event.unit_id == world.case(case_id).unit_id
    assert (event.from_state, event.to_state) == ("township_precheck", "awaiting_correction")
    assert event.details["defects"] == ["证书不清", "缺合同"]
    assert event.at == event.recorded_at == world.now


def test_a_refused_act_leaves_no_line(world: World) -> None:
    case_id = world.submitted()

    with pytest.raises(Refused):
        world.do("lin", "accept", case_id)

    with world.store.reading() as session:
        assert len(session.scalars(select(Event).where(Event.case_id == case_id)).all()) == 2


def test_an_act_that_is_not_committed_leaves_nothing(world: World) -> None:
    case_id = world.submitted()
    before = world.case(case_id)

    with world.store.writing() as session:
        perform(
            session,
            case_id,
            "take_on",
            world.actor("lin"),
            now=world.later(minutes=1),
            seen_version=before.version,
        )

    after = world.case(case_id)
    assert (after.version, after.handler_id, after.chain_head) == (
        before.version, None, before.chain_head,
    )  # fmt: skip
    assert found(world) == []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "apart" / "anchors.log"


def anchored(world: World, file: Path) -> int:
    return run_anchor(world.store, world.now, file)


def broken(world: World, file: Path) -> list[Finding]:
    with world.store.reading() as session:
        return list(broken_anchors(session, kept_lines(file)))


def test_every_day_is_anchored_once_over_what_has_moved_since(world: World, case_id: int, file: Path) -> None:
    assert [anchored(world, file), anchored(world, file)] == [1, 0]
    world.later(days=1)
    world.submitted("jiance", line="S2-2")
    assert anchored(world, file) == 1

    with world.store.reading() as session:
        heads = list(session.scalars(select(Anchor.heads).order_by(Anchor.day)))
    assert heads == [3, 1]
    assert [day for day, _digest in kept_lines(file)] == [world.today - timedelta(days=1), world.today]
    assert broken(world, file) == []


def test_what_happens_after_an_anchor_leaves_it_whole(world: World, file: Path) -> None:
    case_id = world.in_precheck()
    anchored(world, file)

    world.do("lin", "recommend", case_id)

    assert broken(world, file) == []


def cut_tail(session: Session, case_id: int) -> None:
    """The last two acts go, and everything that tells of them, as if they had never been."""
    session.execute(delete(Event).where(Event.case_id == case_id, Event.number > 3))
    session.execute(delete(Step).where(Step.case_id == case_id, Step.number > 3))
    last = session.scalars(select(Event).where(*one_event(case_id, 3))).one()
    told = {**last.standing, "due_on": date.fromisoformat(last.standing["due_on"])}
    columns = {name: told[name] for name in ("step_number", "unit_id", "handler_id", "due_on", "was_late")}
    head = {"event_number": 3, "chain_head": last.digest, "state": last.to_state}
    session.execute(update(Case).where(Case.id == case_id).values(**columns, **head))
    open_again = {"left_at": None, "outcome": None, "used_days": None, "late_days": None, "was_late": False}
    held = {**open_again, "handler_id": columns["handler_id"]}
    session.execute(update(Step).where(Step.case_id == case_id, Step.number == 3).values(**held))


def test_only_the_anchor_knows_of_a_tail_that_was_cut_off_with_care(
    world: World, late_id: int, file: Path
) -> None:
    anchored(world, file)

    tamper(world, lambda session: cut_tail(session, late_id))

    assert found(world) == []
    assert broken(world, file) == [Finding("anchored_lost", late_id, 5, world.today)]


def test_only_the_anchor_knows_of_a_case_that_was_cut_out_with_care(world: World, file: Path) -> None:
    case_id = world.draft()
    anchored(world, file)

    def lose(session: Session) -> None:
        for table in (Evidence, Event, Step, Application):
            session.execute(delete(table).where(table.case_id == case_id))
        session.execute(delete(Case).where(Case.id == case_id))

    tamper(world, lose)

    assert found(world) == []
    assert broken(world, file) == [Finding("anchored_lost", case_id, 1, world.today)]


def test_only_the_anchor_knows_of_a_chain_that_was_made_anew(world: World, file: Path) -> None:
    case_id = world.draft()
    world.do("donglong", "discard", case_id)
    anchored(world, file)

    def forge(session: Session) -> None:
        last = session.scalars(select(Event).where(*one_event(case_id, 2))).one()
        columns = {column.name: getattr(last, column.name) for column in Event.__table__.columns}
        digest = link({**columns, "actor_id": 1})
        session.execute(update(Event).where(*one_event(case_id, 2)).values(actor_id=1, digest=digest))
        session.execute(update(Case).where(Case.id == case_id).values(chain_head=digest))

    tamper(world, forge)

    assert found(world) == []
    assert broken(world, file) == [Finding("anchored_lost", case_id, 2, world.today)]


def test_an_anchor_changed_in_the_database_is_found(world: World, file: Path) -> None:
    case_id = world.draft()
    anchored(world, file)

    tamper(
        world, lambda session: session.execute(delete(AnchoredHead).where(AnchoredHead.case_id == case_id))
    )

    assert broken(world, file) == [Finding("anchor_changed", None, day=world.today)]


def test_anchors_made_anew_differ_from_the_file_apart(world: World, file: Path) -> None:
    world.draft()
    anchored(world, file)

    def forge(session: Session) -> None:
        session.execute(delete(AnchoredHead))
        session.execute(delete(Anchor))
        anchor_day(session, world.today, world.now + timedelta(hours=1))

    tamper(world, forge)

    assert broken(world, file) == [Finding("anchor_not_kept", None, day=world.today)]


def test_a_file_that_could_not_be_written_is_completed_later(world: World, file: Path) -> None:
    world.draft()
    anchored(world, file)
    whole = file.read_text()
    file.write_text(whole[:30])

    anchored(world, file)

    assert file.read_text() == f"{whole[:30]}\n{whole}"
    assert [day for day, _digest in kept_lines(file)] == [world.today]
    assert broken(world, file) == []


def test_a_clock_set_back_makes_no_second_anchor(world: World, file: Path) -> None:
    world.draft()
    anchored(world, file)
    world.later(days=-2)
    world.draft("jinlun")

    assert anchored(world, file) == 0
    assert broken(world, file) == []


def test_days_with_acts_and_without_an_anchor_are_found(world: World, file: Path) -> None:
    anchored(world, file)
    world.later(days=1)
    begun_on = world.today
    world.submitted()
    world.later(days=1)
    assert wrong_on(world) == []

    world.later(days=2)

    assert wrong_on(world) == [Finding("anchor_missing", None, day=begun_on)]
    anchored(world, file)
    assert wrong_on(world) == []


def test_days_without_acts_need_no_anchor(world: World, file: Path) -> None:
    world.submitted()
    anchored(world, file)

    world.later(days=30)

    assert wrong_on(world) == []


def test_an_anchor_of_a_clock_that_leapt_ahead_is_found(world: World, file: Path) -> None:
    right, leapt = world.now, world.later(days=70 * 365)
    anchored(world, file)
    world.now = right + timedelta(days=1)
    world.submitted()
    done_on = world.today
    world.later(days=3)

    assert anchored(world, file) == 0
    ahead = Finding("anchor_ahead", None, day=shanghai_day(leapt))
    assert wrong_on(world) == [ahead, Finding("anchor_missing", None, day=done_on)]


def wrong_on(world: World) -> list[Finding]:
    with world.store.reading() as session:
        return list(wrong_days(session, world.now))


@pytest.fixture
def verified(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`lianshen audit verify` in an installation with this database, its anchors where the test put them."""
    url = world.store.url.render_as_string(hide_password=False)
    config = tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "{url}"\n[history]\nanchor_file = "apart/anchors.log"\n')
    monkeypatch.setenv("LIANSHEN_CONFIG", str(config))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    def verify(*options: str) -> Result:
        with time_machine.travel(world.now, tick=False):
            return CliRunner().invoke(audit, ["verify", *options])

    return verify


def test_the_command_says_that_everything_is_whole(
    world: World, file: Path, verified: Callable[..., Result]
) -> None:
    world.in_precheck()
    anchored(world, file)

    spoken, counted = verified(), verified("--json")

    assert (spoken.exit_code, counted.exit_code) == (0, 0)
    assert spoken.output.splitlines() == [
        "已核验 1 件、3 条办理记录（其中 0 条的文字已删除），链条完整，数据与记录一致。",
        "另核对每日锚记：数据库中 1 个，数据库以外的文件中 1 个。",
    ]
    expected = {"cases": 1, "events": 3, "erased": 0, "anchors": 1, "kept": 1, "findings": []}
    assert json.loads(counted.output) == expected


def test_the_command_says_that_the_clock_was_ahead(
    world: World, file: Path, verified: Callable[..., Result]
) -> None:
    world.later(days=9)
    anchored(world, file)
    day = world.today
    world.later(days=-9)

    spoken = verified()

    assert spoken.exit_code == 1
    assert spoken.output.splitlines()[1] == (
        f"{day} 的锚记：日期尚未到来：服务器时钟曾被拨快，此后各日不再留锚记"
    )


def test_the_command_names_everything_that_is_wrong(
    world: World, file: Path, verified: Callable[..., Result]
) -> None:
    case_id = world.in_precheck()
    anchored(world, file)
    tamper(world, lambda session: session.execute(delete(Event).where(*one_event(case_id, 3))))
    tamper(world, lambda session: session.execute(update(Anchor).values(digest="f" * 64)))

    spoken, counted = verified(), verified("--json")

    assert (spoken.exit_code, counted.exit_code) == (1, 1)
    day = world.today.isoformat()
    assert spoken.output.splitlines()[1:-1] == [
        f"办件 {case_id} 第 3 条：最后的记录缺失",
        f"{day} 的锚记：锚记被改动",
        f"办件 {case_id} 第 3 条：锚记过的记录缺失或被重写",
        f"{day} 的锚记：数据库中没有文件所记的锚记；数据库可能被替换或退回到以前",
    ]
    assert json.loads(counted.output)["findings"] == [
        {"kind": "tail_lost", "case": case_id, "event": 3, "anchor": None, "year": None},
        {"kind": "anchor_changed", "case": None, "event": None, "anchor": day, "year": None},
        {"kind": "anchored_lost", "case": case_id, "event": 3, "anchor": day, "year": None},
        {"kind": "anchor_not_kept", "case": None, "event": None, "anchor": day, "year": None},
    ]
