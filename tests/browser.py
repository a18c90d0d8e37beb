"""Finds the Chromium that the browser tests drive: the system's own, never one that Playwright downloads."""

from __future__ import annotations

import os
import shutil

from tests.required import missing

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# No sandbox: as root, and in most containers, Chromium cannot make one; it only sees our own pages.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")


def chromium() -> str:
    """The path of the browser: $CHROMIUM, else one of the usual names; skips (see `missing`) without one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    return found or missing("Chromium")
