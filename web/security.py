"""What protects the pages in the browser: headers, cookies, CSRF tokens, limits of what is sent."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from web.access import STATIC
from workflow.errors import InvalidInput, Reason
from workflow.settings import Settings, secret_key

MEGABYTE = 1024 * 1024
# A form may carry several files; each is measured on its own, with a sentence at its field.
FILES_PER_FORM = 6
STATIC_KEPT = timedelta(hours=1)

HEADERS = {
    # Nothing from outside and nothing inline: a script that slipped into a text stays a text.
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class CookieOfTheSession(SecureCookieSessionInterface):
    """The cookie travels encrypted only, wherever the page itself came encrypted."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_app(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=secret_key(settings.web.secret_key_file),
        SESSION_COOKIE_NAME="lianshen",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_KEPT,
        MAX_CONTENT_LENGTH=settings.files.max_megabytes * FILES_PER_FORM * MEGABYTE,
        # A token lives as long as its session: a long form must not fail for having been filled in slowly.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = CookieOfTheSession()
    CSRFProtect(app)
    if proxies := settings.web.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    app.before_request(_refuse_nul)
    app.after_request(_protect)


def _refuse_nul() -> None:
    # No keyboard types it and PostgreSQL stores none: whoever sends it gets an answer, not a breakdown.
    typed = (*request.args.items(multi=True), *request.form.items(multi=True), ("", request.path))
    if any("\x00" in text for pair in typed for text in pair):
        raise InvalidInput(Reason("form.nul"))


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint not in STATIC:
        # Pages are about persons and their cases: no copy of them stays in a cache.
        response.headers["Cache-Control"] = "no-store"
    return response
