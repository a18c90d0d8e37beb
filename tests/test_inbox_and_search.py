"""The inbox and the search box, each within the scope of who looks."""

from __future__ import annotations

import re

import pytest

from tests.pages import signed_in, told, words


def test_the_inbox_tells_what_happened_and_how_many_are_unread(sqlite_world):
    told(sqlite_world, "lin", "alert.red", levels=["red"], days_late=3, due_on="2026-10-28")

    page = words(signed_in(sqlite_world, "lin").get("/messages"))

    assert "消息 1" in page
    assert "红色超期" in page
    assert "已超期 3 个工作日" in page


def test_opening_a_message_marks_it_read_and_leads_to_the_case(sqlite_world):
    message_id = told(sqlite_world, "lin")
    browser = signed_in(sqlite_world, "lin")

    answer = browser.post(f"/messages/{message_id}/open")

    assert answer.status_code == 303
    assert re.fullmatch(r"/cases/\d+", answer.location)
    assert "未读" not in words(browser.get("/messages"))


def test_nobody_opens_or_reads_the_message_of_another(sqlite_world):
    message_id = told(sqlite_world, "lin")
    chen = signed_in(sqlite_world, "chen")

    assert chen.post(f"/messages/{message_id}/open").status_code == 404
    chen.post("/messages/read", {"message": message_id})

    assert "未读" in words(signed_in(sqlite_world, "lin").get("/messages"))


def test_a_page_of_messages_is_marked_read_at_once(sqlite_world):
    message_id = told(sqlite_world, "lin")
    browser = signed_in(sqlite_world, "lin")

    answer = browser.post("/messages/read", {"message": message_id, "next": "/messages"})

    assert answer.location == "/messages"
    assert "未读" not in words(browser.get("/messages"))


def test_an_empty_inbox_says_what_comes(sqlite_world):
    assert "您还没有消息。" in words(signed_in(sqlite_world, "lin").get("/messages"))


def test_a_number_typed_in_full_opens_its_case(sqlite_world):
    case = sqlite_world.case(sqlite_world.submitted())

    answer = signed_in(sqlite_world, "lin").get(f"/search?q={case.number.lower()}")

    assert (answer.status_code, answer.location) == (303, f"/cases/{case.id}")


def test_an_organisation_is_found_by_part_of_its_name(sqlite_world):
    case = sqlite_world.case(sqlite_world.submitted())

    page = words(signed_in(sqlite_world, "lin").get("/search?q=东龙"))

    assert case.number in page
    assert "福建东龙针纺有限公司" in page
    assert "待受理" in page


def test_an_application_awaits_acceptance_at_the_office_and_is_submitted_at_the_firm(sqlite_world):
    case_id = sqlite_world.submitted()
    office = words(signed_in(sqlite_world, "lin").get(f"/applications/{case_id}"))
    firm = words(signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}"))

    assert ("待受理" in office, "已提交" in office) == (True, False)
    assert ("待受理" in firm, "已提交" in firm) == (False, True)


def test_what_was_found_says_its_award_by_name(sqlite_world):
    sqlite_world.submitted()
    sqlite_world.submitted(line="S2-2")

    page = words(signed_in(sqlite_world, "lin").get("/search?q=东龙"))

    assert "CL2026-0001 福州市政府质量奖" in page
    assert "S2-2" not in page


def test_search_finds_nothing_of_another_township(sqlite_world):
    sqlite_world.submitted()

    page = words(signed_in(sqlite_world, "guo").get("/search?q=东龙"))

    assert "没有找到与“东龙”相符的办件。" in page


@pytest.mark.parametrize(
    ("account", "address"),
    [("lin", "/applications/{}"), ("wang", "/applications/{}"), ("donglong", "/my/applications/{}")],
)
def test_a_case_leads_everybody_to_her_own_page_of_it(sqlite_world, account, address):
    case_id = sqlite_world.submitted()

    assert signed_in(sqlite_world, account).get(f"/cases/{case_id}").location == address.format(case_id)


def test_a_case_of_another_township_does_not_exist(sqlite_world):
    case_id = sqlite_world.submitted()

    assert signed_in(sqlite_world, "guo").get(f"/cases/{case_id}").status_code == 404
