"""What must hold in the rows after every step, worked out anew from rows alone: no rule is asked.

Each check takes the rows of the whole database and raises AssertionError.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.history.audit import Verified, findings
from workflow.process.calendar_change import MOVE
from workflow.process.definition import STAY, Action, Process
from workflow.storage import tables

Row = Mapping[str, Any]
Rows = dict[str, list[Row]]

SHANGHAI = ZoneInfo("Asia/Shanghai")
TABLES = (
    tables.Case, tables.Step, tables.Event, tables.Application, tables.Payment, tables.Referral,
    tables.Outbox, tables.Pool, tables.Achievement, tables.Counter, tables.OrganisationAccount,
    tables.Reservation,
)  # fmt: skip
# The states in which an organisation still asks for, or has, what it applied for.
NO_LIVING_CLAIM = {
    "draft", "rejected", "not_accepted", "withdrawn", "revoked", "recovering", "recovered",
}  # fmt: skip
# What is drawn by chance, and what is worked out from it.
BY_CHANCE = {"salt", "reason_digest", "details_digest", "previous", "digest", "chain_head"}
SEPARATE = {"precheck", "review", "approval", "objection", "payment", "revocation"}


_EVERY_ROW = {
    model.__tablename__: select(model.__table__).order_by(*model.__table__.primary_key) for model in TABLES
}


def read_rows(session: Session, tables: Iterable[str] = tuple(_EVERY_ROW)) -> Rows:
    connection = session.connection()
    return {
        table: [dict(row) for row in connection.execute(_EVERY_ROW[table]).mappings()] for table in tables
    }


def raw_rows(session: Session) -> list[list[str]]:
    """The same as the driver gives them: much quicker to read, enough to see that nothing changed."""
    connection = session.connection()
    return [sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {table}"))) for table in _EVERY_ROW]


def without_chance(rows: Rows) -> Rows:
    """Every row, save what differs by chance alone: the salt of an event, and the digests made with it."""
    return {
        table: [{name: value for name, value in row.items() if name not in BY_CHANCE} for row in its]
        for table, its in rows.items()
    }


def by_case(rows: Rows, table: str) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows[table]:
        found[row["case_id"]].append(row)
    return found


def process_of(case: Row, processes: Mapping[str, Process]) -> Process:
    return processes[case["process"]]


def check_history(rows: Rows, processes: Mapping[str, Process]) -> None:
    """Invariants 1 and 2: one open step or none, and a history that replays to the present state."""
    steps, events = by_case(rows, "steps"), by_case(rows, "events")
    for case in rows["cases"]:
        process, stays = process_of(case, processes), steps[case["id"]]
        final = process.states[case["state"]].final
        still_open = [step["number"] for step in stays if step["left_at"] is None]
        assert still_open == ([] if final else [case["step_number"]]), case
        assert (case["closed_at"] is not None) == final, case
        assert [step["number"] for step in stays] == list(range(1, case["step_number"] + 1))
        walked = replayed(events[case["id"]], process)
        assert [step["state"] for step in stays] == walked
        assert walked[-1] == case["state"]
        # Saving a draft raises the version too; only acts are history.
        assert case["version"] >= case["event_number"] == len(events[case["id"]])
        assert (case["unit_id"], case["due_on"]) == (stays[-1]["unit_id"], stays[-1]["due_on"])
        for earlier, later in pairwise(stays):
            ended = process.states[earlier["state"]].final
            # Between a timer's legal moment and its being written nobody holds the case.
            by_timer = process.states[earlier["state"]].timer == earlier["outcome"]
            assert ended or by_timer or earlier["left_at"] == later["entered_at"]
            assert ended or earlier["left_at"] <= later["entered_at"]
            assert earlier["entered_at"] <= later["entered_at"]


def replayed(events: list[Row], process: Process) -> list[str]:
    """The states the case went through, each move one that the process knows."""
    walked = [process.initial]
    assert (events[0]["action"], events[0]["to_state"]) == ("open", process.initial)
    for event in events[1:]:
        action = action_of(event, process)
        assert event["from_state"] == walked[-1]
        if event["to_state"] == walked[-1]:
            assert STAY in action.destinations
        else:
            assert event["to_state"] in action.destinations
            walked.append(event["to_state"])
    return walked


def action_of(event: Row, process: Process) -> Action:
    action = process.action(event["from_state"], event["action"])
    assert action is not None, event
    return action


def check_chain(session: Session) -> None:
    assert list(findings(session, Verified())) == []


def check_reservations(rows: Rows, budgets: Mapping[int, int]) -> None:
    """An application holds what it was approved or paid, and no year gives more than its budget."""
    held: Counter[int] = Counter()
    taken: Counter[int] = Counter()
    for row in rows["reservations"]:
        held[row["case_id"]] += row["amount_yuan"]
        taken[row["year"]] += row["amount_yuan"]
    for one in rows["applications"]:
        assert held[one["case_id"]] == max(one["approved_yuan"], one["paid_yuan"]), one
    assert all(taken[year] <= yuan for year, yuan in budgets.items()), taken


def check_money(rows: Rows, items: Mapping[str, int], highest_only: set[int]) -> None:
    """Invariant 5: what a pool was paid, less what is demanded back or given up, is what it may have."""
    for members in pools(rows, items, highest_only).values():
        moved = dict.fromkeys(("payment", "returned", "recovery", "write_off"), 0)
        for payment in rows["payments"]:
            if payment["status"] == "confirmed" and payment["case_id"] in {one["case_id"] for one in members}:
                moved[payment["kind"]] += payment["amount_yuan"]
        net = moved["payment"] - moved["returned"] - moved["recovery"]
        assert net == sum(one["paid_yuan"] for one in members)
        demanded = sum(one["recover_yuan"] for one in members)
        assert net - demanded - moved["write_off"] <= entitled_yuan(members), members


def pools(rows: Rows, items: Mapping[str, int], highest_only: set[int]) -> dict[object, list[Row]]:
    """Under the reading per item: organisation, award year and item; other items are each their own."""
    found: dict[object, list[Row]] = defaultdict(list)
    for one in rows["applications"]:
        item = items[one["line"]]
        key = (one["organisation_id"], one["award_year"], item) if item in highest_only else one["case_id"]
        found[key].append(one)
    return found


def entitled_yuan(members: list[Row]) -> int:
    return max((one["amount_yuan"] for one in members if one["approved_at"]), default=0)


def committed_yuan(members: list[Row]) -> int:
    return sum(
        max(one["paid_yuan"], one["approved_yuan"]) if one["approved_at"] else one["paid_yuan"]
        for one in members
    )


def check_claims(rows: Rows, once_per: Mapping[str, str]) -> None:
    """Invariant 6: one achievement is claimed once while the claim lives, some lines once at all."""
    states = {
        case["id"]: case["origin_state"] if case["state"] == "efficiency_office" else case["state"]
        for case in rows["cases"]
    }
    living: Counter[tuple[object, ...]] = Counter()
    for one in rows["applications"]:
        lives = states[one["case_id"]] not in NO_LIVING_CLAIM
        assert (one["claim_key"] is not None) == lives, one
        if lives:
            what = one["achievement_id"] if once_per[one["line"]] == "achievement" else "any"
            living[one["organisation_id"], one["line"], what] += 1
    assert all(times == 1 for times in living.values()), living


def check_duties(rows: Rows, processes: Mapping[str, Process], serves: Mapping[int, frozenset[int]]) -> None:
    """Invariant 7: nobody in two separate duties or on her own organisation; maker and checker differ."""
    events = by_case(rows, "events")
    for case in rows["cases"]:
        process = process_of(case, processes)
        duties: dict[int, set[str]] = defaultdict(set)
        for event in events[case["id"]][1:]:
            duty = action_of(event, process).duty
            if duty is not None:
                assert case["organisation_id"] not in serves.get(event["actor_id"], ()), event
                duties[event["actor_id"]].add(duty)
        assert all(len(taken & SEPARATE) <= 1 for taken in duties.values()), (case, duties)
        check_makers_and_checkers(events[case["id"]])
    for payment in rows["payments"]:
        if payment["kind"] == "payment" and payment["status"] == "confirmed":
            assert payment["prepared_by_id"] != payment["confirmed_by_id"]


def check_makers_and_checkers(events: list[Row]) -> None:
    """Who confirms a payment is not who prepared this one; what was cancelled or paid is prepared anew."""
    maker = None
    for event in events:
        if event["action"] == "prepare":
            maker = event["actor_id"]
        elif event["action"] == "confirm":
            assert maker not in (None, event["actor_id"]), event
            maker = None
        elif event["standing"].get("movement", {}).get("status") == "cancelled":
            maker = None


def check_timers(rows: Rows, processes: Mapping[str, Process]) -> None:
    """Invariant 11: the system moves a case only as the timer of its state, at the moment its limit ends."""
    events, steps = by_case(rows, "events"), by_case(rows, "steps")
    for case in rows["cases"]:
        process, stays = process_of(case, processes), iter(steps[case["id"]])
        stay = next(stays)
        for event in events[case["id"]][1:]:
            # A changed calendar moves due days at once, whenever that is.
            if event["actor_id"] is None and event["action"] != MOVE:
                assert event["action"] == process.states[stay["state"]].timer, event
                assert event["at"] == midnight_after(stay["due_on"]), event
                assert event["recorded_at"] >= event["at"]
            if event["to_state"] != event["from_state"]:
                stay = next(stays)


def check_lateness(rows: Rows, processes: Mapping[str, Process]) -> None:
    """Late was a step that an office left after its due day; what was late once stays so on the case."""
    kinds = {case["id"]: process_of(case, processes) for case in rows["cases"]}
    late_cases = set()
    for step in rows["steps"]:
        state = kinds[step["case_id"]].states[step["state"]]
        office = state.holder not in ("organisation", "nobody") and state.timer is None
        left_late = (
            office and step["left_at"] and step["due_on"] and shanghai_day(step["left_at"]) > step["due_on"]
        )
        assert step["was_late"] == bool(left_late), step
        late_cases |= {step["case_id"]} if left_late else set()
    assert late_cases <= {case["id"] for case in rows["cases"] if case["was_late"]}


def check_telling(rows: Rows, processes: Mapping[str, Process]) -> None:
    """Every act that tells somebody has left its one message in the outbox, no other has."""
    events, outbox = by_case(rows, "events"), by_case(rows, "outbox")
    for case in rows["cases"]:
        process = process_of(case, processes)
        told = [event["action"] for event in events[case["id"]][1:] if action_of(event, process).tell]
        assert [letter["params"]["action"] for letter in outbox[case["id"]]] == told


def check_only_recorded_changes(before: Rows, after: Rows, action: str) -> None:
    """Invariant 1: nothing about a case changes without a new line in its history, and none is rewritten."""
    known = before["events"]
    added = [event for event in after["events"] if event not in known]
    assert all(event in after["events"] for event in known)
    touched = {event["case_id"] for event in added}
    assert len(added) == len(touched), "one act is one line of history"
    assert len(added) == 1 or action == "sign"
    for table, key in (("cases", "id"), ("steps", "case_id"), ("payments", "case_id")):
        assert _rest(before, table, key, touched) == _rest(after, table, key, touched)
    if action != "record_recovery":  # what comes back may have been paid on another claim of the pool
        assert _rest(before, "applications", "case_id", touched) == _rest(
            after, "applications", "case_id", touched
        )


def _rest(rows: Rows, table: str, key: str, touched: set[int]) -> list[Row]:
    return [row for row in rows[table] if row[key] not in touched]


def shanghai_day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(1), time(0), tzinfo=SHANGHAI)
