"""On a telephone 390 pixels wide no page is cut off, and what is counted stays beside its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browsing import Site

pytest_plugins = ("tests.browsing",)
pytestmark = [pytest.mark.browser, pytest.mark.long]

TELEPHONE = {"width": 390, "height": 844}
# The home of each role, which opens first, and the pages used most.
PAGES = {
    "songxia-gangwu": ("/", "/awards", "/messages"),
    "songxia1": ("/", "/applications"),
    "shijian1": ("/", "/rulings"),
    "lianxi1": ("/", "/applications/notices", "/referrals"),
    "caizheng1": ("/", "/budget"),
    "xiaoneng1": ("/", "/supervision/overdue"),
    "ducha": ("/", "/supervision/overdue", "/referrals"),
    "lingdao": ("/",),
    "admin": ("/", "/admin/people"),
}
FITS = "() => document.documentElement.scrollWidth <= innerWidth"
# How many lines each “3 件” of the heading takes.
LINES_OF_NUMBERS = r"""() => {
    const text = document.querySelector("h1").firstChild, found = [];
    for (const match of text.data.matchAll(/\d+\s[^\s\d]/g)) {
        const range = document.createRange();
        range.setStart(text, match.index);
        range.setEnd(text, match.index + match[0].length);
        found.push(new Set([...range.getClientRects()].map(part => Math.round(part.top))).size);
    }
    return found;
}"""


@pytest.mark.parametrize("account", PAGES)
def test_the_home_and_the_principal_pages_of_a_role_fit_a_telephone(shared_site: Site, account: str) -> None:
    window = shared_site.new_window(viewport=TELEPHONE)
    window.sign_in(account)

    for path in PAGES[account]:
        window.open(path)
        assert window.page.evaluate(FITS), f"{path} is too wide"
        assert set(window.page.evaluate(LINES_OF_NUMBERS)) <= {1}, window.page.title()
    assert not window.complaints


def test_on_a_telephone_each_unit_names_only_the_steps_in_which_it_is_late(shared_site: Site) -> None:
    window = shared_site.new_window(viewport=TELEPHONE)
    window.sign_in("ducha")
    shown = [cell for cell in window.page.locator("table.heat tbody tr > *").all() if cell.is_visible()]

    assert shown
    assert not any(cell.locator(".heat-none").count() for cell in shown)
    assert all(right_edge(cell) <= TELEPHONE["width"] for cell in shown)
    link = window.page.locator("table.heat td a").first
    named = link.evaluate("link => getComputedStyle(link, '::before').content").strip('" ')
    assert named in (link.get_attribute("aria-label") or "")


def right_edge(place: Locator) -> float:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"]
