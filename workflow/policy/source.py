"""A TOML text that remembers its lines: typed look-ups whose errors name file, line and what to change."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import NoReturn

from workflow.errors import ConfigurationError, Reason
from workflow.policy.terms import Wording

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_AT_LINE = re.compile(r"at line (\d+)")


class Source:
    """One TOML text; `root` is its outermost table."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self._line_by_path = _line_numbers(text)
        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            found = _AT_LINE.search(str(error))
            line = int(found.group(1)) if found else len(text.splitlines())
            reason = Reason("policy.file.not_toml", {"why": str(error)})
            raise ConfigurationError(name, line, reason) from error
        self.root = Table(self, (), content)

    def line_of(self, path: Path) -> int | None:
        """The line of a key or header, or of the nearest table around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._line_by_path:
                return self._line_by_path[path[:length]]
        return None

    def fail(self, path: Path, code: str, **params: object) -> NoReturn:
        raise ConfigurationError(self.name, self.line_of(path), Reason(f"policy.file.{code}", params))


class Table:
    """One table of a source. Every getter refuses a missing key or another type, by name and line."""

    def __init__(self, source: Source, path: Path, content: Mapping[str, object]) -> None:
        self.source = source
        self.path = path
        self.content = content

    def fail(self, code: str, key: str | None = None, **params: object) -> NoReturn:
        path = self.path if key is None else (*self.path, key)
        self.source.fail(path, code, where=_spoken(path), **params)

    def only(self, known: Collection[str]) -> None:
        """Refuse any key that nobody reads: it is a typing error, and would be silently ignored."""
        for key in self.content:
            if key not in known:
                self.fail("unknown_key", key, known=sorted(known))

    def has(self, key: str) -> bool:
        return key in self.content

    def text(self, key: str, default: str | None = None) -> str:
        value = self._value(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.fail("not_text", key)
        return value

    def word(self, key: str, known: Collection[str]) -> str:
        """A text that must be one of the known words."""
        value = self.text(key)
        if value not in known:
            self.fail("unknown_word", key, word=value, known=list(known))
        return value

    def whole(self, key: str) -> int:
        """A positive whole number; true and 1.0 are not numbers here."""
        value = self._value(key, None)
        if type(value) is not int or value <= 0:
            self.fail("not_positive", key, value=repr(value))
        return value

    def least(self, key: str) -> int:
        """A whole number from 0, which it is when left out."""
        value = self._value(key, 0)
        if type(value) is not int or value < 0:
            self.fail("not_from_zero", key, value=repr(value))
        return value

    def maybe_whole(self, key: str) -> int | None:
        return self.whole(key) if self.has(key) else None

    def day(self, key: str) -> date:
        value = self._value(key, None)
        if not isinstance(value, date) or isinstance(value, datetime):
            self.fail("not_day", key)
        return value

    def maybe_day(self, key: str) -> date | None:
        return self.day(key) if self.has(key) else None

    def flag(self, key: str, default: bool | None = None) -> bool:
        value = self._value(key, default)
        if not isinstance(value, bool):
            self.fail("not_flag", key)
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self._value(key, default)
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) and each for each in value):
            self.fail("not_texts", key)
        return tuple(value)

    def wholes(self, key: str) -> tuple[int, ...]:
        value = self._value(key, None)
        found = value if isinstance(value, list) else []
        if not found or not all(type(each) is int and each > 0 for each in found):
            self.fail("not_wholes", key)
        return tuple(found)

    def words(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        found = self.texts(key)
        for each in found:
            if each not in known:
                self.fail("unknown_word", key, word=each, known=list(known))
        return found

    def table(self, key: str) -> Table:
        value = self._value(key, None)
        if not isinstance(value, dict):
            self.fail("not_table", key)
        return Table(self.source, (*self.path, key), value)

    def named_tables(self, key: str) -> dict[str, Table]:
        """The tables `[key.name]`, by name."""
        outer = self.table(key)
        return {name: outer.table(name) for name in outer.content}

    def tables(self, key: str) -> list[Table]:
        """The tables `[[key]]`, in order."""
        value = self._value(key, None)
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.fail("not_tables", key)
        return [Table(self.source, (*self.path, key, index), each) for index, each in enumerate(value)]

    def wording(self, key: str) -> Wording:
        inner = self.table(key)
        inner.only(("zh", "en"))
        return Wording(inner.text("zh"), inner.text("en"))

    def _value(self, key: str, default: object) -> object:
        if key in self.content:
            return self.content[key]
        if default is None:
            self.fail("missing_key", key)
        return default


def _spoken(path: Path) -> str:
    spoken = ""
    for part in path:
        spoken += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if spoken else part
    return spoken


def _line_numbers(text: str) -> dict[Path, int]:
    """Where each header and key stands; tomllib itself tells no positions."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    here: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            here = _parts(header.group(2))
            if header.group(1) == "[[":
                counts[here] = counts.get(here, -1) + 1
                found.setdefault(here, number)
                here = (*here, counts[here])
            found[here] = number
        elif key := _KEY.match(line):
            path = (*here, *_parts(key.group(1)))
            for length in range(len(here) + 1, len(path) + 1):
                found.setdefault(path[:length], number)
    return found


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
