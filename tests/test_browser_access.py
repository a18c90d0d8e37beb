"""Whether everybody can use the pages: by ear, by keyboard, on a phone, enlarged, in English."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browsing import Site, Window

pytest_plugins = ("tests.browsing",)
pytestmark = [pytest.mark.browser, pytest.mark.long]

# The page that the first link of the list on the page before leads to.
INTO = "→"
PAGES = {
    "songxia-gangwu": ("/my", INTO, "/awards", "/awards/Q1-5", "/my/organisation", "/messages"),
    "songxia1": ("/worklist", INTO, "/applications", "/applications/enter", "/account"),
    "shijian1": ("/worklist", INTO),
    "lianxi1": (
        "/worklist",
        INTO,
        "/rulings",
        "/budget",
        "/referrals",
        INTO,
        "/referrals/draft",
    ),
    "caizheng1": ("/worklist", INTO),
    "xiaoneng1": ("/referrals", INTO),
    "ducha": ("/supervision", "/supervision/overdue"),
    "lingdao": ("/supervision", "/rulings", "/budget"),
    "admin": ("/admin", "/admin/people", "/admin/people/new", "/admin/units", "/admin/calendar"),
}
OPEN_TO_ALL = ("/sign-in", "/register", "/demo/", "/no-such-page")

PHONE, ENLARGED = 390, 640
LIST_LINK = "#main table.worklist tbody a, #main .case-card h2 a"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
HAS_FOCUS_MARK = """() => {
    const style = getComputedStyle(document.activeElement);
    const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return isOutlined || style.boxShadow !== "none";
}"""


@pytest.mark.parametrize("account", PAGES)
def test_the_pages_of_a_role_stand_every_check_in_chinese(shared_site: Site, account: str) -> None:
    window = shared_site.window(account)
    for path in PAGES[account]:
        visit(window, path)

        assert violations(window) == []
        assert_keeps_its_frame(window)
        assert_fits(window, PHONE, ENLARGED)
    assert not window.complaints


@pytest.mark.parametrize("account", PAGES)
def test_the_pages_of_a_role_fit_and_are_whole_in_english(shared_site: Site, account: str) -> None:
    window = shared_site.window(account)
    with in_english(window):
        assert_whole_in_english(window, account)
    assert not window.complaints


def test_the_pages_before_the_door_stand_every_check(shared_site: Site) -> None:
    window = shared_site.new_window()
    for path in OPEN_TO_ALL:
        visit(window, path)

        assert violations(window) == []
        assert_fits(window, PHONE, ENLARGED)
    assert not window.complaints


def test_on_a_phone_the_worklist_is_cards_with_their_actions(shared_site: Site) -> None:
    window = shared_site.new_window(viewport={"width": PHONE, "height": 844}, device_scale_factor=2)
    window.sign_in("songxia1")

    head = window.page.locator("table.worklist thead")
    assert head.bounding_box() is None or not is_seen(head.bounding_box())
    assert window.page.locator("table.worklist tbody tr").first.is_visible()
    window.picture("phone")


def test_the_skip_link_is_the_first_stop_and_leads_past_the_navigation(shared_site: Site) -> None:
    window = shared_site.window("songxia1")
    visit(window, "/worklist")

    window.page.keyboard.press("Tab")
    link = window.page.locator("a.skip")
    assert link.evaluate("element => element === document.activeElement")
    assert is_seen(link.bounding_box())
    window.page.keyboard.press("Enter")
    assert window.page.evaluate("document.activeElement.id") == "main"


def test_an_action_is_found_filled_in_and_sent_by_keyboard_alone(shared_site: Site) -> None:
    window = shared_site.window("songxia1")
    visit(window, "/worklist")
    visit(window, INTO)
    window.page.locator("#main").focus()

    tabs_to(window, "#act-comment summary")
    window.page.keyboard.press("Enter")
    tabs_to(window, "#comment-note")
    window.page.keyboard.type("只用键盘写下的备注")
    tabs_to(window, "#act-comment form button")
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")

    assert "只用键盘写下的备注" in window.says()


def assert_whole_in_english(window: Window, account: str) -> None:
    for path in PAGES[account]:
        visit(window, path)

        assert window.page.locator("html").get_attribute("lang") == "en"
        assert_fits(window, PHONE, ENLARGED)
    assert violations(window) == []
    if account == "songxia1":
        visit(window, "/worklist")
        visit(window, INTO)
        window.picture("english", whole=True)


@contextmanager
def in_english(window: Window) -> Iterator[None]:
    """The language belongs to the person: it is given back for the tests that come after."""
    choose_language(window, "en")
    try:
        yield
    finally:
        choose_language(window, "zh")


def choose_language(window: Window, language: str) -> None:
    window.open("/messages")
    window.page.locator(".account summary").click()
    window.page.locator(f'button[name="language"][value="{language}"]').click()


def visit(window: Window, path: str) -> None:
    if path == INTO:
        window.page.locator(LIST_LINK).first.click()
    else:
        window.open(path)


def violations(window: Window) -> list[str]:
    """What axe finds, each with the place on the page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(window.page).response["violations"]
    return [
        f"{window.page.url} {each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]
    ]


def assert_keeps_its_frame(window: Window) -> None:
    for part in (".sections", ".messages", ".account", ".find", '.demo button[value="1"]'):
        assert window.page.locator(part).count() == 1, f"{part} is missing on {window.page.url}"


def assert_fits(window: Window, *widths: int) -> None:
    for width in widths:
        window.page.set_viewport_size({"width": width, "height": 800})
        excess = window.page.evaluate(TOO_WIDE)
        assert excess <= 0, f"{window.page.url} is {excess} px too wide at {width} px"
    window.page.set_viewport_size({"width": 1280, "height": 800})


def tabs_to(window: Window, place: str) -> None:
    """Press Tab until the place has the focus; wherever it stops on the way, the focus is to be seen."""
    target = window.page.locator(place)
    for _ in range(60):
        window.page.keyboard.press("Tab")
        assert window.page.evaluate(HAS_FOCUS_MARK), window.page.evaluate("document.activeElement.outerHTML")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{place} cannot be reached with Tab")


def is_seen(box: object) -> bool:
    return isinstance(box, dict) and box["width"] > 1 and box["height"] > 1 and box["y"] >= 0
