"""Rows of the district's lists: a case with who holds it, how late it is and whether it may be referred."""

from __future__ import annotations

from typing import Any

from flask import url_for

from web import edge
from web.applicant.naming import Names
from web.due import due_cell
from web.language import _, _n, label, locale
from workflow import catalogue
from workflow.lists.overview import DistrictRow, OpenReferral
from workflow.process.scope import APPLICATION

Cell = str | dict[str, Any]
Column = tuple[str, str]


def columns() -> list[Column]:
    titles = (_("时限"), _("办件"), _("环节"), _("机构 · 承办人"), _("移送"), "")
    return [(title, "") for title in titles]


def district_rows(rows: tuple[DistrictRow, ...], names: Names) -> list[list[Cell]]:
    # Addresses of a table are built from one prefix: url_for for each cell would cost more than the query.
    applications, referrals = url_for("office.applications"), url_for("referrals.index")
    drafts = url_for("referrals.draft") if "joint_meeting_officer" in edge.actor().roles else None
    return [_row(row, names, applications, referrals, drafts) for row in rows]


def _row(row: DistrictRow, names: Names, applications: str, referrals: str, drafts: str | None) -> list[Cell]:
    is_application = row.process == APPLICATION
    href = f"{applications if is_application else referrals}/{row.case_id}"
    number = row.number or _("移送（尚未编号）")
    act: Cell = {"act": _("查看"), "href": href, "name": number}
    if row.suggested and drafts is not None:
        act = {"act": _("拟移送"), "href": f"{drafts}?application={row.case_id}", "name": number}
    return [
        due_cell(row.due_on, row.level),
        {"text": number, "href": href, "sub": _about(row, names)},
        catalogue.sentence(row.state_label, locale()),
        _holder(row),
        _referring(row, referrals),
        act,
    ]


def _holder(row: DistrictRow) -> Cell:
    # In whose hands her own firm's case is, she is not told; nor that it is in nobody's.
    untaken = "" if row.is_outsider else label("hands", "untaken")
    return {"text": row.unit, "sub": row.handler or untaken}


def _about(row: DistrictRow, names: Names) -> str:
    if row.line is None:
        return _("效能移送")
    return " · ".join([row.organisation or "", names.line(row.line)])


def referral_words(row: DistrictRow) -> str:
    """Whether its referral was sent or is a draft, and about whom, where that is not who is late now."""
    if row.referral is None:
        return ""
    said = _("拟移送，待审签") if row.referral.is_draft else _("移送在办")
    if row.referral.about_unit_id == row.unit_id:
        return said
    return _("%(said)s（涉及%(unit)s）", said=said, unit=row.referral.about_unit)


def _late_draft(referral: OpenReferral) -> str:
    is_late = referral.is_draft and referral.days_late
    return _n("审签已超期 %(num)d 日", referral.days_late) if is_late else ""


def _referring(row: DistrictRow, referrals: str) -> Cell:
    """What is with a referral: one runs, one is suggested, or the case was late before."""
    if row.referral is not None:
        href = f"{referrals}/{row.referral_id}"
        return {"text": referral_words(row), "href": href, "sub": _late_draft(row.referral)}
    if row.suggested:
        return {"level": "red", "words": _("建议移送")}
    return _("此前曾超期") if row.was_late else ""
