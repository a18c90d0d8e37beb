"""What holds for all pages of applicants: who opens them, what they cost, their languages."""

from __future__ import annotations

import pytest

from tests.pages import signed_in, statements, words


def test_officers_of_the_district_have_no_business_here(sqlite_world):
    for address in ("/my", "/awards", "/my/organisation", "/applications/enter"):
        assert signed_in(sqlite_world, "wang").get(address).status_code == 403


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/my", 16),
        ("/awards", 12),
        ("/awards/S2-2", 13),
        ("/my/organisation", 11),
        ("/my/applications/{asked}", 25),
        ("/my/applications/{asked}/receipt", 18),
        ("/my/applications/{asked}/correction", 17),
        ("/my/applications/{asked}/facts", 19),
        ("/my/applications/{asked}/contact", 19),
        ("/my/applications/{asked}/evidence", 19),
        ("/my/applications/{asked}/check", 25),
        ("/evidence/1", 14),
    ],
)
def test_a_page_costs_a_bounded_number_of_statements_and_writes_nothing(sqlite_world, address, most):
    asked = sqlite_world.submitted(line="S2-2")
    sqlite_world.do("lin", "request_correction", asked, defects=["补盖公章。"])
    for line in ("M4-1", "S6-1", "S1-1", "S3-1"):
        sqlite_world.submitted(line=line)
    browser = signed_in(sqlite_world, "donglong")
    address = address.format(asked=asked)
    browser.get(address)

    with sqlite_world.store.reader.connect() as witness:
        before = witness.exec_driver_sql("PRAGMA data_version").scalar()
        with statements(sqlite_world) as said:
            assert browser.get(address).status_code == 200
        assert witness.exec_driver_sql("PRAGMA data_version").scalar() == before

    assert len([each for each in said if each != "BEGIN"]) <= most, said


def test_the_pages_speak_english(sqlite_world):
    case_id = sqlite_world.submitted()
    browser = signed_in(sqlite_world, "donglong")
    browser.post("/language", {"language": "en"})

    assert "Fuzhou Municipal Government Quality Award" in words(browser.get("/awards"))
    page = words(browser.get(f"/my/applications/{case_id}"))
    assert "Songxia Town" in page
