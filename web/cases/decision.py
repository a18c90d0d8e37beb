"""The letter by which an application ends against its organisation, printed alike by office and applicant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext

from web.language import _
from web.office.capital import capital
from web.official import Paper, paper_day, paper_of
from workflow.clock.days import shanghai_day
from workflow.lists.case_history import EventLine
from workflow.lists.case_page import CasePage
from workflow.policy.terms import Policy

RECOVERIES = ("recovery", "write_off")


@dataclass(frozen=True, slots=True)
class Ending:
    """How the letter of one act is called, and the sentence in it that decides."""

    title: Any
    sentence: Any


# The acts that end an application against the organisation, of which it is told in writing.
ENDINGS: Mapping[str, Ending] = {
    "decline": Ending(
        lazy_gettext("不予受理决定书"),
        lazy_gettext(
            "你单位就“%(line)s”提出的奖励申请（申报金额 %(amount)s）收悉。"
            "依照《%(policy)s》%(clause)s审查，决定：不予受理。"
        ),
    ),
    "reject": Ending(
        lazy_gettext("不予通过决定书"),
        lazy_gettext(
            "你单位就“%(line)s”提出的奖励申请（申报金额 %(amount)s）收悉。"
            "依照《%(policy)s》%(clause)s审查，决定：不予通过。"
        ),
    ),
    "uphold_objection": Ending(
        lazy_gettext("不予奖励决定书"),
        lazy_gettext(
            "你单位就“%(line)s”提出的奖励申请（申报金额 %(amount)s），公示期间收到异议，经核查，异议成立。"
            "依照《%(policy)s》%(clause)s审查，决定：不予奖励。"
        ),
    ),
    "cancel_award": Ending(
        lazy_gettext("取消奖励决定书"),
        lazy_gettext(
            "你单位就“%(line)s”提出的奖励申请（申报金额 %(amount)s），此前已同意奖励，奖励资金尚未拨付。"
            "现依照《%(policy)s》%(clause)s审查，决定：取消奖励，不予拨付。"
        ),
    ),
    "revoke": Ending(
        lazy_gettext("撤销奖励决定书"),
        lazy_gettext(
            "你单位就“%(line)s”提出的奖励申请（申报金额 %(amount)s），此前已同意奖励。"
            "现经核查，依照《%(policy)s》%(clause)s审查，决定：撤销奖励。"
        ),
    ),
}


def decision_of(page: CasePage, policy: Policy) -> Paper | None:
    """The latest such letter, or the notice that the application counts as withdrawn; None without any.

    It says no more than the organisation may read, whoever reads the page.
    """
    event = next((each for each in page.events if each.action in ENDINGS or _is_lapse(each)), None)
    if event is None:
        return None
    return _lapsed(page, policy, event) if _is_lapse(event) else _decided(page, policy, event)


def _decided(page: CasePage, policy: Policy, event: EventLine) -> Paper:
    ending, demanded = ENDINGS[event.action], _demanded_yuan(page)
    made = paper_of(
        page, policy, "decision", str(ending.title), event,
        reason=event.reason or "",
        demanded=demanded,
        capital=capital(demanded),
        due=paper_day(event.due_on) if event.due_on else "",
        is_revoked=event.action == "revoke",
        is_decided=True,
    )  # fmt: skip
    operative = str(ending.sentence) % made.contents
    number = " · ".join(filter(None, [event.details.get("document_number"), made.number]))
    return replace(made, number=number, contents={**made.contents, "operative": operative})


def _lapsed(page: CasePage, policy: Policy, event: EventLine) -> Paper:
    """视为撤回: nobody decides it; the office that had asked for the correction says so."""
    asked = next(each for each in page.events if each.details.get("defects") and each.number < event.number)
    stay = next(stop for stop in page.stops if stop.number == asked.step_number)
    title = _("视为撤回申请告知书")
    made = paper_of(page, policy, "decision", title, event, reason="", demanded=0, is_decided=False)
    operative = _(
        "你单位就“%(line)s”提出的奖励申请（申报金额 %(amount)s），已于%(asked)s一次性告知补正内容，"
        "至%(due)s未补正，视为撤回申请。",
        line=made.contents["line"],
        amount=made.contents["amount"],
        asked=paper_day(shanghai_day(asked.at)),
        due=paper_day(stay.due_on) if stay.due_on else "",
    )
    return replace(made, issuer=asked.unit, contents={**made.contents, "operative": operative})


def _is_lapse(event: EventLine) -> bool:
    return event.action == "lapse" and event.to_state == "withdrawn"


def _demanded_yuan(page: CasePage) -> int:
    """What was demanded back by the act: what still is, with what came back or was given up since."""
    assert page.application is not None, "an application has this part"
    settled = sum(each.amount_yuan for each in page.payments if each.kind in RECOVERIES)
    return page.application.recover_yuan + settled
