"""A changed calendar moves due dates visibly: the old day stays on record and people are told anew."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.world import CHANGLE, World
from workflow.clock.calendar import CalendarDay, WorkingCalendar, calendar_from_csv
from workflow.clock.days import start_of_day
from workflow.clock.due import due_on
from workflow.district import install_district, load_district
from workflow.errors import Refused
from workflow.history.audit import Verified, findings
from workflow.process.calendar_change import MovedDueDay, apply_calendar, moved_by
from workflow.process.due_day import due_day_under
from workflow.process.loading import load_process
from workflow.reference import reference_of, reference_revision
from workflow.storage.tables import CalendarDay as CalendarDayRow
from workflow.storage.tables import CalendarYear, Event, Outbox, Reminder, Step
from workflow.sweeps.reminders import run_reminders
from workflow.sweeps.timers import run_timers

TYPHOON = CalendarDay(date(2026, 11, 3), False, "台风停工", "Typhoon")
WORKED = CalendarDay(date(2026, 11, 7), True, "调休上班", "Make-up day")
OFFICIAL = calendar_from_csv((CHANGLE / "calendar.csv").read_text(encoding="utf-8"), "calendar.csv")


def change(world: World, *days: CalendarDay, years: tuple[int, ...] = ()) -> list[MovedDueDay]:
    with world.store.writing() as session:
        moved = apply_calendar(session, days, years, world.now)
        session.commit()
    return moved


def step_of(world: World, case_id: int) -> Step:
    with world.store.reading() as session:
        return session.scalars(
            select(Step).where(Step.case_id == case_id).order_by(Step.number.desc()).limit(1)
        ).one()


def last_event(world: World, case_id: int) -> Event:
    with world.store.reading() as session:
        return session.scalars(
            select(Event).where(Event.case_id == case_id).order_by(Event.number.desc()).limit(1)
        ).one()


def levels(world: World, case_id: int) -> list[tuple[int, str]]:
    with world.store.reading() as session:
        told = session.scalars(select(Reminder).where(Reminder.case_id == case_id))
        return sorted((each.due_version, each.level) for each in told)


def test_a_new_day_of_rest_moves_the_due_day_and_its_history_keeps_the_old_one(world: World) -> None:
    case_id = world.in_precheck()
    before = world.case(case_id)

    moved = change(world, TYPHOON)

    after, event = world.case(case_id), last_event(world, case_id)
    assert moved == [MovedDueDay(case_id, after.number, date(2026, 11, 9), date(2026, 11, 10))]
    assert (after.due_on, step_of(world, case_id).due_on) == (date(2026, 11, 10), date(2026, 11, 10))
    assert (after.due_version, after.version) == (before.due_version + 1, before.version + 1)
    assert (after.state, after.handler_id) == (before.state, before.handler_id)
    assert (event.action, event.actor_id, event.from_state) == ("move_due_day", None, event.to_state)
    assert event.details == {"due_on_before": "2026-11-09", "due_on": "2026-11-10"}
    with world.store.reading() as session:
        assert list(findings(session, Verified())) == []


def test_a_make_up_day_brings_the_due_day_forward(world: World) -> None:
    case_id = world.in_precheck()

    change(world, WORKED)

    assert world.case(case_id).due_on == date(2026, 11, 7)


def test_what_would_move_can_be_seen_before_anything_does(world: World) -> None:
    case_id, draft = world.in_precheck(), world.draft(line="Q1-3")
    changed = WorkingCalendar([*OFFICIAL.days, TYPHOON], OFFICIAL.official_years)
    version = world.case(case_id).version

    with world.store.reading() as session:
        would = moved_by(session, changed, world.now)
        nothing = moved_by(session, OFFICIAL, world.now)

    assert [(each.case_id, each.new) for each in would] == [(case_id, date(2026, 11, 10))]
    assert nothing == []
    assert (world.case(case_id).version, world.case(draft).due_on) == (version, None)


def test_the_handler_and_the_unit_are_told_of_the_new_day(world: World) -> None:
    case_id = world.in_precheck()

    change(world, TYPHOON)

    with world.store.reading() as session:
        told = session.scalars(
            select(Outbox).where(Outbox.case_id == case_id).order_by(Outbox.id.desc()).limit(1)
        ).one()
    assert (told.audience, told.params["action"]) == ("handler unit", "move_due_day")
    assert told.params["due_on"] == "2026-11-10"


def test_the_applicant_is_told_where_the_days_are_hers(world: World) -> None:
    case_id = world.in_precheck()
    world.do("lin", "request_correction", case_id, defects=["证书不清"])

    change(world, TYPHOON)

    with world.store.reading() as session:
        told = session.scalars(
            select(Outbox).where(Outbox.case_id == case_id).order_by(Outbox.id.desc()).limit(1)
        ).one()
    assert told.audience.split() == ["organisation", "handler"]


def test_reminders_of_the_new_day_go_out_again(world: World) -> None:
    case_id = world.in_precheck()
    world.now = start_of_day(date(2026, 11, 10)) + timedelta(hours=1)
    run_reminders(world.store, world.now)
    assert levels(world, case_id) == [(1, "blue"), (1, "yellow")]

    change(world, CalendarDay(date(2026, 11, 9), False, "台风停工", "Typhoon"))
    run_reminders(world.store, world.now + timedelta(hours=9))

    assert world.case(case_id).due_on == date(2026, 11, 10)
    assert (2, "yellow") in levels(world, case_id)
    assert (2, "red") not in levels(world, case_id)


def test_who_was_late_only_by_the_wrong_calendar_is_late_no_more(world: World) -> None:
    case_id = world.in_precheck()
    world.working_days_later(6)
    late = world.case(case_id).due_on
    assert late is not None
    assert late < world.today

    change(world, CalendarDay(late, False, "台风停工", "Typhoon"))

    assert world.case(case_id).due_on == world.today
    assert not world.case(case_id).was_late
    world.do("lin", "recommend", case_id)
    assert not world.case(case_id).was_late


def test_a_timer_moves_with_its_day(world: World) -> None:
    case_id = world.in_notice()
    before = world.case(case_id)
    assert before.timer_at is not None

    change(world, TYPHOON)

    after = world.case(case_id)
    assert after.timer_at == before.timer_at + timedelta(days=1)
    assert run_timers(world.store, before.timer_at) == 0
    assert run_timers(world.store, after.timer_at) == 1
    assert world.case(case_id).state == "payment_pending"


def test_a_case_whose_time_is_up_is_left_to_its_timer(world: World) -> None:
    case_id = world.in_notice()
    timer_at = world.case(case_id).timer_at
    assert timer_at is not None
    world.now = timer_at + timedelta(hours=3)

    moved = change(world, TYPHOON)

    assert moved == []
    run_timers(world.store, world.now)
    assert last_event(world, case_id).at == timer_at


def test_nobody_but_the_system_moves_a_due_day_and_only_where_the_calendar_did(world: World) -> None:
    case_id = world.in_precheck()

    for account, code in (("lin", "reason.not_permitted"), ("system", "reason.due_day_stands")):
        with pytest.raises(Refused) as refusal:
            world.do(account, "move_due_day", case_id)
        assert [reason.code for reason in refusal.value.reasons] == [code]


def test_a_calendar_applied_again_moves_nothing_more(world: World) -> None:
    case_id = world.in_precheck()
    change(world, TYPHOON)
    version = world.case(case_id).version

    assert change(world, TYPHOON) == []

    assert world.case(case_id).version == version


def test_an_official_year_replaces_what_was_estimated_for_it(world: World) -> None:
    guessed = CalendarDay(date(2027, 2, 3), False, "春节", "Spring Festival")
    change(world, guessed)
    with world.store.reading() as session:
        revision = reference_revision(session)

    change(world, CalendarDay(date(2027, 2, 8), False, "春节", "Spring Festival"), years=(2027,))

    with world.store.reading() as session:
        stored = session.scalars(select(CalendarDayRow.day).where(CalendarDayRow.day >= date(2027, 1, 1)))
        assert list(stored) == [date(2027, 2, 8)]
        assert session.get(CalendarYear, 2027) is not None
        assert reference_revision(session) != revision
        assert not reference_of(session).calendar.is_estimated(date(2027, 2, 3))


def test_the_official_list_of_a_new_year_moves_due_days_when_the_district_is_installed(
    world: World, tmp_path: Path
) -> None:
    world.later(days=(date(2026, 12, 28) - world.today).days)
    case_id = world.in_precheck()
    assert world.case(case_id).due_on == date(2027, 1, 5)
    folder = tmp_path / "changle"
    shutil.copytree(CHANGLE, folder)
    with (folder / "calendar.csv").open("a", encoding="utf-8") as file:
        file.write("2027,official,国务院办公厅通知,State Council notice\n")
        file.write("2027-01-01,no,元旦,New Year\n2027-01-04,no,元旦,New Year\n")

    with world.store.writing() as session:
        installed = install_district(session, load_district(folder), world.now)
        session.commit()

    assert (installed.calendar_days, installed.due_days_moved) == (2, 1)
    assert world.case(case_id).due_on == date(2027, 1, 6)
    assert last_event(world, case_id).details["due_on_before"] == "2027-01-05"


@pytest.mark.parametrize("code", ["award_application", "referral"])
def test_every_state_with_a_limit_lets_its_due_day_be_moved(code: str) -> None:
    process = load_process(CHANGLE / "processes" / f"{code}.toml")

    limited = {state.name for state in process.states.values() if state.limit_days is not None}

    assert limited == {name for name in process.states if process.action(name, "move_due_day")}


@given(
    entered=st.dates(date(2026, 1, 5), date(2026, 11, 1)),
    limit=st.integers(1, 30),
    used=st.integers(0, 30),
    rests=st.sets(st.integers(1, 60), max_size=10),
    later=st.integers(0, 60),
)
def test_a_changed_calendar_makes_nobody_late_in_hindsight(
    entered: date, limit: int, used: int, rests: set[int], later: int
) -> None:
    stands, today = due_on(entered, limit, used, OFFICIAL), entered + timedelta(later)
    flipped = [entered + timedelta(days) for days in rests]
    changed = WorkingCalendar(
        [*OFFICIAL.days, *(CalendarDay(day, not OFFICIAL.is_working(day), "改") for day in flipped)],
        OFFICIAL.official_years,
    )

    new = due_day_under(changed, entered, limit, used, stands, today)

    assert new >= min(stands, today)
    assert new >= due_on(entered, limit, used, changed)
    assert due_day_under(changed, entered, limit, used, new, today) == new
