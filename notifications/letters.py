"""What a mail looks like: a message put into a letter in the language of its reader.

A letter never acts by itself: its one link leads to a page behind the sign-in.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from workflow.catalogue import sentence
from workflow.clock.days import full_day, shanghai_day
from workflow.process.disclosure import state_label
from workflow.sweeps.wording import due_day_of, headline, headline_for_outsiders, subject_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery on its way: to whom, and what the message says."""

    id: int
    attempts: int
    address: str
    name: str
    locale: str
    # The reader looks at the case as its organisation does.
    is_outsider: bool
    case_id: int
    topic: str
    params: dict[str, Any]
    created_at: datetime


def letter_of(waiting: Waiting, from_address: str, public_address: str = "") -> EmailMessage:
    """The letter of a delivery, the same however often it is made.

    Without the address at which the pages are opened it names the path of the case alone.
    """
    letter = EmailMessage()
    letter["From"] = Address("联审" if waiting.locale == "zh" else "Lianshen", addr_spec=from_address)
    letter["To"] = Address(_one_line(waiting.name), addr_spec=waiting.address)
    letter["Subject"] = _subject(waiting)
    letter["Date"] = waiting.created_at
    letter["Message-ID"] = message_id(waiting, from_address)
    # Answering machines keep silent to letters that say so.
    letter["Auto-Submitted"] = "auto-generated"
    # Mail servers may break long lines of eight bits; base64 reaches every one of them whole.
    letter.set_content(_text(waiting, public_address), cte="base64")
    return letter


def message_id(waiting: Waiting, from_address: str) -> str:
    """The same at each attempt, so that a mail program shows a letter sent twice once.

    The moment is part of it: after a restored backup the same row number can be another letter.
    """
    made_of = f"{waiting.id} {waiting.address} {waiting.created_at.isoformat()}"
    return f"<{hashlib.sha256(made_of.encode()).hexdigest()[:32]}@{from_address.rpartition('@')[2]}>"


def _subject(waiting: Waiting) -> str:
    subject = subject_of(waiting.params, waiting.locale)
    return _one_line(sentence("letter.subject", waiting.locale, subject=subject, said=_said(waiting)))


def _said(waiting: Waiting) -> str:
    speak = headline_for_outsiders if waiting.is_outsider else headline
    return _one_line(speak(waiting.topic, waiting.params, waiting.locale, shanghai_day(waiting.created_at)))


def _text(waiting: Waiting, public_address: str) -> str:
    locale, params = waiting.locale, waiting.params
    due_on = due_day_of(params)
    return (
        _templates()
        .get_template(f"{locale}/letter.txt")
        .render(
            name=_one_line(waiting.name),
            said=_said(waiting),
            number=params.get("number"),
            organisation=_one_line(params.get("organisation") or ""),
            state=sentence(state_label(params["state"], outsider=waiting.is_outsider), locale),
            due=full_day(due_on, locale) if due_on else None,
            link=f"{public_address.rstrip('/')}/cases/{waiting.case_id}",
        )
    )


def _one_line(text: str) -> str:
    # A name or voucher with a line break in it could pass for lines of the letter, or of its head.
    return " ".join(text.split())


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("notifications"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
