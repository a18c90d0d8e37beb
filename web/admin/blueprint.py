"""The blueprint that every module of this folder adds its addresses to, and the sections all pages show."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for

from web import edge
from web.language import _

blueprint = Blueprint("admin", __name__)

Answer = tuple[str, int]


@blueprint.context_processor
def _sections() -> dict[str, Any]:
    """Where an administrator goes from any of these pages; others come for one page alone."""
    visitor = edge.visitor()
    if visitor is None or "administrator" not in visitor.roles:
        return {"sections": []}
    names = (
        ("home", _("概览")),
        ("people", _("人员")),
        ("units", _("机构名录")),
        ("calendar", _("工作日历")),
        ("deliveries", _("通知投递")),
        ("rulings", _("政策解释")),
    )
    here = _section_of((request.endpoint or "").removeprefix("admin."))
    return {"sections": [(name, url_for(f"admin.{page}"), page == here, None) for page, name in names]}


def _section_of(page: str) -> str:
    for section, pages in PAGES.items():
        if page in pages:
            return section
    return page


# Which further pages belong to a section.
PAGES = {
    "home": ("process", "policy"),
    "people": (
        "person",
        "new_person",
        "add",
        "add_post",
        "end_post",
        "correct",
        "reset",
        "disable",
        "enable",
    ),
    "units": ("unit", "telephone"),
    "deliveries": ("retry",),
    "rulings": ("ruling", "decide"),
}
