"""Defects as they are typed: numbers an officer puts before them are left out, as lists are numbered."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.world import World
from workflow.storage.tables import Event


def last_defects(world: World, case_id: int) -> list[str]:
    asked = select(Event.details).where(Event.case_id == case_id, Event.action == "request_correction")
    with world.store.reading() as session:
        return session.scalars(asked).one()["defects"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2. 缺少验收文件", "缺少验收文件"),
        ("1、缺页", "缺页"),
        ("（3）未盖章", "未盖章"),
        ("2.5 厘米以下的印章看不清", "2.5 厘米以下的印章看不清"),
        ("2021年的证书缺页", "2021年的证书缺页"),
    ],
)
def test_a_defect_is_kept_without_its_number(sqlite_world, typed, kept):
    case_id = sqlite_world.in_precheck()

    sqlite_world.do("lin", "request_correction", case_id, defects=[typed])

    assert last_defects(sqlite_world, case_id) == [kept]
