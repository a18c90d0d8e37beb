"""Signing in and out, one's own account, a new password. What an account is lives in `workflow.people`."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import EVERYONE, SIGNED_IN, audience
from web.auth import sessions
from web.language import _, by_field, locale, say, summary
from workflow.district import DISTRICT_TITLES
from workflow.errors import InvalidInput, Reason, Refused
from workflow.installation import fact
from workflow.people import accounts
from workflow.storage.people import Person

Answer = tuple[str, int]

blueprint = Blueprint("auth", __name__)


@blueprint.get("/sign-in")
@audience(EVERYONE)
def sign_in_form() -> str | Response:
    if edge.visitor() is not None:
        return edge.see_other(_wanted(request.args.get("next")))
    return _sign_in_page(asked_for=request.args.get("next"))


@blueprint.post("/sign-in")
@audience(EVERYONE)
def sign_in() -> Answer | Response:
    account = request.form.get("account", "")
    outcome = _attempt(account, request.form.get("password", ""))
    if outcome.person_id is None or outcome.session_epoch is None:
        sentences = [say(reason) for reason in outcome.reasons]
        return _sign_in_page(account, sentences, request.form.get("next")), 422
    sessions.begin(outcome.person_id, outcome.session_epoch)
    return edge.see_other(_wanted(request.form.get("next")))


@blueprint.post("/sign-out")
@audience(EVERYONE)
def sign_out() -> Response:
    visitor = edge.visitor()
    if visitor is not None and visitor.person_id is not None:
        with edge.writing() as session:
            accounts.end_sessions(session, visitor.person_id)
            session.commit()
    sessions.end()
    edge.tell(_("您已退出登录，其他设备上的登录也一并退出。"))
    return edge.see_other(url_for("auth.sign_in_form"))


@blueprint.get("/account")
@audience(SIGNED_IN)
def account() -> str:
    return _account_page()


@blueprint.post("/account/password")
@audience(SIGNED_IN)
def change_password() -> Answer | Response:
    person_id = edge.actor().person_id
    assert person_id is not None, "only persons sign in"
    try:
        new = _new_password()
        with edge.reading() as session:
            old, least = request.form.get("old_password", ""), _least()
            proven = accounts.proven_by_password(session, person_id, old, new, min_length=least)
        with edge.writing() as session:
            epoch = accounts.change_password(session, proven)
            session.commit()
    except InvalidInput as error:
        return _account_page(error), 422
    sessions.go_on(epoch)
    edge.tell(_("密码已修改，其他设备上的登录已全部退出。"))
    return edge.see_other(url_for("auth.account"))


@blueprint.get("/reset-password")
@audience(EVERYONE)
def reset_form() -> str:
    return _reset_page()


@blueprint.post("/reset-password")
@audience(EVERYONE)
def reset() -> Answer | Response:
    account, code = request.form.get("account", ""), request.form.get("code", "")
    try:
        new = _new_password()
        with edge.reading() as session:
            proven = accounts.proven_by_code(session, account, code, new, edge.now(), min_length=_least())
        with edge.writing() as session:
            accounts.redeem_reset_code(session, proven, edge.now())
            session.commit()
    except InvalidInput as error:
        return _reset_page(account, error), 422
    edge.tell(_("新密码已设置，请登录。"))
    return edge.see_other(url_for("auth.sign_in_form"))


def _attempt(account: str, password: str) -> accounts.SignInOutcome:
    rules = edge.settings().sign_in
    try:
        with edge.reading() as session:
            credentials = accounts.check_credentials(session, account, password)
    except Refused as busy:
        return accounts.SignInOutcome(None, None, busy.reasons)
    now, address = edge.now(), request.remote_addr or ""
    with edge.writing() as session:
        outcome = accounts.sign_in(
            session,
            credentials,
            address,
            now,
            max_failures=rules.max_failures,
            lock_minutes=rules.lock_minutes,
        )
        # A failure is recorded, too: it counts towards the lock.
        session.commit()
    return outcome


def _new_password() -> str:
    """The new password, typed twice alike."""
    new = request.form.get("new_password", "")
    if new != request.form.get("new_password_again", ""):
        raise InvalidInput(Reason("password.not_repeated", {}, "new_password_again"))
    return new


def _least() -> int:
    return edge.settings().sign_in.min_password_length


def _wanted(path: str | None) -> str:
    return edge.local_path(path) or url_for("navigation.home")


def _sign_in_page(account: str = "", sentences: list[str] | None = None, asked_for: str | None = None) -> str:
    with edge.reading() as session:
        title = fact(session, DISTRICT_TITLES[locale()])
    return render_template(
        "auth/sign_in.html",
        district_title=title,
        account=account,
        error=" ".join(sentences or []),
        next=edge.local_path(asked_for) or "",
        has_run_out=sessions.has_run_out(),
        idle_minutes=edge.settings().web.session_idle_minutes,
    )


def _account_page(error: InvalidInput | None = None) -> str:
    with edge.reading() as session:
        person = session.get_one(Person, edge.actor().person_id)
    return render_template(
        "auth/account.html", person=person, actor=edge.actor(), least=_least(), **_faults(error)
    )


def _reset_page(account: str = "", error: InvalidInput | None = None) -> str:
    context = {"account": account, "least": _least(), "hours": accounts.RESET_CODE_HOURS, **_faults(error)}
    return render_template("auth/reset.html", **context)


def _faults(error: InvalidInput | None) -> dict[str, object]:
    return {"faults": by_field(error), "summary": summary(error)} if error else {"faults": {}, "summary": []}
