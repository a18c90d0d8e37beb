"""One person: particulars, posts, access, and the trail of what was done to the account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.admin.blueprint import Answer, blueprint
from web.admin.naming import post_words, span, trail_event
from web.admin.people import code_page, state_words
from web.admin.typed import NOTHING_REFUSED, Refusal, day_or_open, refusal_of, wanted_day
from web.errors import status_of
from web.language import _, label, moment, unit_name
from web.numbers import whole_number
from workflow.errors import InvalidInput, NotFound, Reason, Refused
from workflow.lists.people import PersonLine, PostLine, person_line
from workflow.people.accounts import reset_by_administrator
from workflow.people.memberships import APPLICANT, ROLE_UNITS, add_membership, end_membership
from workflow.people.organisations import organisation_by_code
from workflow.people.persons import correct_person, disable_person, enable_person
from workflow.people.trail import Signature, trail_of
from workflow.storage.people import Person


@blueprint.get("/admin/people/<int:person_id>")
@audience("administrator")
def person(person_id: int) -> str:
    return _page(person_id, NOTHING_REFUSED)


@blueprint.post("/admin/people/<int:person_id>/posts")
@audience("administrator")
def add_post(person_id: int) -> Answer | Response:
    """A post in a unit, or for an organisation: the form says which by its name."""
    form = "organisation" if request.form.get("form") == "organisation" else "post"
    try:
        from_on, to_on = wanted_day("from_on"), day_or_open("to_on")
        with _writing() as (session, by):
            add_membership(
                session, person_id, from_on=from_on, to_on=to_on, by=by, **_place_typed(session, form)
            )
            session.commit()
    except InvalidInput as error:
        return _page(person_id, refusal_of(form, error)), 422
    edge.tell(_("已添加任职，自生效之日起按新任职办理。"))
    return edge.see_other(url_for("admin.person", person_id=person_id))


@blueprint.post("/admin/people/<int:person_id>/posts/<int:membership_id>/end")
@audience("administrator")
def end_post(person_id: int, membership_id: int) -> Answer | Response:
    try:
        to_on = wanted_day("to_on")
        with _writing() as (session, by):
            if end_membership(session, membership_id, to_on, by).person_id != person_id:
                raise NotFound(Reason("not_found"))
            session.commit()
    except (InvalidInput, Refused) as error:
        return _page(person_id, refusal_of(f"end-{membership_id}", error)), status_of(error)
    edge.tell(_("已登记任职的最后一天。其承办的办件请由分管领导转办。"))
    return edge.see_other(url_for("admin.person", person_id=person_id))


@blueprint.post("/admin/people/<int:person_id>")
@audience("administrator")
def correct(person_id: int) -> Answer | Response:
    typed = {name: request.form.get(name, "") for name in ("name", "phone", "email")}
    try:
        with _writing() as (session, by):
            correct_person(session, person_id, by=by, **typed)
            session.commit()
    except InvalidInput as error:
        return _page(person_id, refusal_of("correct", error)), 422
    edge.tell(_("资料已更正。"))
    return edge.see_other(url_for("admin.person", person_id=person_id))


@blueprint.post("/admin/people/<int:person_id>/reset")
@audience("administrator")
def reset(person_id: int) -> str | Answer:
    """Take the password away; the code stands on the answer itself and nowhere else."""
    try:
        with _writing() as (session, by):
            code = reset_by_administrator(session, person_id, by.actor, by.at)
            owner = session.get_one(Person, person_id)
            name, account = owner.name, owner.account
            session.commit()
    except Refused as error:
        return _page(person_id, refusal_of("reset", error)), status_of(error)
    return code_page(person_id, name, account, code, is_new=False)


@blueprint.post("/admin/people/<int:person_id>/disable")
@audience("administrator")
def disable(person_id: int) -> Answer | Response:
    try:
        with _writing() as (session, by):
            disable_person(session, person_id, edge.today(), by)
            session.commit()
    except Refused as error:
        return _page(person_id, refusal_of("disable", error)), status_of(error)
    edge.tell(_("账户已停用，其登录已全部退出。"))
    return edge.see_other(url_for("admin.person", person_id=person_id))


@blueprint.post("/admin/people/<int:person_id>/enable")
@audience("administrator")
def enable(person_id: int) -> Response:
    with _writing() as (session, by):
        enable_person(session, person_id, by)
        session.commit()
    edge.tell(_("账户已重新启用。"))
    return edge.see_other(url_for("admin.person", person_id=person_id))


@contextmanager
def _writing() -> Iterator[tuple[Session, Signature]]:
    with edge.writing() as session:
        yield session, Signature(edge.actor(), edge.now())


def _place_typed(session: Session, form: str) -> dict[str, Any]:
    if form == "post":
        return {
            "role": request.form.get("role", ""),
            "unit_id": request.form.get("unit", type=whole_number),
            "is_head": request.form.get("is_head") == "yes",
        }
    code = request.form.get("organisation", "").strip()
    if not code:
        raise InvalidInput(Reason("administration.code_wanted", {}, "organisation"))
    found = organisation_by_code(session, code)
    if found is None:
        raise InvalidInput(Reason("administration.no_such_organisation", {"code": code}, "organisation"))
    return {"role": APPLICANT, "organisation_id": found.id}


def _page(person_id: int, refusal: Refusal) -> str:
    with edge.reading() as session:
        shown = person_line(session, person_id)
        trail = [trail_event(line) for line in trail_of(session, person_id)]
    return render_template(
        "admin/person.html",
        person=shown,
        particulars=_particulars(shown),
        posts=[_post_row(post) for post in shown.posts],
        open_posts=[(post, post_words(post)) for post in shown.posts if _lasts(post)],
        trail=trail,
        units=_units(),
        roles=[(role, label("role", role)) for role in ROLE_UNITS],
        first_day=edge.today().isoformat(),
        refusal=refusal,
    )


def _particulars(person: PersonLine) -> list[tuple[str, Any]]:
    until = person.code_until
    waits = not (person.has_password or person.disabled_at) and until is not None and until > edge.now()
    return [
        (_("账号"), person.account),
        (_("姓名"), person.name),
        (_("电话"), person.phone or _("未填写")),
        (_("电子邮箱"), person.email or _("未填写，收不到邮件提醒")),
        (
            _("登录"),
            {
                "text": state_words(person),
                "sub": _("验证码 %(when)s 前有效", when=moment(until)) if waits and until else "",
            },
        ),
    ]


def _post_row(post: PostLine) -> list[Any]:
    return [post_words(post), span(post.from_on, post.to_on), "" if _lasts(post) else _("已结束")]


def _lasts(post: PostLine) -> bool:
    return post.to_on is None or post.to_on >= edge.today()


def _units() -> list[tuple[int, str]]:
    """The units one can still be appointed to, townships last as they are many."""
    today = edge.today()
    there = [u for u in edge.reference().units.values() if u.valid_to is None or u.valid_to >= today]
    ordered = sorted(there, key=lambda unit: (unit.kind == "township", unit.code))
    return [(unit.id, unit_name(unit.id)) for unit in ordered]
