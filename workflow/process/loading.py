"""Reads a process definition (TOML) and turns it into a `Process`; each mistake names file and line."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from workflow.errors import ConfigurationError, Reason
from workflow.process.checks import check_process, fill_registries
from workflow.process.definition import (
    APPLICANT_ROLE,
    AUDIENCES,
    LEVELS,
    NOBODY,
    SYSTEM_ROLE,
    Action,
    Alerts,
    Permission,
    Process,
    State,
)
from workflow.process.gone import RULE_GONE
from workflow.process.registry import CHOOSERS, EFFECTS, GUARDS, INPUTS

_ACTION_KEYS = {
    "to", "by", "choose", "duty", "money", "any_officer", "offered", "quiet", "recallable", "returns",
    "guards", "effects", "inputs", "tell",
}  # fmt: skip
_STATE_KEYS = {"holder", "limit", "final", "waiting", "timer", "alerts", "on_track", "actions"}
_TOP_KEYS = {"code", "version", "initial", "series", "alerts", "states", "verbs"}


def load_process(path: Path) -> Process:
    """The process in this file. Raises ConfigurationError naming file and line."""
    try:
        # Editors of the office write a byte order mark in front.
        source = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(path.name, None, Reason("process.unreadable")) from error
    return process_from_text(source, path.name)


def process_from_text(source: str, name: str) -> Process:
    """The process defined by this text; `name` is what errors call the file."""
    process = _Reader(source, name).process()
    check_process(process, name)
    return process


@lru_cache(maxsize=64)
def stored_process(source: str, name: str) -> Process:
    """A version that cases run on, whatever the program has come to know since.

    It was checked when it was stored. An action that needs a rule which is there no more refuses with a
    sentence that says so; everything else goes on.
    """
    fill_registries()
    process = _Reader(source, name).process()
    states = {
        state.name: replace(
            state,
            actions=MappingProxyType({name: _with_known_rules(each) for name, each in state.actions.items()}),
        )
        for state in process.states.values()
    }
    return replace(process, states=MappingProxyType(states))


def _with_known_rules(action: Action) -> Action:
    known = replace(
        action,
        guards=tuple(name for name in action.guards if name in GUARDS),
        effects=tuple(name for name in action.effects if name in EFFECTS),
        choose=action.choose if action.choose in CHOOSERS else None,
        inputs=MappingProxyType({name: need for name, need in action.inputs.items() if name in INPUTS}),
        tell=tuple(name for name in action.tell if name in AUDIENCES),
    )
    return action if known == action else replace(known, guards=(*known.guards, RULE_GONE))


class _Reader:
    """Walks one definition; knows the text so that a mistake can say its line."""

    def __init__(self, source: str, name: str) -> None:
        self.source = source
        self.name = name
        try:
            self.table = tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            line = int(found.group(1)) if found else len(source.splitlines())
            raise ConfigurationError(name, line, Reason("process.not_toml", {"what": str(error)})) from None

    def process(self) -> Process:
        self._known(self.table, _TOP_KEYS, "")
        verbs = self._table(self.table, "verbs", "")
        states = self._table(self.table, "states", "")
        for verb in verbs:
            for name in self._texts(self._table(verbs, verb, ""), "in", f"verbs.{verb}"):
                if name not in states:
                    raise self._wrong(f"verbs.{verb}", "in", Reason("process.unknown_state", {"name": name}))
        return Process(
            code=self._text(self.table, "code", ""),
            version=self._integer(self.table, "version", ""),
            initial=self._text(self.table, "initial", ""),
            series=self._text(self.table, "series", ""),
            states=MappingProxyType(
                {name: self._state(name, self._table(states, name, ""), verbs) for name in states}
            ),
            digest=hashlib.sha256(self.source.encode()).hexdigest(),
            source=self.source,
        )

    def _state(self, name: str, table: Mapping[str, Any], verbs: Mapping[str, Any]) -> State:
        place = f"states.{name}"
        self._known(table, _STATE_KEYS, place)
        final = self._flag(table, "final", place)
        holder = NOBODY if final and "holder" not in table else self._text(table, "holder", place)
        actions = dict(self._table(table, "actions", place))
        for verb, described in verbs.items():
            if name in self._texts(described, "in", f"verbs.{verb}"):
                actions.setdefault(verb, {key: value for key, value in described.items() if key != "in"})
        return State(
            name=name,
            holder=holder,
            limit_days=None if final else self._limit(table, place),
            line=self._line(place),
            actions=MappingProxyType(
                {name: self._action(name, actions, self._place_of(place, name)) for name in actions}
            ),
            final=final,
            waiting=self._flag(table, "waiting", place),
            timer=self._optional_text(table, "timer", place),
            alerts=None if final else self._alerts(table, place),
            on_track=self._flag(table, "on_track", place),
        )

    def _place_of(self, state_place: str, action: str) -> str:
        place = f"{state_place}.actions.{action}"
        return place if f"[{place}]" in self.source else f"verbs.{action}"

    def _action(self, name: str, actions: Mapping[str, Any], place: str) -> Action:
        table = self._table(actions, name, place.rpartition(".")[0])
        self._known(table, _ACTION_KEYS, place)
        to = table.get("to")
        return Action(
            name=name,
            destinations=(to,) if isinstance(to, str) else tuple(self._texts(table, "to", place)),
            by=tuple(self._permission(entry, place) for entry in self._list(table, "by", place)),
            line=self._line(place),
            choose=self._optional_text(table, "choose", place),
            duty=self._optional_text(table, "duty", place),
            money=self._flag(table, "money", place),
            any_officer=self._flag(table, "any_officer", place),
            offered=self._flag({"offered": True, **table}, "offered", place),
            quiet=self._flag(table, "quiet", place),
            recallable=self._flag(table, "recallable", place),
            returns=self._optional_text(table, "returns", place),
            guards=tuple(self._texts(table, "guards", place)) if "guards" in table else (),
            effects=tuple(self._texts(table, "effects", place)) if "effects" in table else (),
            inputs=self._inputs(table, place),
            tell=tuple(self._texts(table, "tell", place)) if "tell" in table else (),
        )

    def _permission(self, entry: object, place: str) -> Permission:
        if isinstance(entry, str):
            of = {APPLICANT_ROLE: "organisation", SYSTEM_ROLE: "system"}.get(entry, "holder")
            return Permission(entry, of)
        if isinstance(entry, dict) and set(entry) <= {"role", "of", "head"}:
            of = self._optional_text(entry, "of", place) or "holder"
            return Permission(self._text(entry, "role", place), of, self._flag(entry, "head", place))
        raise self._wrong(place, "by", Reason("process.bad_permission"))

    def _inputs(self, table: Mapping[str, Any], place: str) -> Mapping[str, bool]:
        inputs = self._table(table, "inputs", place)
        for name, need in inputs.items():
            if need not in ("required", "optional"):
                raise self._wrong(f"{place}.inputs", name, Reason("process.bad_input_need", {"name": name}))
        return MappingProxyType({name: need == "required" for name, need in inputs.items()})

    def _alerts(self, table: Mapping[str, Any], place: str) -> Alerts:
        described = {**self._table(self.table, "alerts", ""), **self._table(table, "alerts", place)}
        self._known(described, {"near_days", *LEVELS}, f"{place}.alerts")
        recipients = {level: tuple(self._texts(described, level, place)) for level in LEVELS}
        return Alerts(self._integer(described, "near_days", place), MappingProxyType(recipients))

    def _limit(self, table: Mapping[str, Any], place: str) -> int | None:
        limit = table.get("limit")
        if limit == "none":
            return None
        if isinstance(limit, int) and not isinstance(limit, bool) and 1 <= limit <= 250:
            return limit
        raise self._wrong(place, "limit", Reason("process.no_limit", {"state": place.split(".")[-1]}))

    def _known(self, table: Mapping[str, Any], keys: set[str], place: str) -> None:
        for key in table:
            if key not in keys:
                raise self._wrong(place, key, Reason("process.unknown_key", {"key": key}))

    def _text(self, table: Mapping[str, Any], key: str, place: str) -> str:
        value = table.get(key)
        if isinstance(value, str) and value:
            return value
        raise self._wrong(place, key, Reason("process.not_text", {"key": key}))

    def _optional_text(self, table: Mapping[str, Any], key: str, place: str) -> str | None:
        return self._text(table, key, place) if key in table else None

    def _integer(self, table: Mapping[str, Any], key: str, place: str) -> int:
        value = table.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        raise self._wrong(place, key, Reason("process.not_integer", {"key": key}))

    def _flag(self, table: Mapping[str, Any], key: str, place: str) -> bool:
        value = table.get(key, False)
        if isinstance(value, bool):
            return value
        raise self._wrong(place, key, Reason("process.not_flag", {"key": key}))

    def _list(self, table: Mapping[str, Any], key: str, place: str) -> list[Any]:
        value = table.get(key)
        if isinstance(value, list) and value:
            return value
        raise self._wrong(place, key, Reason("process.not_list", {"key": key}))

    def _texts(self, table: Mapping[str, Any], key: str, place: str) -> list[str]:
        values = self._list(table, key, place)
        if all(isinstance(value, str) and value for value in values):
            return values
        raise self._wrong(place, key, Reason("process.not_list", {"key": key}))

    def _table(self, table: Mapping[str, Any], key: str, place: str) -> Mapping[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        raise self._wrong(place, key, Reason("process.not_table", {"key": key}))

    def _wrong(self, place: str, key: str, reason: Reason) -> ConfigurationError:
        return ConfigurationError(self.name, self._line(place, key), reason)

    def _line(self, place: str, key: str | None = None) -> int:
        """The line of a table's header, or of a key below it; tomllib keeps no positions, the text does."""
        lines = self.source.splitlines()
        start = 0
        while place:
            if f"[{place}]" in [line.strip() for line in lines]:
                start = next(n for n, line in enumerate(lines) if line.strip() == f"[{place}]")
                break
            place = place.rpartition(".")[0]
        for number in range(start + 1 if place else 0, len(lines)):
            if key and re.match(rf"\s*{re.escape(key)}\s*[=.]", lines[number]):
                return number + 1
            if number > start and lines[number].lstrip().startswith("[") and place:
                break
        return start + 1
