"""Settings and letters for the tests of mails."""

from __future__ import annotations

from typing import Any

from tests.sweeping import MONDAY, at
from workflow.settings import Mail

NOW = at(MONDAY, 10)
SENDER = "lianshen@changle.example"


def smtp(port: int, **options: Any) -> Mail:
    settings = {"host": "localhost", "from_address": SENDER, "start_tls": False, **options}
    return Mail(sender="smtp", port=port, **settings)
