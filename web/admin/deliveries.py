"""Letters that wait, letters that were given up, and sending those again."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.admin.blueprint import Answer, blueprint
from web.admin.typed import NOTHING_REFUSED, Refusal, refusal_of
from web.errors import status_of
from web.language import _, moment
from web.numbers import whole_number
from workflow.errors import InvalidInput, Refused
from workflow.lists.deliveries import (
    DeliveryHealth,
    Letter,
    dead_letters,
    delivery_health,
    retry_deliveries,
    waiting_letters,
)
from workflow.lists.heartbeat import scheduler_silence
from workflow.lists.paging import spoken_count

FORM = "retry"


@blueprint.get("/admin/deliveries")
@audience("administrator")
def deliveries() -> str:
    return _page(NOTHING_REFUSED)


@blueprint.post("/admin/deliveries/retry")
@audience("administrator")
def retry() -> Answer | Response:
    chosen = request.form.getlist("case", type=whole_number)
    try:
        with edge.writing() as session:
            number = retry_deliveries(session, chosen, edge.actor(), edge.now())
            session.commit()
    except (InvalidInput, Refused) as error:
        return _page(refusal_of(FORM, error)), status_of(error)
    edge.tell(_("%(number)s 封通知将重新投递。", number=number))
    return edge.see_other(url_for("admin.deliveries"))


def _page(refusal: Refusal) -> str:
    with edge.reading() as session:
        health = delivery_health(session)
        silence = scheduler_silence(session, edge.real_now())
        dead = dead_letters(session)
        waiting = waiting_letters(session)
    return render_template(
        "admin/deliveries.html",
        title=_headline(health),
        tiles=_tiles(health),
        silence=silence,
        dead=[_dead_row(letter) for letter in dead],
        waiting=[_waiting_row(letter) for letter in waiting],
        refusal=refusal,
        form=FORM,
    )


def _headline(health: DeliveryHealth) -> str:
    if health.dead:
        return _("%(number)s 封通知无法送达", number=spoken_count(health.dead))
    return _("通知投递正常")


def _tiles(health: DeliveryHealth) -> list[dict[str, Any]]:
    return [
        {
            "label": _("无法送达"),
            "number": spoken_count(health.dead),
            "note": _("多次失败后停止投递"),
            "level": "red" if health.dead else "",
        },
        {"label": _("等待发送"), "number": spoken_count(health.waiting), "note": _("含失败后将重试的")},
        {
            "label": _("尚未分发"),
            "number": spoken_count(health.undispatched),
            "note": _("还没有送入消息箱的办理结果"),
        },
    ]


def _dead_row(letter: Letter) -> list[Any]:
    return [
        {"tick": letter.delivery_id, "name": letter.person, "form": FORM},
        *_whom(letter),
        {"text": letter.last_error or "", "sub": _("已试 %(number)s 次", number=letter.attempts)},
        moment(letter.created_at),
    ]


def _waiting_row(letter: Letter) -> list[Any]:
    tried = _("已试 %(number)s 次", number=letter.attempts) if letter.attempts else ""
    return [
        *_whom(letter),
        {"text": letter.last_error or _("没有失败过"), "sub": tried},
        moment(letter.next_attempt_at),
    ]


def _whom(letter: Letter) -> list[Any]:
    person = {"text": letter.person, "href": url_for("admin.person", person_id=letter.person_id)}
    return [
        person,
        {"text": letter.address, "sub": _("电子邮件") if letter.channel == "mail" else letter.channel},
    ]
