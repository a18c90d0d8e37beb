"""Finding a case by what people say of it: the count of its number, the end of a credit code."""

from __future__ import annotations

import pytest
from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from tests.pages import signed_in, words
from tests.sample_rows import MONDAY, add_case, add_organisation, add_unit, officer
from workflow.lists import matching
from workflow.lists.matching import MOST_NAMES
from workflow.lists.register import Filters, register
from workflow.lists.search import search
from workflow.people.actors import Actor
from workflow.reference import reference_of
from workflow.storage.cases import Case
from workflow.storage.people import Organisation
from workflow.storage.reference import Counter

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def township_id(session: Session) -> int:
    return add_unit(session, "township", "金峰镇")


@pytest.fixture
def lin(session: Session, township_id: int) -> Actor:
    return officer(session, "township_officer", township_id)


def numbered(session: Session, township_id: int, number: str) -> int:
    firm = add_organisation(session, township_id)
    return add_case(session, "submitted", township_id, MONDAY, organisation_id=firm, number=number)


def found(session: Session, actor: Actor, typed: str) -> list[str | None]:
    rows = search(session, actor, reference_of(session), MONDAY, typed).rows
    return [row.number for row in rows]


@pytest.mark.parametrize("typed", ["137", "0137", "００１３７"])
def test_the_count_of_a_number_finds_its_applications_of_all_years_the_newest_first(
    session: Session, township_id: int, lin: Actor, typed: str
):
    for year in (2025, 2026):
        session.add(Counter(series="application", year=year, value=200))
        for number in (37, 137, 138):
            numbered(session, township_id, f"CL{year}-{number:04d}")

    assert found(session, lin, typed) == ["CL2026-0137", "CL2025-0137"]


def test_year_and_count_find_the_one_application(session: Session, township_id: int, lin: Actor):
    for year in (2025, 2026):
        session.add(Counter(series="application", year=year, value=137))
        numbered(session, township_id, f"CL{year}-0137")

    assert found(session, lin, "2025-137") == ["CL2025-0137"]


def test_the_count_of_a_referral_finds_it(session: Session):
    office = add_unit(session, "efficiency_office", "效能办")
    session.add(Counter(series="referral", year=2026, value=12))
    add_case(session, "investigating", office, MONDAY, process="referral", number="移〔2026〕12号")

    assert found(session, officer(session, "efficiency_officer", office), "12") == ["移〔2026〕12号"]


@pytest.mark.parametrize("length", [4, 6])
def test_the_end_of_a_credit_code_finds_its_applications(
    session: Session, township_id: int, lin: Actor, length: int
):
    case_id = numbered(session, township_id, "CL2026-0001")
    numbered(session, township_id, "CL2026-0002")
    organisation = session.get_one(Organisation, session.get_one(Case, case_id).organisation_id)

    typed = organisation.credit_code[-length:].lower()

    assert found(session, lin, typed) == ["CL2026-0001"]
    page = register(session, lin, reference_of(session), MONDAY, Filters(words=typed))
    assert [row.number for row in page.rows] == ["CL2026-0001"]


def test_more_than_the_end_of_a_code_tells_two_of_the_same_end_apart(
    session: Session, township_id: int, lin: Actor
):
    meant = organisation_of(session, numbered(session, township_id, "CL2026-0001"))
    other = organisation_of(session, numbered(session, township_id, "CL2026-0002"))
    other.credit_code, other.code_end = f"{meant.credit_code[:-6]}XX{meant.code_end}", meant.code_end
    session.flush()

    assert found(session, lin, meant.credit_code[-4:]) == ["CL2026-0002", "CL2026-0001"]
    assert found(session, lin, meant.credit_code[-6:]) == ["CL2026-0001"]


def organisation_of(session: Session, case_id: int) -> Organisation:
    return session.get_one(Organisation, session.get_one(Case, case_id).organisation_id)


def test_the_end_of_a_code_is_kept_with_every_organisation(session: Session, township_id: int):
    add_organisation(session, township_id)

    kept = session.execute(text("SELECT credit_code, code_end FROM organisations")).all()

    assert all(code[-4:] == end for code, end in kept)


