"""The units, who serves in each, and their telephone numbers; all else about them is the district's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.admin.blueprint import Answer, blueprint
from web.admin.naming import span
from web.admin.typed import NOTHING_REFUSED, Refusal, refusal_of
from web.language import _, day_with_year, label, unit_name
from workflow.errors import InvalidInput, NotFound, Reason
from workflow.lists.people import serving_counts, serving_in
from workflow.people.units import change_telephone
from workflow.reference import UnitFacts
from workflow.storage.people import Membership, Person, Unit


@blueprint.get("/admin/units")
@audience("administrator")
def units() -> str:
    with edge.reading() as session:
        phones = {unit_id: phone or "" for unit_id, phone in session.execute(select(Unit.id, Unit.phone))}
        serving = serving_counts(session, edge.today())
    ordered = sorted(edge.reference().units.values(), key=_order)
    return render_template("admin/units.html", rows=[_row(unit, phones, serving) for unit in ordered])


@blueprint.get("/admin/units/<int:unit_id>")
@audience("administrator")
def unit(unit_id: int) -> str:
    return _page(unit_id, NOTHING_REFUSED)


@blueprint.post("/admin/units/<int:unit_id>")
@audience("administrator")
def telephone(unit_id: int) -> Answer | Response:
    try:
        with edge.writing() as session:
            change_telephone(session, unit_id, request.form.get("phone", ""))
            session.commit()
    except InvalidInput as error:
        return _page(unit_id, refusal_of("unit", error)), 422
    edge.tell(_("电话已保存。"))
    return edge.see_other(url_for("admin.unit", unit_id=unit_id))


def _page(unit_id: int, refusal: Refusal) -> str:
    shown = edge.reference().units.get(unit_id)
    if shown is None:
        raise NotFound(Reason("not_found"))
    with edge.reading() as session:
        phone = session.scalar(select(Unit.phone).where(Unit.id == unit_id)) or ""
        serving = [_person_row(*each) for each in serving_in(session, unit_id, edge.today())]
    return render_template(
        "admin/unit.html",
        name=unit_name(unit_id),
        unit_id=unit_id,
        facts=_facts(shown),
        phone=refusal.typed.get("phone", phone),
        serving=serving,
        refusal=refusal,
    )


def _order(unit: UnitFacts) -> tuple[bool, bool, str]:
    """What is valid before what was, the offices of the district before the townships."""
    return not unit.is_valid_on(edge.today()), unit.kind == "township", unit.code


def _facts(unit: UnitFacts) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [
        (_("机构代码"), unit.code),
        (_("类别"), label("unit_kind", unit.kind)),
        (_("存续期间"), _validity(unit)),
    ]
    if unit.successor_id is not None:
        successor = url_for("admin.unit", unit_id=unit.successor_id)
        found.append((_("承接机构"), {"text": unit_name(unit.successor_id), "href": successor}))
    return found


def _validity(unit: UnitFacts) -> str:
    if unit.valid_from is not None:
        return span(unit.valid_from, unit.valid_to)
    return _("至 %(day)s", day=day_with_year(unit.valid_to)) if unit.valid_to else _("现行")


def _row(unit: UnitFacts, phones: Mapping[int, str], serving: Mapping[int, tuple[int, int]]) -> list[Any]:
    people, heads = serving.get(unit.id, (0, 0))
    without_head = people and not heads and unit.kind != "administration"
    return [
        {
            "text": unit_name(unit.id),
            "href": url_for("admin.unit", unit_id=unit.id),
            "sub": label("unit_kind", unit.kind),
        },
        _("%(number)s 人", number=people),
        _("没有分管领导") if without_head else "",
        {
            "text": _validity(unit),
            "sub": _("由%(unit)s承接", unit=unit_name(unit.successor_id)) if unit.successor_id else "",
        },
        phones.get(unit.id, ""),
    ]


def _person_row(person: Person, post: Membership) -> list[Any]:
    return [
        {"text": person.name, "href": url_for("admin.person", person_id=person.id), "sub": person.account},
        label("role", post.role) + (f" · {_('分管领导')}" if post.is_head else ""),
        span(post.from_on, post.to_on),
        person.phone or "",
    ]
