"""A table as a file that spreadsheets open: CSV with a byte order mark, and nothing in it that calculates."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# A cell that begins so is taken for a formula, and what an organisation calls itself is not ours to run.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def sheet(titles: Sequence[str], lines: Iterable[Sequence[str | int]]) -> bytes:
    """The table in UTF-8; texts that a spreadsheet would calculate begin with an apostrophe."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(titles)
    writer.writerows([_inert(cell) for cell in line] for line in lines)
    # Without the mark, Excel reads Chinese in the code page of the machine.
    return written.getvalue().encode("utf-8-sig")


def _inert(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
