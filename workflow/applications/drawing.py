"""The program that opens an uploaded file: `drawing.py count|draw PATH FORMAT [PAGE SIDE]`.

It runs in a process of its own, which `apart` starts, because a small file can ask for minutes and gigabytes.
It imports nothing of ours: it starts quickly and holds no connection or secret a hostile file could reach.
"""

from __future__ import annotations

import resource
import sys
import warnings
from contextlib import closing, suppress
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

CPU_SECONDS = 5
MOST_MEMORY = 2**30
# An A4 page scanned at 600 dots an inch, an A3 page at 400.
MOST_PIXELS = 36_000_000
# 144 dots an inch: small print can be read.
LARGEST_SCALE = 2.0
RGB = "RGB"

_PASSWORD_ERROR = 4
# How the program ends when the file is at fault; the clock of the processor ends it without a word.
FAULTS = {"damaged": 3, "encrypted": 4, "too_many_pixels": 5, "no_such_page": 6, "too_heavy": 7}
_CAUSES = (OSError, SyntaxError, ValueError, RuntimeError, Image.DecompressionBombError)


class Fault(Exception):
    """What is wrong with the file: one of FAULTS."""


def main(task: str, path: str, kind: str, *numbers: str) -> int:
    """Write the count of pages, or one page as PNG, to the standard output."""
    _limit()
    try:
        answer = b"%d" % _count(path, kind) if task == "count" else _drawn(path, kind, *map(int, numbers))
    except Fault as fault:
        return FAULTS[str(fault)]
    except MemoryError:
        return FAULTS["too_heavy"]
    except _CAUSES:
        return FAULTS["damaged"]
    sys.stdout.buffer.write(answer)
    return 0


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # macOS knows this limit and refuses to set it.
    with suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    # Pillow warns of what is counted here anyway.
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)


def _count(path: str, kind: str) -> int:
    if kind != "PDF":
        return _checked_photo(path)
    with closing(_document(path)) as document:
        if not len(document):
            raise Fault("damaged")
        return len(document)


def _drawn(path: str, kind: str, page: int, longest: int) -> bytes:
    drawn = _page(path, page, longest) if kind == "PDF" else _photo(path, page, longest)
    written = BytesIO()
    drawn.save(written, "PNG")
    return written.getvalue()


def _document(path: str) -> Any:
    # Only for a PDF: a photo is opened without loading PDFium.
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _PASSWORD_ERROR
        raise Fault("encrypted" if locked else "damaged") from error


def _page(path: str, number: int, longest: int) -> Image.Image:
    with closing(_document(path)) as document:
        if number > len(document):
            raise Fault("no_such_page")
        page = document[number - 1]
        side = max(*page.get_size(), 1.0)
        drawn: Image.Image = page.render(scale=min(LARGEST_SCALE, longest / side)).to_pil()
        return drawn.convert(RGB)


def _checked_photo(path: str) -> int:
    with Image.open(path, formats=("JPEG", "PNG")) as photo:
        if photo.width * photo.height > MOST_PIXELS:
            raise Fault("too_many_pixels")
        if photo.format == "JPEG":
            # A JPEG has no check sums: only decoding, at an eighth of its size, shows a torn one.
            photo.draft(RGB, (photo.width // 8 or 1, photo.height // 8 or 1))
            photo.load()
        else:
            photo.verify()
    return 1


def _photo(path: str, number: int, longest: int) -> Image.Image:
    if number != 1:
        raise Fault("no_such_page")
    with Image.open(path, formats=("JPEG", "PNG")) as photo:
        photo.draft(RGB, (longest, longest))
        photo.thumbnail((longest, longest))
        return ImageOps.exif_transpose(photo).convert(RGB)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
