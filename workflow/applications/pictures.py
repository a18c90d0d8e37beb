"""Pictures of evidence, drawn on the server, so that no browser ever opens an uploaded file itself.

A page is drawn once and kept beside the files by digest and number; kept pictures may be deleted at any time.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from workflow.applications.apart import PICTURES, FileFault, opened_apart
from workflow.applications.formats import FORMATS, PDF, Format
from workflow.errors import NotFound, Reason, Refused

LONGEST_SIDE = 1600
MOST_PAGES = 200
# Of each of the 256 folders, so 4 GiB in all; then the oldest give way.
MOST_KEPT_BYTES = 16 * 2**20
# What even an empty file takes.
BLOCK = 4096
# Kept in place of what cannot be drawn, so that a hostile file costs its time only once.
NOTHING = b""


def has_picture(media_type: str) -> bool:
    """Whether the server can draw this kind of file; OFD and DOCX are for downloading alone."""
    return _pictured(media_type) is not None


def page_count(original: Path, media_type: str) -> int:
    """How many pages there are to look at: 0 where there is no picture, at most 200."""
    kind = _pictured(media_type)
    if kind is not PDF:
        return 0 if kind is None else 1
    try:
        return min(int(_kept(original, "count", kind) or 0), MOST_PAGES)
    except FileFault:
        return 0


def picture_of(original: Path, media_type: str, page: int = 1) -> bytes:
    """One page as PNG, no side longer than 1600 pixels.

    Raises Refused, with a sentence to show in its place, when there is no picture of it, and NotFound when
    there is no such page or the file is gone.
    """
    kind = _pictured(media_type)
    if kind is None:
        raise Refused(Reason("evidence.no_picture"))
    if not original.is_file() or not 1 <= page <= MOST_PAGES:
        raise NotFound(Reason("not_found"))
    try:
        drawn = _kept(original, "draw", kind, page)
    except FileFault as fault:
        if fault.code == "no_such_page":
            raise NotFound(Reason("not_found")) from fault
        raise Refused(Reason(f"evidence.picture_{'busy' if fault.code == 'busy' else 'failed'}")) from fault
    if drawn == NOTHING:
        raise Refused(Reason("evidence.picture_failed"))
    return drawn


def _pictured(media_type: str) -> Format | None:
    return next((each for each in FORMATS if each.pictured and each.media_type == media_type), None)


def _kept(original: Path, task: str, kind: Format, *page: int) -> bytes:
    """What was answered before about this file, or is now; NOTHING where the file is at fault."""
    folder = original.parents[1]
    kept = folder / PICTURES / original.parent.name / "-".join((original.name, task, *map(str, page)))
    with suppress(FileNotFoundError):
        return kept.read_bytes()
    sizes = (*page, LONGEST_SIDE) if page else ()
    try:
        answer = opened_apart(folder, task, original, kind.name, *sizes)
    except FileFault as fault:
        if fault.code == "no_such_page" or not fault.will_last:
            raise
        answer = NOTHING
    # A full disk is no reason to show nothing.
    with suppress(OSError):
        _keep(kept, answer)
    return answer


def _keep(kept: Path, answer: bytes) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    _make_room(kept.parent, len(answer))
    with NamedTemporaryFile(dir=kept.parent, prefix=".drawn-", delete=False) as temporary:
        try:
            temporary.write(answer)
            temporary.flush()
            # Renamed, so nobody ever sees half a picture.
            Path(temporary.name).replace(kept)
        finally:
            Path(temporary.name).unlink(missing_ok=True)


def _make_room(folder: Path, wanted: int) -> None:
    with os.scandir(folder) as entries:
        found = sorted(((each.stat(), each.path) for each in entries), key=_age)
    room = MOST_KEPT_BYTES - wanted - sum(max(stat.st_size, BLOCK) for stat, _path in found)
    for stat, path in found:
        if room >= 0:
            return
        Path(path).unlink(missing_ok=True)
        room += max(stat.st_size, BLOCK)


def _age(entry: tuple[os.stat_result, str]) -> float:
    return entry[0].st_mtime
