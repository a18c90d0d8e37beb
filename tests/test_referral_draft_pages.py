"""The form of a referral: from a late step to a draft, its mistakes, and another handler in the end."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.pages import signed_in, words
from tests.referring import TYPED, version
from tests.world import World
from workflow.storage.cases import Case, Referral
from workflow.storage.people import Unit


def form(world: World, application_id: int, **changes: str) -> dict[str, str]:
    return (
        {"application": str(application_id), "about_unit": str(world.case(application_id).unit_id)}
        | TYPED
        | changes
    )


def test_only_the_joint_meeting_office_drafts(sqlite_world, late_case):
    for account in ("hemin", "zheng", "leader", "huang", "wang", "sun", "donglong"):
        browser = signed_in(sqlite_world, account)
        assert browser.get(f"/referrals/draft?application={late_case}").status_code == 403, account
        assert browser.post("/referrals/draft", form(sqlite_world, late_case)).status_code == 403, account
    assert signed_in(sqlite_world, "zhao").get("/referrals/draft").status_code == 200


def test_the_draft_begins_with_what_the_record_says(sqlite_world, late_case):
    page = signed_in(sqlite_world, "zhao").get(f"/referrals/draft?application={late_case}")

    assert re.search(r'<option value="\d+" selected>松下镇', page.text)
    assert re.search(r'<option value="\d+" selected>林秀英（松下镇）', page.text)
    assert re.search(r'<optgroup label="([^"]+)"', page.text)[1] == "松下镇"
    facts = re.search(r'name="account_of_facts".*?>(.*?)</textarea>', page.text, re.S)[1]
    assert "于 2026年11月2日进入“乡镇初审”环节，由松下镇林秀英承办" in facts
    assert "时限 5 个工作日，应于 2026年11月9日办结" in facts
    assert "截至 2026年11月18日，已超期 7 个工作日，仍未办结" in facts
    assert "“红色超期”" in facts
    assert "以这个环节的超期为据" in words(page)


def test_from_a_late_case_to_another_handler_all_on_the_pages(sqlite_world, late_case):
    zhao, qian = signed_in(sqlite_world, "zhao"), signed_in(sqlite_world, "qian")
    hemin, chen = signed_in(sqlite_world, "hemin"), signed_in(sqlite_world, "chen")

    answer = zhao.post("/referrals/draft", form(sqlite_world, late_case))
    address = answer.location
    referral = int(address.rsplit("/", 1)[1])
    assert answer.status_code == 303
    assert "审签后一并转入效能办" in words(qian.get(address))

    signed = qian.post(f"{address}/act/sign", version(sqlite_world, referral))
    assert (signed.status_code, signed.location) == (303, address)
    assert "已审签，转入“已移送”" in words(qian.get(address))
    assert sqlite_world.case(late_case).state == "efficiency_office"

    assert hemin.post(f"{address}/act/receive", version(sqlite_world, referral)).status_code == 303
    page = hemin.get(f"/applications/{late_case}")
    choices = re.search(r'<select[^>]*id="order_handling-handler".*?</select>', page.text, re.S)[0]
    assert "陈志强" in choices
    assert "柯美云" in choices
    assert "林秀英" not in choices
    assert "王海峰" not in choices
    ordered = hemin.post(
        f"/applications/{late_case}/act/order_handling",
        {
            **version(sqlite_world, late_case),
            "handler": sqlite_world.person_id("chen"),
            "limit_days": "3",
            "reason": "原承办人拖延",
        },
    )
    assert ordered.status_code == 303
    assert sqlite_world.case(late_case).handler_id == sqlite_world.person_id("chen")
    recommended = chen.post(f"/applications/{late_case}/act/recommend", version(sqlite_world, late_case))
    assert recommended.status_code == 303
    assert "现为“市监局审核”" in words(hemin.get(address))


def test_mistakes_are_named_at_their_fields_and_nothing_typed_is_lost(sqlite_world, late_case):
    zhao = signed_in(sqlite_world, "zhao")

    answer = zhao.post(
        "/referrals/draft", form(sqlite_world, late_case, problem="", account_of_facts="", clue="写了很久")
    )

    assert answer.status_code == 422
    assert "请选择问题类型" in words(answer)
    assert "请写明事实经过" in words(answer)
    assert "写了很久" in answer.text


def test_a_case_in_time_needs_a_clue(sqlite_world):
    case_id = sqlite_world.in_precheck()
    zhao = signed_in(sqlite_world, "zhao")

    without = zhao.post("/referrals/draft", form(sqlite_world, case_id, clue=""))

    assert without.status_code == 422
    assert "须写明问题线索" in words(without)
    assert zhao.post("/referrals/draft", form(sqlite_world, case_id)).status_code == 303


def test_the_person_must_have_served_in_the_unit(sqlite_world, late_case):
    zhao = signed_in(sqlite_world, "zhao")

    for stranger in (sqlite_world.person_id("wang"), sqlite_world.person_id("donglong"), 10**9):
        answer = zhao.post("/referrals/draft", form(sqlite_world, late_case, about_person=str(stranger)))
        assert answer.status_code == 422
        assert "没有在被反映的机构任职" in words(answer)


def test_the_late_handler_is_not_named_for_another_unit(sqlite_world, late_case):
    with sqlite_world.store.reading() as session:
        bureau = session.scalars(select(Unit.id).where(Unit.code == "350112-SCJG")).one()

    signed_in(sqlite_world, "zhao").post(
        "/referrals/draft", form(sqlite_world, late_case, about_unit=str(bureau))
    )

    with sqlite_world.store.reading() as session:
        assert session.scalars(select(Referral)).one().about_person_id is None


@pytest.mark.parametrize("application", ["x", "0", "-1", "９", "1e3", "9" * 30, "1000000000"])
def test_an_application_that_is_none_is_not_found(sqlite_world, late_case, application):
    zhao = signed_in(sqlite_world, "zhao")

    assert zhao.get(f"/referrals/draft?application={application}").status_code == 404
    assert (
        zhao.post("/referrals/draft", form(sqlite_world, late_case, application=application)).status_code
        == 404
    )


def test_a_draft_of_the_firm_and_a_referral_are_no_ground(sqlite_world, drafted):
    zhao = signed_in(sqlite_world, "zhao")

    for case_id in (sqlite_world.draft("jinlun"), drafted):
        assert zhao.get(f"/referrals/draft?application={case_id}").status_code == 404


def test_a_clue_about_a_unit_needs_no_application(sqlite_world):
    zhao = signed_in(sqlite_world, "zhao")
    with sqlite_world.store.reading() as session:
        finance = session.scalars(select(Unit.id).where(Unit.code == "350112-CZJ")).one()

    answer = zhao.post("/referrals/draft", {"about_unit": finance, **TYPED})

    page = words(zhao.get(answer.location))
    assert "移送：区财政局 · 慢作为" in page
    assert "不涉及申请件的问题线索" in page
    assert "企业来信" in page


def test_a_draft_that_is_discarded_frees_the_case_for_another(sqlite_world, late_case, drafted):
    zhao = signed_in(sqlite_world, "zhao")
    assert "本件已有移送在办" in words(zhao.get(f"/referrals/draft?application={late_case}"))

    zhao.post(f"/referrals/{drafted}/act/discard", {**version(sqlite_world, drafted), "reason": "重写"})

    assert "本件已有移送在办" not in words(zhao.get(f"/referrals/draft?application={late_case}"))
    with sqlite_world.store.reading() as session:
        assert session.get_one(Case, drafted).number is None
