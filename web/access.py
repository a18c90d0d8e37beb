"""Who a page is for. Every endpoint declares its audience; one that does not stops the application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request, url_for
from werkzeug.wrappers import Response

from web import edge
from workflow.process.definition import ROLES

View = TypeVar("View", bound=Callable[..., Any])

EVERYONE = "everyone"
SIGNED_IN = "signed_in"

# Files of the look, served by Flask itself; they tell nobody anything.
STATIC = frozenset({"static", "bootstrap.static"})


def audience(*who: str) -> Callable[[View], View]:
    """Declare for whom a view is: roles, or SIGNED_IN, or EVERYONE. Stands below the route."""
    unknown = set(who) - {EVERYONE, SIGNED_IN, *ROLES}
    if unknown or not who:
        raise ValueError(f"not an audience: {', '.join(sorted(unknown)) or 'nobody'}")

    def declare(view: View) -> View:
        view.audience = frozenset(who)  # type: ignore[attr-defined]
        return view

    return declare


def audience_of(app: Flask, endpoint: str) -> frozenset[str]:
    """For whom an endpoint is; LookupError when it does not say."""
    if endpoint in STATIC:
        return frozenset({EVERYONE})
    declared: frozenset[str] | None = getattr(app.view_functions[endpoint], "audience", None)
    if declared is None:
        raise LookupError(f"{endpoint} does not say for whom it is: @audience(…) is missing")
    return declared


def init_app(app: Flask) -> None:
    app.before_request(_admit)


def check(app: Flask) -> None:
    """LookupError for the first endpoint without an audience."""
    for endpoint in app.view_functions:
        audience_of(app, endpoint)


def _admit() -> Response | None:
    if request.endpoint is None:
        return None
    wanted = audience_of(current_app, request.endpoint)
    if EVERYONE in wanted:
        return None
    visitor = edge.visitor()
    if visitor is None:
        return _to_the_door()
    if SIGNED_IN not in wanted and not visitor.roles & wanted:
        abort(403)
    return None


def _to_the_door() -> Response:
    if request.method not in edge.SAFE_METHODS:
        # A redirect would lose what was typed; the page of this status shows it again.
        abort(401)
    asked_for = request.full_path.rstrip("?")
    return edge.see_other(url_for("auth.sign_in_form", next=None if asked_for == "/" else asked_for))
