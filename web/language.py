"""The language of a page, the choice of it, and the engine's words in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from flask import Blueprint, Flask, request, session, url_for
from flask_babel import Babel, gettext, ngettext
from markupsafe import Markup, escape
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from web import edge
from web.access import EVERYONE, audience
from workflow import catalogue
from workflow.clock.days import full_day, spoken_day, spoken_moment
from workflow.errors import Reason, WorkflowError
from workflow.storage.people import Person

TRANSLATIONS = Path(__file__).parent / "translations"
# One catalogue a feature: texts are found where their pages are.
DOMAINS = ("base", "applicant", "office", "supervision", "referrals", "admin")
DEFAULT = "zh"
# What the rules say of an application; a doubtful point of the policy may be behind it.
BY_POINTS = ("policy.refused.", "policy.notice.")

_BESIDE_A_NUMBER = re.compile(r"(?<=[\d+]) (?=[^\W\d])|(?<=[\u4e00-\u9fff]) (?=\d)")

blueprint = Blueprint("language", __name__)


def init_app(app: Flask) -> None:
    app.config.update(
        BABEL_DEFAULT_LOCALE=DEFAULT,
        BABEL_DOMAIN=";".join(DOMAINS),
        # Flask-Babel pairs each domain with a folder.
        BABEL_TRANSLATION_DIRECTORIES=";".join([str(TRANSLATIONS)] * len(DOMAINS)),
    )
    Babel(app, locale_selector=locale)
    app.jinja_env.globals.update(
        label=label,
        say=say,
        day=day,
        day_with_year=day_with_year,
        moment=moment,
        unit_name=unit_name,
        # The macro of the same purpose is called wan, and would call itself.
        in_wan=wan,
        wan=wan,
    )
    app.jinja_env.filters["unbroken"] = unbroken


def _(text: str, **values: object) -> str:
    """The page's own text in the language of the page; a literal % is written %%."""
    return str(gettext(text, **values))


def _n(text: str, number: int) -> str:
    """A text about a number, written %(num)d, which English says in two ways."""
    return str(ngettext(text, text, number))


def unbroken(text: str) -> Markup:
    """A heading whose numbers stay in one line with what they count: “有 3 件已超期”."""
    # Escaped before the blanks are changed, so that nothing typed can pass for a tag.
    return Markup(_BESIDE_A_NUMBER.sub("\N{NO-BREAK SPACE}", escape(text)))  # noqa: S704


def locale() -> str:
    """The person's language; before she signs in the one she chose, else Chinese."""
    visitor = edge.visitor()
    chosen = session.get("locale", DEFAULT) if visitor is None else visitor.locale
    return chosen if chosen in catalogue.LOCALES else DEFAULT


def label(kind: str, name: str) -> str:
    """The engine's label of a state, action, role …"""
    return catalogue.label(kind, name, locale())


def input_label(action: str, name: str) -> str:
    """The engine's label of a field of an action."""
    return catalogue.input_label(action, name, locale())


def say(reason: Reason) -> str:
    return reason.sentence(locale()) + _point(reason)


def sentences(error: WorkflowError) -> list[str]:
    said = error.sentences(locale())
    return [each + _point(reason) for each, reason in zip(said, error.reasons, strict=True)]


def _point(reason: Reason) -> str:
    """By which doubtful point of the policy, for officers; a firm reads what counts for it and no more."""
    visitor = edge.visitor()
    is_officer = visitor is not None and bool(visitor.unit_ids)
    if not is_officer or "point" not in reason.params or not reason.code.startswith(BY_POINTS):
        return ""
    return _("（解释事项%(point)s）", point=reason.params["point"])


def day(on: date) -> str:
    """11月18日（三）; with its year when that is not this one."""
    return spoken_day(on, locale(), edge.today())


def day_with_year(on: date) -> str:
    return full_day(on, locale())


def moment(at: datetime) -> str:
    """11月12日（四）09:05, by the clocks of Shanghai."""
    return spoken_moment(at, locale(), edge.today())


def unit_name(unit_id: int | None) -> str:
    """What a unit is called in the page's language; empty for none."""
    unit = edge.reference().units.get(unit_id) if unit_id is not None else None
    if unit is None:
        return ""
    return unit.name if locale() == "zh" else unit.name_en


def wan(yuan: int) -> str:
    """An amount as people read it, exact: 500000 → 50 万元, in English CNY 500,000."""
    return _("%(amount)s 万元", amount=_in_wan(yuan) if locale() == "zh" else f"{yuan:,}")


def _in_wan(yuan: int) -> str:
    whole, rest = divmod(abs(yuan), 10_000)
    decimals = f".{rest:04d}".rstrip("0") if rest else ""
    return f"{'-' if yuan < 0 else ''}{whole:,}{decimals}"


@blueprint.post("/language")
@audience(EVERYONE)
def choose() -> Response:
    chosen = request.form.get("language")
    if chosen not in catalogue.LOCALES:
        raise BadRequest
    visitor = edge.visitor()
    if visitor is None or visitor.person_id is None:
        session["locale"] = chosen
    else:
        _remember(visitor.person_id, chosen)
    return edge.see_other(edge.back_to(url_for("navigation.home")))


def _remember(person_id: int, chosen: str) -> None:
    with edge.writing() as writing:
        person = writing.get_one(Person, person_id)
        person.locale = chosen
        writing.commit()


def by_field(error: WorkflowError) -> Mapping[str, str]:
    """What is wrong with each field of a form, for the `error` of its macro."""
    found: dict[str, list[str]] = {}
    for reason in error.reasons:
        if reason.field:
            found.setdefault(reason.field, []).append(say(reason))
    return {field: " ".join(said) for field, said in found.items()}


def summary(error: WorkflowError) -> list[tuple[str, str]]:
    """What is wrong with a form, for `error_summary`: (id of the field or nothing, sentence)."""
    return [(reason.field or "", say(reason)) for reason in error.reasons]
