"""What a message says, in one sentence, for inbox and mail alike. Who gets it lives in notifications."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from string import Formatter
from typing import Any

from workflow.catalogue import sentence, texts
from workflow.clock.days import spoken_day
from workflow.process.disclosure import is_supervision, state_label


def headline(topic: str, params: Mapping[str, Any], locale: str, told_on: date) -> str:
    """What happened or is due, without the name of the case: “审核通过，转入联席会议审批”.

    `topic` and `params` are those of an outbox row or a message; `told_on` is the day of the message.
    """
    return _headline(topic, params, locale, told_on, outsider=False)


def _headline(topic: str, params: Mapping[str, Any], locale: str, told_on: date, *, outsider: bool) -> str:
    spoken = _spoken(params, locale, told_on, outsider=outsider)
    code = _own_words(topic, params, spoken, outsider=outsider) or f"message.{_code(topic, params, told_on)}"
    said = sentence(code, locale, **spoken)
    missed = [f"alert_level.{level}" for level in params.get("levels", ())[:-1]]
    if not missed:
        return said
    return sentence("message.with_missed", locale, said=said, missed_label=missed)


def headline_for_outsiders(topic: str, params: Mapping[str, Any], locale: str, told_on: date) -> str:
    """The same for those who look at the case as its organisation does: they hear of supervision, not why."""
    if not is_supervision(params.get("action"), params.get("state")):
        return _headline(topic, params, locale, told_on, outsider=True)
    due_on = due_day_of(params)
    if due_on is None:
        return sentence("lists.supervised", locale)
    return sentence("lists.supervised_until", locale, due=spoken_day(due_on, locale, told_on))


def subject_of(params: Mapping[str, Any], locale: str) -> str:
    """Which case it is about: its number and organisation, as far as it has them."""
    known = [str(params[name]) for name in ("number", "organisation") if params.get(name)]
    return " ".join(known) or sentence("message.unnumbered", locale)


def due_day_of(params: Mapping[str, Any]) -> date | None:
    """The due day a message speaks of; parameters come out of the database as text."""
    due_on = params.get("due_on")
    return date.fromisoformat(due_on) if isinstance(due_on, str) else due_on


def _code(topic: str, params: Mapping[str, Any], told_on: date) -> str:
    """The code of the text; one day, several days and today each have a sentence of their own."""
    if topic == "alert.yellow":
        return f"{topic}.{'today' if due_day_of(params) == told_on else 'other'}"
    counted = {"alert.blue": "days_left", "alert.red": "days_late"}.get(topic)
    if counted is None:
        return topic
    days = params[counted]
    return f"{topic}.{'none' if days == 0 else 'one' if days == 1 else 'several'}"


def _own_words(
    topic: str, params: Mapping[str, Any], spoken: Mapping[str, object], *, outsider: bool
) -> str | None:
    """The code of what is said of this action alone, to officers or to the applicant, if there is such."""
    if topic not in ("moved", "noted"):
        return None
    told = "meanwhile" if topic == "noted" else "applicant" if outsider else "office"
    code = f"message.{told}.{params['action']}"
    said = texts("zh").get(code)
    # Where a case has no day, or an older message no amount or voucher, what names one cannot be said.
    return code if said is not None and _names_in(said) <= spoken.keys() else None


def _names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _spoken(params: Mapping[str, Any], locale: str, told_on: date, *, outsider: bool) -> dict[str, object]:
    spoken = {**params, "state_label": state_label(params["state"], outsider=outsider)}
    if "action" in params:
        spoken["action_label"] = f"action.{params['action']}"
    due_on = due_day_of(params)
    if due_on is not None:
        spoken["due"] = spoken_day(due_on, locale, told_on)
    return spoken
