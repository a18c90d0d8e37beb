"""The chain of a case's events: what its links cover, and how words stand in it so that they can be erased.

Reason and details stand in the chain as digests over a salt of their own event. To erase personal words set
the reason to NULL, the details to {} and the salt to NULL: with the salt, short words could be guessed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from workflow.storage.types import canonical_json

CHAIN_START = "0" * 64
ALGORITHM = "sha256"
_COVERED = (
    "case_id", "number", "action", "actor_id", "unit_id", "from_state", "to_state", "at", "recorded_at",
    "standing", "reason_digest", "details_digest", "previous",
)  # fmt: skip


def sealed(event: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an event with its salt, the digests of its words, and its link in the chain."""
    salt = secrets.token_hex(16)
    words = {
        "salt": salt,
        "reason_digest": words_digest(salt, event["reason"]),
        "details_digest": words_digest(salt, event["details"]),
    }
    columns = {**event, **words}
    columns["digest"] = link(columns)
    return columns


def link(event: Mapping[str, Any]) -> str:
    """The digest of an event: canonical JSON of what the chain covers, and of the algorithm by name."""
    return _sha256(covered(event))


def covered(event: Mapping[str, Any]) -> dict[str, Any]:
    """What the digest of an event is made of."""
    return {"algorithm": ALGORITHM, **{name: event[name] for name in _COVERED}}


def words_digest(salt: str, words: object) -> str:
    """The digest of a reason or of details."""
    return _sha256([salt, words])


def _sha256(value: object) -> str:
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
