"""What only a demo has: a clock that can be moved, and sample people to be with one click."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from tests.pages import Browser, app_of, signed_in, words
from tests.world import World
from workflow.installation import declare_demo
from workflow.storage.people import Person


@pytest.fixture
def demo(sqlite_world: World) -> World:
    with sqlite_world.store.writing() as session:
        declare_demo(session)
        session.commit()
    return sqlite_world


@pytest.mark.parametrize(
    ("move", "now", "then"),
    [
        ("next_morning", "2026-11-02 09:00", "11月3日（二）08:30"),
        ("next_morning", "2026-11-02 08:00", "11月2日（一）08:30"),
        ("next_morning", "2026-11-06 17:00", "11月9日（一）08:30"),
        ("next_morning", "2026-11-07 03:00", "11月9日（一）08:30"),
        ("1", "2026-11-06 10:15", "11月9日（一）10:15"),
        ("5", "2026-11-02 09:00", "11月9日（一）09:00"),
    ],
)
def test_the_demo_clock_moves_by_working_days(demo, move, now, then):
    demo.now = datetime.fromisoformat(f"{now}+08:00")
    browser = signed_in(demo, "lin")

    answer = browser.post("/demo/clock", {"move": move, "next": "/messages"})

    assert answer.location == "/messages"
    assert f"演示时间 {then}" in words(browser.get("/messages"))


def test_moving_the_clock_signs_nobody_out(demo):
    browser = signed_in(demo, "lin")

    browser.post("/demo/clock", {"move": "5"})

    assert browser.get("/account").status_code == 200


def test_moving_the_clock_past_a_limit_alerts_at_once(demo):
    demo.submitted()
    browser = signed_in(demo, "lin")

    for _ in range(2):
        browser.post("/demo/clock", {"move": "5"})

    page = words(browser.get("/search?q=东龙"))
    assert "发出到期提醒 1 件" in page
    assert re.search(r"超期 \d 日", page)


@pytest.mark.parametrize("move", ["", "-1", "365", "tomorrow"])
def test_the_clock_knows_no_other_moves(demo, move):
    assert signed_in(demo, "lin").post("/demo/clock", {"move": move}).status_code == 400


def test_in_a_demo_one_click_signs_a_sample_person_in(demo):
    browser = Browser(app_of(demo))
    assert "董晓东" in words(browser.get("/demo/"))

    answer = browser.post("/demo/sign-in", {"person": demo.person_id("donglong")})

    assert answer.status_code == 303
    assert "福建东龙针纺有限公司 · 董晓东" in words(browser.get("/account"))


def test_even_in_a_demo_nobody_becomes_a_real_person_by_a_click(demo):
    with demo.store.writing() as session:
        session.get_one(Person, demo.person_id("lin")).is_sample = False
        session.commit()
    browser = Browser(app_of(demo))

    assert browser.post("/demo/sign-in", {"person": demo.person_id("lin")}).status_code == 404
    assert "林秀英" not in words(browser.get("/demo/"))


def test_outside_a_demo_there_is_neither_clock_nor_click(sqlite_world):
    browser = signed_in(sqlite_world, "admin")

    assert browser.get("/demo/").status_code == 404
    assert browser.post("/demo/clock", {"move": "5"}).status_code == 404
    assert browser.post("/demo/sign-in", {"person": sqlite_world.person_id("lin")}).status_code == 404
    assert "演示" not in words(browser.get("/account"))
