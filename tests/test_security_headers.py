"""What every answer carries to protect the browser, and what is refused before any page is reached."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.pages import Browser, app_of, settings_of, signed_in, words
from web.app import create_app
from web.security import HEADERS

PAGES = ("/sign-in", "/account", "/messages", "/search?q=x", "/nothing-here")


@pytest.mark.parametrize("path", [*PAGES, "/static/lianshen.css"])
def test_every_answer_carries_the_protecting_headers(sqlite_world, path):
    answer = signed_in(sqlite_world, "lin").get(path)

    for name, value in HEADERS.items():
        assert answer.headers[name] == value, path


def test_the_policy_allows_nothing_inline_and_nothing_from_outside():
    policy = HEADERS["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "http" not in policy
    assert "data:" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", PAGES)
def test_pages_bring_no_inline_style_or_script(sqlite_world, path):
    page = signed_in(sqlite_world, "lin").get(path, follow_redirects=True).text

    assert "style=" not in page
    assert "<script>" not in page
    assert " onclick" not in page


@pytest.mark.parametrize("path", PAGES)
def test_no_page_stays_in_a_cache(sqlite_world, path):
    assert signed_in(sqlite_world, "lin").get(path).headers["Cache-Control"] == "no-store"


def test_files_of_the_look_may_be_kept(sqlite_world):
    answer = Browser(app_of(sqlite_world)).get("/static/lianshen.css")

    assert "max-age=3600" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


def test_the_cookie_is_for_the_browser_alone(sqlite_world):
    cookie = Browser(app_of(sqlite_world)).get("/sign-in").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie, "on plain http a secure cookie would never come back"


def test_over_https_the_cookie_travels_encrypted_only(sqlite_world):
    page = Browser(app_of(sqlite_world)).get("/sign-in", base_url="https://lianshen.example")

    assert "Secure" in page.headers["Set-Cookie"]


@pytest.mark.parametrize(("proxies", "secure"), [(0, False), (1, True)])
def test_only_a_trusted_proxy_says_that_a_request_came_encrypted(sqlite_world, proxies, secure):
    browser = Browser(app_of(sqlite_world, trusted_proxies=proxies))

    page = browser.get("/sign-in", headers={"X-Forwarded-Proto": "https"})

    assert ("Secure" in page.headers["Set-Cookie"]) == secure


def test_a_form_without_its_token_is_refused_with_a_sentence(sqlite_world):
    browser = signed_in(sqlite_world, "lin")

    answer = browser.client.post("/language", data={"language": "en"})

    assert answer.status_code == 400
    assert "为了安全，这次提交没有执行" in words(answer)
    assert "返回" in words(answer)
    assert 'lang="zh-Hans"' in browser.get("/account").text


def test_a_token_of_another_session_opens_nothing(sqlite_world):
    stolen = signed_in(sqlite_world, "chen").token()
    browser = signed_in(sqlite_world, "lin")
    with browser.client.session_transaction() as cookie:
        cookie["csrf_token"] = "b" * 40

    answer = browser.client.post("/language", data={"csrf_token": stolen, "language": "en"})

    assert answer.status_code == 400


def test_a_form_of_another_site_does_not_speak_through_our_page(sqlite_world):
    browser = signed_in(sqlite_world, "lin")
    typed = {"language": "en", "note": "请致电 12345678"}

    foreign = browser.client.post("/language", data=typed, headers={"Origin": "https://evil.cn"})
    ours = browser.client.post("/language", data=typed, headers={"Origin": "http://localhost"})

    assert "12345678" not in foreign.text
    assert "12345678" in ours.text


def test_too_much_at_once_is_refused_with_a_sentence(sqlite_world):
    settings = settings_of(sqlite_world)
    settings = replace(settings, files=replace(settings.files, max_megabytes=1))
    browser = Browser(create_app(settings, sqlite_world.store, clock=lambda: sqlite_world.now))
    browser.sign_in(sqlite_world, "lin")

    answer = browser.client.post(
        "/language", data=b"x" * 7 * 1024 * 1024, content_type="multipart/form-data; boundary=here"
    )

    assert answer.status_code == 413
    assert "单个文件不能超过 1 兆字节" in words(answer)


def test_text_from_the_address_is_shown_as_text(sqlite_world):
    page = signed_in(sqlite_world, "lin").get("/search?q=<script>alert(1)</script>")

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text
