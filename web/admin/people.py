"""The list of people, and adding one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.admin.blueprint import Answer, blueprint
from web.admin.naming import post_words
from web.admin.typed import NOTHING_REFUSED, Refusal, refusal_of
from web.language import _
from workflow.errors import InvalidInput
from workflow.lists.people import KINDS, LONGEST_SEARCH, PersonLine, people_matching
from workflow.lists.people import people as people_of_kind
from workflow.people.accounts import RESET_CODE_HOURS, issue_reset_code
from workflow.people.persons import PersonParticulars, add_person
from workflow.people.trail import Signature


@blueprint.get("/admin/people")
@audience("administrator")
def people() -> str:
    text = " ".join(request.args.get("q", "").split())[:LONGEST_SEARCH]
    kind = request.args.get("kind", KINDS[0])
    kind = kind if kind in KINDS else KINDS[0]
    after = request.args.get("after") or None
    with edge.reading() as session:
        if text:
            page = people_matching(session, edge.today(), text, after=after)
        else:
            page = people_of_kind(session, edge.today(), kind, after=after)
    here: dict[str, Any] = {"q": text} if text else {"kind": kind}
    return render_template(
        "admin/people.html",
        rows=[_row(each) for each in page.rows],
        text=text,
        kinds=_kinds("" if text else kind),
        first_url=url_for("admin.people", **here) if after else "",
        next_url=url_for("admin.people", **here, after=page.next) if page.next else "",
    )


@blueprint.get("/admin/people/new")
@audience("administrator")
def new_person() -> str:
    return _form(NOTHING_REFUSED)


@blueprint.post("/admin/people/new")
@audience("administrator")
def add() -> str | Answer | Response:
    """Add a person; her one-time code stands on the answer itself and nowhere else."""
    typed = PersonParticulars(
        **{name: request.form.get(name, "") for name in ("account", "name", "phone", "email")}
    )
    by = Signature(edge.actor(), edge.now())
    try:
        with edge.writing() as session:
            person = add_person(session, typed, by=by)
            code = issue_reset_code(session, person, by)
            person_id, name, account = person.id, person.name, person.account
            session.commit()
    except InvalidInput as error:
        return _form(refusal_of("person", error)), 422
    return code_page(person_id, name, account, code, is_new=True)


def code_page(person_id: int, name: str, account: str, code: str, *, is_new: bool) -> str:
    """The one-time code. Not a redirect: a code that travels in an address or a cookie is kept somewhere."""
    return render_template(
        "admin/code.html",
        person_url=url_for("admin.person", person_id=person_id),
        name=name,
        account=account,
        code=code,
        is_new=is_new,
        hours=RESET_CODE_HOURS,
        address=url_for("auth.reset_form", _external=True),
    )


def state_words(person: PersonLine) -> str:
    if person.disabled_at is not None:
        return _("已停用")
    if person.has_password:
        return _("可登录")
    waits = person.code_until is not None and person.code_until > edge.now()
    return _("待用验证码设置密码") if waits else _("没有密码，验证码已过期")


def _form(refusal: Refusal) -> str:
    return render_template("admin/person_new.html", refusal=refusal)


def _kinds(chosen: str) -> list[tuple[str, str, bool, None]]:
    names: Mapping[str, str] = {
        "officers": _("机构人员"),
        "applicants": _("申报单位人员"),
        "unposted": _("没有任职"),
        "disabled": _("已停用"),
    }
    return [(names[kind], url_for("admin.people", kind=kind), kind == chosen, None) for kind in KINDS]


def _row(person: PersonLine) -> list[Any]:
    first, *others = [post_words(post) for post in person.posts] or [_("没有任职")]
    return [
        person.account,
        {"text": person.name, "href": url_for("admin.person", person_id=person.person_id)},
        {"text": first, "sub": _("；").join(others)},
        {"text": person.phone or "", "sub": person.email or ""},
        state_words(person),
    ]
