"""Referrals on the pages: from a late step to a draft, its signature, the order, and the decision."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from tests.pages import Browser, signed_in, words
from tests.world import World
from workflow.referrals.drafting import draft_referral
from workflow.storage.cases import Case, Referral
from workflow.storage.people import Unit
from workflow.sweeps.reminders import run_reminders

TYPED = {"problem": "slowness", "account_of_facts": "久拖不办", "clue": "企业来信"}


@pytest.fixture
def late_case(sqlite_world: World) -> int:
    """林秀英 lets an application lie in the pre-check until it is twelve days old; everybody was reminded."""
    case_id = sqlite_world.in_precheck()
    sqlite_world.working_days_later(12)
    run_reminders(sqlite_world.store, sqlite_world.now)
    return case_id


@pytest.fixture
def drafted(sqlite_world: World, late_case: int) -> int:
    return written(sqlite_world, late_case)


@pytest.fixture
def sent(sqlite_world: World, drafted: int) -> int:
    sqlite_world.do("qian", "sign", drafted)
    return drafted


def written(world: World, application_id: int | None, unit: str | None = None) -> int:
    with world.store.writing() as session:
        unit_id = session.scalar(select(Unit.id).where(Unit.code == unit)) if unit else None
        referral = draft_referral(
            session, world.actor("zhao"), now=world.now, application_id=application_id,
            about_unit_id=unit_id, about_person_id=None, typed=TYPED,
        ).id  # fmt: skip
        session.commit()
    return referral


def form(world: World, application_id: int, **changes: str) -> dict[str, str]:
    return (
        {"application": str(application_id), "about_unit": str(world.case(application_id).unit_id)}
        | TYPED
        | changes
    )


def version(world: World, case_id: int) -> dict[str, int]:
    return {"seen_version": world.case(case_id).version}


def shown(page: TestResponse) -> list[str]:
    """The addresses of the referrals a list shows."""
    return re.findall(r'<th scope="row" data-label="移送"><a href="([^"]+)"', page.text)


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(world.store.reader, "before_cursor_execute", note)
    yield said
    event.remove(world.store.reader, "before_cursor_execute", note)


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
    assert "于 2026年11月2日（一）进入“乡镇初审”环节，由松下镇林秀英承办" in facts
    assert "时限 5 个工作日，应于 2026年11月9日（一）办结" in facts
    assert "截至 2026年11月18日（三），已超期 7 个工作日，仍未办结" in facts
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


def test_a_stale_form_is_told_who_was_quicker_and_keeps_what_was_typed(sqlite_world, sent):
    hemin, stale = signed_in(sqlite_world, "hemin"), version(sqlite_world, sent)
    sqlite_world.do("xuyuan", "receive", sent)

    answer = hemin.post(f"/referrals/{sent}/act/comment", {**stale, "note": "写了很久的批注"})

    assert answer.status_code == 409
    assert "许志远" in words(answer)
    assert "写了很久的批注" in answer.text
    assert hemin.post(f"/referrals/{sent}/act/comment", {"note": "没有版本"}).status_code == 400


def test_a_colleague_who_is_not_the_head_is_told_why_she_cannot_sign(sqlite_world, drafted):
    zhao = signed_in(sqlite_world, "zhao")

    assert "须由联席会议办公室经办的分管领导办理" in words(zhao.get(f"/referrals/{drafted}"))
    assert zhao.post(f"/referrals/{drafted}/act/sign", version(sqlite_world, drafted)).status_code == 403
    assert sqlite_world.case(drafted).state == "drafted"


def test_what_is_missing_in_an_act_is_said_at_its_field(sqlite_world, sent):
    sqlite_world.do("hemin", "receive", sent)

    answer = signed_in(sqlite_world, "hemin").post(
        f"/referrals/{sent}/act/conclude", {**version(sqlite_world, sent), "reason": "查阅了记录"}
    )

    assert answer.status_code == 422
    assert 'href="#conclude-finding"' in answer.text
    assert "查阅了记录" in answer.text


def test_findings_and_decisions_are_read_by_those_they_concern(sqlite_world, sent):
    sqlite_world.do("hemin", "receive", sent)
    sqlite_world.do("hemin", "conclude", sent, finding="true", reason="确属拖延")
    sqlite_world.do("hemin", "decide", sent, decision="责令书面检查")

    seen = {
        account: words(signed_in(sqlite_world, account).get(f"/referrals/{sent}"))
        for account in ("hemin", "qian", "zhao", "zheng", "leader", "huang", "lin")
    }

    readers = {account for account, page in seen.items() if "确属拖延" in page}
    assert readers == {account for account, page in seen.items() if "属实" in page} == {
        "hemin", "qian", "huang", "lin",
    }  # fmt: skip
    assert {account for account, page in seen.items() if "责令书面检查" in page} == readers
    assert {account for account, page in seen.items() if "久拖不办" not in page} == {"huang", "lin"}
    assert {account for account, page in seen.items() if "企业来信" not in page} == {"huang", "lin"}


def test_a_unit_sees_its_referral_from_the_decision_on(sqlite_world, sent):
    huang = signed_in(sqlite_world, "huang")
    assert huang.get(f"/referrals/{sent}").status_code == 404
    sqlite_world.do("hemin", "receive", sent)
    sqlite_world.do("hemin", "conclude", sent, finding="true", reason="确属拖延")
    sqlite_world.do("hemin", "decide", sent, decision="责令书面检查")
    assert huang.get(f"/referrals/{sent}").status_code == 200
    assert signed_in(sqlite_world, "keyun").get(f"/referrals/{sent}").status_code == 404

    answer = huang.post(
        f"/referrals/{sent}/act/report_rectified", {**version(sqlite_world, sent), "reason": "已书面检查"}
    )

    assert (answer.status_code, answer.location) == (303, f"/referrals/{sent}")
    assert "已报告整改" in words(huang.get(answer.location))
    assert signed_in(sqlite_world, "keyun").get(f"/referrals/{sent}").status_code == 404


def test_an_application_is_no_referral(sqlite_world, late_case):
    assert signed_in(sqlite_world, "zhao").get(f"/referrals/{late_case}").status_code == 404


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


def test_the_efficiency_office_is_at_home_with_what_waits_for_it(sqlite_world, sent, late_case):
    hemin = signed_in(sqlite_world, "hemin")

    home = hemin.get("/", follow_redirects=True)

    assert home.request.path == "/referrals"
    assert "有 1 件移送待签收，1 件申请件待交办" in words(home)
    assert shown(home) == [f"/referrals/{sent}"]
    assert len(shown(hemin.get("/referrals?state=sent"))) == 1


def test_the_efficiency_office_has_the_overdue_list_of_the_district(sqlite_world, late_case):
    home = signed_in(sqlite_world, "xuyuan").get("/referrals")

    assert f'<a href="/applications/{late_case}">' in home.text
    assert 'href="/supervision/overdue"' in home.text


def test_the_red_lists_tell_a_draft_from_a_referral_and_name_another_unit_it_is_about(
    sqlite_world, late_case, drafted
):
    sqlite_world.working_days_later(5)
    before = words(signed_in(sqlite_world, "zheng").get("/supervision"))
    sqlite_world.do("qian", "sign", drafted)
    sqlite_world.working_days_later(7)
    after = words(signed_in(sqlite_world, "zheng").get("/supervision/overdue"))

    assert "拟移送，待审签 审签已超期 2 日" in before
    assert "移送在办（涉及松下镇）" in after
    assert "拟移送，待审签" not in after


def test_the_lists_name_the_act_a_referral_waits_for(sqlite_world, sent):
    received = [words(signed_in(sqlite_world, "xuyuan").get(path)) for path in ("/referrals", "/worklist")]
    watched = words(signed_in(sqlite_world, "zheng").get("/referrals"))
    sqlite_world.do("xuyuan", "receive", sent)
    sqlite_world.do("xuyuan", "ask_detail", sent, reason="请补充")
    asked = [words(signed_in(sqlite_world, "zhao").get(path)) for path in ("/referrals", "/worklist")]

    assert all("签收 ›" in page for page in received)
    assert "签收 ›" not in watched
    assert all("补充 ›" in page for page in asked)


def test_the_efficiency_office_is_told_how_much_of_what_waits_is_late(sqlite_world, sent):
    in_time = words(signed_in(sqlite_world, "xuyuan").get("/referrals"))
    sqlite_world.working_days_later(7)
    late = words(signed_in(sqlite_world, "xuyuan").get("/referrals"))

    assert "有 1 件移送待签收，1 件申请件待交办 " in in_time
    assert "有 1 件移送待签收，1 件申请件待交办，其中 2 件已超期" in late


def test_every_number_of_the_list_opens_as_many_referrals(sqlite_world, sent):
    written(sqlite_world, None, "350112-CZJ")
    qian = signed_in(sqlite_world, "qian")
    page = qian.get("/referrals")

    tabs = re.findall(r'<a href="(/referrals[^"]*)"[^>]*>[^<]* <b>(\d+)</b>', page.text)
    tiles = re.findall(
        r'<a href="(/referrals[^"]*)">\s*<span class="tile-label">.*?tile-number">(\d+)<', page.text, re.S
    )

    assert len(tabs) == 3
    assert len(tiles) == 3
    for href, number in [*tabs, *tiles]:
        assert len(shown(qian.get(href))) == int(number), href


def test_her_own_and_the_closed_ones_are_listed_apart(sqlite_world, drafted, sent):
    other = written(sqlite_world, None, "350112-CZJ")
    sqlite_world.do("qian", "discard", other, reason="查无实据")

    zhao, hemin = signed_in(sqlite_world, "zhao"), signed_in(sqlite_world, "hemin")

    assert shown(zhao.get("/referrals?state=closed")) == [f"/referrals/{other}"]
    assert shown(hemin.get("/referrals?mine=yes")) == []
    sqlite_world.do("hemin", "take_on", sent)
    assert shown(hemin.get("/referrals?mine=yes")) == [f"/referrals/{sent}"]
    assert shown(signed_in(sqlite_world, "xuyuan").get("/referrals?mine=yes")) == []


@pytest.mark.parametrize("account", ["zheng", "leader"])
def test_who_watches_reads_referrals_and_acts_on_none(sqlite_world, sent, account):
    browser = signed_in(sqlite_world, account)

    assert shown(browser.get("/referrals")) == [f"/referrals/{sent}"]
    assert "/act/" not in browser.get(f"/referrals/{sent}").text
    answer = browser.post(f"/referrals/{sent}/act/comment", {**version(sqlite_world, sent), "note": "快"})
    assert answer.status_code == 403


def test_looking_at_referrals_changes_nothing(sqlite_world, sent, late_case):
    zhao = signed_in(sqlite_world, "zhao")
    paths = ("/referrals", f"/referrals/{sent}", f"/referrals/{sent}/letter", "/referrals/draft")
    with sqlite_world.store.reader.connect() as witness:
        before = witness.exec_driver_sql("PRAGMA data_version").scalar()
        for path in (*paths, f"/referrals/draft?application={late_case}"):
            assert zhao.get(path).status_code == 200, path
        assert witness.exec_driver_sql("PRAGMA data_version").scalar() == before


def test_the_pages_cost_a_bounded_number_of_statements(sqlite_world, sent, late_case):
    browser: Browser = signed_in(sqlite_world, "zhao")
    bounds = {
        "/referrals": 20,
        f"/referrals/{sent}": 45,
        f"/referrals/{sent}/letter": 45,
        f"/referrals/draft?application={late_case}": 35,
    }
    for path, most in bounds.items():
        browser.get(path)
        with statements(sqlite_world) as said:
            assert browser.get(path).status_code == 200
        assert len(said) <= most, (path, len(said))


def test_the_pages_speak_english_to_who_chose_it(sqlite_world, sent, late_case):
    zhao = signed_in(sqlite_world, "zhao")
    zhao.post("/language", {"language": "en"})

    for path in ("/referrals", "/referrals/draft", f"/referrals/draft?application={late_case}"):
        page = re.sub(r"<(select|textarea).*?</\1>", "", zhao.get(path).text, flags=re.S)
        said = re.sub(r"<[^>]+>", " ", page)
        left = re.sub("福建\\S+公司|中文|赵文斌|林秀英|移〔2026〕1号", "", said)
        assert not re.search("[\u4e00-\u9fff]", left), (path, re.findall("[\u4e00-\u9fff]+", left))


def test_a_draft_that_is_discarded_frees_the_case_for_another(sqlite_world, late_case, drafted):
    zhao = signed_in(sqlite_world, "zhao")
    assert "本件已有移送在办" in words(zhao.get(f"/referrals/draft?application={late_case}"))

    zhao.post(f"/referrals/{drafted}/act/discard", {**version(sqlite_world, drafted), "reason": "重写"})

    assert "本件已有移送在办" not in words(zhao.get(f"/referrals/draft?application={late_case}"))
    with sqlite_world.store.reading() as session:
        assert session.get_one(Case, drafted).number is None
