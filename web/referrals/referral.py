"""The page of one referral: about whom, where it stands and why, what has happened, what can be done."""

from __future__ import annotations

from flask import render_template, url_for

from web import edge
from web.access import audience
from web.cases.cards import Attempt, cards, leftover
from web.cases.history import timeline
from web.cases.standing import faults, overtaken, standing
from web.due import until
from web.language import _, label
from web.navigation import case_url
from web.referrals.blueprint import ALL_REFERRALS, READERS, blueprint
from web.referrals.desk import Desk, desk_of
from web.referrals.ground import limit_columns, limit_rows, measures, step_words

Pair = tuple[str, str | dict[str, str]]


@blueprint.get("/referrals/<int:case_id>")
@audience(*READERS)
def referral(case_id: int) -> str:
    return page_of(case_id)


def page_of(case_id: int, attempt: Attempt | None = None) -> str:
    """The page, after a refused action with what was typed. Raises NotFound out of scope."""
    with edge.reading() as session:
        desk = desk_of(session, case_id)
    ground = desk.ground
    return render_template(
        "referrals/referral.html",
        **standing(desk.page),
        case_id=case_id,
        version=desk.page.head.version,
        title=_title(desk),
        lead=_lead(desk),
        facts=_facts(desk),
        account=desk.referral.account_of_facts.splitlines(),
        clue=(desk.referral.clue or "").splitlines(),
        outcome=_outcome(desk),
        measures=measures(ground) if ground else [],
        columns=limit_columns(),
        rows=limit_rows(ground) if ground else [],
        events=timeline(desk.page),
        cards=cards(desk, attempt),
        leftover=leftover(desk, attempt),
        errors=faults(attempt),
        overtaken=overtaken(attempt),
        letter=_letter(desk),
    )


def _title(desk: Desk) -> str:
    return _(
        "移送：%(unit)s · %(problem)s",
        unit=desk.referral.about_unit, problem=label("problem", desk.referral.problem),
    )  # fmt: skip


def _lead(desk: Desk) -> str:
    head, ground = desk.page.head, desk.ground
    held = "" if head.closed_at else " · ".join(filter(None, [head.unit, head.handler]))
    about = ground.organisation if ground else ("" if desk.page.links else _("不涉及申请件的问题线索"))
    return " · ".join(filter(None, [head.number or _("尚未编号"), about, held]))


def _facts(desk: Desk) -> list[Pair]:
    part = desk.referral
    pairs: list[Pair] = [
        (_("被反映机构"), part.about_unit),
        (_("被反映人员"), {"text": part.about_person or _("未指明"), "sub": desk.post}),
        (_("问题类型"), label("problem", part.problem)),
    ]
    if desk.ground is not None and desk.ground.stop is not None:
        pairs.append((_("依据环节"), step_words(desk.ground.stop, desk.ground)))
    pairs += [(_("申请件"), _application(desk))] if desk.page.links else []
    return pairs


def _application(desk: Desk) -> dict[str, str]:
    """The application with where it stands now: it goes on whatever becomes of the referral."""
    link = desk.page.links[0]
    state = _("现为“%(state)s”", state=label("state", link.state))
    head, ground = desk.page.head, desk.ground
    is_draft = head.number is None and head.closed_at is None
    goes_along = _("审签后一并转入效能办") if is_draft and ground and ground.goes_along else ""
    return {
        "text": " ".join(filter(None, [link.number, link.organisation])),
        "href": case_url(link.case_id),
        "sub": " · ".join(filter(None, [state, until(link), goes_along])),
    }


def _outcome(desk: Desk) -> list[Pair]:
    """What was found and decided; who may not read it only learns that it has been."""
    part = desk.referral
    pairs: list[Pair] = []
    kept = _("已作出，由效能办和有关负责人查阅")
    if part.has_finding:
        words = label("finding", part.finding) if part.finding else kept
        pairs.append((_("核查结论"), words))
    if part.has_decision:
        pairs.append((_("处理决定"), part.decision or kept))
    return pairs


def _letter(desk: Desk) -> str:
    """The address of the letter; it says the clue, so the unit it is about does not read it."""
    reads = not edge.actor().roles.isdisjoint(ALL_REFERRALS)
    return url_for("referrals.letter", case_id=desk.page.head.case_id) if reads else ""
