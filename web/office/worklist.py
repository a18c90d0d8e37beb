"""The worklist (待办): what an office has to do, by due day, with the numbers that lead to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import edge
from web.access import audience
from web.applicant.naming import names_of_lines
from web.language import _, label, wan
from web.office.blueprint import OFFICES, blueprint
from web.office.rows import TAKE_ON, Listing, may_be_taken_on, work_row
from web.office.wanted import Wanted, wanted_part
from web.office.worklist_words import bucket_label, emptiness, greeting, reason_to_be_here, tiles
from workflow.clock.alerts import Bucket
from workflow.lists.budget import BudgetLine, budget_of
from workflow.lists.notices import NOTICES
from workflow.lists.paging import CAP, spoken_count
from workflow.lists.sections import section_counts
from workflow.lists.trials import Year, trials_of
from workflow.lists.worklist import BucketCounts, Hands, WorkRow, bucket_counts
from workflow.lists.worklist import worklist as work_rows
from workflow.storage.cases import Application
from workflow.storage.money import Payment


@blueprint.get("/worklist")
@audience(*OFFICES)
def worklist() -> str:
    wanted, actor, today = wanted_part(), edge.actor(), edge.today()
    reviews, pays = "bureau_reviewer" in actor.roles, "finance_officer" in actor.roles
    with edge.reading() as session:
        counts = bucket_counts(session, actor, edge.reference(), today)
        sections = section_counts(session, actor)
        page = work_rows(
            session, actor, edge.reference(), today,
            bucket=wanted.bucket, hands=wanted.hands, section=wanted.section, after=wanted.after,
        )  # fmt: skip
        to_confirm = _to_confirm(session, page.rows) if pays else frozenset()
        listing = Listing(
            names=names_of_lines(session),
            prefix=url_for("office.applications"),
            granted=_granted(session, page.rows),
            tried=_tried(session, page.rows) if reviews else None,
            to_confirm=to_confirm,
            ticks=any(may_be_taken_on(row, to_confirm) for row in page.rows),
        )
        money = budget_of(session, today.year) if pays else None
    return render_template(
        "office/worklist.html",
        title=_("%(greeting)s，%(why)s", greeting=greeting(), why=reason_to_be_here(counts)),
        tiles=tiles(counts),
        part=bucket_label(wanted.bucket) if wanted.bucket else "",
        whole_url=Wanted().url(),
        hands=_hands_tabs(wanted),
        sections=_section_tabs(wanted, sections),
        columns=_columns(with_trial=reviews, with_ticks=listing.ticks),
        take_on=TAKE_ON if listing.ticks else "",
        here=wanted.url(str(wanted.after) if wanted.after else None),
        rows=[work_row(row, listing) for row in page.rows],
        empty=emptiness(wanted, counts),
        words=_pager_words(wanted, len(page.rows), counts),
        first_url=wanted.url() if wanted.after else "",
        next_url=wanted.url(page.next) if page.next else "",
        budget=_budget(money) if money else None,
        notices_url=url_for("office.notices") if NOTICES in sections else "",
    )


def _granted(session: Session, rows: Sequence[WorkRow]) -> dict[int, int]:
    """What was approved on each application of the page on which something was."""
    approved = select(Application.case_id, Application.approved_yuan).where(
        Application.case_id.in_([row.case_id for row in rows]), Application.approved_at.is_not(None)
    )
    return {row.case_id: row.approved_yuan for row in session.execute(approved)}


def _to_confirm(session: Session, rows: Sequence[WorkRow]) -> frozenset[int]:
    """The cases of the page whose payment a colleague prepared: maker and checker differ."""
    prepared = select(Payment.case_id).where(
        Payment.case_id.in_([row.case_id for row in rows]),
        Payment.status == "prepared",
        Payment.prepared_by_id != edge.actor().person_id,
    )
    return frozenset(session.scalars(prepared))


def _tried(session: Session, rows: Sequence[WorkRow]) -> dict[int, int]:
    """What the adopted reading would grant each application on the page that has a living claim."""
    years = {Year(each.organisation_id or 0, each.award_year or 0) for each in rows}
    found = trials_of(session, years, edge.today())
    return {
        each.case_id: found[each.case_id].adopted_yuan(each.case_id) for each in rows if each.case_id in found
    }


def _hands_tabs(wanted: Wanted) -> list[tuple[str, str, bool, None]]:
    names = {None: _("全部"), Hands.MINE: _("我的"), Hands.UNTAKEN: _("未认领")}
    return [(name, wanted.url(hands=hands), wanted.hands is hands, None) for hands, name in names.items()]


def _section_tabs(wanted: Wanted, counts: Mapping[str, int]) -> list[tuple[str, str, bool, str | None]]:
    if not counts:
        return []
    everything = (_("全部环节"), wanted.url(section=None), wanted.section is None, None)
    parts = [
        (label("section", name), wanted.url(section=name), wanted.section == name, spoken_count(count))
        for name, count in counts.items()
    ]
    return [everything, *parts]


def _columns(*, with_trial: bool, with_ticks: bool) -> list[tuple[str, str]]:
    columns = [
        (_("时限"), ""), (_("申请件"), ""), (_("申报单位 / 奖项"), ""), (_("环节"), ""), (_("承办人"), ""),
        (_("金额"), "number"),
    ]  # fmt: skip
    ticks, trial = [(_("选择"), "")], [(_("试算金额"), "number")]
    return [*(ticks if with_ticks else []), *columns, *(trial if with_trial else []), ("", "")]


def _pager_words(wanted: Wanted, shown: int, counts: BucketCounts) -> str:
    """How many are on the page, and of how many where that was counted."""
    if wanted.hands or wanted.section:
        return _("按时限排序 · 本页 %(shown)s 件", shown=shown)
    buckets = [wanted.bucket] if wanted.bucket else [each for each in Bucket if each is not Bucket.WAITING]
    # A count that stopped says so, whatever is added to it.
    total = min(sum(counts.by_bucket[bucket] for bucket in buckets), CAP + 1)
    return _("按时限排序 · 本页 %(shown)s 件，共 %(total)s 件", shown=shown, total=spoken_count(total))


def _budget(money: BudgetLine) -> dict[str, Any] | None:
    if money.amount_yuan is None or money.left_yuan is None:
        return None
    return {
        "label": _("%(year)s 年度预算 %(amount)s", year=money.year, amount=wan(money.amount_yuan)),
        "used": money.reserved_yuan,
        "whole": money.amount_yuan,
        "words": _(
            "已核定 %(reserved)s，其中已拨付 %(paid)s，余额 %(left)s",
            reserved=wan(money.reserved_yuan), paid=wan(money.paid_yuan), left=wan(money.left_yuan),
        ),
    }  # fmt: skip
