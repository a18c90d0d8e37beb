"""认领所选: taking on the cases ticked on the worklist, each by itself, and saying what became of each."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask import request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.language import _, label, sentences
from web.office.blueprint import OFFICES, blueprint
from workflow.errors import NotFound, Overtaken, WorkflowError
from workflow.process.bulk import Done, Failed, Picked, perform_each
from workflow.process.perform import Outcome, perform
from workflow.storage.cases import Case

ACTION = "take_on"
TICKED = re.compile(r"(\d{1,18})\.(\d{1,9})")


def tick_value(case_id: int, version: int) -> str:
    """What a ticked row sends: the case and the version that the list showed."""
    return f"{case_id}.{version}"


@blueprint.post("/worklist/take-on")
@audience(*OFFICES)
def take_on_ticked() -> Response:
    results = perform_each(_ticked(), _take_on)
    if results:
        _tell(results)
    else:
        edge.tell(_("没有选择任何一件。请先勾选要认领的件。"), kind="warning")
    return edge.see_other(edge.back_to(url_for("office.worklist")))


def _ticked() -> list[Picked]:
    found = [TICKED.fullmatch(text) for text in request.form.getlist("case")]
    if not all(found):
        raise BadRequest
    return [Picked(int(each[1]), int(each[2])) for each in found if each]


def _take_on(picked: Picked) -> Outcome:
    with edge.writing() as session:
        outcome = perform(
            session, picked.case_id, ACTION, edge.actor(), now=edge.now(), seen_version=picked.seen_version
        )
        session.commit()
    return outcome


def _tell(results: Iterable[Done | Failed]) -> None:
    results = list(results)
    failed = [each for each in results if isinstance(each, Failed)]
    done = len(results) - len(failed)
    if not failed:
        edge.tell(_("已认领 %(done)s 件。", done=done))
        return
    with edge.reading() as session:
        numbers = _numbers(session, failed)
    whys = _("；").join(dict.fromkeys(_why(each, numbers) for each in failed))
    told = (
        _("已认领 %(done)s 件，%(failed)s 件未认领：%(whys)s。", done=done, failed=len(failed), whys=whys)
        if done
        else _("%(failed)s 件未认领：%(whys)s。", failed=len(failed), whys=whys)
    )
    edge.tell(told, kind="warning")


def _numbers(session: Session, failed: Iterable[Failed]) -> dict[int, str]:
    """The numbers of the cases she may know of; of others not even the number is said."""
    known = [each.picked.case_id for each in failed if not isinstance(each.error, NotFound)]
    found = session.execute(select(Case.id, Case.number).where(Case.id.in_(known)))
    return {case_id: number or "" for case_id, number in found}


def _why(failed: Failed, numbers: dict[int, str]) -> str:
    number = numbers.get(failed.picked.case_id, "")
    return " ".join(filter(None, [number, _reason(failed.error)]))


def _reason(error: WorkflowError) -> str:
    if isinstance(error, Overtaken):
        # On a list nothing was typed that could be kept.
        when, action = error.reasons[0].params["when"], label("action", error.action)
        if error.by_oneself:
            return _("您已于%(when)s在另一窗口办理“%(action)s”", when=when, action=action)
        return _("%(person)s已于%(when)s办理“%(action)s”", person=error.actor_name, when=when, action=action)
    # The sentences of the engine end in a full stop of their own.
    return " ".join(sentences(error)).rstrip("。.")
