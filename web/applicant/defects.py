"""Where in the form a defect is put right: the page and the field its words name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.applicant.blueprint import FILLERS, blueprint
from web.applicant.filled import CONTACT, EVIDENCE, FACTS, Filled, filled, page_url

# Names of documents and fields are lists of what they hold: 标准文本（封面、前言）.
PARTS = re.compile(r"[（）()、，/或和及]")
SHORTEST_PART = 2
CONTACT_PARTS = {
    "contact_name": ("联系人",),
    "contact_phone": ("电话", "手机"),
    "account": ("收款账户", "账户", "账号"),
}


class Place(NamedTuple):
    """A page of the form, and the field on it if the words name one."""

    page: str
    field: str | None = None


@blueprint.get("/my/applications/<int:case_id>/correct")
@audience(*FILLERS)
def correct(case_id: int) -> Response:
    """去补正: to where the first defect is put right."""
    with edge.reading() as session:
        form = filled(session, case_id)
    place = place_of(form, form.defects[0]) if form.defects else Place(FACTS)
    return edge.see_other(_url(form, place))


def linked_defects(form: Filled) -> list[dict[str, Any]]:
    """Each defect with the address where it is put right."""
    return [{"said": defect, "url": _url(form, place_of(form, defect))} for defect in form.defects]


def place_of(form: Filled, defect: str) -> Place:
    """The document or field of which most is named; most defects that name none are about papers."""
    named = [(len(part), place) for part, place in _parts(form) if part in defect]
    return max(named, key=lambda each: each[0])[1] if named else Place(EVIDENCE)


def _parts(form: Filled) -> Iterator[tuple[str, Place]]:
    # Offices write their demands in Chinese, whatever the language of the page.
    line = form.award.line
    for field in line.fields if not form.facts_are_fixed else ():
        yield from ((part, Place(FACTS, field.code)) for part in _split(field.label.text("zh")))
    for code, parts in CONTACT_PARTS.items():
        yield from ((part, Place(CONTACT, code)) for part in parts)
    for document in line.evidence:
        yield from ((part, Place(EVIDENCE, document.code)) for part in _split(document.name.text("zh")))


def _split(name: str) -> list[str]:
    return [part for part in PARTS.split(name) if len(part) >= SHORTEST_PART]


def _url(form: Filled, place: Place) -> str:
    return page_url(form, place.page, _anchor=place.field)
