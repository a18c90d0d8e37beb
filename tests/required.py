"""What to do when a test's server or browser is not on this machine: skip at home, fail in CI."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the test, or fail it where LIANSHEN_REQUIRE_ALL says that everything must run."""
    if os.environ.get("LIANSHEN_REQUIRE_ALL"):
        pytest.fail(f"{what} is required here but was not found", pytrace=False)
    pytest.skip(f"{what} was not found")
