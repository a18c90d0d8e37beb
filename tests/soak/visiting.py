"""A person at her browser, without the browser: signs in to a demo, opens pages, sends their forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, build_opener

PATIENCE_S = 20


@dataclass
class Form:
    """A form of a page: where it goes, what it holds, and what has to be filled in."""

    address: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class Visitor:
    """One browser with its own cookies. Every answer is (status, text); a dead server raises OSError."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()), _StayHere())

    def sign_in(self, person_id: int) -> None:
        _, page = self.get("/demo/")
        token = next(form.fields["csrf_token"] for form in forms_of(page) if "csrf_token" in form.fields)
        status, _ = self.post("/demo/sign-in", {"person": str(person_id), "csrf_token": token})
        if status != 303:
            raise OSError(f"not signed in: {status}")

    def get(self, path: str) -> tuple[int, str]:
        return self._send(path, None)

    def post(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        return self._send(path, urlencode(fields).encode())

    def _send(self, path: str, body: bytes | None) -> tuple[int, str]:
        try:
            with self.opener.open(self.address + path, body, timeout=PATIENCE_S) as answer:
                return answer.status, _whole(answer)
        except HTTPError as error:
            with error:
                return error.code, _whole(error)
        except HTTPException as error:
            raise OSError(f"cut off: {error}") from error


def _whole(answer: Any) -> str:
    try:
        return str(answer.read().decode())
    except HTTPException as error:
        raise OSError(f"cut off: {error}") from error


def forms_of(page: str) -> list[Form]:
    parser = _Forms()
    parser.feed(page)
    return parser.forms


class _StayHere(HTTPRedirectHandler):
    """A redirect is an answer: it says that the form was accepted."""

    def redirect_request(self, *_: Any) -> None:
        return None


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(said.get("action", "")))
        elif self.forms and tag in ("input", "textarea", "select", "button") and said.get("name"):
            if tag == "select":
                self._select = said["name"]
            if said.get("type") not in ("checkbox", "radio", "file"):
                self.forms[-1].fields.setdefault(said["name"], said.get("value", ""))
        elif tag == "option" and self.forms and self._select:
            self.forms[-1].choices.setdefault(self._select, []).append(said.get("value", ""))
