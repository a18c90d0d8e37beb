"""The budget of a year on its page: set by the head of finance, seen by the offices."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.pages import signed_in, statements, words
from workflow.storage.tables import Budget


def test_the_head_of_finance_sets_the_budget_and_sees_what_is_left(sqlite_world):
    sqlite_world.in_notice()
    head = signed_in(sqlite_world, "zheng_head")

    answer = head.post("/budget", {"year": "2026", "amount_yuan": "２，０００，０００ 元"})

    assert answer.status_code == 303
    page = words(head.get("/budget"))
    assert "2026 年度预算已设为 200 万元" in page
    assert "2026 年度预算余额 150 万元" in page
    assert "已批准占用 50 万元" in page
    assert re.search(r"设定 郑国安，11月\d+日", page)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"amount_yuan": "两千万"}, "amount_yuan", "须为大于 0 的整数"),
        ({"amount_yuan": "0"}, "amount_yuan", "须为大于 0 的整数"),
        ({"amount_yuan": "-5"}, "amount_yuan", "须为大于 0 的整数"),
        ({"amount_yuan": "499999"}, "amount_yuan", "占用 500,000 元"),
        ({"year": "2025"}, "year", "只能设定 2026 年和 2027 年"),
        ({"year": ""}, "year", "只能设定 2026 年和 2027 年"),
    ],
)
def test_a_budget_is_refused_at_the_field(sqlite_world, typed, field, sentence):
    sqlite_world.in_notice()

    page = signed_in(sqlite_world, "zheng_head").post(
        "/budget", {"year": "2026", "amount_yuan": "600000", **typed}
    )

    assert page.status_code == 422
    assert sentence in words(page)
    assert f'id="budget-{field}-error"' in page.text
    assert f'value="{typed.get("amount_yuan", "600000")}"' in page.text
    with sqlite_world.store.reading() as session:
        assert session.scalars(select(Budget)).all() == []


def test_only_the_head_of_finance_sets_budgets(sqlite_world):
    officer = signed_in(sqlite_world, "sun")

    assert "年度预算由财政局分管领导设定" in words(officer.get("/budget"))
    assert officer.post("/budget", {"year": "2026", "amount_yuan": "1000"}).status_code == 403
    for account in ("zhao", "wang", "zheng", "leader"):
        assert signed_in(sqlite_world, account).get("/budget").status_code == 200
    assert signed_in(sqlite_world, "admin").get("/budget").status_code == 403


def test_a_year_of_budgets_costs_a_bounded_number_of_statements(sqlite_world):
    head = signed_in(sqlite_world, "zheng_head")
    head.get("/budget")

    with statements(sqlite_world) as said:
        assert head.get("/budget").status_code == 200

    assert len(said) <= 13, said
