"""What holds on all pages of offices: for whom they exist, what they cost, that looking changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select, update

from tests.office_desk import NATIONAL_STANDARD, act, card, give_files
from tests.pages import signed_in, statements, words
from workflow.storage.tables import Case, Person

OFFICERS = ("lin", "wang", "zhao", "sun", "xuyuan")


@pytest.mark.parametrize(
    "path",
    [
        "/applications/{}",
        "/applications/{}/print/acceptance",
        "/evidence/1",
        "/evidence/1/page/1.png",
        "/evidence/1/original",
    ],
)
def test_what_belongs_to_another_township_does_not_exist(sqlite_world, path):
    case_id = sqlite_world.in_precheck()
    give_files(sqlite_world, case_id)

    assert signed_in(sqlite_world, "guo").get(path.format(case_id)).status_code == 404
    assert signed_in(sqlite_world, "lin").get(path.format(case_id)).status_code == 200


def test_an_act_on_another_townships_application_does_not_exist(sqlite_world):
    case_id = sqlite_world.submitted()
    guo = signed_in(sqlite_world, "guo")

    answers = [
        act(guo, sqlite_world, case_id, "accept"),
        guo.post(f"/applications/{case_id}/account/1/confirm"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert sqlite_world.case(case_id).state == "submitted"


def test_looking_changes_nothing(sqlite_world):
    case_id = sqlite_world.in_notice()
    give_files(sqlite_world, case_id)
    paths = [
        "/worklist", "/applications", f"/applications/{case_id}", "/applications/notices",
        "/evidence/1", f"/applications/{case_id}/print/notice",
    ]  # fmt: skip
    browser = signed_in(sqlite_world, "zhao")
    with sqlite_world.store.reader.connect() as watch:

        def data_version() -> int:
            return watch.exec_driver_sql("PRAGMA data_version").scalar_one()

        before = data_version()
        statuses = [browser.get(path).status_code for path in paths]

        assert statuses == [200] * len(paths)
        assert data_version() == before


def test_the_statements_of_a_page_do_not_grow_with_what_it_lists(sqlite_world):
    case_ids = [sqlite_world.in_review(line=NATIONAL_STANDARD) for _each in range(2)]

    def cost_of(account: str, path: str) -> int:
        browser = signed_in(sqlite_world, account)
        browser.get(path)
        with statements(sqlite_world) as seen:
            assert browser.get(path).status_code == 200
        return len(seen)

    few = {path: cost_of("wang", path) for path in ("/worklist", "/applications")}
    page = cost_of("wang", f"/applications/{case_ids[0]}")
    for _each in range(6):
        sqlite_world.in_review(line=NATIONAL_STANDARD)

    assert {path: cost_of("wang", path) for path in few} == few
    assert cost_of("wang", f"/applications/{case_ids[0]}") == page
    assert few["/worklist"] <= 24
    assert few["/applications"] <= 18
    assert page <= 40


@pytest.mark.parametrize(
    ("account", "query", "index"),
    [
        ("lin", "", "ix_cases_township"),
        ("wang", "state=paid", "ix_cases_process_state"),
        ("wang", "words=东龙", "ix_cases_organisation"),
        ("zhao", "words=CL2026-0001", "sqlite_autoindex_cases"),
    ],
)
def test_the_list_of_all_applications_is_read_by_an_index(sqlite_world, account, query, index):
    browser = signed_in(sqlite_world, account)
    plans: list[str] = []

    def explain(connection, cursor, statement, parameters, *_rest):
        if "SELECT cases.id AS case_id" in statement and "credit_code" not in statement.split("FROM")[0]:
            found = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append(" ".join(row[3] for row in found))

    event.listen(sqlite_world.store.reader, "before_cursor_execute", explain)
    browser.get(f"/applications?{query}")
    event.remove(sqlite_world.store.reader, "before_cursor_execute", explain)

    assert len(plans) == 1
    assert index in plans[0]


def test_every_page_speaks_english_to_who_chose_it(sqlite_world):
    case_id = sqlite_world.in_precheck()
    with sqlite_world.store.writing() as session:
        session.execute(update(Person).where(Person.account == "lin").values(locale="en"))
        session.commit()
    lin = signed_in(sqlite_world, "lin")

    assert "Good morning. Nothing is overdue" in words(lin.get("/worklist"))
    assert "Market Supervision Bureau" in card(lin.get(f"/applications/{case_id}"), "recommend")
    assert "Notice of Acceptance" in words(lin.get(f"/applications/{case_id}/print/acceptance"))


@pytest.mark.parametrize("account", OFFICERS)
def test_every_office_opens_an_application_in_each_of_its_states(sqlite_world, account):
    sqlite_world.in_precheck()
    sqlite_world.in_meeting(line=NATIONAL_STANDARD)
    sqlite_world.awaiting_payment(line="M4-1")
    sqlite_world.paid(line="S3-1")
    drawn = sqlite_world.in_review(line="S2-4")
    sqlite_world.do("xuyuan", "draw", drawn, reason="久拖不办")
    browser = signed_in(sqlite_world, account)
    with sqlite_world.store.reading() as session:
        case_ids = session.scalars(select(Case.id)).all()

    assert [browser.get(f"/applications/{case_id}").status_code for case_id in case_ids] == [200] * 5
