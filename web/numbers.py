"""Numbers that come in from outside, in an address or a field, none longer than a database takes."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.routing import IntegerConverter

_DIGITS = "[0-9]{1,18}"
_NUMBER = re.compile(_DIGITS)


class BoundedNumber(IntegerConverter):
    """`<int:case_id>`: an address with a longer number is no address of ours."""

    regex = _DIGITS


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = BoundedNumber


def whole_number(text: str) -> int:
    """The number that was typed or picked; a ValueError, as `form.get(…, type=whole_number)` expects it."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("no number, or a longer one than any of ours")
    return int(text)
