"""What a page answers when something was refused or broke: one table of statuses, one page of sentences."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from flask import Flask, current_app, g, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.routing import RequestRedirect

from web import edge
from web.access import audience_of
from web.language import _, label, locale, sentences
from workflow import catalogue
from workflow.applications.rules import as_refusal
from workflow.errors import ConfigurationError, InvalidInput, NotFound, Overtaken, Refused, WorkflowError

Answer = tuple[str, int]

STATUS: Mapping[type[WorkflowError], int] = {
    InvalidInput: 422,
    Refused: 403,
    NotFound: 404,
    Overtaken: 409,
    ConfigurationError: 500,
}

# What was typed is shown again, except what is a secret or was put into the form by us.
NEVER_SHOWN = ("csrf_token", "next", "seen_version", "action", "code")
# What is left of a form that was too large is read up to here, or the browser shows a broken connection.
MOST_DRAINED = 1024 * 1024 * 1024
CHUNK = 1024 * 1024


def init_app(app: Flask) -> None:
    app.register_error_handler(WorkflowError, _refused)
    app.register_error_handler(IntegrityError, _collided)
    app.register_error_handler(CSRFError, _without_token)
    app.register_error_handler(HTTPException, _plain)
    app.register_error_handler(InternalServerError, _broken)


def status_of(error: WorkflowError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _refused(error: WorkflowError) -> Answer:
    return _page(status_of(error), sentences(error))


def _collided(error: IntegrityError) -> Answer:
    refusal = as_refusal(error)
    if refusal is None:
        raise error
    return _refused(refusal)


def _without_token(_error: CSRFError) -> Answer:
    sentence = _("为了安全，这次提交没有执行：页面打开得太久，或者您已重新登录。请返回上一页，刷新后再提交。")
    return _page(400, [sentence])


def _plain(error: HTTPException) -> Answer:
    status = error.code or 500
    say = SENTENCES.get(status, _unclear)
    return _page(status, [say()])


def _broken(_error: InternalServerError) -> Answer:
    incident = secrets.token_hex(4)
    current_app.logger.error("the page told the visitor incident number %s", incident)
    # The frame reads the database, which may be what broke.
    g.is_bare = True
    sentence = _(
        "系统出错，这次操作没有生效。请稍后再试；如再次出现，请把编号 %(number)s 告诉系统管理员。",
        number=incident,
    )
    return _page(500, [sentence])


def _unclear() -> str:
    return _("浏览器发来的请求不完整，没有执行。请返回上一页再试。")


def _signed_out() -> str:
    return _(
        "您已退出登录，或太久没有操作，这次提交没有生效。请在新标签页登录，然后回到本页按“刷新”重新提交，"
        "填写的内容不会丢失。"
    )


def _not_for_you() -> str:
    wanted = audience_of(current_app, request.endpoint) if request.endpoint else frozenset()
    roles = sorted(f"role.{role}" for role in wanted)
    return catalogue.sentence("access.for_others", locale(), roles_label=roles)


def _not_here() -> str:
    return catalogue.sentence("not_found", locale())


def _only_from_a_form() -> str:
    return _("这个地址不能直接打开，请从页面上的按钮办理。")


def _too_large() -> str:
    _drain()
    largest = edge.settings().files.max_megabytes
    return _(
        "上传的文件太大，没有保存。单个文件不能超过 %(largest)s 兆字节，一次也不要上传太多。", largest=largest
    )


SENTENCES: Mapping[int, Callable[[], str]] = {
    401: _signed_out,
    403: _not_for_you,
    404: _not_here,
    405: _only_from_a_form,
    413: _too_large,
}


def _page(status: int, said: list[str]) -> Answer:
    page = render_template(
        "errors/refused.html",
        status=status,
        sentences=said,
        typed=_typed() if _was_sent_from_here() and status != 413 else [],
        back=_way_back(status),
        sign_in=url_for("auth.sign_in_form") if status == 401 else None,
    )
    return page, status


def _typed() -> list[tuple[str, str]]:
    """What was typed into the form, so that it can be copied: (label, text)."""
    return [
        (_label_of(name), text)
        for name, text in request.form.items(multi=True)
        if text.strip() and _may_show(name)
    ]


def _may_show(name: str) -> bool:
    return name not in NEVER_SHOWN and "password" not in name


def _label_of(name: str) -> str:
    return label("input", name) if f"input.{name}" in catalogue.texts("zh") else ""


def _was_sent_from_here() -> bool:
    # A form posted by another site must not speak to the visitor through our page.
    return request.method == "POST" and _is_ours(request.headers.get("Origin") or request.referrer or "")


def _way_back(status: int) -> str:
    """The case as it stands now, if somebody was quicker; else the page the visitor came from."""
    case_id = (request.view_args or {}).get("case_id")
    if status == STATUS[Overtaken] and case_id is not None:
        return url_for("navigation.case", case_id=case_id)
    referrer = request.referrer or ""
    if not _is_ours(referrer) or referrer == request.url or not _can_be_opened(referrer):
        return url_for("navigation.home")
    return referrer[len(request.host_url) - 1 :]


def _can_be_opened(address: str) -> bool:
    """Whether it answers to a GET: a page that was the answer to a form has the address of the form."""
    try:
        current_app.create_url_adapter(request).match(urlsplit(address).path, method="GET")  # type: ignore[union-attr]
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def _is_ours(address: str) -> bool:
    return f"{address}/".startswith(request.host_url)


def _drain() -> None:
    left, stream = MOST_DRAINED, request.environ["wsgi.input"]
    while left > 0 and (chunk := stream.read(min(CHUNK, left))):
        left -= len(chunk)
