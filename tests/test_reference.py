"""The calendar and units kept in memory by revision, and the facts of the installation."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from workflow.errors import NotFound, Refused
from workflow.installation import clock_offset, declare_demo, is_demo, moment, move_clock, move_clock_to
from workflow.reference import Reference, reference_of, reference_revision, touch_reference
from workflow.storage.store import Store
from workflow.storage.tables import CalendarDay, CalendarYear, Installation, Unit

MONDAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def store(bare_store: Store) -> Store:
    return bare_store


def add_unit(session: Session, code: str, kind: str = "township", **columns: object) -> Unit:
    unit = Unit(code=code, kind=kind, name=f"{code}机构", name_en=code, **columns)
    session.add(unit)
    session.flush()
    return unit


def statements_of(store: Store) -> list[str]:
    seen: list[str] = []
    for engine in (store.reader, store.writer):
        event.listen(engine, "before_cursor_execute", lambda *sent: seen.append(sent[2]))
    return seen


def test_a_reference_holds_the_units_and_the_calendar_of_the_tables(session: Session) -> None:
    unit = add_unit(session, "JINFENG")
    session.add(CalendarYear(year=2026))
    session.add(CalendarDay(day=MONDAY, working=False, name_zh="假日", name_en="Holiday"))
    touch_reference(session)

    reference = reference_of(session)

    assert reference.units[unit.id].name == "JINFENG机构"
    assert not reference.calendar.is_working(MONDAY)
    assert not reference.calendar.is_estimated(MONDAY)


def test_a_remembered_reference_costs_no_statement(store: Store) -> None:
    with store.writing() as session:
        add_unit(session, "JINFENG")
        revision = touch_reference(session)
        session.commit()
    with store.reading() as session:
        first = reference_of(session)
    seen = statements_of(store)

    with store.reading() as session:
        again = reference_of(session, revision)

    assert again is first
    assert [sent for sent in seen if "FROM" in sent] == []


def test_a_touched_reference_is_read_anew(session: Session) -> None:
    touch_reference(session)
    before = reference_of(session)
    unit = add_unit(session, "MEIHUA")
    touch_reference(session)

    after = reference_of(session)

    assert unit.id not in before.units
    assert unit.id in after.units


def test_a_revision_that_was_rolled_back_never_comes_again(store: Store) -> None:
    with store.writing() as session:
        add_unit(session, "NEVER")
        lost = touch_reference(session)
        reference_of(session)
    with store.writing() as session:
        revision = touch_reference(session)
        reference = reference_of(session)

    assert revision != lost
    assert reference.units == {}


def test_an_untouched_database_is_not_remembered(session: Session) -> None:
    empty = reference_of(session)
    unit = add_unit(session, "MEIHUA")

    assert empty.revision == reference_revision(session) == 0
    assert unit.id in reference_of(session).units


def test_threads_read_one_reference_together(store: Store) -> None:
    with store.writing() as session:
        add_unit(session, "JINFENG")
        touch_reference(session)
        session.commit()
    found: list[Reference] = []

    def read() -> None:
        with store.reading() as session:
            found.append(reference_of(session))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert {reference.revision for reference in found} == {found[0].revision}
    assert all(reference.units == found[0].units for reference in found)


def test_the_one_unit_of_a_kind_is_found(session: Session) -> None:
    old = add_unit(session, "OLD", "finance", valid_to=MONDAY - timedelta(days=1))
    new = add_unit(session, "NEW", "finance", valid_from=MONDAY)
    reference = reference_of(session)

    assert reference.unit_of_kind("finance", MONDAY) == new.id
    assert reference.unit_of_kind("finance", MONDAY - timedelta(days=1)) == old.id


def test_a_missing_unit_is_refused_in_a_sentence(session: Session) -> None:
    with pytest.raises(Refused, match="2026年11月2日没有一个有效的“财政局”机构") as refusal:
        reference_of(session).unit_of_kind("finance", MONDAY)

    assert "there is no valid unit of the kind “Finance bureau”" in refusal.value.sentences("en")[0]


def test_two_units_where_one_must_be_are_refused_in_a_sentence(session: Session) -> None:
    add_unit(session, "A", "finance")
    add_unit(session, "B", "finance")

    with pytest.raises(Refused, match="有多个有效的“财政局”机构"):
        reference_of(session).unit_of_kind("finance", MONDAY)


def test_the_successor_does_the_work_of_a_former_unit(session: Session) -> None:
    street = add_unit(session, "350112005", valid_from=date(2021, 6, 6))
    town = add_unit(session, "350112107", valid_to=date(2021, 6, 5), successor_id=street.id)
    reference = reference_of(session)

    assert reference.successor_on(town.id, date(2021, 6, 5)) == town.id
    assert reference.successor_on(town.id, date(2021, 6, 6)) == street.id
    assert reference.successor_on(street.id, MONDAY) == street.id


def test_a_former_unit_without_successor_is_refused(session: Session) -> None:
    gone = add_unit(session, "GONE", valid_to=date(2021, 6, 5))

    with pytest.raises(Refused, match="GONE机构”在2026年11月2日已不存在"):
        reference_of(session).successor_on(gone.id, MONDAY)


def test_units_that_succeed_each_other_are_refused_and_do_not_loop(session: Session) -> None:
    first = add_unit(session, "A", valid_to=date(2020, 1, 1))
    second = add_unit(session, "B", valid_to=date(2020, 1, 1), successor_id=first.id)
    first.successor_id = second.id

    with pytest.raises(Refused):
        reference_of(session).successor_on(first.id, MONDAY)


def test_an_unknown_unit_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        reference_of(session).successor_on(999, MONDAY)


def test_outside_a_demo_the_clock_is_the_clock(session: Session) -> None:
    session.add(Installation(name="clock_offset_seconds", value="3600"))

    assert not is_demo(session)
    assert clock_offset(session) == timedelta(0)
    assert moment(session, NOW) == NOW


def test_outside_a_demo_the_clock_cannot_be_moved(session: Session) -> None:
    with pytest.raises(Refused, match="不是演示库"):
        move_clock(session, timedelta(days=1))


def test_the_moves_of_a_demo_clock_add_up(session: Session) -> None:
    declare_demo(session)

    move_clock(session, timedelta(days=1))
    move_clock(session, timedelta(hours=2))

    assert moment(session, NOW) == NOW + timedelta(days=1, hours=2)


def test_a_demo_clock_can_be_moved_to_a_moment(session: Session) -> None:
    declare_demo(session)

    move_clock_to(session, datetime(2026, 11, 20, 1, 0, tzinfo=UTC), NOW)

    assert moment(session, NOW) == datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def test_a_demo_clock_is_never_moved_back(session: Session) -> None:
    declare_demo(session)
    move_clock(session, timedelta(days=1))

    with pytest.raises(Refused, match="只能向前拨"):
        move_clock(session, timedelta(seconds=-1))
    with pytest.raises(Refused, match="只能向前拨"):
        move_clock_to(session, NOW, NOW)
