"""The frame of the pages: languages, navigation, who and where one is, whether the scheduler runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po
from flask import Flask

from tests.pages import ONE_OF_EACH_ROLE, Browser, app_of, signed_in, words
from tests.world import SINCE
from web import access
from web.language import DOMAINS, TRANSLATIONS, unbroken
from web.navigation import SECTIONS
from workflow.people.memberships import add_membership
from workflow.storage.telling import Heartbeat

WEB = Path(__file__).parents[1] / "web"


def test_a_heading_keeps_its_numbers_with_what_they_count():
    assert unbroken("有 3 件已超期，10+ days late") == "有\xa03\xa0件已超期，10+\xa0days late"


def test_nothing_typed_becomes_a_tag_in_a_heading():
    assert unbroken("<b>3 件</b>") == "&lt;b&gt;3\xa0件&lt;/b&gt;"


def test_pages_are_chinese_until_somebody_chooses(sqlite_world):
    page = Browser(app_of(sqlite_world)).get("/sign-in", headers={"Accept-Language": "en-GB,en"})

    assert 'lang="zh-Hans"' in page.text


def test_a_visitor_chooses_her_language_before_signing_in(sqlite_world):
    browser = Browser(app_of(sqlite_world))

    answer = browser.post("/language", {"language": "en", "next": "/sign-in"})

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "Sign in to Lianshen" in words(browser.get("/sign-in"))


def test_a_persons_language_stays_with_her(sqlite_world):
    signed_in(sqlite_world, "lin").post("/language", {"language": "en"})

    page = signed_in(sqlite_world, "lin").get("/account")

    assert 'lang="en"' in page.text
    assert "My account" in words(page)
    assert "Songxia" in words(page)


def test_only_languages_we_speak_can_be_chosen(sqlite_world):
    assert signed_in(sqlite_world, "lin").post("/language", {"language": "fr"}).status_code == 400


def test_every_text_of_a_page_has_its_english():
    known = {message.id: message.string for domain in DOMAINS for message in _catalogue(domain)}

    missing = {
        f"{file.relative_to(WEB)}: {said}" for file, said in _texts() if not _is_filled(known.get(said))
    }
    assert missing == set()


def _texts() -> Iterator[tuple[Path, object]]:
    keywords = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
    for file in [*WEB.rglob("*.py"), *WEB.rglob("*.html")]:
        method = "python" if file.suffix == ".py" else "jinja2.ext:babel_extract"
        for _line, said, _comments, _context in extract_from_file(
            method, str(file), keywords=keywords, options={}
        ):
            yield file, said


def _catalogue(domain: str) -> list:
    file = TRANSLATIONS / "en" / "LC_MESSAGES" / f"{domain}.po"
    if not file.exists():
        return []
    with file.open("rb") as opened:
        return [message for message in read_po(opened, locale="en") if message.id]


def _is_filled(translated: object) -> bool:
    return all(translated) if isinstance(translated, tuple) else bool(translated)


@pytest.mark.parametrize("account", ONE_OF_EACH_ROLE)
def test_every_role_is_led_to_its_work(sqlite_world, account):
    browser = signed_in(sqlite_world, account)
    (role,) = sqlite_world.actor(account).roles
    home = SECTIONS[role][0][1]

    assert browser.get("/").location == _address_of(browser.app, home)


def _address_of(app: Flask, endpoint: str) -> str:
    (rule,) = app.url_map.iter_rules(endpoint)
    return rule.rule


def test_every_section_of_the_navigation_exists(sqlite_world):
    app = app_of(sqlite_world)

    named = {endpoint for sections in SECTIONS.values() for _label, endpoint in sections}
    assert named - set(app.view_functions) == set()


def test_every_section_of_the_navigation_is_open_to_its_role(sqlite_world):
    app = app_of(sqlite_world)

    for role, sections in SECTIONS.items():
        for _label, endpoint in sections:
            assert access.audience_of(app, endpoint) & {role, access.SIGNED_IN}, (role, endpoint)


def test_a_person_with_two_posts_finds_the_sections_of_both(sqlite_world):
    with sqlite_world.store.writing() as session:
        unit_id = next(iter(sqlite_world.actor("zheng").unit_ids))
        add_membership(session, sqlite_world.person_id("wang"), "supervisor", SINCE, unit_id=unit_id)
        session.commit()

    page = signed_in(sqlite_world, "wang").get("/account")

    assert "待办" in words(page)
    assert "监督总览" in words(page)


def test_the_frame_says_who_and_where_and_which_day(sqlite_world):
    page = words(signed_in(sqlite_world, "lin").get("/account"))

    assert "松下镇 · 林秀英（初审员）" in page
    assert "2026年11月2日（一）" in page
    assert "福州市长乐区" in page


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [
        (None, "定时任务尚未运行"),
        (2, "定时任务 2 分钟前运行正常"),
        (9, "定时任务自 11月2日（一）08:51 起中断"),
    ],
)
def test_every_page_says_whether_the_scheduler_runs(sqlite_world, minutes, sentence):
    if minutes is not None:
        with sqlite_world.store.writing() as session:
            session.add(Heartbeat(worker="a", beat_at=sqlite_world.now - timedelta(minutes=minutes)))
            session.commit()

    assert sentence in words(signed_in(sqlite_world, "lin").get("/account"))
