"""The letter of a referral says what was signed, whatever happens later, to those who may read it."""

from __future__ import annotations

from tests.pages import signed_in, words
from tests.referring import written
from workflow.sweeps.reminders import run_reminders


def test_the_letter_says_who_what_since_when_and_on_what_ground(sqlite_world, drafted):
    before = words(signed_in(sqlite_world, "zhao").get(f"/referrals/{drafted}/letter"))
    sqlite_world.do("qian", "sign", drafted)

    letter = words(signed_in(sqlite_world, "hemin").get(f"/referrals/{drafted}/letter"))

    assert "尚未编号" in before
    expected = [
        "移〔2026〕1号",
        "区效能办：",
        "意见》三（四）",
        "松下镇，林秀英 乡镇（街道）初审员",
        "慢作为",
        "久拖不办",
        "企业来信",
        "超期 7 个工作日",
        "“红色超期”",
        "联系人：联席会议办公室 赵文斌",
    ]
    for said in expected:
        assert said in letter, said


def test_a_signed_letter_stays_what_was_signed_whatever_happens_to_the_case(sqlite_world, late_case, sent):
    signed = words(signed_in(sqlite_world, "hemin").get(f"/referrals/{sent}/letter"))

    sqlite_world.working_days_later(4)
    order = {"handler": sqlite_world.person_id("chen"), "limit_days": 3, "reason": "换人办理"}
    sqlite_world.do("hemin", "order_handling", late_case, **order)
    sqlite_world.do("chen", "recommend", late_case)

    assert "未办结" in signed
    assert words(signed_in(sqlite_world, "hemin").get(f"/referrals/{sent}/letter")) == signed


def test_a_letter_calls_no_notice_late_that_its_timer_ended(sqlite_world):
    application = sqlite_world.awaiting_payment()
    notice_due = sqlite_world.case(application).due_on
    sqlite_world.working_days_later(20)
    run_reminders(sqlite_world.store, sqlite_world.now)
    referral = written(sqlite_world, application)
    sqlite_world.do("qian", "sign", referral)

    letter = words(signed_in(sqlite_world, "hemin").get(f"/referrals/{referral}/letter"))

    assert notice_due is not None
    row = letter[letter.rindex("公示") :]
    assert "–" in row[: row.index("待拨付")], row


def test_the_unit_it_is_about_does_not_read_the_letter(sqlite_world, sent):
    for account in ("huang", "lin", "wang", "sun", "donglong"):
        assert signed_in(sqlite_world, account).get(f"/referrals/{sent}/letter").status_code == 403, account
