"""The chain of recorded acts: whoever changes, removes or adds a line is found out; words can be erased."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.tampering import found, one_event, paid_among_others, tamper
from tests.world import World
from workflow.history.audit import Finding, Verified, findings
from workflow.process.chain import link
from workflow.storage.tables import Application, Case, Event, Payment, Step


@pytest.fixture
def case_id(world: World) -> int:
    return paid_among_others(world)


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

    assert found(world) == [Finding("event_changed", case_id, 10)]


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


def test_a_row_and_what_the_history_says_of_it_changed_together_are_found(world: World, case_id: int) -> None:
    """An insider makes the tables and the event agree; only the chain still tells."""

    def change(session: Session) -> None:
        session.execute(update(Step).where(Step.case_id == case_id, Step.number == 4).values(limit_days=99))
        event = session.scalars(select(Event).where(*one_event(case_id, 5))).one()
        event.standing = {**event.standing, "limit_days": 99}

    tamper(world, change)

    assert found(world) == [Finding("event_changed", case_id, 5)]
