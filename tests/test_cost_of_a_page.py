"""A page of one application costs the same however much has happened to it and however much was handed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.pages import signed_in, statements
from tests.referring import corrected_by_head
from tests.world import World
from workflow.storage.tables import Evidence


def correct(world: World, case_id: int) -> None:
    world.do("lin", "comment", case_id, note="已电话联系")
    corrected_by_head(world, case_id)
    hand_in_again(world, case_id)
    world.do("donglong", "resubmit", case_id)
    world.do("huang", "hand_over", case_id, handler=world.person_id("lin"))


def hand_in_again(world: World, case_id: int) -> None:
    """Every file once more."""
    with world.store.writing() as session:
        for paper in session.scalars(select(Evidence).where(Evidence.case_id == case_id)):
            columns = {column.name: getattr(paper, column.name) for column in Evidence.__table__.columns}
            session.add(Evidence(**{**columns, "id": None}))
        session.commit()


def pay_again(world: World, case_id: int) -> None:
    """The bank sends the money back, and it is paid once more."""
    voucher = f"退{world.case(case_id).version}"
    world.do("zhou", "record_return", case_id, amount_yuan=500_000, voucher=voucher, reason="账号错误")
    world.pay(case_id)


@pytest.mark.parametrize(
    ("begin", "once_more", "office"), [(World.in_precheck, correct, "lin"), (World.paid, pay_again, "sun")]
)
def test_the_statements_of_an_application_page_do_not_grow_with_its_history(
    sqlite_world: World,
    begin: Callable[[World], int],
    once_more: Callable[[World, int], None],
    office: str,
) -> None:
    case_id = begin(sqlite_world)
    once_more(sqlite_world, case_id)
    pages = ((office, f"/applications/{case_id}"), ("donglong", f"/my/applications/{case_id}"))

    def costs() -> list[int]:
        return [cost_of(sqlite_world, *page) for page in pages]

    before = costs()
    for _each in range(2):
        once_more(sqlite_world, case_id)

    assert costs() == before


def cost_of(world: World, account: str, path: str) -> int:
    browser = signed_in(world, account)
    browser.get(path)
    with statements(world) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)
