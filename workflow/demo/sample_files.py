"""The files of the samples: one page that says 示例材料 SAMPLE, as PDF, JPEG and PNG, stored as evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from time import gmtime

from PIL import Image, ImageDraw, ImageFont

from workflow.applications.files import StoredFile, prepare_file
from workflow.policy.terms import EvidenceRequirement

# Drawn as text because a server need not have a Chinese font.
CHARACTERS = Path(__file__).with_name("sample_characters.txt")
PAGE = (827, 1169)
PHOTOGRAPHED = ("certificate", "accreditation_certificate", "measurement_certificate", "award_certificate")
SCANNED = ("business_licence", "account_details", "association_entry", "certificate_status", "credit_report")
MAX_BYTES = 2**20


def sample_files(folder: Path) -> Mapping[str, StoredFile]:
    """The sample page in each of its formats, stored in the folder of evidence, by suffix."""
    page = _page()
    return {
        suffix: prepare_file(BytesIO(_saved(page, suffix)), f"示例材料{suffix}", folder, MAX_BYTES)
        for suffix in (".pdf", ".jpg", ".png")
    }


def file_for(requirement: EvidenceRequirement, files: Mapping[str, StoredFile]) -> StoredFile:
    """The file an applicant would hand in for a requirement, under a name of its own."""
    suffix = {**dict.fromkeys(PHOTOGRAPHED, ".jpg"), **dict.fromkeys(SCANNED, ".png")}.get(
        requirement.code, ".pdf"
    )
    title = requirement.name.zh.partition("（")[0].replace("、", "和")
    return replace(files[suffix], file_name=f"{title}（示例）{suffix}")


def _page() -> Image.Image:
    page = Image.new("L", PAGE, 255)
    drawing = ImageDraw.Draw(page)
    drawing.rectangle((40, 40, PAGE[0] - 40, PAGE[1] - 40), outline=120, width=2)
    page.paste(_characters(), (94, 360))
    _centred(drawing, "SAMPLE", 560, 90)
    _centred(drawing, "Lianshen demo: this page proves nothing", 690, 28)
    return page


def _characters() -> Image.Image:
    rows = CHARACTERS.read_text(encoding="ascii").split()
    drawn = Image.new("L", (len(rows[0]), len(rows)), 255)
    drawn.putdata([0 if dot == "#" else 255 for row in rows for dot in row])
    return drawn.resize((640, 640 * len(rows) // len(rows[0])), Image.Resampling.LANCZOS)


def _centred(drawing: ImageDraw.ImageDraw, text: str, top: int, size: int) -> None:
    font = ImageFont.load_default(size)
    drawing.text(((PAGE[0] - drawing.textlength(text, font)) / 2, top), text, fill=90, font=font)


def _saved(page: Image.Image, suffix: str) -> bytes:
    target = BytesIO()
    if suffix == ".pdf":
        # Without fixed times the same page would be a new file at every making.
        begun = gmtime(0)
        page.save(target, "PDF", resolution=100.0, creationDate=begun, modDate=begun)
    elif suffix == ".jpg":
        page.save(target, "JPEG", quality=80)
    else:
        page.quantize(16).save(target, "PNG", optimize=True)
    return target.getvalue()
