"""Who may open which page, the doors to the database, and what a page answers when something is refused."""

from __future__ import annotations

import re

import pytest
from flask import Blueprint, Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.pages import ONE_OF_EACH_ROLE, Browser, app_of, signed_in, statements, told, words
from tests.world import World
from web import access, edge
from web.access import EVERYONE, audience
from web.errors import STATUS
from workflow.errors import ConfigurationError, Overtaken, Reason, Refused, WorkflowError
from workflow.process.definition import ROLES
from workflow.storage.people import Person


def app_with(world: World, *views) -> Flask:
    """The pages, and a few more that go wrong on purpose."""
    app = app_of(world)
    trouble = Blueprint("trouble", __name__, url_prefix="/trouble")
    for view in views:
        trouble.add_url_rule(f"/{view.__name__}", view_func=audience(EVERYONE)(view), methods=["GET", "POST"])
    app.register_blueprint(trouble)
    return app


def addresses(app: Flask) -> list[str]:
    """Every address that needs nothing filled in and can be looked at."""
    rules = app.url_map.iter_rules()
    return sorted(rule.rule for rule in rules if "GET" in rule.methods and not rule.arguments)


def test_every_endpoint_says_for_whom_it_is(sqlite_world):
    app = app_of(sqlite_world)

    for endpoint in app.view_functions:
        assert access.audience_of(app, endpoint) <= {*ROLES, access.EVERYONE, access.SIGNED_IN}, endpoint


def test_a_page_that_says_for_nobody_stops_the_application(sqlite_world):
    app = app_of(sqlite_world)
    app.add_url_rule("/forgotten", "forgotten", lambda: "for whom?")

    with pytest.raises(LookupError, match="forgotten"):
        access.check(app)


def test_an_audience_must_be_one_that_exists():
    with pytest.raises(ValueError, match="township_oficer"):
        audience("township_oficer")


@pytest.mark.parametrize("account", ONE_OF_EACH_ROLE)
def test_every_role_can_open_every_page_meant_for_it_and_no_other(sqlite_world, account):
    browser = signed_in(sqlite_world, account)
    roles = sqlite_world.actor(account).roles

    for address in addresses(browser.app):
        answer = browser.get(address)
        endpoint = browser.app.url_map.bind("localhost").match(address)[0]
        wanted = access.audience_of(browser.app, endpoint)
        may = bool(wanted & {access.EVERYONE, access.SIGNED_IN} or wanted & roles)
        assert (answer.status_code in (200, 303, 404)) if may else (answer.status_code == 403), address


def test_a_page_for_others_names_them(sqlite_world):
    app = app_of(sqlite_world)
    app.add_url_rule("/secret", "secret", audience("finance_officer", "supervisor")(lambda: "numbers"))
    browser = Browser(app).sign_in(sqlite_world, "lin")

    answer = browser.get("/secret")

    assert answer.status_code == 403
    assert "由“财政经办、督查员”使用" in words(answer)
    assert browser.sign_in(sqlite_world, "sun").get("/secret").text == "numbers"


def test_a_refused_form_leads_back_to_a_page_that_can_be_opened(sqlite_world):
    browser = signed_in(sqlite_world, "lin")
    case_id = sqlite_world.submitted()
    form = f"http://localhost/applications/{case_id}/act/accept"
    page = f"http://localhost/applications/{case_id}"

    after_a_form = browser.get("/applications/999", headers={"Referer": form})
    after_a_page = browser.get("/applications/999", headers={"Referer": page})

    assert 'class="btn btn-primary" href="/">返回' in after_a_form.text
    assert f'class="btn btn-primary" href="/applications/{case_id}">返回' in after_a_page.text


def test_nobody_sees_a_page_before_signing_in(sqlite_world):
    browser = Browser(app_of(sqlite_world))

    for address in addresses(browser.app):
        endpoint = browser.app.url_map.bind("localhost").match(address)[0]
        if access.EVERYONE not in access.audience_of(browser.app, endpoint):
            answer = browser.get(address)
            assert answer.location.startswith("/sign-in"), address


def test_looking_changes_nothing(sqlite_world):
    told(sqlite_world, "lin")
    with sqlite_world.store.reader.connect() as witness:
        before = witness.exec_driver_sql("PRAGMA data_version").scalar()
        for account in ONE_OF_EACH_ROLE:
            browser = signed_in(sqlite_world, account)
            for address in addresses(browser.app):
                assert browser.get(address).status_code < 500, address
        assert witness.exec_driver_sql("PRAGMA data_version").scalar() == before


def test_the_reading_door_refuses_to_write(sqlite_world):
    app = app_of(sqlite_world)
    with (
        app.test_request_context("/"),
        edge.reading() as session,
        pytest.raises(OperationalError, match="readonly"),
    ):
        session.execute(text("DELETE FROM persons"))


def test_no_writing_door_opens_for_a_look(sqlite_world):
    app = app_of(sqlite_world)
    with app.test_request_context("/"), pytest.raises(RuntimeError, match="GET"), edge.writing():
        pass


