"""Home of applicants: what waits for them first, their applications as cards, their drafts."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from web import edge
from web.access import audience
from web.applicant.blueprint import blueprint
from web.applicant.naming import Names, names_of_lines
from web.applicant.way import short_nodes
from web.due import until, urgency
from web.language import _, day, locale, moment, wan
from web.numbers import whole_number
from workflow import catalogue
from workflow.lists.mine import Card, Draft, deleted_drafts, drafts, my_applications


@blueprint.get("/my")
@audience("applicant")
def home() -> str:
    after = request.args.get("after", type=whole_number)
    actor = edge.actor()
    with edge.reading() as session:
        names = names_of_lines(session)
        page = my_applications(session, actor, edge.reference(), edge.today(), after=after)
        begun = () if after else drafts(session, actor)
        deleted = () if after else deleted_drafts(session, actor)
    asked = [card for card in page.rows if card.waiting]
    return render_template(
        "applicant/home.html",
        title=_title(page.rows, begun, len(asked)),
        asked=[_card(card, names) for card in asked],
        cards=[_card(card, names) for card in page.rows if not card.waiting],
        drafts=[_draft(draft, names) for draft in begun],
        deleted=[_deleted(draft, names) for draft in deleted],
        first_url=url_for("applicant.home") if after else "",
        next_url=url_for("applicant.home", after=page.next) if page.next else "",
    )


def _title(cards: tuple[Card, ...], begun: tuple[Draft, ...], asked: int) -> str:
    if asked:
        return _("有 %(count)s 件申请等您补正", count=asked)
    running = sum(card.closed_at is None for card in cards)
    if running:
        return _("您有 %(count)s 件申请正在办理", count=running)
    if begun:
        return _("您有 %(count)s 份草稿尚未提交", count=len(begun))
    return _("我的申请") if cards else _("您还没有申请过奖励")


def _card(card: Card, names: Names) -> dict[str, Any]:
    return {
        "title": names.line(card.line),
        "href": url_for("applicant.application", case_id=card.case_id),
        "number": card.number or "",
        "facts": _facts(card),
        "level": "" if card.closed_at else card.level.replace("none", ""),
        "words": _standing(card),
        "nodes": short_nodes(card.track),
        "holder": _holder(card),
        "waiting": _waiting(card),
        "ask_href": url_for("applicant.correct", case_id=card.case_id),
        "ask_label": _("去补正"),
    }


def _facts(card: Card) -> str:
    parts = [_("%(year)s 年度", year=card.award_year)] if card.award_year else []
    parts.append(_("申报 %(amount)s", amount=wan(card.amount_yuan)))
    if card.approved_yuan:
        parts.append(_("核定 %(amount)s", amount=wan(card.approved_yuan)))
    if card.paid_yuan:
        parts.append(_("已拨付 %(amount)s", amount=wan(card.paid_yuan)))
    if len(edge.actor().organisation_ids) > 1:
        parts.insert(0, card.organisation)
    return " · ".join(parts)


def _standing(card: Card) -> str:
    state = catalogue.sentence(card.state_label, locale())
    if card.closed_at or card.due_on is None:
        return state
    return urgency(card.due_on, card.level) or state


def _holder(card: Card) -> str:
    state = catalogue.sentence(card.state_label, locale())
    if card.closed_at or card.waiting or not card.holder:
        return ""
    if card.due_on is None:
        return _("%(state)s：%(unit)s", state=state, unit=card.holder)
    return _("%(state)s：%(unit)s，%(until)s", state=state, unit=card.holder, until=until(card))


def _waiting(card: Card) -> str:
    if not card.waiting:
        return ""
    count = len(card.defects)
    if card.due_on is None:
        return _("请补正 %(count)s 项内容。", count=count)
    return _("请于 %(day)s前补正 %(count)s 项内容，逾期视为撤回。", day=day(card.due_on), count=count)


def _deleted(draft: Draft, names: Names) -> list[Any]:
    href = url_for("applicant.application", case_id=draft.case_id)
    cells = _draft(draft, names)[:-1]
    return [{**cells[0], "href": href}, *cells[1:]]


def _draft(draft: Draft, names: Names) -> list[Any]:
    return [
        {
            "text": names.line(draft.line),
            "href": url_for("applicant.facts", case_id=draft.case_id),
            "sub": draft.organisation,
        },
        {"yuan": draft.amount_yuan},
        moment(draft.opened_at),
        {
            "act": _("继续填写"),
            "href": url_for("applicant.facts", case_id=draft.case_id),
            "name": names.line(draft.line),
        },
    ]
