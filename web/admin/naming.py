"""Words for what these pages speak of: processes by their code, posts, and the trail of an account."""

from __future__ import annotations

from datetime import date
from typing import Any

from web.language import _, day_with_year, label, locale, moment, unit_name
from workflow import catalogue
from workflow.lists.people import PostLine
from workflow.people.trail import TrailLine

FIELDS = ("name", "phone", "email")


def process_name(code: str) -> str:
    """What a process is called; its code, where the district brought one of its own."""
    known = f"process_name.{code}" in catalogue.texts(locale())
    return label("process_name", code) if known else code


def place_of(post: PostLine) -> str:
    return post.organisation or unit_name(post.unit_id)


def post_words(post: PostLine) -> str:
    """松下镇人民政府 · 乡镇（街道）初审员 · 分管领导."""
    return _joined(place_of(post), post.role, is_head=post.is_head)


def span(from_on: date, to_on: date | None) -> str:
    if to_on is not None and to_on < from_on:
        return _("未到任（原定自 %(day)s）", day=day_with_year(from_on))
    since = _("自 %(day)s", day=day_with_year(from_on))
    return since if to_on is None else f"{since} {_('至 %(day)s', day=day_with_year(to_on))}"


def trail_event(line: TrailLine) -> dict[str, Any]:
    """One line of the trail for the macro `timeline`."""
    return {
        "what": label("account_event", line.action),
        "said": _details(line.details),
        "by": line.actor or label("role", "system"),
        "at": moment(line.at),
        "kind": "person" if line.actor else "system",
    }


def _details(details: dict[str, Any]) -> str:
    if "role" in details:
        ends = details["to_on"] and date.fromisoformat(details["to_on"])
        place = unit_name(details["unit"]) if details["unit"] else _("申报单位")
        words = _joined(place, details["role"], is_head=details["is_head"])
        return f"{words} · {span(date.fromisoformat(details['from_on']), ends)}"
    if "fields" in details:
        names = {"name": _("姓名"), "phone": _("电话"), "email": _("电子邮箱")}
        return _("、").join(names[field] for field in FIELDS if field in details["fields"])
    return str(details.get("account", ""))


def _joined(place: str, role: str, *, is_head: bool) -> str:
    return " · ".join([place, label("role", role), *([_("分管领导")] if is_head else [])])
