"""The figures as a table and a picture; `python -m tests.benchmarks.report` puts both into the documents.

The prose of that page stays; only what stands between its two marks is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.picture import Bar, picture

ROOT = Path(__file__).parents[2]
PAGE, PICTURE = ROOT / "docs" / "performance.md", ROOT / "docs" / "performance.svg"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


class Figure(NamedTuple):
    """One figure: what is measured, its place in var/bench.json, its unit, and the target."""

    what: str
    place: str
    unit: str
    least: float | None = None
    most: float | None = None

    def is_reached(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def target(self) -> str:
        if self.least is not None:
            return f"≥ {self.least:g} {self.unit}".strip()
        return f"≤ {self.most:g} {self.unit}".strip() if self.most is not None else ""


_PLACES = {
    "sqlite_full_1": ("SQLite, synchronous=FULL", 0.55),
    "postgresql_1": ("PostgreSQL", 0.65),
    "postgresql_8": ("PostgreSQL, 8 clients", 0.60),
}
_PEERS = {
    "viewflow": ("Viewflow", 5),
    "django_fsm_2": ("django-fsm-2", 1.8),
    "spiffworkflow": ("SpiffWorkflow", 1.4),
    "orm_machine_per_row": ("SQLAlchemy entities, a machine for each row", 2.3),
}
_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def known_figures() -> Iterator[Figure]:
    """Every figure the page may show, in its order."""
    for name, (where, ratio) in _PLACES.items():
        yield Figure(f"One act on {where}: part of the floor", f"step.{name}.ratio_to_floor", "", least=ratio)
        yield Figure(f"One act on {where}", f"step.{name}.us", "µs")
        yield Figure(f"One act on {where}: statements", f"step.{name}.statements", "", most=8)
    yield Figure("The engine alone, rows supplied", "step.sqlite_full_1.engine_cpu_us", "µs", most=100)
    for name, (peer, ratio) in _PEERS.items():
        yield Figure(
            f"8 clients on PostgreSQL, times faster than {peer}", f"peers.{name}.ratio", "", least=ratio
        )
    for name, database in _DATABASES.items():
        yield Figure(f"A worklist of 10,000, {database}", f"worklist.{name}.10k_ms", "ms", most=2)
        yield Figure(f"A worklist of the large database, {database}", f"worklist.{name}.1m_ms", "ms", most=2)
        yield Figure(f"A sweep that finds nothing, {database}", f"sweep.{name}.idle_1m_ms", "ms", most=1)
        yield Figure(f"A reminder that is due, {database}", f"sweep.{name}.us_per_due_row", "µs", most=60)
    yield Figure("8 writers on SQLite: errors", "sqlite_8_writers.errors", "", most=0)
    yield Figure("8 writers on SQLite: longest act", "sqlite_8_writers.max_ms", "ms", most=100)
    yield Figure("`lianshen due`, from the shell and back", "due_s", "s", most=0.4)
    yield Figure("One durable write of a page (fsync)", "fsync_us", "µs")
    for name, database in _DATABASES.items():
        yield Figure(f"Filling the large database, {database}", f"large.{name}_s", "s")


def found(figures: Mapping[str, Any], place: str) -> float | None:
    """The value at a dotted place, if it was measured."""
    value: Any = figures
    for part in place.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return None if value is None else float(value)


def table(figures: Mapping[str, Any]) -> str:
    """The figures as a table of Markdown, and the pages that take the database longest."""
    rows = ["| figure | measured | target | |", "|---|---:|---:|---|"]
    for figure in known_figures():
        value = found(figures, figure.place)
        if value is not None:
            mark = "" if not figure.target else "✓" if figure.is_reached(value) else "short"
            said = f"{_spoken(value)} {figure.unit}".strip()
            rows.append(f"| {figure.what} | {said} | {figure.target} | {mark} |")
    left_out = [f"\nNot measured: {what}: {why}." for what, why in figures.get("left_out", {}).items()]
    return "\n".join([*rows, "", *_slowest_pages(figures), *left_out, ""])


def _slowest_pages(figures: Mapping[str, Any]) -> list[str]:
    of_all = [
        (page["db_ms"], int(page["statements"]), _DATABASES[database], role, address)
        for database, roles in figures.get("pages", {}).items()
        for role, addresses in roles.items()
        for address, page in addresses.items()
    ]
    if not of_all:
        return []
    slow = sorted(of_all, reverse=True)[:8]
    within = sum(ms <= 10 for ms, *_ in of_all)
    rows = [
        f"| `{address}` | {role} | {database} | {statements} | {_spoken(ms)} ms |"
        for ms, statements, database, role, address in slow
    ]
    head = f"{within} of {len(of_all)} pages stay within 10 ms of the database's time; the longest are"
    return [head, "", "| page | role | database | statements | time |", "|---|---|---|---:|---:|", *rows]


def _spoken(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine(figures: Mapping[str, Any]) -> str:
    """What was measured on."""
    told = figures.get("machine", {})
    peers = ", ".join(f"{name} {version}" for name, version in told.get("peers", {}).items())
    said = f"PostgreSQL {told.get('postgresql')}, Python {told.get('python')}, {told.get('system')}"
    large = figures.get("large", {}).get("applications")
    size = f"; the large databases have {large:,} applications" if large else ""
    return f"{said}{f', {peers}' if peers else ''}{size}."


def bars(figures: Mapping[str, Any]) -> list[Bar]:
    """What the picture shows: how near the floor an act is, and how much longer the peers take."""
    shown = []
    for name, (where, least) in _PLACES.items():
        ratio = found(figures, f"step.{name}.ratio_to_floor")
        if ratio is not None:
            shown.append(Bar("part of the floor", where, ratio, least, 1.0))
    ratios = {name: found(figures, f"peers.{name}.ratio") for name in _PEERS}
    longest = max([value for value in ratios.values() if value is not None], default=1.0)
    for name, (peer, least) in _PEERS.items():
        value = ratios[name]
        if value is not None:
            shown.append(Bar("times faster than", peer, value, least, max(longest, 5.5)))
    return shown


def written(figures: Mapping[str, Any], page: str) -> str:
    """The page with the figures between its marks."""
    before, rest = page.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    made = f"![How near the floor, and how much faster than its peers]({PICTURE.name})"
    return f"{before}{BEGIN}\n{made}\n\n{machine(figures)}\n\n{table(figures)}\n{END}{after}"


def main() -> None:
    figures = json.loads((ROOT / "var" / "bench.json").read_text(encoding="utf-8"))
    PICTURE.write_text(picture(bars(figures)), encoding="utf-8")
    PAGE.write_text(written(figures, PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
