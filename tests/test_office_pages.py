"""The officers' pages: worklist, applications, one application, its acts, evidence and papers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select, update
from werkzeug.test import TestResponse

from tests.pages import Browser, signed_in, words
from tests.world import World
from web.office.capital import capital
from workflow.demo.sample_files import sample_files
from workflow.storage.reference import Budget
from workflow.storage.tables import Case, Evidence, OrganisationAccount, Person, Unit

OFFICERS = ("lin", "wang", "zhao", "sun", "xuyuan")
NATIONAL_STANDARD = "S2-2"


@pytest.fixture
def lin(sqlite_world: World) -> Browser:
    """林秀英 of 松下镇."""
    return signed_in(sqlite_world, "lin")


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    for engine in (world.store.reader, world.store.writer):
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in (world.store.reader, world.store.writer):
        event.remove(engine, "before_cursor_execute", note)


def act(browser: Browser, world: World, case_id: int, action: str, **fields: object) -> TestResponse:
    typed = {"seen_version": world.case(case_id).version, **fields}
    return browser.post(f"/applications/{case_id}/act/{action}", typed)


def tile(page: TestResponse, bucket: str) -> str:
    found = re.search(rf'href="/worklist\?bucket={bucket}">.*?tile-number">([^<]+)<', page.text, re.DOTALL)
    assert found is not None
    return found[1]


def card(page: TestResponse, action: str) -> str:
    """The card of one action that can be taken."""
    found = re.search(rf'<(details|form)[^>]* id="act-{action}".*?</\1>', page.text, re.DOTALL)
    assert found is not None, f"no card for {action}"
    return found[0]


def give_files(world: World, case_id: int) -> None:
    """Lay real files behind the evidence of a case."""
    files = sample_files(world.evidence_folder)
    with world.store.writing() as session:
        for given in session.scalars(select(Evidence).where(Evidence.case_id == case_id)):
            stored = files[".pdf"]
            given.sha256, given.size, given.media_type = stored.sha256, stored.size, stored.media_type
        session.commit()


def test_the_worklist_says_first_how_many_are_late_and_with_whom(sqlite_world):
    sqlite_world.in_precheck()
    sqlite_world.submitted(line=NATIONAL_STANDARD)
    sqlite_world.working_days_later(8)

    page = signed_in(sqlite_world, "lin").get("/worklist")

    assert "早上好，本镇有 2 件已超期，其中 1 件在您手上" in words(page)
    assert "最长 3 个工作日" in words(page)


def test_each_tile_counts_its_bucket_and_leads_to_it(sqlite_world):
    late = sqlite_world.in_precheck()
    sqlite_world.working_days_later(6)
    sqlite_world.submitted(line=NATIONAL_STANDARD)
    waiting = sqlite_world.submitted(line="S3-1")
    sqlite_world.do("lin", "request_correction", waiting, defects="缺盖章页")
    lin = signed_in(sqlite_world, "lin")

    page = lin.get("/worklist")
    overdue = lin.get("/worklist?bucket=overdue")

    buckets = ("overdue", "due_today", "near", "later", "waiting")
    assert [tile(page, bucket) for bucket in buckets] == ["1", "0", "0", "1", "1"]
    assert f"/applications/{late}" in overdue.text
    assert "CL2026-0002" not in overdue.text
    assert "等待补正" in lin.get("/worklist?bucket=waiting").text


def test_a_second_stay_in_a_step_is_said_on_the_worklist(sqlite_world, lin):
    case_id = sqlite_world.in_review()
    sqlite_world.do("wang", "return_to_township", case_id, reason="排名有误")

    assert "第 2 次进入本环节" in words(lin.get("/worklist"))


def test_the_worklist_narrows_to_what_is_hers_or_untaken(sqlite_world, lin):
    mine = sqlite_world.in_precheck()
    untaken = sqlite_world.submitted(line=NATIONAL_STANDARD)

    hers, free = lin.get("/worklist?hands=mine"), lin.get("/worklist?hands=untaken")

    assert (f"/applications/{mine}" in hers.text, f"/applications/{untaken}" in hers.text) == (True, False)
    assert (f"/applications/{mine}" in free.text, f"/applications/{untaken}" in free.text) == (False, True)


def test_an_empty_worklist_says_what_that_means(lin):
    page = lin.get("/worklist")

    assert "目前没有要办的件" in words(page)
    assert "新到的件会发消息通知" in words(page)
    assert "没有超期的申请件" in words(lin.get("/worklist?bucket=overdue"))


def test_unknown_filters_and_places_list_everything(sqlite_world, lin):
    sqlite_world.submitted()

    page = lin.get("/worklist?bucket=nonsense&hands=x&section=y&after=z")

    assert page.status_code == 200
    assert "CL2026-0001" in page.text


def test_the_list_goes_on_where_its_page_ended(sqlite_world, lin):
    for _each in range(51):
        sqlite_world.submitted(line=NATIONAL_STANDARD)

    first = lin.get("/worklist")
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following is not None
    second = lin.get(following[1].replace("&amp;", "&"))

    assert "本页 50 件，共 51 件" in words(first)
    assert "CL2026-0051" in second.text
    assert "CL2026-0050" not in second.text


def test_the_bureau_sees_the_trial_amount_beside_the_claimed_one(sqlite_world):
    sqlite_world.in_review(line="S2-4")
    sqlite_world.in_review(line=NATIONAL_STANDARD)

    page = words(signed_in(sqlite_world, "wang").get("/worklist"))

    assert "试算金额" in page
    assert re.search(r"10 万元 0 万元", page)
    assert re.search(r"30 万元 30 万元", page)


def test_the_joint_meeting_office_has_its_parts_with_their_numbers(sqlite_world):
    sqlite_world.in_meeting()
    sqlite_world.in_notice(line=NATIONAL_STANDARD)
    zhao = signed_in(sqlite_world, "zhao")

    page = zhao.get("/worklist")
    notices = zhao.get("/worklist?section=notices")

    assert re.search(r"待审批 1 .*公示中 1 .*异议核查 0", words(page))
    assert "CL2026-0002" in notices.text
    assert "CL2026-0001" not in notices.text


def test_finance_sees_what_is_to_prepare_to_confirm_and_left_of_the_budget(sqlite_world):
    sqlite_world.awaiting_payment()
    prepared = sqlite_world.awaiting_payment("jinlun", "M4-1")
    sqlite_world.do("sun", "prepare", prepared)
    with sqlite_world.store.writing() as session:
        session.add(Budget(year=2026, amount_yuan=1_000_000))
        session.commit()

    maker = words(signed_in(sqlite_world, "sun").get("/worklist"))
    checker = words(signed_in(sqlite_world, "zhou").get("/worklist"))

    assert "待制单 1 待复核 0 已制单，待同事复核 1" in maker
    assert "待制单 1 待复核 1 已制单，待同事复核 0" in checker
    assert "已核定 53 万元，其中已拨付 0 万元，余额 47 万元" in maker


@pytest.mark.parametrize("account", ["zheng", "admin", "donglong"])
def test_only_offices_have_a_worklist(sqlite_world, account):
    assert signed_in(sqlite_world, account).get("/worklist").status_code == 403


def test_taking_on_from_the_list_tells_what_happened_and_what_comes_next(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    sqlite_world.submitted(line=NATIONAL_STANDARD)

    answer = act(lin, sqlite_world, case_id, "take_on")
    page = lin.get(answer.location)

    assert answer.status_code == 303
    assert sqlite_world.case(case_id).handler_id == sqlite_world.person_id("lin")
    assert "已认领，应于 11月9日（一）办结。" in words(page)
    assert "下一件 CL2026-0002" in words(page)


def test_all_applications_are_found_by_state_township_year_and_words(sqlite_world):
    sqlite_world.submitted()
    sqlite_world.submitted("jinlun", NATIONAL_STANDARD)
    sqlite_world.in_precheck("jinlun", "S2-4")
    zheng = signed_in(sqlite_world, "zheng")
    with sqlite_world.store.reading() as session:
        songxia = session.scalars(select(Unit.id).where(Unit.name == "松下镇")).one()

    def found(query: str) -> list[str]:
        return sorted(set(re.findall(r"CL2026-\d{4}", zheng.get(f"/applications?{query}").text)))

    assert found("") == ["CL2026-0001", "CL2026-0002", "CL2026-0003"]
    assert found("state=township_precheck") == ["CL2026-0003"]
    assert found(f"township={songxia}") == ["CL2026-0001"]
    assert found("year=2019") == []
    assert found("words=东龙") == ["CL2026-0001"]
    assert found("words=cl2026-0002") == ["CL2026-0002"]
    assert found("words=91350112MA000001") == ["CL2026-0002", "CL2026-0003"]


def test_a_list_narrowed_to_nothing_says_so(sqlite_world):
    page = words(signed_in(sqlite_world, "zheng").get("/applications?words=没有这家"))

    assert "没有符合条件的申请件" in page
    assert "清除条件" in page


def test_the_register_goes_on_where_its_page_ended(sqlite_world, lin):
    for _each in range(51):
        sqlite_world.submitted(line=NATIONAL_STANDARD)

    first = lin.get("/applications?words=东龙")
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following is not None
    second = lin.get(following[1].replace("&amp;", "&"))

    assert re.findall(r"CL2026-\d{4}", second.text) == ["CL2026-0001"]


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


def test_the_page_shows_facts_track_ledger_evidence_and_history(sqlite_world):
    case_id = sqlite_world.in_precheck(line=NATIONAL_STANDARD)
    sqlite_world.working_days_later(1)
    sqlite_world.do("lin", "request_correction", case_id, defects="缺前言页\n承诺书未盖章")
    sqlite_world.working_days_later(2)
    sqlite_world.do("donglong", "resubmit", case_id, note="已补前言")

    page = words(signed_in(sqlite_world, "lin").get(f"/applications/{case_id}"))

    assert "福建东龙针纺有限公司 · 主导制（修）订国家标准" in page
    assert "依据 三（二）3（2）" in page
    assert "为什么是这一天" in page
    assert "恢复计时，剩 4 日" in page
    assert "必交 7 项，齐全" in page
    assert re.search(r"缺前言页 承诺书未盖章", page)
    assert "“已补前言”" in page


def test_the_frame_of_the_page_leads_to_messages_account_and_search(sqlite_world, lin):
    case_id = sqlite_world.submitted()

    page = lin.get(f"/applications/{case_id}")

    for address in ("/messages", "/account", "/sign-out", "/search"):
        assert re.search(rf'(href|action)="{address}"', page.text), address


def test_the_four_readings_stand_side_by_side_with_the_adopted_one_marked(sqlite_world, lin):
    sqlite_world.submitted(line="S2-4")
    case_id = sqlite_world.submitted(line=NATIONAL_STANDARD)
    sqlite_world.submitted(line="Q1-5")

    page = lin.get(f"/applications/{case_id}")
    trial = re.search(r'<table class="table trial">.*?</table>', page.text, re.DOTALL)
    assert trial is not None
    rows = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", trial[0]))

    assert re.search(r"按项就高 现行口径 两项合并就高 按款就高 按成果就高", rows)
    assert re.search(r"国家标准（排名前三）（本件） 30 30 0 30 30", rows)
    assert re.search(r"地方标准（排名前三） CL2026-0001 10 0 0 0 10", rows)
    assert re.search(r"福州市政府质量奖 CL2026-0003 50 50 50 50 50", rows)
    assert re.search(r"合计（万元） 80 50 80 90", rows)


def test_an_action_shows_before_the_click_where_it_leads_and_who_is_told(sqlite_world, lin):
    case_id = sqlite_world.in_precheck()

    recommend = card(lin.get(f"/applications/{case_id}"), "recommend")

    assert "市监局审核 · 区市场监管局 · 限11月23日（一）" in recommend
    assert "将通知：承办机构人员、申报单位" in recommend


def test_an_unavailable_action_stays_visible_with_every_reason(sqlite_world):
    case_id = sqlite_world.in_precheck()
    sqlite_world.do("lin", "request_correction", case_id, defects="缺页")
    sqlite_world.do("donglong", "resubmit", case_id)

    page = words(signed_in(sqlite_world, "chen").get(f"/applications/{case_id}"))

    assert re.search(r"初审通过 暂不可办 本件由林秀英承办", page)
    assert re.search(r"要求补正 暂不可办 本件由林秀英承办.*? 本机构对这份申请已一次性告知过", page)


def test_an_action_is_done_and_said_in_one_sentence(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    sqlite_world.confirm_accounts()

    answer = act(lin, sqlite_world, case_id, "accept")

    assert answer.status_code == 303
    assert sqlite_world.case(case_id).state == "township_precheck"
    assert "已受理，转入“乡镇初审”，应于 11月9日（一）办结。" in words(lin.get(answer.location))


def test_a_missing_input_is_said_at_its_field_and_on_top(sqlite_world, lin):
    case_id = sqlite_world.submitted()

    answer = act(lin, sqlite_world, case_id, "request_correction", defects="  ")

    assert answer.status_code == 422
    assert '<a href="#request_correction-defects">请填写“补正事项”。</a>' in answer.text
    assert 'id="request_correction-defects-error">请填写“补正事项”。' in answer.text
    assert re.search(r"<details[^>]*id=\"act-request_correction\" open", answer.text)
    assert sqlite_world.case(case_id).state == "submitted"


def test_a_form_that_was_overtaken_says_by_whom_and_keeps_what_was_typed(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    seen = sqlite_world.case(case_id).version
    sqlite_world.do("chen", "take_on", case_id)

    answer = act(lin, sqlite_world, case_id, "decline", seen_version=seen, reason="材料不是本单位的")

    assert answer.status_code == 409
    assert re.search("陈志强已于.*办理“认领”，您这次的办理没有生效", words(answer))
    assert f'href="/applications/{case_id}">不要这些内容，重新打开本件' in answer.text
    assert "材料不是本单位的" in answer.text
    assert sqlite_world.case(case_id).state == "submitted"


def test_what_was_typed_is_shown_again_when_the_action_is_gone(sqlite_world, lin):
    case_id = sqlite_world.in_precheck()
    seen = sqlite_world.case(case_id).version
    sqlite_world.do("lin", "recommend", case_id)

    answer = act(lin, sqlite_world, case_id, "reject", seen_version=seen, reason="排名不符")

    assert answer.status_code == 409
    assert re.search(r"您刚才填写的内容 .*理由 排名不符", words(answer))


def test_a_refused_action_comes_back_with_its_reason(sqlite_world, lin):
    case_id = sqlite_world.submitted()

    answer = act(lin, sqlite_world, case_id, "accept")

    assert answer.status_code == 403
    assert "收款账户尚未确认" in words(answer)


def test_a_form_without_the_version_it_was_made_from_is_not_understood(sqlite_world, lin):
    case_id = sqlite_world.submitted()

    assert lin.post(f"/applications/{case_id}/act/take_on").status_code == 400


def test_what_only_the_system_hands_over_is_not_taken_from_a_form(sqlite_world):
    case_id = sqlite_world.submitted()

    answer = act(signed_in(sqlite_world, "qian"), sqlite_world, case_id, "refer", referral="1")

    assert answer.status_code == 422
    assert sqlite_world.case(case_id).state == "submitted"


def test_the_township_confirms_the_account_the_first_time(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    page = lin.get(f"/applications/{case_id}")
    account_id = sqlite_world.application(case_id).account_id
    assert "6222000000000000" in card(page, "confirm_account")
    assert "受理 暂不可办" in words(page)

    answer = lin.post(f"/applications/{case_id}/account/{account_id}/confirm")

    after = lin.get(answer.location)
    assert "已确认收款账户属于申报单位" in words(after)
    assert "6222000000000000" not in after.text
    assert "act-confirm_account" not in after.text
    with sqlite_world.store.reading() as session:
        confirmed = session.get_one(OrganisationAccount, account_id)
        assert confirmed.confirmed_by_id == sqlite_world.person_id("lin")


def test_who_brought_the_account_in_reads_that_a_colleague_has_to_confirm_it(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    account_id = sqlite_world.application(case_id).account_id
    with sqlite_world.store.writing() as session:
        session.get_one(OrganisationAccount, account_id).added_by_id = sqlite_world.person_id("lin")
        session.commit()

    page = lin.get(f"/applications/{case_id}")
    answer = lin.post(f"/applications/{case_id}/account/{account_id}/confirm")

    assert "act-confirm_account" not in page.text
    assert "确认收款账户 暂不可办 该账户由您添加，须由另一名工作人员核对确认。" in words(page)
    assert answer.status_code == 403
    chen = signed_in(sqlite_world, "chen")
    assert chen.post(f"/applications/{case_id}/account/{account_id}/confirm").status_code == 303


def test_an_account_is_confirmed_once_and_only_through_its_own_application(sqlite_world, lin):
    case_id, other = sqlite_world.in_precheck(), sqlite_world.in_precheck("jinlun")
    account_id = sqlite_world.application(case_id).account_id
    foreign = sqlite_world.application(other).account_id

    again = lin.post(f"/applications/{case_id}/account/{account_id}/confirm")
    elsewhere = lin.post(f"/applications/{case_id}/account/{foreign}/confirm")

    assert (again.status_code, elsewhere.status_code) == (403, 404)
    assert "该账户已经确认过" in words(again)


def test_a_case_is_handed_to_a_colleague_of_the_unit_by_name(sqlite_world, lin):
    case_id = sqlite_world.in_precheck()
    hand_over = card(lin.get(f"/applications/{case_id}"), "hand_over")

    answer = act(lin, sqlite_world, case_id, "hand_over", handler=sqlite_world.person_id("chen"))

    assert re.findall(r'<option value="\d+">([^<]+)<', hand_over) == ["陈志强（松下镇）", "黄丽华（松下镇）"]
    assert "已转办，由陈志强承办" in words(lin.get(answer.location))


def test_handling_is_ordered_from_officers_of_the_kind_of_office_without_the_late_one(sqlite_world):
    case_id = sqlite_world.in_precheck()
    sqlite_world.working_days_later(9)
    sqlite_world.do("xuyuan", "draw", case_id, reason="超期未办")
    xuyuan = signed_in(sqlite_world, "xuyuan")

    order = card(xuyuan.get(f"/applications/{case_id}"), "order_handling")
    answer = act(
        xuyuan, sqlite_world, case_id, "order_handling",
        handler=sqlite_world.person_id("guo"), limit_days=3, reason="限期办结",
    )  # fmt: skip

    assert re.findall(r'optgroup label="([^"]+)"', order)[0] == "松下镇"
    assert "陈志强" in order
    assert "郭建国" in order
    assert "林秀英" not in order
    page = words(xuyuan.get(answer.location))
    assert "由郭建国承办" in page
    assert "交办 “限期办结”" in page
    assert "由郭建国承办 · 限 3 个工作日 · 应于 11月18日（三）办结" in page


def test_who_was_late_stays_in_red_on_the_track_and_in_the_history(sqlite_world):
    case_id = sqlite_world.in_precheck()
    sqlite_world.working_days_later(9)
    sqlite_world.do("lin", "recommend", case_id)

    page = signed_in(sqlite_world, "wang").get(f"/applications/{case_id}")

    red = '<span aria-hidden="true">●</span>'
    assert f'track-note-late">{red} 超期 4 日 · 林秀英<' in page.text
    assert f'event-late">{red} “乡镇初审”超期 4 日 · 林秀英<' in page.text
    assert "超期 4 日" not in words(signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}"))


def test_the_list_of_finance_says_what_to_do_with_each_case(sqlite_world):
    case_id = sqlite_world.awaiting_payment()
    untaken = words(signed_in(sqlite_world, "sun").get("/worklist"))
    sqlite_world.do("sun", "take_on", case_id)
    sqlite_world.do("sun", "prepare", case_id)
    checker = words(signed_in(sqlite_world, "zhou").get("/worklist"))
    maker = words(signed_in(sqlite_world, "sun").get("/worklist"))

    assert "认领 ›" in untaken
    assert "复核 ›" in checker
    assert "查看 ›" not in checker
    assert "复核 ›" not in maker


def test_maker_and_checker_each_see_their_usual_next_action_first(sqlite_world):
    case_id = sqlite_world.awaiting_payment()
    sqlite_world.do("sun", "prepare", case_id)

    maker = signed_in(sqlite_world, "sun").get(f"/applications/{case_id}")
    checker = signed_in(sqlite_world, "zhou").get(f"/applications/{case_id}")

    assert "制单人与复核人不能是同一人" in words(maker)
    assert 'class="act act-primary"' in card(checker, "confirm")
    assert "目前应付 50 万元" in words(maker)
    assert "已制单，待复核" in words(checker)
    assert "重新制单 已制单 50 万元，待复核；重新制单，原单作废" in words(maker)
    assert 'class="act act-primary"' not in card(maker, "prepare")


def test_what_was_done_with_money_names_the_amount_and_the_account_in_full_to_finance_alone(sqlite_world):
    case_id = sqlite_world.awaiting_payment()
    sun, zhou = signed_in(sqlite_world, "sun"), signed_in(sqlite_world, "zhou")

    prepared = sun.get(act(sun, sqlite_world, case_id, "prepare", amount_yuan="200000").location)
    confirmed = zhou.get(act(zhou, sqlite_world, case_id, "confirm", voucher="V-1").location)
    others = signed_in(sqlite_world, "zhao").get(f"/applications/{case_id}")

    assert "已制单，核定 50 万元，金额 20 万元，" in words(prepared)
    assert "已复核拨付，金额 20 万元" in words(confirmed)
    payments = re.search(r"拨付记录.*?</table>", confirmed.text, re.S)[0]
    assert "6222000000000000" in payments
    assert "6222000000000000" not in others.text


def test_the_demand_for_correction_says_until_when_to_correct(sqlite_world, lin):
    case_id = sqlite_world.submitted()

    answer = act(lin, sqlite_world, case_id, "request_correction", defects="缺前言页")

    assert "已要求补正，转入“待补正”，应于 11月16日（一）前补正。" in words(lin.get(answer.location))


def test_evidence_is_looked_at_as_pictures_and_only_downloaded_as_a_file(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    give_files(sqlite_world, case_id)

    page = lin.get(f"/applications/{case_id}")
    viewer = lin.get("/evidence/1")
    picture = lin.get("/evidence/1/page/1.png")
    original = lin.get("/evidence/1/original")

    assert "/evidence/1" in page.text
    assert "/evidence/1/page/1.png" in viewer.text
    assert f"/cases/{case_id}" in viewer.text
    assert "本件材料" in words(viewer)
    assert picture.data.startswith(b"\x89PNG")
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.mimetype == "application/octet-stream"
    assert lin.get("/evidence/1/page/9.png").status_code == 404


def test_a_file_that_is_gone_is_said_in_its_place(sqlite_world, lin):
    sqlite_world.submitted()

    viewer = lin.get("/evidence/1")

    assert "服务器上找不到这个文件" in words(viewer)
    assert lin.get("/evidence/1/original").status_code == 404


def test_papers_exist_once_the_application_has_come_so_far(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    kinds = ("acceptance", "correction", "decision", "notice", "payment", "nonsense")

    def reached() -> list[str]:
        return [kind for kind in kinds if lin.get(f"/applications/{case_id}/print/{kind}").status_code == 200]

    assert reached() == []
    sqlite_world.do("lin", "request_correction", case_id, defects="缺页\n未盖章")
    assert reached() == ["correction"]
    sqlite_world.do("donglong", "resubmit", case_id)
    sqlite_world.confirm_accounts()
    sqlite_world.do("lin", "accept", case_id)
    assert reached() == ["acceptance", "correction"]
    sqlite_world.do("lin", "reject", case_id, reason="不在奖励范围")
    assert reached() == ["acceptance", "correction", "decision"]


def test_what_ends_by_itself_is_no_work_that_is_due(sqlite_world):
    case_id = sqlite_world.in_notice()
    sqlite_world.later(days=7)
    zhao = signed_in(sqlite_world, "zhao")

    home, page = words(zhao.get("/worklist")), words(zhao.get(f"/applications/{case_id}"))

    assert "公示中，11月9日（一）期满，自动转入下一环节" in page
    assert "今天到期" not in page
    assert "11月9日（一）期满 自动转入下一环节" in home
    assert "今天到期 0" in home
    assert "下班前办结" not in home


def test_the_applicant_is_who_has_to_correct_and_the_office_waits(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects=["证书不清晰"])

    page = words(lin.get(f"/applications/{case_id}"))

    assert "申报单位应于11月16日（一）前补正" in page
    assert "11月2日（一）告知申报单位" in page
    assert "收件" not in page


def test_a_notice_of_defects_numbers_them_and_names_the_day(sqlite_world, lin):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects="缺前言页\n承诺书未盖章")

    paper = lin.get(f"/applications/{case_id}/print/correction")

    assert re.search(r"<ol><li>缺前言页</li><li>承诺书未盖章</li></ol>", paper.text)
    assert "请于2026年11月16日前补正。逾期未补正的，视为撤回申请。" in words(paper)


def test_the_public_notice_tells_no_account_identity_or_phone(sqlite_world):
    case_id = sqlite_world.in_notice()
    zhao = signed_in(sqlite_world, "zhao")

    for page in (zhao.get("/applications/notices"), zhao.get(f"/applications/{case_id}/print/notice")):
        assert "福建东龙针纺有限公司" in page.text
        assert "500,000 元" in page.text
        assert "2026年11月2日 至2026年11月9日" in words(page)
        for secret in ("6222", "13900000000", "91350112MA", "董晓东"):
            assert secret not in page.text


def test_the_notice_of_payment_writes_the_amount_in_capitals(sqlite_world):
    case_id = sqlite_world.paid()

    paper = words(signed_in(sqlite_world, "sun").get(f"/applications/{case_id}/print/payment"))

    assert "500,000 元（大写：伍拾万元整）" in paper
    assert "**** 0000" in paper


@pytest.mark.parametrize(
    ("yuan", "written"),
    [
        (50_000, "伍万元整"),
        (205_000, "贰拾万伍仟元整"),
        (1_000_001, "壹佰万零壹元整"),
        (10_010, "壹万零壹拾元整"),
        (100_000_000, "壹亿元整"),
        (100_050_000, "壹亿零伍万元整"),
        (1_007, "壹仟零柒元整"),
    ],
)
def test_capital_characters_leave_no_place_unsaid(yuan, written):
    assert capital(yuan) == written


def test_the_joint_meeting_office_is_told_on_what_a_referral_would_rest(sqlite_world):
    in_time = sqlite_world.in_meeting(line=NATIONAL_STANDARD)
    late = sqlite_world.submitted()
    sqlite_world.working_days_later(7)
    zhao = signed_in(sqlite_world, "zhao")

    assert f'href="/referrals/draft?application={late}"' in zhao.get(f"/applications/{late}").text
    assert "本件有超期的环节" in words(zhao.get(f"/applications/{late}"))
    assert "须写明问题线索" in words(zhao.get(f"/applications/{in_time}"))
    assert "拟移送" not in words(signed_in(sqlite_world, "lin").get(f"/applications/{late}"))


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

    def statements(account: str, path: str) -> int:
        browser = signed_in(sqlite_world, account)
        browser.get(path)
        with counted(sqlite_world) as seen:
            assert browser.get(path).status_code == 200
        return len(seen)

    few = {path: statements("wang", path) for path in ("/worklist", "/applications")}
    page = statements("wang", f"/applications/{case_ids[0]}")
    for _each in range(6):
        sqlite_world.in_review(line=NATIONAL_STANDARD)

    assert {path: statements("wang", path) for path in few} == few
    assert statements("wang", f"/applications/{case_ids[0]}") == page
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
