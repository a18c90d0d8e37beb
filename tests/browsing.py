"""A demo served by the real server to the real Chromium: the house it lives in, its people, their windows."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import ARGUMENTS, chromium
from tests.pages import CONFIG
from tests.world import MONDAY
from workflow.demo.making import make_demo
from workflow.installation import CLOCK_OFFSET, record_fact
from workflow.settings import load_settings
from workflow.storage.store import Store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Response

# With it the pictures of docs/screenshots are taken anew; without it a test run leaves the tree as it is.
TAKES_PICTURES = bool(os.environ.get("LIANSHEN_SCREENSHOTS"))
# Few show every state and are made quickly; pictures want full lists.
APPLICATIONS = 120 if TAKES_PICTURES else 40
# However a test ends, its server does not outlive this.
LIFETIME_S = 300
SERVER = f"import signal; signal.alarm({LIFETIME_S}); from workflow.cli import main; main()"
PATIENCE_S = 40
PATIENCE_MS = 15_000
OFFICE_SCREEN = {"width": 1280, "height": 800}
SCREENSHOTS = Path(__file__).parents[1] / "docs" / "screenshots"


@dataclass
class Window:
    """One person at her browser. What the browser complains about is kept in `complaints`."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> Response | None:
        return self.page.goto(self.address + path.lstrip("/"))

    def sign_in(self, account: str) -> None:
        """Be a sample person, with one click on her name."""
        self.open("/demo/")
        self.page.locator(f'button[title="{account}"]').click()

    def does(self, action: str, **inputs: str) -> None:
        """Take an action of the case on screen, after filling in what its card asks for."""
        card = self.page.locator(f"#act-{action}")
        if card.locator("summary").count():
            card.locator("summary").click()
        for name, text in inputs.items():
            self._fill(card.locator(f'[name="{name}"]'), text)
        card.locator("button").click()

    def finds(self, words: str) -> None:
        """Search from wherever she is, as everybody does: the slash, a few characters, Enter."""
        self.page.locator("#main").focus()
        self.page.keyboard.press("/")
        self.page.keyboard.type(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        # A number that one case alone has leads straight to it.
        if "/search" in self.page.url:
            self.page.locator("#main").get_by_role("link", name=words).first.click()

    def says(self) -> str:
        """What the page says, in one line."""
        return " ".join(self.page.locator("body").inner_text().split())

    def comes_to_see(self, path: str, pattern: str) -> None:
        """Open the page again and again until it says so: what the worker does comes a little later."""
        eventually(lambda: self.open(path) and re.search(pattern, self.says()), self.says)

    def move_clock(self, move: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.locator(f'.demo button[value="{move}"]').click()

    def picture(self, name: str, *, whole: bool = False) -> None:
        """Keep what is on screen for the manual, when asked to."""
        if not TAKES_PICTURES:
            return
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        target = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=target, full_page=whole, animations="disabled")
        _optimise(target)

    def _fill(self, control: Any, text: str) -> None:
        if control.evaluate("element => element.tagName") == "SELECT":
            # A person stands in the list with the unit beside the name.
            chosen = control.locator("option", has_text=text).first.get_attribute("value")
            control.select_option(chosen)
        else:
            control.fill(text)

    def _listen(self, message: Any) -> None:
        # A refused form is answered with a status of its own; Chromium calls that an error of the console.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


@dataclass
class Site:
    """A running server on a demo of its own, and the windows that people have opened on it."""

    address: str
    folder: Path
    chromium: Browser
    windows: ExitStack
    of_people: dict[str, Window] = field(default_factory=dict)

    def window(self, account: str) -> Window:
        """The window of a sample person, who is signed in; always the same."""
        if account not in self.of_people:
            self.of_people[account] = self.new_window()
            self.of_people[account].sign_in(account)
        return self.of_people[account]

    def new_window(self, **context: Any) -> Window:
        """A browser of its own, with cookies of its own, in which nobody is signed in."""
        options = {"viewport": OFFICE_SCREEN, "locale": "zh-CN", **context}
        opened: BrowserContext = self.chromium.new_context(**options)
        self.windows.callback(opened.close)
        return Window(opened.new_page(), self.address)


@pytest.fixture(scope="session")
def demo_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration and a small demo that ends on the fixed Monday, to be copied."""
    house = tmp_path_factory.mktemp("demo_house")
    shipped = CONFIG.read_text(encoding="utf-8")
    # Reminders are put into the inboxes by the worker: the tests do not wait half a minute for it.
    quick = shipped.replace("seconds_between_sweeps = 30", "seconds_between_sweeps = 5")
    (house / "config.toml").write_text(quick, encoding="utf-8")
    (house / "var").mkdir()
    settings = load_settings(house / "config.toml")
    store = Store(settings.database.url)
    now = MONDAY.astimezone(UTC)
    make_demo(store, settings, now, applications=APPLICATIONS)
    with store.writing() as session:
        offset = now - datetime.now(UTC)
        record_fact(session, CLOCK_OFFSET, str(int(offset.total_seconds())))
        session.commit()
    store.dispose()
    return house


@pytest.fixture(scope="session")
def system_chromium() -> Iterator[Browser]:
    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def shared_site(
    demo_house: Path, system_chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """One site for all tests that leave the clock and others' cases alone."""
    with served(demo_house, tmp_path_factory.mktemp("shared"), system_chromium) as site:
        yield site


@pytest.fixture
def site(demo_house: Path, system_chromium: Browser, tmp_path: Path) -> Iterator[Site]:
    """A site of its own, for a test that moves the clock."""
    with served(demo_house, tmp_path, system_chromium) as site:
        yield site


@contextmanager
def served(house: Path, folder: Path, chromium: Browser) -> Iterator[Site]:
    """A copy of the house, served with its worker on a free port of this machine."""
    shutil.copytree(house, folder, dirs_exist_ok=True)
    port = _free_port()
    address = f"http://127.0.0.1:{port}/"
    with (folder / "server.log").open("w+", encoding="utf-8") as log, ExitStack() as windows:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER, "serve", "--port", str(port)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "LIANSHEN_CONFIG": str(folder / "config.toml"),
                "PYTHONPATH": str(CONFIG.parent),
                "PYTHONUTF8": "1",
            },
        )
        try:
            eventually(lambda: _answers(port), (folder / "server.log").read_text)
            yield Site(address, folder, chromium, windows)
        finally:
            windows.close()
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_S)


def eventually(is_so: Callable[[], object], otherwise: Callable[[], str] = lambda: "") -> None:
    """Wait until it is so; fail with what `otherwise` says when it never comes to be."""
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until, f"it never came to be {otherwise()}"
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S):
            return True
    except ConnectionRefusedError:
        return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _optimise(picture: Path) -> None:
    """Few colours are on the pages: a palette keeps them and a quarter of the bytes."""
    from PIL import Image

    with Image.open(picture) as taken:
        palette = taken.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    palette.save(picture, "PNG", optimize=True)
