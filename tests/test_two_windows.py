"""One person with two windows on the same case: the slower is told that it was she herself."""

from __future__ import annotations

import pytest

from tests.pages import signed_in, words
from tests.world import World
from workflow.errors import Overtaken
from workflow.process.perform import perform


def test_whoever_was_quicker_in_her_own_other_window_is_not_spoken_of_as_a_third(sqlite_world: World):
    case_id = sqlite_world.submitted()
    seen = sqlite_world.case(case_id).version
    sqlite_world.do("lin", "take_on", case_id)

    with pytest.raises(Overtaken) as error, sqlite_world.store.writing() as session:
        perform(
            session, case_id, "accept", sqlite_world.actor("lin"), now=sqlite_world.now, seen_version=seen
        )

    [chinese], [english] = error.value.sentences("zh"), error.value.sentences("en")
    assert chinese == "您已于11月2日（一）09:02在另一窗口（或上一次点击时）办理“认领”，这次的办理没有生效。"
    assert english.startswith("You took the action “Take on” in another window")
    assert "林秀英" not in english


def test_a_page_sent_from_an_old_window_says_that_she_acted_in_another(sqlite_world: World):
    case_id = sqlite_world.submitted()
    seen = sqlite_world.case(case_id).version
    lin = signed_in(sqlite_world, "lin")
    lin.post(f"/applications/{case_id}/act/take_on", {"seen_version": seen})

    answer = lin.post(f"/applications/{case_id}/act/accept", {"seen_version": seen})

    assert answer.status_code == 409
    assert "在另一窗口（或上一次点击时）办理“认领”" in words(answer)
    assert "林秀英已于" not in words(answer)


def test_a_list_sent_from_an_old_window_says_that_she_acted_in_another(sqlite_world: World):
    case_id = sqlite_world.submitted()
    picked = f"{case_id}.{sqlite_world.case(case_id).version}"
    sqlite_world.do("lin", "take_on", case_id)
    lin = signed_in(sqlite_world, "lin")

    lin.post("/worklist/take-on", {"case": picked})

    assert "您已于11月2日（一）09:02在另一窗口办理“认领”" in words(lin.get("/worklist"))


def test_a_colleague_who_was_quicker_is_still_named(sqlite_world: World):
    case_id = sqlite_world.submitted()
    seen = sqlite_world.case(case_id).version
    sqlite_world.do("chen", "take_on", case_id)

    answer = signed_in(sqlite_world, "lin").post(
        f"/applications/{case_id}/act/accept", {"seen_version": seen}
    )

    assert "陈志强已于" in words(answer)
