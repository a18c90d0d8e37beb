"""An officer enters what an organisation brought on paper."""

from __future__ import annotations

from sqlalchemy import delete, update

from tests.applying import (
    FIFTH,
    REGISTRATION,
    begun,
    count,
    organisation_id,
    saved,
    submit,
    township,
    with_all_evidence,
)
from tests.pages import signed_in, words
from workflow.storage.people import Membership, Organisation, Person
from workflow.storage.tables import Case


def test_a_township_officer_finds_the_organisations_of_her_township_alone(sqlite_world):
    browser = signed_in(sqlite_world, "lin")

    assert "福建东龙针纺有限公司" in words(browser.get("/applications/enter?q=针纺"))
    assert "没有找到“锦纶”" in words(browser.get("/applications/enter?q=锦纶"))
    foreign = organisation_id(sqlite_world, "jinlun")
    assert browser.get(f"/awards?organisation={foreign}").status_code == 404


def test_organisations_of_a_succeeded_township_are_found_by_its_successor(sqlite_world):
    with sqlite_world.store.writing() as session:
        old, new = (township(sqlite_world, code) for code in ("350112107", "350112005"))
        lin = sqlite_world.actor("lin").person_id
        session.execute(update(Organisation).values(township_id=old))
        session.execute(
            update(Person.memberships.property.mapper.class_)
            .where(Person.memberships.property.mapper.class_.person_id == lin)
            .values(unit_id=new)
        )
        session.commit()

    assert "福建东龙针纺有限公司" in words(signed_in(sqlite_world, "lin").get("/applications/enter?q=针纺"))


def test_the_officer_registers_an_organisation_of_her_township(sqlite_world):
    browser = signed_in(sqlite_world, "lin")
    typed = {**REGISTRATION, "township": township(sqlite_world, "350112104")}
    assert browser.get("/applications/enter/organisation").status_code == 200

    elsewhere = browser.post(
        "/applications/enter/organisation", {**typed, "township": township(sqlite_world, "350112111")}
    )
    wrong = browser.post("/applications/enter/organisation", {**typed, "credit_code": "1"})
    answer = browser.post("/applications/enter/organisation", typed)

    assert (elsewhere.status_code, wrong.status_code) == (422, 422)
    assert answer.location == f"/awards?organisation={count(sqlite_world, Organisation)}"


def test_paper_is_entered_only_when_the_originals_were_seen(sqlite_world):
    browser = signed_in(sqlite_world, "lin")
    organisation = organisation_id(sqlite_world, "donglong")

    answer = browser.post("/awards/Q1-5/start", {"organisation": organisation})

    assert answer.status_code == 403
    assert "请确认已见原件" in words(answer)
    assert count(sqlite_world, Case) == 0


def test_the_officer_fills_in_and_submits_what_came_on_paper(sqlite_world):
    browser = signed_in(sqlite_world, "lin")
    case_id = begun(browser, sqlite_world, originals_seen="yes")
    saved(browser, sqlite_world, case_id, "facts", **FIFTH)
    with_all_evidence(browser, case_id)
    assert "代录" in words(browser.get(f"/my/applications/{case_id}/check"))

    answer = submit(browser, sqlite_world, case_id)

    assert answer.location == f"/my/applications/{case_id}/receipt"
    assert "CL2026-0001" in words(browser.get(answer.location))
    assert sqlite_world.application(case_id).entered_by_id == sqlite_world.person_id("lin")
    assert "您有 1 件申请正在办理" in words(signed_in(sqlite_world, "donglong").get("/my"))


def test_a_firm_without_an_account_is_sent_to_its_township_to_ask(sqlite_world):
    browser = signed_in(sqlite_world, "lin")
    case_id = begun(browser, sqlite_world, originals_seen="yes")
    saved(browser, sqlite_world, case_id, "facts", **FIFTH)
    with_all_evidence(browser, case_id)
    submit(browser, sqlite_world, case_id)
    sqlite_world.confirm_accounts()
    sqlite_world.do("chen", "accept", case_id)
    papers = (f"/my/applications/{case_id}/receipt", f"/applications/{case_id}/print/acceptance")
    of_one_with_an_account = [words(browser.get(path)) for path in papers]

    organisation = organisation_id(sqlite_world, "donglong")
    with sqlite_world.store.writing() as session:
        session.execute(delete(Membership).where(Membership.organisation_id == organisation))
        session.commit()

    for said in of_one_with_an_account:
        assert "查询办理进度" in said or "凭申请编号在本系统查询" in said
    for path in papers:
        said = words(browser.get(path))
        assert "办理进度请向所在乡镇（街道）查询。" in said
        assert "系统查询" not in said


def test_the_officer_does_not_change_what_an_organisation_fills_in_itself(sqlite_world):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects=["补盖公章。"])

    answer = signed_in(sqlite_world, "lin").get(f"/my/applications/{case_id}/facts")

    assert answer.status_code == 403
    assert "由申报单位自行填报" in words(answer)
