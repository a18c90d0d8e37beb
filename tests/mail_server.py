"""A small real SMTP server on loopback: takes letters, refuses whom it is told to, speaks TLS given a key."""

from __future__ import annotations

import email
import socketserver
import ssl
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread

from tests.required import missing


class MailServer(socketserver.ThreadingTCPServer):
    """What it was sent stands in `letters`; beside it, whether the line was encrypted and who signed in."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.context = context
        self.letters: list[EmailMessage] = []
        self.encrypted: list[bool] = []
        self.signed_in: list[str] = []
        self.refused: set[str] = set()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def mail_server(context: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    with MailServer(context) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            # Also when the test has failed: on a closed socket it would go round for ever.
            server.shutdown()
            thread.join()


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A key for localhost that certifies itself, and the certificate for whoever is to trust it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
    except FileNotFoundError:
        missing("openssl")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer
    encrypted = False

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            words = line.decode().split()
            answer = getattr(self, f"_{words[0].lower()}", None)
            self._say(answer(*words[1:]) if answer else "502 unknown")
            if words[0].upper() == "QUIT":
                return
            if words[0].upper() == "STARTTLS":
                self._encrypt()

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _ehlo(self, name: str) -> str:
        offered = ["AUTH PLAIN"] + (["STARTTLS"] if self.server.context and not self.encrypted else [])
        return "\r\n".join(
            [f"250-{name}", *(f"250-{extension}" for extension in offered[:-1]), f"250 {offered[-1]}"]
        )

    def _starttls(self) -> str:
        return "220 go ahead"

    def _encrypt(self) -> None:
        assert self.server.context is not None
        try:
            self.connection = self.server.context.wrap_socket(self.request, server_side=True)
        except OSError:
            return  # whoever calls did not trust the certificate
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.encrypted = True

    def _auth(self, mechanism: str, answer: str) -> str:
        _, user, password = b64decode(answer).decode().split("\0")
        if (mechanism, password) != ("PLAIN", "right"):
            return "535 wrong password"
        self.server.signed_in.append(user)
        return "235 welcome"

    def _mail(self, *_: str) -> str:
        return "250 ok"

    def _rcpt(self, to: str, *_: str) -> str:
        return "550 no such person" if to.partition("<")[2].rstrip(">") in self.server.refused else "250 ok"

    def _data(self) -> str:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise ConnectionAbortedError("whoever sent this letter hung up in the middle of it")
            lines.append(line.removeprefix(b"."))
        letter = email.message_from_bytes(b"".join(lines), policy=policy.SMTP)
        assert isinstance(letter, EmailMessage)
        self.server.letters.append(letter)
        self.server.encrypted.append(self.encrypted)
        return "250 taken"

    def _rset(self) -> str:
        return "250 ok"

    def _quit(self) -> str:
        return "221 bye"
