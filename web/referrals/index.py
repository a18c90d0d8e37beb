"""The referrals by state; for the efficiency office also its home, with what else waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from web import edge
from web.access import audience
from web.applicant.naming import names_of_lines
from web.cases.waiting_acts import act_waited_for
from web.due import due_cell
from web.language import _, label, moment
from web.referrals.blueprint import ALL_REFERRALS, blueprint
from web.supervision.asked import url as district_url
from web.supervision.rows import columns as district_columns
from web.supervision.rows import district_rows
from workflow.lists.overview import Filters, Overview, district_list, overview, referrals_by_state
from workflow.lists.paging import Page, Place, spoken_count
from workflow.lists.referrals import (
    ReferralRow,
    closed_referrals,
    late_of_hers,
    open_referrals,
    open_states,
    running,
)
from workflow.lists.sections import section_counts
from workflow.process.disclosure import SUPERVISION
from workflow.referrals.rules import DRAFTED

Tile = dict[str, str]

RUNNING = "running"
CLOSED = "closed"
SHOWN_LATE = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which referrals were asked for: a state, all that run, the closed; without any all that are open."""

    state: str | None = None
    mine: bool = False

    def url(self, after: str | None = None) -> str:
        return url_for("referrals.index", state=self.state, mine="yes" if self.mine else None, after=after)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What waits: referrals by state, the district's overdue cases, applications without an order."""

    by_state: Mapping[str, int]
    running: int
    district: Overview
    to_order: int
    # Of what waits to be received or ordered.
    late: int


@blueprint.get("/referrals")
@audience(*ALL_REFERRALS)
def index() -> str:
    after, actor = Place.of(request.args.get("after")), edge.actor()
    receives = "efficiency_officer" in actor.roles
    with edge.reading() as session:
        states = open_states(session)
        wanted = _wanted(states)
        numbers = _numbers(session, states)
        page = _page(session, wanted, states, after)
        late = _late(session) if receives else []
    return render_template(
        "referrals/index.html",
        title=_headline(numbers),
        tiles=_tiles(numbers),
        tabs=_tabs(wanted, states, numbers),
        owners=_owners(wanted),
        columns=_columns(),
        rows=[_row(row, url_for("referrals.index")) for row in page.rows],
        words=_("本页 %(shown)s 件", shown=len(page.rows)),
        narrowed=wanted != Wanted(),
        mine=wanted.mine,
        first_url=wanted.url() if after else "",
        next_url=wanted.url(page.next) if page.next else "",
        drafts="joint_meeting_officer" in actor.roles,
        receives=receives,
        late=late,
        late_columns=district_columns(),
        late_url=district_url(),
        late_count=spoken_count(numbers.district.red),
    )


def _wanted(states: Sequence[str]) -> Wanted:
    state = request.args.get("state")
    known = {*states, RUNNING, CLOSED}
    return Wanted(state if state in known else None, request.args.get("mine") == "yes")


def _numbers(session: Session, states: Sequence[str]) -> Numbers:
    actor, reference, today = edge.actor(), edge.reference(), edge.today()
    by_state = referrals_by_state(session, actor)
    return Numbers(
        by_state=by_state,
        running=sum(by_state.get(state, 0) for state in running(states)),
        district=overview(session, actor, reference, today),
        to_order=section_counts(session, actor).get("to_order", 0),
        late=late_of_hers(session, actor, today, ("sent", SUPERVISION)),
    )


def _page(session: Session, wanted: Wanted, states: Sequence[str], after: Place | None) -> Page[ReferralRow]:
    actor, reference, today = edge.actor(), edge.reference(), edge.today()
    if wanted.state == CLOSED:
        return closed_referrals(session, actor, reference, today, after=after)
    several = {None: states, RUNNING: running(states)}
    asked_for = several.get(wanted.state, (wanted.state or "",))
    handler_id = actor.person_id if wanted.mine else None
    return open_referrals(session, actor, reference, today, asked_for, handler_id=handler_id, after=after)


def _late(session: Session) -> list[list[Any]]:
    page = district_list(session, edge.actor(), edge.reference(), edge.today(), Filters(), limit=SHOWN_LATE)
    return district_rows(page.rows, names_of_lines(session))


