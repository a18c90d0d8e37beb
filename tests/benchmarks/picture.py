"""Bars as an SVG, written by hand: it needs no library and looks the same everywhere."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import NamedTuple

WIDTH, LABELS, HEIGHT, GAP = 760, 300, 24, 10
COLOURS = {True: "#2f6f4f", False: "#b5651d"}


class Bar(NamedTuple):
    """One bar; `target` is marked by a line, `full` is the value at the right edge."""

    group: str
    label: str
    value: float
    target: float
    full: float


def picture(bars: list[Bar]) -> str:
    """The bars group by group, green where the target is reached."""
    lines: list[str] = []
    y = GAP
    for group, of_group in groupby(bars, key=lambda bar: bar.group):
        lines.append(f'<text x="{GAP}" y="{y + 16}" font-weight="bold">{escape(group)}</text>')
        y += HEIGHT + GAP
        for bar in of_group:
            lines += _bar(bar, y)
            y += HEIGHT + GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        'font-family="sans-serif" font-size="14" fill="#222222">'
    )
    ground = f'<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>'
    return "\n".join([head, ground, *lines, "</svg>", ""])


def _bar(bar: Bar, y: int) -> list[str]:
    room = WIDTH - LABELS - 70
    length = room * min(1.0, bar.value / bar.full)
    mark = LABELS + room * min(1.0, bar.target / bar.full)
    colour = COLOURS[bar.value >= bar.target]
    ends = f'y1="{y - 3}" y2="{y + HEIGHT + 3}"'
    return [
        f'<text x="{LABELS - GAP}" y="{y + 17}" text-anchor="end">{escape(bar.label)}</text>',
        f'<rect x="{LABELS}" y="{y}" width="{length:.1f}" height="{HEIGHT}" fill="{colour}"/>',
        f'<line x1="{mark:.1f}" x2="{mark:.1f}" {ends} stroke="#222222" stroke-width="2"/>',
        f'<text x="{LABELS + length + 6:.1f}" y="{y + 17}">{bar.value:.2f}</text>',
    ]
