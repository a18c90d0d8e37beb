"""The e-mail channel: letters go to an SMTP server, or into a folder. What one says lives in `letters`."""

from __future__ import annotations

import hashlib
import os
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeAlias

from workflow.settings import Mail

TIMEOUT_S = 20
LOCAL_SENDER = "lianshen@localhost"

Send: TypeAlias = Callable[[EmailMessage], None]


class Unreachable(OSError):
    """The channel as a whole does not work; the next letter would fare no better."""


@contextmanager
def outgoing(mail: Mail) -> Iterator[Send]:
    """The way letters leave this installation; a server is called when the first letter is sent."""
    if mail.sender == "file":
        yield lambda letter: write_letter(mail.folder, letter)
        return
    line = _Line(mail)
    try:
        yield line.send
    finally:
        line.hang_up()


def sender_address(mail: Mail) -> str:
    """The address letters come from; only the file sender can do without a configured one."""
    return mail.from_address or LOCAL_SENDER


def write_letter(folder: Path, letter: EmailMessage) -> None:
    """Write a letter as a file that mail programs open; the same letter again is the same file."""
    folder.mkdir(parents=True, exist_ok=True)
    sent_at = parsedate_to_datetime(letter["Date"])
    name = hashlib.sha256(letter["Message-ID"].encode()).hexdigest()[:16]
    file = folder / f"{sent_at:%Y%m%dT%H%M%S}-{name}.eml"
    aside = file.with_suffix(f".{os.getpid()}.part")
    aside.write_bytes(letter.as_bytes(policy=policy.SMTP))
    # Renamed when whole, so that whoever collects the folder never reads half a letter.
    aside.replace(file)


class _Line:
    """One connection to the mail server, made for the first letter and kept for those that follow."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        self._server: smtplib.SMTP | None = None

    def send(self, letter: EmailMessage) -> None:
        if self._server is None:
            self._server = _connected(self._mail)
        try:
            self._server.send_message(letter)
        except smtplib.SMTPServerDisconnected as error:
            raise Unreachable(str(error)) from error

    def hang_up(self) -> None:
        if self._server is None:
            return
        # The letters are through; that the line broke since then concerns nobody.
        with suppress(OSError):
            self._server.quit()
        self._server.close()


def _connected(mail: Mail) -> smtplib.SMTP:
    try:
        server = smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT_S)
        with ExitStack() as unless_introduced:
            unless_introduced.callback(server.close)
            _introduce(server, mail)
            unless_introduced.pop_all()
    except OSError as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error
    return server


def _introduce(server: smtplib.SMTP, mail: Mail) -> None:
    # A server that does not offer STARTTLS is refused: letters do not fall back to the open line.
    if mail.start_tls:
        server.starttls(context=ssl.create_default_context())
    if mail.user and mail.password_file is not None:
        server.login(mail.user, mail.password_file.read_text(encoding="utf-8").strip())
