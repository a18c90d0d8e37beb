"""Which part of a worklist an address asks for, and the address of another part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from flask import request, url_for

from workflow.clock.alerts import Bucket
from workflow.lists.paging import Place
from workflow.lists.sections import SECTIONS
from workflow.lists.worklist import Hands

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the worklist was asked for."""

    bucket: Bucket | None = None
    hands: Hands | None = None
    section: str | None = None
    after: Place | None = None

    def url(self, after: str | None = None, **changes: Any) -> str:
        """The address of this part, or of one that differs in the changes; from its beginning or a place."""
        part = replace(self, **changes)
        return url_for(
            "office.worklist", bucket=part.bucket, hands=part.hands, section=part.section, after=after
        )


def wanted_part() -> Wanted:
    asked = request.args
    section = asked.get("section")
    return Wanted(
        bucket=_choice(Bucket, asked.get("bucket")),
        hands=_choice(Hands, asked.get("hands")),
        section=section if section in SECTIONS else None,
        after=Place.of(asked.get("after")),
    )


def _choice(kind: type[Choice], text: str | None) -> Choice | None:
    return kind(text) if text in set(kind) else None
