"""What every peer writes: moments, and the words of the message; its arguments from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

# The days of the act that is measured; its cases entered pre-check some minutes before.
NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
DUE_ON = date(2026, 11, 23)
REMINDED_AT = NOW + timedelta(17)
AUDIENCE = "organisation unit"


def message(state: str, number: str | None) -> str:
    """The parameters of the outbox row."""
    return json.dumps({"action": "recommend", "state": state, "number": number, "due_on": DUE_ON.isoformat()})


@dataclass(frozen=True)
class Part:
    """What the command line says: the database, the cases of this client, who acts and where it leads.

    With `prepare` in place of a client's number, all cases are to be made ready.
    """

    url: str
    first: int
    share: int
    officer: int
    township: int
    bureau: int
    number: str

    @classmethod
    def given(cls) -> Part:
        url, *numbers, number = sys.argv[1:]
        return cls(url, *map(int, numbers), number)

    @property
    def cases(self) -> Iterator[int]:
        return count(self.first + self.share * int(self.number))