def test_what_a_view_does_not_commit_is_rolled_back(sqlite_world):
    def forgetful() -> str:
        with edge.writing() as session:
            session.get_one(Person, sqlite_world.person_id("lin")).name = "别人"
            session.flush()
        return "done"

    Browser(app_with(sqlite_world, forgetful)).post("/trouble/forgetful")

    assert sqlite_world.actor("lin").name == "林秀英"


def test_what_is_read_after_writing_is_fresh(sqlite_world):
    seen = []

    def rename() -> str:
        with edge.reading() as session:
            seen.append(session.get_one(Person, sqlite_world.person_id("lin")).name)
        with edge.writing() as session:
            session.get_one(Person, sqlite_world.person_id("lin")).name = "林秀"
            session.commit()
        with edge.reading() as session:
            seen.append(session.get_one(Person, sqlite_world.person_id("lin")).name)
        return "done"

    Browser(app_with(sqlite_world, rename)).post("/trouble/rename")

    assert seen == ["林秀英", "林秀"]


@pytest.mark.parametrize("address", ["/messages", "/search?q=CL2026", "/account"])
def test_a_page_costs_a_bounded_number_of_statements(sqlite_world, address):
    told(sqlite_world, "lin")
    browser = signed_in(sqlite_world, "lin")
    browser.get(address)

    with statements(sqlite_world) as said:
        assert browser.get(address).status_code == 200

    assert len(said) <= 12, said


@pytest.mark.parametrize("kind", WorkflowError.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_refusal_has_a_status(kind):
    assert kind in STATUS


def test_a_refusal_is_a_page_of_every_sentence(sqlite_world):
    def refuse() -> str:
        raise Refused(Reason("reason.time_is_up"), Reason("reason.own_organisation"))

    answer = Browser(app_with(sqlite_world, refuse)).get("/trouble/refuse")

    assert answer.status_code == 403
    assert "法定期限已满" in words(answer)
    assert "应当回避" in words(answer)


def test_a_refused_form_keeps_what_was_typed_but_no_secret(sqlite_world):
    def overtake() -> str:
        raise Overtaken(
            actor_name="陈志强", action="accept", acted_at=sqlite_world.now, when_label="11月2日（一）09:00"
        )

    browser = Browser(app_with(sqlite_world, overtake))
    typed = {"reason": "材料第 3 页缺公章", "old_password": "Geheim-2026", "seen_version": "17"}
    answer = browser.post("/trouble/overtake", typed, headers={"Origin": "http://localhost"})

    assert answer.status_code == 409
    assert "陈志强已于11月2日（一）09:00办理“受理”" in words(answer)
    assert "理由" in words(answer)
    assert "材料第 3 页缺公章" in words(answer)
    assert "Geheim" not in answer.text


def test_what_breaks_says_a_number_and_no_traceback(sqlite_world, caplog):
    def fail() -> str:
        raise ZeroDivisionError("the inside of the machine")

    answer = Browser(app_with(sqlite_world, fail)).get("/trouble/fail")

    assert answer.status_code == 500
    number = re.search(r"编号 ([0-9a-f]{8})", words(answer))
    assert number
    assert "machine" not in answer.text
    assert number[1] in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_database_that_is_gone_still_gives_a_page(sqlite_world):
    browser = signed_in(sqlite_world, "lin")
    with sqlite_world.store.writing() as session:
        session.execute(text("ALTER TABLE persons RENAME TO lost"))
        session.commit()

    answer = browser.get("/account")

    assert answer.status_code == 500
    assert "系统出错" in words(answer)


def test_a_wrong_configuration_tells_the_visitor_its_sentence(sqlite_world):
    def misconfigured() -> str:
        raise ConfigurationError("config.toml", 7, Reason("settings.unreadable"))

    answer = Browser(app_with(sqlite_world, misconfigured)).get("/trouble/misconfigured")

    assert answer.status_code == 500
    assert "config.toml:7" in words(answer)


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/nothing-here", 404, "没有找到该内容，或您无权查看。"),
        ("/cases/999999", 404, "没有找到该内容，或您无权查看。"),
        ("/sign-out", 405, "请从页面上的按钮办理"),
    ],
)
def test_a_wrong_address_is_answered_with_a_sentence(sqlite_world, address, status, sentence):
    answer = signed_in(sqlite_world, "lin").get(address)

    assert answer.status_code == status
    assert sentence in words(answer)


def test_a_form_sent_after_the_session_has_ended_is_kept_on_the_page(sqlite_world):
    browser = signed_in(sqlite_world, "lin")
    sqlite_world.later(hours=1)

    answer = browser.post(
        "/account/password", {"note": "写了很久的话"}, headers={"Origin": "http://localhost"}
    )

    assert answer.status_code == 401
    assert "写了很久的话" in words(answer)
    assert "在新标签页登录" in words(answer)
