"""The frame of every page: where a role is at home, the main navigation, the state of the scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, g, request, url_for
from flask_babel import lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from web import edge
from web.access import SIGNED_IN, audience
from web.language import day_with_year, label, locale, moment, unit_name
from workflow.district import DISTRICT_NAMES
from workflow.errors import NotFound, Reason
from workflow.installation import fact
from workflow.lists.heartbeat import SchedulerSilence, scheduler_silence
from workflow.lists.inbox import unread_count
from workflow.lists.paging import spoken_count
from workflow.lists.scope import visible
from workflow.people.actors import Actor, Post
from workflow.process.scope import APPLICATION
from workflow.storage.cases import Case

WORKLIST = (lazy_gettext("待办"), "office.worklist")
APPLICATIONS = (lazy_gettext("全部申请件"), "office.applications")
ENTRY = (lazy_gettext("代录申请"), "applicant.enter")
REFERRALS = (lazy_gettext("移送"), "referrals.index")
OVERVIEW = (lazy_gettext("监督总览"), "supervision.overview")
OVERDUE = (lazy_gettext("超期清单"), "supervision.overdue")
RULINGS = (lazy_gettext("政策解释"), "admin.rulings")
BUDGET = (lazy_gettext("预算"), "admin.budget")
ADMINISTRATION = (lazy_gettext("系统管理"), "admin.home")
OWN = (lazy_gettext("我的申请"), "applicant.home")
AWARDS = (lazy_gettext("可申请的奖项"), "applicant.awards")
ORGANISATION = (lazy_gettext("单位资料"), "applicant.organisation")

# What each role finds in the navigation; the first entry is its home. Earlier roles give a person her home.
SECTIONS: Mapping[str, tuple[tuple[Any, str], ...]] = {
    "township_officer": (WORKLIST, APPLICATIONS, ENTRY),
    "bureau_reviewer": (WORKLIST, APPLICATIONS, RULINGS),
    "joint_meeting_officer": (WORKLIST, APPLICATIONS, OVERDUE, REFERRALS),
    "finance_officer": (WORKLIST, APPLICATIONS, BUDGET),
    "efficiency_officer": (REFERRALS, OVERDUE, WORKLIST, APPLICATIONS),
    "supervisor": (OVERVIEW, OVERDUE, REFERRALS, APPLICATIONS),
    "leader": (OVERVIEW, OVERDUE, REFERRALS, APPLICATIONS),
    "administrator": (ADMINISTRATION,),
    "applicant": (OWN, AWARDS, ORGANISATION),
}

blueprint = Blueprint("navigation", __name__)


def init_app(app: Flask) -> None:
    app.context_processor(_frame)


@blueprint.get("/")
@audience(SIGNED_IN)
def home() -> Response:
    """Every role's work is its home."""
    sections = _sections(edge.actor())
    return edge.see_other(url_for(sections[0][1] if sections else "auth.account"))


@blueprint.get("/cases/<int:case_id>")
@audience(SIGNED_IN)
def case(case_id: int) -> Response:
    """Messages and search know only which case: this leads to its page for whoever asks."""
    with edge.reading() as session:
        found = session.execute(
            select(Case.process, Case.organisation_id).where(Case.id == case_id, visible(edge.actor()))
        ).one_or_none()
    if found is None:
        raise NotFound(Reason("not_found"))
    if found.process != APPLICATION:
        page = "referrals.referral"
    elif found.organisation_id in edge.actor().organisation_ids:
        page = "applicant.application"
    else:
        page = "office.application"
    return edge.see_other(url_for(page, case_id=case_id))


def case_url(case_id: int) -> str:
    return url_for("navigation.case", case_id=case_id)


def _sections(actor: Actor) -> list[tuple[Any, str]]:
    """The sections of all her roles, each once: who has several posts changes between them here."""
    found = (section for role, sections in SECTIONS.items() if role in actor.roles for section in sections)
    labels = {endpoint: label for label, endpoint in found}
    return [(label, endpoint) for endpoint, label in labels.items()]


def _frame() -> dict[str, Any]:
    # The page that says that something broke must not need what may be broken.
    if g.get("is_bare"):
        return {"locale": locale()}
    visitor = edge.visitor()
    frame = {
        "locale": locale(),
        "links": _links(visitor),
        "district": _district(),
        "demo": {"now": moment(edge.now())} if edge.is_demo() else None,
    }
    return frame if visitor is None else frame | _frame_of(visitor)


def _frame_of(actor: Actor) -> dict[str, Any]:
    with edge.reading() as session:
        silence = scheduler_silence(session, edge.real_now())
        unread = unread_count(session, actor.person_id or 0)
    return {
        "nav": _entries(actor),
        "signed_in": _words_for(actor),
        "messages_count": spoken_count(unread) if unread else None,
        "today": day_with_year(edge.today()),
        "scheduler": _words_of(silence),
    }


def _words_of(silence: SchedulerSilence) -> dict[str, Any]:
    # By the real clock: a demo clock that was moved has not made the worker silent.
    last = silence.last_beat_at
    return {
        "silent": silence.is_silent,
        "minutes_ago": 0 if last is None else (edge.real_now() - last) // timedelta(minutes=1),
        "since": "" if last is None else moment(last),
    }


def _entries(actor: Actor) -> list[tuple[str, str, bool]]:
    return [(str(label), url_for(name), request.endpoint == name) for label, name in _sections(actor)]


def _links(visitor: Actor | None) -> dict[str, str]:
    links = {"home": url_for("navigation.home"), "language": url_for("language.choose")}
    if edge.is_demo():
        links |= {"demo_clock": url_for("demo.move_clock"), "demo_people": url_for("demo.people")}
    if visitor is None:
        return links
    return links | {
        "search": url_for("search.results"),
        "messages": url_for("inbox.messages"),
        "account": url_for("auth.account"),
        "sign_out": url_for("auth.sign_out"),
    }


def _words_for(actor: Actor) -> dict[str, str]:
    first = actor.posts[0] if actor.posts else Post("applicant")
    return {
        "unit": first.organisation_name or unit_name(first.unit_id),
        "person": actor.name,
        # The unit before it says where: 松下镇 · 林秀英（初审员）.
        "role": label("role", first.role).removeprefix("乡镇（街道）") if actor.posts else "",
    }


def _district() -> str:
    with edge.reading() as session:
        return fact(session, DISTRICT_NAMES[locale()]) or ""
