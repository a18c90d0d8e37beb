"""Uploaded files: read with a limit, recognised by their content, stored under their SHA-256. No database."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, BinaryIO

from workflow.applications.formats import FORMATS, Format, fault_of, recognised
from workflow.errors import InvalidInput, Reason

CHUNK = 64 * 1024
LONGEST_NAME = 120
LONGEST_SUFFIX = 10
_PATH = re.compile(r"[/\\]")
# What must not stand in a name that is shown and saved: reserved on some system, or unseen.
_RESERVED = re.compile(r'[<>:"|?*]')


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An upload that has passed every check; its bytes lie at `path`."""

    file_name: str
    media_type: str
    size: int
    sha256: str
    path: Path


def prepare_file(
    stream: BinaryIO, file_name: str, folder: Path, max_bytes: int, *, field: str = "file"
) -> StoredFile:
    """Store an upload under `folder` by its digest; done before any transaction begins.

    The same bytes are stored once. Raises InvalidInput, naming the file and what is wrong with it, and
    leaves nothing behind.
    """
    name = clean_name(file_name)
    expected = _expected(name, field)
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=".upload-", delete=False) as temporary:
        path = Path(temporary.name)
        try:
            size, sha256 = _copied(stream, temporary, max_bytes, name, field)
            _check_content(path, expected, name, field)
            final = original_of(folder, sha256)
            _keep(path, final)
        finally:
            path.unlink(missing_ok=True)
    return StoredFile(name, expected.media_type, size, sha256, final)


def original_of(folder: Path, sha256: str) -> Path:
    """Where the bytes of this digest lie."""
    return folder / sha256[:2] / sha256


def clean_name(file_name: str) -> str:
    """The last part of the name, without what cannot be seen or saved, at most 120 characters."""
    last = _PATH.split(unicodedata.normalize("NFC", file_name))[-1]
    visible = "".join(each for each in last if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co"))
    name = _RESERVED.sub("_", visible).strip(" .")
    if len(name) <= LONGEST_NAME:
        return name
    suffix = Path(name).suffix[-LONGEST_SUFFIX:]
    return name[: LONGEST_NAME - len(suffix)] + suffix


def _expected(name: str, field: str) -> Format:
    suffix = Path(name).suffix.lower()
    found = next((each for each in FORMATS if suffix in each.suffixes), None)
    if found is None:
        accepted = [each.name for each in FORMATS]
        raise InvalidInput(Reason("file.suffix", {"name": name or "—", "accepted": accepted}, field))
    return found


def _copied(stream: BinaryIO, target: IO[bytes], max_bytes: int, name: str, field: str) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > max_bytes:
            most = f"{max_bytes / 2**20:g}"
            raise InvalidInput(Reason("file.too_large", {"name": name, "most": most}, field))
        digest.update(chunk)
        target.write(chunk)
    if size == 0:
        raise InvalidInput(Reason("file.empty", {"name": name}, field))
    target.flush()
    # The row that names the file outlives a power failure, so the file has to as well.
    os.fsync(target.fileno())
    return size, digest.hexdigest()


def _check_content(path: Path, expected: Format, name: str, field: str) -> None:
    found = recognised(path)
    if found is None:
        raise InvalidInput(Reason("file.unknown_content", {"name": name, "said": expected.name}, field))
    if found is not expected:
        params = {"name": name, "said": expected.name, "found": found.name}
        raise InvalidInput(Reason("file.other_content", params, field))
    if fault := fault_of(path, found):
        raise InvalidInput(Reason(f"file.{fault}", {"name": name}, field))


def _keep(path: Path, final: Path) -> None:
    final.parent.mkdir(exist_ok=True)
    # Renamed, so nobody ever finds half a file under a digest.
    path.replace(final)
