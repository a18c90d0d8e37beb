"""Pictures of evidence, drawn on the server, so that no browser ever opens an uploaded file itself."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps
from pypdfium2 import PdfiumError

from workflow.applications.formats import FORMATS, PDF
from workflow.applications.pdf import PdfFault, opened
from workflow.errors import NotFound, Reason, Refused

LONGEST_SIDE = 1600
# 144 dots an inch: small print can be read.
LARGEST_SCALE = 2.0
MOST_PAGES = 200


def has_picture(media_type: str) -> bool:
    """Whether the server can draw this kind of file; OFD and DOCX are for downloading alone."""
    return any(each.pictured for each in FORMATS if each.media_type == media_type)


def page_count(original: Path, media_type: str) -> int:
    """How many pages there are to look at: 0 where there is no picture, at most 200."""
    if not has_picture(media_type):
        return 0
    if media_type != PDF.media_type:
        return 1
    try:
        with opened(original) as document:
            return min(len(document), MOST_PAGES)
    except PdfFault:
        return 0


def picture_of(original: Path, media_type: str, page: int = 1) -> bytes:
    """One page as PNG, no side longer than 1600 pixels.

    Raises Refused, with a sentence to show in its place, when there is no picture of it, and NotFound when
    there is no such page or the file is gone.
    """
    if not has_picture(media_type):
        raise Refused(Reason("evidence.no_picture"))
    if not original.is_file() or not 1 <= page <= MOST_PAGES:
        raise NotFound(Reason("not_found"))
    try:
        drawn = _page(original, page) if media_type == PDF.media_type else _photo(original, page)
    except (PdfFault, PdfiumError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Refused(Reason("evidence.picture_failed")) from error
    written = BytesIO()
    drawn.save(written, "PNG")
    return written.getvalue()


def _page(original: Path, number: int) -> Image.Image:
    with opened(original) as document:
        if number > len(document):
            raise NotFound(Reason("not_found"))
        page = document[number - 1]
        longest = max(*page.get_size(), 1.0)
        drawn: Image.Image = page.render(scale=min(LARGEST_SCALE, LONGEST_SIDE / longest)).to_pil()
        return drawn.convert("RGB")


def _photo(original: Path, number: int) -> Image.Image:
    if number != 1:
        raise NotFound(Reason("not_found"))
    with Image.open(original, formats=("JPEG", "PNG")) as photo:
        photo.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(photo)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return upright.convert("RGB")
