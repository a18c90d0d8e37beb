"""The formats of evidence that are accepted, and how each is told by its content rather than its name."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from workflow.applications.apart import FileFault, opened_apart

HEAD_BYTES = 1024
MOST_ENTRIES = 5_000
MOST_UNPACKED_BYTES = 500 * 2**20
MOST_RATIO = 200
# What the standards of DOCX and OFD allow; others fail in ways of their own, or hardly ever end.
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Format:
    """One accepted format. `pictured` says whether the server can draw its pages."""

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    pictured: bool


PDF = Format("PDF", (".pdf",), "application/pdf", pictured=True)
JPEG = Format("JPEG", (".jpg", ".jpeg"), "image/jpeg", pictured=True)
PNG = Format("PNG", (".png",), "image/png", pictured=True)
OFD = Format("OFD", (".ofd",), "application/ofd", pictured=False)
DOCX = Format(
    "DOCX",
    (".docx",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    pictured=False,
)
FORMATS = (PDF, JPEG, PNG, OFD, DOCX)


def recognised(path: Path) -> Format | None:
    """The format the content has, whatever the file is called; None when it is none of the accepted."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return _recognised_package(path) if head.startswith(b"PK\x03\x04") else None


def fault_of(path: Path, found: Format) -> str | None:
    """What is wrong inside a file of this format, as the end of a code `file.…`; None when it is sound.

    The file lies in the folder of the files, where those who open files take turns.
    """
    if not found.pictured:
        return _package_fault(path, found)
    try:
        opened_apart(path.parent, "count", path, found.name)
    except FileFault as fault:
        return fault.code
    return None


def _recognised_package(path: Path) -> Format | None:
    try:
        with zipfile.ZipFile(path) as package:
            names = {each.filename for each in package.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if "OFD.xml" in names:
        return OFD
    return DOCX if {"word/document.xml", "[Content_Types].xml"} <= names else None


def _package_fault(path: Path, found: Format) -> str | None:
    main = "OFD.xml" if found is OFD else "word/document.xml"
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            if _is_bomb(entries, path.stat().st_size):
                return "unpacks_too_large"
            if any(entry.compress_type not in COMPRESSIONS for entry in entries):
                return "odd_compression"
            if any(entry.flag_bits & 1 for entry in entries):
                return "encrypted"
            if _has_macros(package, entries):
                return "macros"
            with package.open(main) as part:
                beginning = part.read(HEAD_BYTES)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, zlib.error):
        return "damaged"
    return None if b"<" in beginning else "damaged"


def _is_bomb(entries: list[zipfile.ZipInfo], packed: int) -> bool:
    unpacked = sum(entry.file_size for entry in entries)
    return (
        len(entries) > MOST_ENTRIES
        or unpacked > MOST_UNPACKED_BYTES
        or unpacked > max(packed, 2**20) * MOST_RATIO
    )


def _has_macros(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> bool:
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        return True
    types = next((entry for entry in entries if entry.filename == "[Content_Types].xml"), None)
    return types is not None and b"macroEnabled" in package.open(types).read(2**20)
