"""The benchmarks measure what they say: short versions of each, and the page made of their figures."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.benchmarks.picture import picture
from tests.benchmarks.report import PAGE, bars, found, known_figures, table, written
from tests.benchmarks.step import on_postgresql, on_sqlite
from tests.benchmarks.writers import several_writers
from tests.postgres import Cluster

FIGURES = {
    "machine": {"postgresql": "18.1", "python": "3.11.7", "system": "Linux x86_64"},
    "step": {"sqlite_full_1": {"ratio_to_floor": 0.61, "us": 900.0, "statements": 6, "engine_cpu_us": 90.0}},
    "peers": {"viewflow": {"ratio": 4.0, "us": 9000.0}},
    "pages": {"sqlite": {"leader": {"/supervision": {"statements": 12, "db_ms": 3.5}}}},
    "left_out": {"1m": "no time"},
}


def test_an_act_is_measured_against_its_own_recorded_sql(tmp_path: Path) -> None:
    measured = on_sqlite(tmp_path, rounds=1, acts=2)

    assert measured["statements"] <= 8
    assert measured["ratio_to_floor"] > 0
    assert 0 < measured["engine_cpu_us"] < measured["us"]


@pytest.mark.postgresql
def test_a_client_on_postgresql_is_measured_too(postgres: Cluster, tmp_path: Path) -> None:
    measured = on_postgresql(postgres, tmp_path, clients=1, rounds=1, acts=2)

    assert measured["statements"] <= 8
    assert measured["floor_us"] > 0


def test_several_writers_on_one_file_all_get_through(tmp_path: Path) -> None:
    measured = several_writers(tmp_path, acts=3, writers=2)

    assert measured["errors"] == 0
    assert measured["acts"] == 6


def test_the_page_shows_what_was_measured_and_names_what_was_not() -> None:
    said = table(FIGURES)

    assert "| 0.61 | ≥ 0.55 | ✓ |" in said
    assert "short" in said
    assert "1 of 1 pages stay within 10 ms" in said
    assert "Not measured: 1m: no time." in said
    assert "PostgreSQL 18.1" in written(FIGURES, PAGE.read_text(encoding="utf-8"))


def test_the_picture_is_an_svg_with_a_bar_for_every_ratio() -> None:
    drawn = ET.fromstring(picture(bars(FIGURES)))  # noqa: S314  our own

    rectangles = [each for each in drawn.iter() if each.tag.endswith("rect")]
    assert len(rectangles) == 1 + 2


def test_every_figure_has_one_place() -> None:
    places = [figure.place for figure in known_figures()]

    assert len(places) == len(set(places))
    assert found(FIGURES, "step.sqlite_full_1.us") == 900.0
    assert found(FIGURES, "step.postgresql_8.us") is None
