"""问题线索移送函: the letter by which a referral goes to the efficiency office, to print and seal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from flask import render_template
from sqlalchemy.orm import Session

from web import edge
from web.access import audience
from web.language import _, label, unit_name
from web.official import official_name, paper_day
from web.referrals.blueprint import ALL_REFERRALS, blueprint
from web.referrals.desk import Desk, desk_of
from web.referrals.ground import as_signed, limit_columns, limit_rows, measures, step_words
from workflow.clock.days import shanghai_day

SENDING = "sign"


class Section(NamedTuple):
    """One numbered part of the letter; one of them has the table of limits under it."""

    title: str
    lines: list[str]
    has_table: bool = False


@blueprint.get("/referrals/<int:case_id>/letter")
@audience(*ALL_REFERRALS)
def letter(case_id: int) -> str:
    with edge.reading() as session:
        desk = _as_signed(session, desk_of(session, case_id))
        issuer = official_name(session, _office("joint_meeting_office"))
    return render_template(
        "referrals/letter.html",
        case_id=case_id,
        issuer=issuer,
        addressee=_("%(office)s：", office=_office("efficiency_office")),
        number=desk.page.head.number or _("（未审签，尚未编号）"),
        day=_day(desk),
        sections=list(zip(_("一 二 三 四 五 六").split(), _sections(desk), strict=False)),
        columns=limit_columns(),
        rows=limit_rows(desk.ground) if desk.ground else [],
        contact=_drafter(desk),
    )


def _as_signed(session: Session, desk: Desk) -> Desk:
    """What was signed stays what it was, whatever the record says since; a draft goes with the record."""
    signed_at = _signed_at(desk)
    if signed_at is None or desk.ground is None:
        return desk
    return replace(desk, ground=as_signed(session, desk.ground, signed_at))


def _sections(desk: Desk) -> list[Section]:
    part, ground = desk.referral, desk.ground
    about = [part.about_unit, " ".join(filter(None, [part.about_person, desk.post]))]
    sections = [
        Section(_("线索来源"), [_source(desk), *(part.clue or "").splitlines()]),
        Section(_("涉及机构和人员"), [_("，").join(filter(None, about))]),
        Section(_("问题类型"), [label("problem", part.problem)]),
        Section(_("事实经过"), part.account_of_facts.splitlines()),
    ]
    if ground is not None:
        step = [_("依据环节：%(step)s。", step=step_words(ground.stop, ground))] if ground.stop else []
        sections.append(Section(_("时限对照"), step, has_table=True))
        sections.append(Section(_("已采取的措施"), measures(ground) or [_("无。")]))
    return sections


def _source(desk: Desk) -> str:
    if desk.ground is None:
        return _("本办公室收到的问题线索。")
    return _(
        "奖励申请 %(number)s（%(organisation)s）的办理监督。",
        number=desk.ground.number, organisation=desk.ground.organisation,
    )  # fmt: skip


def _drafter(desk: Desk) -> str:
    opened = desk.page.events[-1]
    return " ".join(filter(None, [opened.unit, opened.actor]))


def _day(desk: Desk) -> str:
    signed_at = _signed_at(desk)
    return paper_day(shanghai_day(signed_at)) if signed_at else ""


def _signed_at(desk: Desk) -> datetime | None:
    return next((event.at for event in desk.page.events if event.action == SENDING), None)


def _office(kind: str) -> str:
    return unit_name(edge.reference().unit_of_kind(kind, edge.today()))