def _headline(numbers: Numbers) -> str:
    """Why she is here: what waits for her office, else how many referrals run."""
    roles, waiting = edge.actor().roles, []
    if "efficiency_officer" in roles:
        waiting = [
            (numbers.by_state.get("sent", 0), _("%(count)s 件移送待签收")),
            (numbers.to_order, _("%(count)s 件申请件待交办")),
        ]
    elif "joint_meeting_officer" in roles:
        waiting = [
            (numbers.district.suggested, _("%(count)s 件申请件建议移送")),
            (numbers.by_state.get(DRAFTED, 0), _("%(count)s 件拟移送待审签")),
        ]
    said = [words % {"count": spoken_count(count)} for count, words in waiting if count]
    if said and numbers.late:
        said.append(_("其中 %(count)s 件已超期", count=spoken_count(numbers.late)))
    if said:
        return _("有 %(what)s", what=_("，").join(said))
    return _("移送在办 %(count)s 件", count=numbers.running) if numbers.running else _("没有在办的移送")


def _tiles(numbers: Numbers) -> list[Tile]:
    roles = edge.actor().roles
    if "efficiency_officer" in roles:
        return [
            _tile(_("移送待签收"), numbers.by_state.get("sent", 0), Wanted("sent").url()),
            _tile(_("移送在办"), numbers.running, Wanted(RUNNING).url()),
            _tile(_("申请件待交办"), numbers.to_order, url_for("office.worklist", section="to_order")),
            _tile(_("全区已超期"), numbers.district.red, district_url(), "red"),
            _tile(_("建议移送，尚未移送"), numbers.district.suggested, district_url(suggested=True)),
        ]
    tiles = [
        _tile(_("申请件建议移送"), numbers.district.suggested, district_url(suggested=True)),
        _tile(_("拟移送，待审签"), numbers.by_state.get(DRAFTED, 0), Wanted(DRAFTED).url()),
        _tile(_("移送在办"), numbers.running, Wanted(RUNNING).url()),
        _tile(_("全区已超期"), numbers.district.red, district_url(), "red"),
    ]
    if "joint_meeting_officer" in roles:
        returned = numbers.by_state.get("awaiting_detail", 0)
        tiles.insert(2, _tile(_("效能办退回补充"), returned, Wanted("awaiting_detail").url()))
    return tiles


def _tile(name: str, count: int, href: str, level: str = "") -> Tile:
    return {"label": name, "number": spoken_count(count), "level": level if count else "", "href": href}


def _tabs(wanted: Wanted, states: Sequence[str], numbers: Numbers) -> list[tuple[str, str, bool, Any]]:
    """All open ones, each state that has some, and the closed."""
    counts: dict[str | None, int | None] = {None: sum(numbers.by_state.values())}
    counts |= {state: numbers.by_state[state] for state in states if numbers.by_state.get(state)}
    counts[CLOSED] = None
    if wanted.state == RUNNING:
        counts = {None: counts.pop(None), RUNNING: numbers.running, **counts}
    elif wanted.state not in counts:
        counts[wanted.state] = 0
    names = {None: _("全部未办结"), RUNNING: _("已移送，在办")}
    return [
        (
            names.get(state) or label("state", state or ""),
            Wanted(state, wanted.mine and state != CLOSED).url(),
            wanted.state == state,
            count if not wanted.mine else None,
        )
        for state, count in counts.items()
    ]


def _owners(wanted: Wanted) -> list[tuple[str, str, bool, None]]:
    """Hers or everybody's, for those who handle referrals."""
    if wanted.state == CLOSED or not edge.actor().roles & {"joint_meeting_officer", "efficiency_officer"}:
        return []
    return [
        (_("全部"), Wanted(wanted.state).url(), not wanted.mine, None),
        (_("我的"), Wanted(wanted.state, mine=True).url(), wanted.mine, None),
    ]


def _columns() -> list[tuple[str, str]]:
    titles = (_("时限"), _("移送"), _("被反映机构 · 人员"), _("申请件"), _("环节"), _("承办"), "")
    return [(title, "") for title in titles]


def _row(row: ReferralRow, prefix: str) -> list[Any]:
    href = f"{prefix}/{row.case_id}"
    number = row.number or _("尚未编号")
    closed = {"text": _("办结"), "sub": moment(row.closed_at)} if row.closed_at else None
    application = {"text": row.application_number or "", "sub": row.organisation or ""}
    return [
        closed or due_cell(row.due_on, row.level),
        {"text": number, "href": href, "sub": label("problem", row.problem)},
        {"text": row.about_unit, "sub": row.about_person or ""},
        application if row.application_number else _("不涉及申请件"),
        label("state", row.state),
        "" if closed else {"text": row.unit, "sub": row.handler or label("hands", "untaken")},
        {"act": _act(row), "href": href, "name": number},
    ]


def _act(row: ReferralRow) -> str:
    """What it waits for from her office; else only that it can be looked at."""
    waits = act_waited_for(row.state) if row.unit_id in edge.actor().unit_ids else ""
    return waits or _("查看")