def test_a_name_too_many_share_is_said_to_be_one(session: Session, township_id: int, lin: Actor):
    for _firm in range(MOST_NAMES + 1):
        add_organisation(session, township_id, "长乐示例公司")
    numbered(session, add_unit(session, "township", "梅花镇"), "CL2026-0001")

    looked_for = search(session, lin, reference_of(session), MONDAY, "公司")

    assert (looked_for.rows, looked_for.more) == ((), True)


def test_as_many_as_are_looked_into_are_not_too_many(session: Session, township_id: int, lin: Actor):
    for _firm in range(MOST_NAMES):
        add_organisation(session, township_id, "长乐示例公司")

    at_most = search(session, lin, reference_of(session), MONDAY, "公司").more
    add_organisation(session, township_id, "长乐示例公司")
    one_more = search(session, lin, reference_of(session), MONDAY, "公司").more

    assert (at_most, one_more) == (False, True)


def test_no_more_organisations_are_looked_into_than_is_said(
    session: Session, township_id: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(matching, "MOST_NAMES", 2)
    for number in range(3):
        numbered(session, township_id, f"CL2026-000{number}")

    by_name = select(Case.id).where(or_(*matching.matches(session, "锦纶")))

    assert len(session.scalars(by_name).all()) == 2


@pytest.mark.parametrize("more", [True, False])
def test_the_register_says_that_a_name_was_too_common_also_above_what_it_found(sqlite_world, more: bool):
    number = sqlite_world.case(sqlite_world.submitted()).number
    with sqlite_world.store.writing() as session:
        township = session.scalars(select(Organisation.township_id).limit(1)).one()
        for _firm in range(MOST_NAMES + more):
            add_organisation(session, township, f"{number}示例公司")
        session.commit()

    page = words(signed_in(sqlite_world, "lin").get(f"/applications?words={number}"))

    assert "福建东龙" in page
    assert ("相符的单位太多，没有逐一查找" in page) == more


def test_the_register_says_that_a_name_was_too_common_where_it_found_nothing(sqlite_world):
    with sqlite_world.store.writing() as session:
        township = session.scalars(select(Organisation.township_id).limit(1)).one()
        for _firm in range(MOST_NAMES + 1):
            add_organisation(session, township, "长乐某某公司")
        session.commit()

    page = words(signed_in(sqlite_world, "lin").get("/applications?words=某某"))

    assert "没有符合条件的申请件" in page
    assert "相符的单位太多，没有逐一查找" in page


def test_a_beginning_too_many_codes_share_is_said_to_be_one(session: Session, township_id: int, lin: Actor):
    for _firm in range(MOST_NAMES + 1):
        add_organisation(session, township_id)
    code = session.scalars(select(Organisation.credit_code).limit(1)).one()

    looked_for = search(session, lin, reference_of(session), MONDAY, code[:2])

    assert looked_for.more


def test_a_firm_does_not_find_with_whom_its_referred_application_lies(sqlite_world):
    case_id = sqlite_world.in_review("donglong")
    sqlite_world.do("qian", "sign", sqlite_world.referral(case_id, clue="群众来信"))

    page = words(signed_in(sqlite_world, "donglong").get("/search?q=福建东龙"))

    assert sqlite_world.case(case_id).state == "efficiency_office"
    assert "已督办" in page
    assert "效能办" not in page


def test_a_firm_finds_which_office_has_its_application(sqlite_world):
    sqlite_world.in_review("donglong")

    assert "区市场监管局" in words(signed_in(sqlite_world, "donglong").get("/search?q=福建东龙"))


def test_the_page_of_what_was_found_says_how_to_type_a_number(sqlite_world):
    case = sqlite_world.case(sqlite_world.submitted())
    browser = signed_in(sqlite_world, "lin")

    assert case.number in words(browser.get("/search?q=1"))
    assert "编号可以只输顺序号（如 137）" in words(browser.get("/search?q=没有的"))
    assert "编号可以只输顺序号（如 137）" in words(browser.get("/applications?words=没有的"))
