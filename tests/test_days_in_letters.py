"""Official letters write a day as 2026年11月24日, without its weekday, in both languages."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from tests.pages import signed_in, words
from tests.referring import written
from tests.world import World
from workflow.storage.tables import Person
from workflow.sweeps.reminders import run_reminders

WEEKDAY = re.compile(r"日（[一二三四五六日]）|\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(day)?\b")


@pytest.mark.parametrize(("locale", "written_day"), [("zh", "2026年11月"), ("en", "November ")])
def test_a_referral_letter_names_no_weekday_drafted_or_signed(
    sqlite_world: World, late_case: int, locale: str, written_day: str
) -> None:
    run_reminders(sqlite_world.store, sqlite_world.now)
    with sqlite_world.store.writing() as session:
        session.execute(update(Person).values(locale=locale))
        session.commit()
    referral = written(sqlite_world, late_case)
    drafted = letter_of(sqlite_world, "zhao", referral)
    sqlite_world.do("qian", "sign", referral)

    for letter in (drafted, letter_of(sqlite_world, "hemin", referral)):
        assert written_day in letter
        assert WEEKDAY.search(letter) is None, letter


def test_the_wording_offered_for_a_referral_names_no_weekday(sqlite_world: World, late_case: int) -> None:
    page = signed_in(sqlite_world, "zhao").get(f"/referrals/draft?application={late_case}")

    (offered,) = re.findall(r'<textarea[^>]*name="account_of_facts"[^>]*>(.*?)</textarea>', page.text, re.S)

    assert "2026年11月" in offered
    assert WEEKDAY.search(offered) is None


def letter_of(world: World, account: str, referral: int) -> str:
    return words(signed_in(world, account).get(f"/referrals/{referral}/letter"))
