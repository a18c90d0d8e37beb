"""The one way to open a PDF. PDFium must not be used by two threads at once, so every use holds the lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import pypdfium2

_PASSWORD_ERROR = 4
_lock = Lock()


class PdfFault(Exception):
    """Why a PDF cannot be opened: `code` is damaged or encrypted."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The document, for the length of the block. Raises PdfFault."""
    with _lock:
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            locked = getattr(error, "err_code", None) == _PASSWORD_ERROR
            raise PdfFault("encrypted" if locked else "damaged") from error
        try:
            yield document
        finally:
            document.close()
