"""Choosing the award: the list by item, level and role, and one line's page before its form is begun."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.applicant.blueprint import FILLERS, blueprint
from web.applicant.scope import is_own, organisation_for, own_organisations
from web.errors import status_of
from web.language import _, day_with_year, label, locale, say, sentences
from web.numbers import whole_number
from workflow import catalogue
from workflow.applications.drafts import start_draft
from workflow.applications.outlook import Offer, Outlook, offers, outlook
from workflow.errors import Refused
from workflow.lists.mine import drafts
from workflow.policy.facts import date_field
from workflow.policy.rulings import shown_clause
from workflow.policy.terms import AwardLine, Policy
from workflow.storage.people import Organisation

Answer = tuple[str, int]

FILTERS = ("item", "level", "role")


@blueprint.get("/awards")
@audience(*FILLERS)
def awards() -> str | Response:
    wanted = _wanted_organisation()
    if wanted is None:
        return edge.see_other(url_for("applicant.enter"))
    with edge.reading() as session:
        organisation = organisation_for(session, wanted)
        offered = offers(session, organisation, edge.today())
    chosen = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    shown = [offer for offer in offered if all(_trait(offer.line, name) == chosen[name] for name in chosen)]
    return render_template(
        "applicant/awards.html",
        organisation=organisation,
        own=own_organisations(),
        filters=[_filter(name, offered, chosen, organisation) for name in FILTERS],
        groups=_groups(shown, organisation),
        documents=[_document(offer) for offer in _first_of_each_policy(offered)],
        count=len(shown),
        sum_yuan=sum(offer.line.amount_yuan for offer in shown),
        is_filtered=bool(chosen),
        all_url=url_for("applicant.awards", organisation=organisation.id),
    )


@blueprint.get("/awards/<line>")
@audience(*FILLERS)
def award(line: str) -> str | Response:
    return _award_page(line)


@blueprint.post("/awards/<line>/start")
@audience(*FILLERS)
def start(line: str) -> Answer | Response:
    """Begin a draft on the line and go to its first page."""
    organisation_id = request.form.get("organisation", type=whole_number)
    try:
        with edge.writing() as session:
            organisation_for(session, organisation_id)
            case = start_draft(
                session,
                edge.actor(),
                organisation_id or 0,
                line,
                now=edge.now(),
                originals_seen=request.form.get("originals_seen") == "yes",
            )
            case_id = case.id
            session.commit()
    except Refused as error:
        return _award_page(line, error, organisation_id), status_of(error)
    return edge.see_other(url_for("applicant.facts", case_id=case_id))


def _award_page(line: str, error: Refused | None = None, organisation_id: int | None = None) -> str:
    wanted = organisation_id or _wanted_organisation()
    day, misread = _day_asked_for()
    with edge.reading() as session:
        organisation = organisation_for(session, wanted)
        found = outlook(session, organisation, line, edge.today(), day)
        begun = _drafts_on(session, organisation, found.line)
    return render_template(
        "applicant/award.html",
        organisation=organisation,
        is_own=is_own(organisation.id),
        line=found.line,
        policy=found.policy,
        name=found.line.name.text(locale()),
        level=_level(found.line),
        role=label("policy.role", found.line.role),
        once=label("policy.once_per", found.line.once_per),
        clause=shown_clause(found.line, found.policy),
        document=found.policy.document.title.text(locale()),
        recipients=_("、").join(label("organisation_kind", kind) for kind in found.line.recipients),
        date_label=_date_label(found.line, found.policy),
        required=[each.name.text(locale()) for each in found.line.evidence if each.required],
        optional=[each.name.text(locale()) for each in found.line.evidence if not each.required],
        asked_day=request.args.get("awarded_on", ""),
        misread=misread,
        day=day,
        prospects=_prospects(found),
        reading=label("policy.reading", found.policy.reading),
        reading_explained=label("policy.reading_explained", found.policy.reading),
        reasons=[say(reason) for reason in found.reasons],
        drafts=begun,
        back_url=url_for("applicant.awards", organisation=organisation.id),
        error=sentences(error) if error else [],
    )


def _wanted_organisation() -> int | None:
    """The organisation named in the address, else her own; None for an officer who has not chosen one."""
    named = request.args.get("organisation", type=whole_number)
    own = own_organisations()
    return named or (own[0].value if own else None)


def _day_asked_for() -> tuple[date | None, str]:
    typed = request.args.get("awarded_on", "").strip()
    if not typed:
        return None, ""
    try:
        return date.fromisoformat(typed), ""
    except ValueError:
        return None, _("请按“年-月-日”填写日期，例如 2021-02-08。")


def _drafts_on(session: Session, organisation: Organisation, line: AwardLine) -> list[str]:
    """Where her drafts on the same line go on."""
    return [
        url_for("applicant.facts", case_id=draft.case_id)
        for draft in drafts(session, edge.actor())
        if draft.line == line.code and draft.organisation_id == organisation.id
    ]


def _prospects(found: Outlook) -> list[tuple[str, int, str]]:
    """(year, yuan payable, why) for each year in which the highest-only rule has something to say."""
    return [
        (
            _("%(year)s 年度", year=each.year),
            each.entitled.payable_yuan,
            say(each.entitled.reason),
        )
        for each in found.prospects
    ]


def _date_label(line: AwardLine, policy: Policy) -> str:
    field = line.field(date_field(line, policy))
    assert field is not None, "every line has the field of its date"
    return field.label.text(locale())


def _trait(line: AwardLine, name: str) -> str:
    return str(getattr(line, name))


def _filter(
    name: str, offered: Sequence[Offer], chosen: dict[str, str], organisation: Organisation
) -> dict[str, Any]:
    """One row of links; each keeps the other filters."""
    others = {key: value for key, value in chosen.items() if key != name}
    values = dict.fromkeys(_trait(offer.line, name) for offer in offered)
    links = [(_("全部"), _list_url(organisation, others), name not in chosen)]
    links += [
        (_named(name, value), _list_url(organisation, {**others, name: value}), chosen.get(name) == value)
        for value in values
    ]
    titles = {"item": _("条目"), "level": _("级别"), "role": _("身份")}
    return {"title": titles[name], "links": links}


def _list_url(organisation: Organisation, chosen: Mapping[str, Any]) -> str:
    return url_for("applicant.awards", organisation=organisation.id, **chosen)


def _named(name: str, value: str) -> str:
    if name == "item":
        return _("第 %(item)s 项", item=value)
    return label(f"policy.{name}", value)


def _level(line: AwardLine) -> str:
    return label("policy.level", line.level)


def _groups(shown: Iterable[Offer], organisation: Organisation) -> list[dict[str, Any]]:
    groups = []
    for _clause, members in groupby(shown, key=lambda offer: (offer.policy.code, offer.line.sub_clause)):
        rows = list(members)
        line, policy = rows[0].line, rows[0].policy
        groups.append(
            {
                "clause": line.clause,
                "kind": _group_name(line),
                "quote": shown_clause(line, policy),
                "highest_only": line.highest_only,
                "rows": [_row(offer, organisation) for offer in rows],
            }
        )
    return groups


def _group_name(line: AwardLine) -> str:
    """What the lines of one clause are about; a clause without a name of its own says what is rewarded."""
    named = catalogue.texts(locale()).get(f"policy.award_group.{line.sub_clause}")
    return named or label("policy.achievement_kind", line.achievement_kind)


def _row(offer: Offer, organisation: Organisation) -> dict[str, Any]:
    line = offer.line
    return {
        "name": line.name.text(locale()),
        "traits": f"{_level(line)} · {label('policy.role', line.role)}",
        "amount_yuan": line.amount_yuan,
        "url": url_for("applicant.award", line=line.code, organisation=organisation.id),
        "reasons": [say(reason) for reason in offer.reasons],
    }


def _first_of_each_policy(offered: Iterable[Offer]) -> list[Offer]:
    return list({offer.policy.code: offer for offer in reversed(list(offered))}.values())


def _document(offer: Offer) -> str:
    document, policy = offer.policy.document, offer.policy
    title = document.title.text(locale())
    if policy.valid_to is None:
        return _("%(title)s（%(first)s起施行）", title=title, first=day_with_year(policy.valid_from))
    return _(
        "%(title)s（%(first)s至%(last)s施行）",
        title=title,
        first=day_with_year(policy.valid_from),
        last=day_with_year(policy.valid_to),
    )
