"""Doing it to many is doing it to each: the single door, row by row; 认领所选 on the worklist."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.invariants import read_rows, without_chance
from tests.pages import Browser, signed_in, words
from tests.world import World
from workflow.errors import NotFound, Overtaken
from workflow.process.bulk import Done, Failed, Picked, perform_each
from workflow.process.perform import Outcome, perform
from workflow.storage.store import Store

# Four claims of one organisation that do not stand in each other's way.
LINES = ("Q1-5", "S2-2", "S3-1", "M4-1")


@pytest.fixture
def twin(sqlite_world: World, tmp_path: Path) -> Iterator[World]:
    """A second world with everything the first one has; made on first use of `same_as`."""
    file = tmp_path / "twin.db"
    store = Store(f"sqlite:///{file}")
    yield World(store, sqlite_world.evidence_folder)
    store.dispose()


def same_as(world: World, twin: World) -> None:
    with (
        closing(sqlite3.connect(str(world.store.url.database))) as source,
        closing(sqlite3.connect(str(twin.store.url.database))) as copy,
    ):
        source.backup(copy)
    twin.now = world.now


def seen(world: World, *case_ids: int) -> list[Picked]:
    return [Picked(case_id, world.case(case_id).version) for case_id in case_ids]


def take_on(world: World, account: str, picked: Picked) -> Outcome:
    with world.store.writing() as session:
        outcome = perform(
            session,
            picked.case_id,
            "take_on",
            world.actor(account),
            now=world.now,
            seen_version=picked.seen_version,
        )
        session.commit()
    return outcome


def take_each(world: World, account: str, items: list[Picked]) -> list[Done | Failed]:
    return perform_each(items, lambda picked: take_on(world, account, picked))


def test_doing_it_to_many_leaves_every_row_as_doing_it_to_each(sqlite_world: World, twin: World) -> None:
    items = seen(sqlite_world, *(sqlite_world.submitted(line=line) for line in LINES))
    same_as(sqlite_world, twin)

    results = take_each(sqlite_world, "lin", items)
    for item in items:
        take_on(twin, "lin", item)

    assert [type(each) for each in results] == [Done] * len(items)
    with sqlite_world.store.reading() as many, twin.store.reading() as each:
        assert without_chance(read_rows(many)) == without_chance(read_rows(each))


def test_a_refused_row_does_not_stop_the_others_and_leaves_nothing(world: World) -> None:
    first, taken, last = (world.submitted(line=line) for line in LINES[:3])
    items = seen(world, first, taken, last)
    world.do("chen", "take_on", taken)
    version = world.case(taken).version

    results = take_each(world, "lin", items)

    assert [type(each) for each in results] == [Done, Failed, Done]
    refused = results[1]
    assert isinstance(refused, Failed)
    assert isinstance(refused.error, Overtaken)
    assert (world.case(taken).handler_id, world.case(taken).version) == (world.person_id("chen"), version)
    assert {world.case(case_id).handler_id for case_id in (first, last)} == {world.person_id("lin")}


def test_a_row_the_database_gives_up_is_reported_and_the_others_go_on(world: World) -> None:
    first, given_up, last = seen(world, *(world.submitted(line=line) for line in LINES[:3]))

    def act(picked: Picked) -> Outcome:
        if picked == given_up:
            raise OperationalError("UPDATE cases", {}, Exception("database is locked"))
        return take_on(world, "lin", picked)

    results = perform_each([first, given_up, last], act)

    assert [type(each) for each in results] == [Done, Failed, Done]
    refused = results[1]
    assert isinstance(refused, Failed)
    assert [reason.code for reason in refused.error.reasons] == ["reason.not_written"]
    assert world.case(given_up.case_id).handler_id is None


def test_what_another_township_has_is_not_found(world: World) -> None:
    own, elsewhere = world.submitted(), world.submitted("jinlun", line="S2-2")

    results = take_each(world, "lin", seen(world, elsewhere, own))

    assert isinstance(results[0], Failed)
    assert isinstance(results[0].error, NotFound)
    assert isinstance(results[1], Done)
    assert world.case(elsewhere).handler_id is None


def test_a_case_picked_twice_is_taken_on_once(world: World) -> None:
    case_id = world.submitted()

    results = take_each(world, "lin", seen(world, case_id, case_id))

    assert [type(each) for each in results] == [Done]


def ticks(page: TestResponse) -> list[str]:
    return re.findall(r'type="checkbox" name="case" value="([^"]+)" form="take-on"', page.text)


def post_ticked(browser: Browser, *values: str, **fields: str) -> TestResponse:
    answer = browser.post("/worklist/take-on", {"case": list(values), **fields})
    assert answer.status_code == 303
    return browser.get(answer.location)


def test_rows_that_can_be_taken_on_can_be_ticked(sqlite_world: World) -> None:
    untaken = sqlite_world.submitted()
    sqlite_world.in_precheck(line="S2-2")

    page = signed_in(sqlite_world, "lin").get("/worklist")

    assert ticks(page) == [f"{untaken}.{sqlite_world.case(untaken).version}"]
    assert "认领所选" in words(page)


def test_a_list_without_anything_to_take_on_has_no_ticks(sqlite_world: World) -> None:
    sqlite_world.in_precheck()

    page = signed_in(sqlite_world, "lin").get("/worklist")

    assert ticks(page) == []
    assert "认领所选" not in words(page)


def test_only_the_ticked_rows_are_taken_on(sqlite_world: World) -> None:
    one, two, left = (sqlite_world.submitted(line=line) for line in LINES[:3])
    lin = signed_in(sqlite_world, "lin")
    offered = ticks(lin.get("/worklist"))

    page = post_ticked(lin, *(tick for tick in offered if not tick.startswith(f"{left}.")))

    assert "已认领 2 件。" in words(page)
    lins = sqlite_world.person_id("lin")
    assert [sqlite_world.case(case_id).handler_id for case_id in (one, two)] == [lins, lins]
    assert sqlite_world.case(left).handler_id is None


def test_what_was_not_taken_on_is_said_with_its_number_and_whose_it_is(sqlite_world: World) -> None:
    mine, hers = sqlite_world.submitted(), sqlite_world.submitted(line="S2-2")
    lin = signed_in(sqlite_world, "lin")
    offered = ticks(lin.get("/worklist"))
    sqlite_world.do("chen", "take_on", hers)

    said = words(post_ticked(lin, *offered))

    number = sqlite_world.case(hers).number
    assert f"已认领 1 件，1 件未认领：{number} 陈志强已于" in said
    assert "办理“认领”。" in said
    assert "仍保留在下方" not in said
    assert sqlite_world.case(mine).handler_id == sqlite_world.person_id("lin")


def test_of_a_case_elsewhere_not_even_the_number_is_said(sqlite_world: World) -> None:
    elsewhere = sqlite_world.submitted("jinlun")
    version = sqlite_world.case(elsewhere).version

    page = post_ticked(signed_in(sqlite_world, "lin"), f"{elsewhere}.{version}", "987654.1")

    number = sqlite_world.case(elsewhere).number
    assert number is not None
    assert "2 件未认领：没有找到该内容，或您无权查看。" in words(page)
    assert number not in page.text
    assert sqlite_world.case(elsewhere).handler_id is None


def test_ticking_nothing_is_answered_with_what_to_do(sqlite_world: World) -> None:
    sqlite_world.submitted()

    page = post_ticked(signed_in(sqlite_world, "lin"))

    assert "请先勾选要认领的件" in words(page)


def test_after_taking_on_one_is_back_in_the_same_part_of_the_list(sqlite_world: World) -> None:
    sqlite_world.submitted()
    lin = signed_in(sqlite_world, "lin")
    page = lin.get("/worklist?hands=untaken")
    here = re.search(r'name="next" value="([^"]+)">\s*<button[^>]*>认领所选', page.text)
    assert here is not None

    answer = lin.post("/worklist/take-on", {"case": ticks(page), "next": here[1]})

    assert answer.location == "/worklist?hands=untaken"


@pytest.mark.parametrize("value", ["", "1", "1.x", "-1.1", "1.1.1", "9" * 19 + ".1"])
def test_a_tick_that_no_list_has_is_refused(sqlite_world: World, value: str) -> None:
    answer = signed_in(sqlite_world, "lin").post("/worklist/take-on", {"case": [value]})

    assert answer.status_code == 400


def test_the_answer_is_complete_in_english(sqlite_world: World) -> None:
    sqlite_world.submitted()
    hers = sqlite_world.submitted(line="S2-2")
    lin = signed_in(sqlite_world, "lin")
    lin.post("/language", {"language": "en"})
    page = lin.get("/worklist")
    assert "Take on the ticked" in words(page)
    offered = ticks(page)
    sqlite_world.do("chen", "take_on", hers)

    said = words(post_ticked(lin, *offered))

    assert "Taken on: 1. Not taken on: 1" in said
    assert "已认领" not in said
