"""What lies in a folder of evidence."""

from __future__ import annotations

from pathlib import Path

from workflow.applications.apart import PICTURES


def files_below(folder: Path) -> list[Path]:
    """Every file but the turns of those who draw pictures: these stay, and hold nothing."""
    turns = {file for file in (folder / PICTURES).glob(".turn-*") if not file.stat().st_size}
    return [file for file in folder.rglob("*") if file.is_file() and file not in turns]
