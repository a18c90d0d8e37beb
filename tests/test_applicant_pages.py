"""The pages of applicants: registering, choosing an award, filling in, submitting, following, correcting."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from tests.pages import Browser, app_of, signed_in, statements, words, writers_while_hashing
from tests.stored_files import files_below
from tests.world import World, credit_code, required_evidence, typed_facts
from workflow.applications import apart, pictures
from workflow.applications.evidence import evidence_of
from workflow.storage.people import Organisation, OrganisationAccount, Person
from workflow.storage.tables import Application, Case, Evidence, Unit

REGISTRATION = {
    "credit_code": credit_code("91350112MA000008", 8),
    "name": "福州长乐新材料有限公司",
    "kind": "enterprise",
    "address": "松下镇示例路 2 号",
    "contact_name": "陈新",
    "contact_phone": "0591-28920000",
    "account": "xincai",
    "password": "Chang-le-2026",
    "password_again": "Chang-le-2026",
}
FIFTH = {
    "edition": "5",
    "document_title": "关于公布第五届福州市政府质量奖获奖名单的通知",
    "document_number": "榕政综〔2021〕12号",
    "document_on": "2021-02-08",
}


def township(world: World, code: str) -> int:
    with world.store.reading() as session:
        return session.scalars(select(Unit.id).where(Unit.code == code)).one()


def count(world: World, table: type) -> int:
    with world.store.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def organisation_id(world: World, account: str) -> int:
    return next(iter(world.actor(account).organisation_ids))


def begun(browser: Browser, world: World, line: str = "Q1-5", account: str = "donglong", **more: str) -> int:
    """A draft begun on the line's page."""
    fields = {"organisation": organisation_id(world, account), **more}
    answer = browser.post(f"/awards/{line}/start", fields)
    assert answer.status_code == 303
    return int(re.search(r"applications/(\d+)/facts", answer.location)[1])


def saved(browser: Browser, world: World, case_id: int, page: str, **typed: str) -> Any:
    """A page of the form saved on the version the case has now."""
    fields = {"seen_version": world.case(case_id).version, "go": "next", **typed}
    return browser.post(f"/my/applications/{case_id}/{page}", fields)


def png() -> bytes:
    written = BytesIO()
    Image.new("RGB", (60, 40), "white").save(written, "PNG")
    return written.getvalue()


def pdf() -> bytes:
    written = BytesIO()
    page = Image.new("RGB", (60, 40), "white")
    page.save(written, "PDF", save_all=True, append_images=[page])
    return written.getvalue()


def uploaded(browser: Browser, case_id: int, requirement: str, *files: tuple[bytes, str], go: str = "stay"):
    parts = {requirement: [(BytesIO(content), name) for content, name in files], "go": go}
    return browser.post(f"/my/applications/{case_id}/evidence", parts, content_type="multipart/form-data")


def with_all_evidence(browser: Browser, case_id: int, line: str = "Q1-5") -> None:
    for requirement in required_evidence(line):
        assert uploaded(browser, case_id, requirement, (pdf(), f"{requirement}.pdf")).status_code == 303


def submit(browser: Browser, world: World, case_id: int, **fields: str):
    seen = {"seen_version": world.case(case_id).version, "promise": "yes"}
    return browser.post(f"/my/applications/{case_id}/submit", {**seen, **fields})


def complete_draft(browser: Browser, world: World) -> int:
    case_id = begun(browser, world)
    saved(browser, world, case_id, "facts", **FIFTH)
    with_all_evidence(browser, case_id)
    return case_id


# Registering


def test_anybody_sees_the_registration_with_the_townships_of_today(sqlite_world):
    page = Browser(app_of(sqlite_world)).get("/register")

    assert page.status_code == 200
    assert "文武砂街道" in page.text
    assert "文武砂镇" not in page.text


def test_an_organisation_registers_and_is_signed_in(sqlite_world):
    browser = Browser(app_of(sqlite_world))

    answer = browser.post("/register", {**REGISTRATION, "township": township(sqlite_world, "350112104")})

    assert (answer.status_code, answer.location) == (303, "/my")
    assert "福州长乐新材料有限公司 · 陈新" in browser.get("/my").text
    with sqlite_world.store.reading() as session:
        person = session.scalars(select(Person).where(Person.account == "xincai")).one()
        assert person.memberships[0].organisation.credit_code == REGISTRATION["credit_code"]


def test_the_password_of_a_registration_is_hashed_before_anything_is_locked(sqlite_world, monkeypatch):
    writers = writers_while_hashing(sqlite_world, monkeypatch)
    fields = {**REGISTRATION, "township": township(sqlite_world, "350112104")}

    assert Browser(app_of(sqlite_world)).post("/register", fields).status_code == 303

    assert writers == [0]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"credit_code": "91350112MA000008"}, "credit_code", "应为 18 位"),
        ({"credit_code": REGISTRATION["credit_code"][:-1] + "?"}, "credit_code", "第 18 位不能是"),
        ({"credit_code": REGISTRATION["credit_code"][:-1] + "3"}, "credit_code", "校验码不符"),
        ({"credit_code": credit_code("91350112MA000000", 0)}, "credit_code", "已经登记"),
        ({"kind": "family"}, "kind", "请选择单位类型"),
        ({"township": ""}, "township", "请选择所在乡镇"),
        ({"contact_phone": "28920000"}, "contact_phone", "缺少区号"),
        ({"account": "lin"}, "account", "已被使用"),
        ({"password": "short", "password_again": "short"}, "password", "至少要有 10 个字符"),
        ({"password_again": "something else"}, "password_again", "不一样"),
    ],
)
def test_a_wrong_registration_is_said_at_its_field_and_keeps_what_was_typed(
    sqlite_world, typed, field, sentence
):
    fields = {**REGISTRATION, "township": township(sqlite_world, "350112104"), **typed}

    answer = Browser(app_of(sqlite_world)).post("/register", fields)

    assert answer.status_code == 422
    error = re.search(rf'id="{field}-error">([^<]+)<', answer.text)
    assert error is not None
    assert sentence in error[1]
    assert f'value="{REGISTRATION["name"]}"' in answer.text
    assert "Chang-le-2026" not in answer.text
    assert count(sqlite_world, Organisation) == 3


def test_the_township_that_was_succeeded_cannot_be_chosen(sqlite_world):
    fields = {**REGISTRATION, "township": township(sqlite_world, "350112107")}

    answer = Browser(app_of(sqlite_world)).post("/register", fields)

    assert answer.status_code == 422
    assert "请选择“文武砂街道”" in words(answer)


# Home


def test_a_new_applicant_is_led_to_what_could_be_claimed(sqlite_world):
    page = signed_in(sqlite_world, "donglong").get("/my")

    assert "您还没有申请过奖励" in words(page)
    assert 'href="/awards"' in page.text


def test_what_waits_for_her_comes_first_and_in_red(sqlite_world):
    asked = sqlite_world.submitted(line="S2-2")
    sqlite_world.do("lin", "request_correction", asked, defects=["补交前言。", "补盖公章。"])
    sqlite_world.submitted(line="M4-1")

    page = signed_in(sqlite_world, "donglong").get("/my")

    assert "有 1 件申请等您补正" in words(page)
    assert "补正 2 项内容，逾期视为撤回" in words(page)
    assert page.text.index("case-card-asks") < page.text.index("ISO 10012")


def test_a_card_says_who_holds_the_application_until_when(sqlite_world):
    sqlite_world.submitted()

    said = words(signed_in(sqlite_world, "donglong").get("/my"))

    assert "您有 1 件申请正在办理" in said
    assert "已提交：松下镇，应于 11月9日（一）前办结" in said


def test_drafts_can_be_taken_up_again(sqlite_world):
    case_id = sqlite_world.draft()

    page = signed_in(sqlite_world, "donglong").get("/my")

    assert f'href="/my/applications/{case_id}/facts"' in page.text


# Choosing the award


def test_all_lines_stand_on_one_page_with_amount_and_clause(sqlite_world):
    page = signed_in(sqlite_world, "donglong").get("/awards")

    assert page.text.count('class="award-name"') == 35
    assert "共 35 项" in words(page)
    assert "200 万元" in words(page)
    assert "1.设政府质量奖。对获得中国质量奖" in words(page)


def test_the_list_narrows_by_item_level_and_role(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")

    lead = browser.get("/awards?item=3&level=national&role=lead")

    assert lead.text.count('class="award-name"') == 4
    assert "主导制（修）订国家标准" in words(lead)
    assert "没有同时符合这些条件的奖项" in words(browser.get("/awards?item=2&level=municipal"))


def test_a_line_that_is_not_for_this_kind_says_so_in_the_list(sqlite_world):
    said = words(signed_in(sqlite_world, "jiance").get("/awards?item=4"))

    assert "不能申请：申报单位是“技术检测机构”，本奖项只受理：企业" in said


def test_the_page_of_a_line_says_amount_evidence_and_highest_only_before_the_first_field(sqlite_world):
    said = words(signed_in(sqlite_world, "donglong").get("/awards/Q1-5"))

    assert "50 万元" in said
    assert "获奖证书" in said
    assert "无论哪一年度，可得 50 万元" in said


def test_the_page_of_a_line_tells_what_an_earlier_claim_of_the_year_leaves(sqlite_world):
    sqlite_world.submitted(line="Q1-3", **{**FIFTH, "edition": "6"})
    browser = signed_in(sqlite_world, "donglong")

    said = words(browser.get("/awards/Q1-5"))

    assert "2021 年度 0 万元 就高不重复，见 CL2026-0001" in said
    assert "其他年度 50 万元" in said
    assert "2022 年度 50 万元" in words(browser.get("/awards/Q1-5?awarded_on=2022-02-08"))


def test_the_fourth_list_is_refused_before_the_form(sqlite_world):
    said = words(signed_in(sqlite_world, "donglong").get("/awards/Q1-5?awarded_on=2019-07-05"))

    assert "按现有情况不能申请" in said
    assert "早于政策施行之日（2020年1月1日）" in said


def test_a_day_that_is_none_is_said_at_its_field(sqlite_world):
    page = signed_in(sqlite_world, "donglong").get("/awards/Q1-5?awarded_on=昨天")

    assert "例如 2021-02-08" in words(page)
    assert 'value="昨天"' in page.text


def test_a_line_once_for_an_organisation_names_the_claim_there_is(sqlite_world):
    sqlite_world.submitted(line="M4-1")

    said = words(signed_in(sqlite_world, "donglong").get("/awards/M4-1"))

    assert "已有申请件 CL2026-0001，每个单位只奖一次" in said


def test_a_line_no_policy_has_is_not_found(sqlite_world):
    assert signed_in(sqlite_world, "donglong").get("/awards/Z9-9").status_code == 404


def test_nobody_begins_a_draft_for_an_organisation_of_others(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")

    answer = browser.post("/awards/Q1-5/start", {"organisation": organisation_id(sqlite_world, "jinlun")})

    assert answer.status_code == 404
    assert browser.get(f"/awards?organisation={organisation_id(sqlite_world, 'jinlun')}").status_code == 404
    assert count(sqlite_world, Application) == 0


# The form


def test_every_page_of_a_fresh_form_opens_without_errors(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    for page in ("facts", "contact", "evidence"):
        answer = browser.get(f"/my/applications/{case_id}/{page}")
        assert answer.status_code == 200
        assert "error-summary" not in answer.text
    assert "还有 10 处要处理" in words(browser.get(f"/my/applications/{case_id}/check"))


def test_facts_are_saved_and_the_form_goes_on(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = saved(browser, sqlite_world, case_id, "facts", **FIFTH)

    assert (answer.status_code, answer.location) == (303, f"/my/applications/{case_id}/contact")
    assert sqlite_world.application(case_id).facts["document_on"] == "2021-02-08"
    assert "本单位可得 50 万元" in words(browser.get(f"/my/applications/{case_id}/facts"))


def test_what_is_wrong_is_kept_and_said_at_its_field(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = saved(browser, sqlite_world, case_id, "facts", edition="第五届", document_on="去年二月")

    assert answer.location == f"/my/applications/{case_id}/facts?checked=1"
    page = browser.get(answer.location)
    assert 'value="第五届"' in page.text
    # A date input would swallow what is no day.
    assert re.search(r'type="text" id="document_on"[^>]* value="去年二月"', page.text)
    assert "“获奖届次”应为整数" in re.search(r'id="edition-error">([^<]+)<', page.text)[1]
    assert "请填写“文件名称”" in re.search(r'id="document_title-error">([^<]+)<', page.text)[1]


def test_a_day_typed_in_chinese_is_understood(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    saved(browser, sqlite_world, case_id, "facts", **{**FIFTH, "document_on": "2021年2月8日"})

    page = browser.get(f"/my/applications/{case_id}/facts")
    assert re.search(r'type="date" id="document_on"[^>]* value="2021-02-08"', page.text)


def test_saving_alone_stays_on_the_page(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = saved(browser, sqlite_world, case_id, "facts", edition="5", go="stay")

    assert answer.location == f"/my/applications/{case_id}/facts"
    assert "error-summary" not in browser.get(answer.location).text


def test_the_fourth_list_is_refused_in_the_form_and_at_submission(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = complete_draft(browser, sqlite_world)
    fourth = {**FIFTH, "edition": "4", "document_on": "2019-07-05"}

    saved(browser, sqlite_world, case_id, "facts", **fourth)

    old = "文件日期2019年7月5日早于政策施行之日（2020年1月1日）"
    assert old in words(browser.get(f"/my/applications/{case_id}/facts"))
    answer = submit(browser, sqlite_world, case_id)
    assert answer.status_code == 403
    assert old in words(answer)
    assert sqlite_world.case(case_id).number is None


def test_a_stale_form_says_who_saved_and_keeps_both_texts(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)
    seen = sqlite_world.case(case_id).version
    saved(browser, sqlite_world, case_id, "facts", **FIFTH)

    answer = browser.post(
        f"/my/applications/{case_id}/facts", {**FIFTH, "edition": "6", "seen_version": seen}
    )

    assert answer.status_code == 409
    assert re.search("董晓东.*保存", words(answer))
    assert re.search(r'id="edition"[^>]* value="6"', answer.text)
    assert "现已保存的是：5" in words(answer)
    assert f'name="seen_version" value="{sqlite_world.case(case_id).version}"' in answer.text
    assert sqlite_world.application(case_id).facts["edition"] == "5"


def test_a_form_without_its_version_is_stale(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    assert browser.post(f"/my/applications/{case_id}/facts", FIFTH).status_code == 409


def test_a_text_too_long_to_keep_is_refused_and_shown_again(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = saved(browser, sqlite_world, case_id, "facts", document_title="长" * 10_001)

    assert answer.status_code == 422
    assert "最多 10000 个字" in words(answer)
    assert "长" * 10_001 in answer.text


def test_a_new_account_is_added_and_chosen_with_the_page(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = saved(
        browser,
        sqlite_world,
        case_id,
        "contact",
        contact_name="董晓东",
        contact_phone="13900000001",
        holder="福建东龙针纺有限公司",
        bank="示例银行",
        number="6228 4800 6800 9",
    )

    assert answer.location == f"/my/applications/{case_id}/evidence"
    with sqlite_world.store.reading() as session:
        account = session.get_one(OrganisationAccount, sqlite_world.application(case_id).account_id)
        assert account.number == "6228480068009"


def test_a_wrong_account_saves_nothing_and_keeps_what_was_typed(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = saved(
        browser, sqlite_world, case_id, "contact", contact_name="王新", bank="示例银行", number="12"
    )

    assert answer.status_code == 422
    assert "银行账号应为 8 至 30 位数字" in re.search(r'id="number-error">([^<]+)<', answer.text)[1]
    assert 'value="王新"' in answer.text
    assert 'value="12"' in answer.text
    assert sqlite_world.application(case_id).contact_name == "董晓东"
    assert count(sqlite_world, OrganisationAccount) == 3


def test_an_account_of_another_organisation_cannot_be_chosen(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)
    with sqlite_world.store.reading() as session:
        other = session.scalars(
            select(OrganisationAccount.id).where(
                OrganisationAccount.organisation_id == organisation_id(sqlite_world, "jinlun")
            )
        ).one()

    answer = saved(
        browser, sqlite_world, case_id, "contact", contact_name="董晓东", contact_phone="", account=str(other)
    )

    assert answer.status_code == 422
    assert "不是本单位登记的账户" in words(answer)


# Evidence


def test_several_files_are_handed_in_for_one_requirement_and_taken_back(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = uploaded(browser, case_id, "award_certificate", (pdf(), "证书.pdf"), (png(), "照片.png"))

    assert answer.status_code == 303
    with sqlite_world.store.reading() as session:
        files = evidence_of(session, case_id)
    assert [file.file_name for file in files] == ["证书.pdf", "照片.png"]
    removed = browser.post(f"/my/applications/{case_id}/evidence/remove", {"evidence": files[0].id})
    assert removed.status_code == 303
    page = browser.get(f"/my/applications/{case_id}/evidence")
    assert "照片.png" in page.text
    assert f"/evidence/{files[0].id}" not in page.text


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"MZ not a pdf", "a.pdf", "内容却不是"),
        (png(), "a.pdf", "内容实际是 PNG"),
        (b"text", "a.txt", "不接受文件“a.txt”的格式"),
        (b"", "a.pdf", "是空的"),
        (png()[:-20], "a.png", "已损坏"),
    ],
)
def test_a_wrong_file_is_said_at_its_field_and_leaves_nothing(sqlite_world, content, name, sentence):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = uploaded(browser, case_id, "award_certificate", (content, name))

    assert answer.status_code == 422
    assert sentence in re.search(r'id="award_certificate-error">([^<]+)<', answer.text)[1]
    assert count(sqlite_world, Evidence) == 0
    assert files_below(sqlite_world.evidence_folder) == []


def test_one_wrong_file_does_not_lose_the_right_ones(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = uploaded(browser, case_id, "award_certificate", (pdf(), "好.pdf"), (b"bad", "坏.pdf"))

    assert answer.status_code == 422
    assert "已上传 1 个文件" in words(answer)
    assert "好.pdf" in answer.text
    assert count(sqlite_world, Evidence) == 1


def test_the_same_file_twice_is_refused(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)
    uploaded(browser, case_id, "award_certificate", (png(), "a.png"))

    answer = uploaded(browser, case_id, "award_certificate", (png(), "a.png"))

    assert answer.status_code == 422
    assert "已经作为“获奖证书”上传过" in words(answer)


def test_missing_evidence_is_named_when_she_wants_to_go_on(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = uploaded(browser, case_id, "award_certificate", (png(), "a.png"), go="next")

    assert answer.location == f"/my/applications/{case_id}/evidence?checked=1"
    assert "缺少必交材料：完税或无欠税证明" in words(browser.get(answer.location))


def test_the_viewer_shows_pages_as_pictures_and_gives_the_original_as_a_download(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)
    uploaded(browser, case_id, "award_certificate", (pdf(), "证书.pdf"))

    viewer = browser.get("/evidence/1")
    picture = browser.get("/evidence/1/page/2.png")
    original = browser.get("/evidence/1/original")

    assert "第 2 页，共 2 页" in words(viewer)
    assert picture.mimetype == "image/png"
    assert picture.data.startswith(b"\x89PNG")
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.headers["X-Content-Type-Options"] == "nosniff"
    assert browser.get("/evidence/1/page/3.png").status_code == 404


def test_nothing_is_being_read_while_a_file_is_opened_or_drawn(sqlite_world, monkeypatch):
    browser = signed_in(sqlite_world, "donglong")
    uploaded(browser, begun(browser, sqlite_world), "award_certificate", (pdf(), "证书.pdf"))
    usual, readers = apart.opened_apart, []

    def watched(*asked):
        readers.append(sqlite_world.store.reader.pool.checkedout())
        return usual(*asked)

    monkeypatch.setattr(pictures, "opened_apart", watched)

    browser.get("/evidence/1")
    browser.get("/evidence/1/page/1.png")

    assert readers == [0, 0]


def test_a_file_whose_bytes_are_lost_says_so(sqlite_world):
    sqlite_world.draft()
    browser = signed_in(sqlite_world, "donglong")

    assert "服务器上找不到这个文件" in words(browser.get("/evidence/1"))
    assert browser.get("/evidence/1/page/1.png").status_code == 404
    assert browser.get("/evidence/1/original").status_code == 404


def test_evidence_of_others_does_not_exist(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)
    uploaded(browser, case_id, "award_certificate", (pdf(), "证书.pdf"))

    for stranger in ("jinlun", "lin", "wang"):
        other = signed_in(sqlite_world, stranger)
        for address in ("/evidence/1", "/evidence/1/page/1.png", "/evidence/1/original", "/evidence/99"):
            assert other.get(address).status_code == 404


# Submitting


def test_a_complete_draft_is_submitted_and_acknowledged(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = complete_draft(browser, sqlite_world)
    assert "已提交 · 松下镇 · 限 11月9日（一）" in words(browser.get(f"/my/applications/{case_id}/check"))

    answer = submit(browser, sqlite_world, case_id)

    assert (answer.status_code, answer.location) == (303, f"/my/applications/{case_id}/receipt")
    receipt = words(browser.get(answer.location))
    for said in (
        "CL2026-0001",
        "福建东龙针纺有限公司",
        credit_code("91350112MA000000", 0),
        "福州市政府质量奖（第五届）",
        "三（二）1",
        "500,000 元",
        "获奖证书 award_certificate.pdf",
        "2026年11月9日前（5 个工作日内）",
        "松下镇 0591-00000009（示例）",
    ):
        assert said in receipt


def test_without_the_promise_nothing_is_submitted(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = complete_draft(browser, sqlite_world)

    answer = submit(browser, sqlite_world, case_id, promise="")

    assert answer.status_code == 403
    assert "请勾选真实性承诺" in re.search(r'id="promise-error">([^<]+)<', answer.text)[1]
    assert sqlite_world.case(case_id).number is None


def test_a_refused_submission_leaves_no_promise_behind(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = submit(browser, sqlite_world, case_id)

    assert answer.status_code == 403
    assert "缺少必交材料：获奖证书" in words(answer)
    assert "没有提交，请先处理下面的问题" in words(answer)
    assert re.search(r'id="promise"[^>]* checked', answer.text)
    assert sqlite_world.application(case_id).promised_at is None


def test_a_form_that_would_be_refused_says_so_instead_of_offering_to_submit(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    page = browser.get(f"/my/applications/{case_id}/check")
    ready = browser.get(f"/my/applications/{complete_draft(browser, sqlite_world)}/check")

    against = re.search(r'<div class="act act-none">.*?</div>', page.text, re.S)[0]
    assert "提交 <span" in against
    assert "缺少必交材料：获奖证书" in against
    assert "act-primary" not in page.text
    assert 'class="act act-primary"><span class="act-label">提交<' in ready.text


def test_a_second_click_is_told_that_the_case_has_moved(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = complete_draft(browser, sqlite_world)
    seen = sqlite_world.case(case_id).version
    submit(browser, sqlite_world, case_id)

    answer = submit(browser, sqlite_world, case_id, seen_version=seen)

    assert answer.status_code == 409
    assert re.search("您已于.*在另一窗口.*办理“(保存|提交)”，这次的办理没有生效", words(answer))
    assert f'href="/cases/{case_id}"' in answer.text
    assert sqlite_world.case(case_id).number == "CL2026-0001"


def test_a_draft_is_discarded_from_its_last_page(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    answer = browser.post(
        f"/my/applications/{case_id}/act",
        {"action": "discard", "seen_version": sqlite_world.case(case_id).version},
    )

    assert (answer.status_code, answer.location) == (303, "/")
    assert sqlite_world.case(case_id).state == "withdrawn"


# Following and correcting


def test_the_application_shows_track_history_clock_and_actions_without_officers_names(sqlite_world):
    case_id = sqlite_world.in_precheck()

    page = signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}")

    said = words(page)
    assert "乡镇初审" in said
    assert "为什么是这一天？" in said
    assert "松下镇 · " in said
    assert "林秀英" not in said
    assert "撤回" in said
    assert "→ 已撤回" in said
    assert "打印回执" in said


def test_a_draft_has_its_form_for_a_page(sqlite_world):
    case_id = sqlite_world.draft()

    answer = signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}")

    assert (answer.status_code, answer.location) == (303, f"/my/applications/{case_id}/facts")


def test_an_application_is_withdrawn_with_a_reason(sqlite_world):
    case_id = sqlite_world.submitted()
    browser = signed_in(sqlite_world, "donglong")

    answer = browser.post(
        f"/my/applications/{case_id}/act",
        {
            "action": "withdraw",
            "reason": "证书有误",
            "seen_version": sqlite_world.case(case_id).version,
        },
    )

    assert answer.status_code == 303
    assert "证书有误" in words(browser.get(answer.location))


def test_a_stale_action_says_who_acted(sqlite_world):
    case_id = sqlite_world.submitted()
    seen = sqlite_world.case(case_id).version
    sqlite_world.do("lin", "take_on", case_id)
    browser = signed_in(sqlite_world, "donglong")

    answer = browser.post(
        f"/my/applications/{case_id}/act",
        {"action": "withdraw", "reason": "证书有误", "seen_version": seen},
    )

    assert answer.status_code == 409
    assert "认领" in words(answer)
    assert f'href="/my/applications/{case_id}">不要这些内容' in answer.text
    assert re.search(r"<textarea[^>]*>\s*证书有误<", answer.text)
    assert sqlite_world.case(case_id).state == "submitted"


def test_an_action_she_has_not_is_refused(sqlite_world):
    case_id = sqlite_world.submitted()

    answer = signed_in(sqlite_world, "donglong").post(
        f"/my/applications/{case_id}/act",
        {"action": "accept", "seen_version": sqlite_world.case(case_id).version},
    )

    assert answer.status_code == 403
    assert sqlite_world.case(case_id).state == "submitted"


def test_defects_stand_on_top_and_on_a_notice_to_print(sqlite_world):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects=["补交前言。", "补盖公章。"])
    browser = signed_in(sqlite_world, "donglong")

    page = words(browser.get(f"/my/applications/{case_id}"))
    notice = browser.get(f"/my/applications/{case_id}/correction")

    assert "请于 11月16日（一）前补正，逾期视为撤回" in page
    assert "去补正" in page
    assert "<li>补交前言。</li><li>补盖公章。</li>" in notice.text
    assert "松下镇" in words(notice)
    assert "2026年11月16日前补正并再次提交" in words(notice)
    assert "送达回执" in words(notice)


def test_a_correction_is_filled_in_on_the_same_pages_and_submitted_again(sqlite_world):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects=["文号有误。"])
    browser = signed_in(sqlite_world, "donglong")
    assert "文号有误。" in words(browser.get(f"/my/applications/{case_id}/facts"))
    saved(browser, sqlite_world, case_id, "facts", document_number="榕政综〔2021〕13号")

    answer = submit(browser, sqlite_world, case_id, note="文号已更正")

    assert (answer.status_code, answer.location) == (303, f"/my/applications/{case_id}")
    assert sqlite_world.case(case_id).state == "submitted"
    assert "已补正并再次提交，编号 CL2026-0001" in words(browser.get(answer.location))


def test_a_correction_begins_where_its_first_defect_is_put_right(sqlite_world):
    case_id = sqlite_world.submitted()
    defects = ["获奖证书缺盖章页。", "文号有误。", "联系电话是空号。", "请重新扫描。"]
    sqlite_world.do("lin", "request_correction", case_id, defects=defects)
    browser = signed_in(sqlite_world, "donglong")

    page = browser.get(f"/my/applications/{case_id}")
    form = browser.get(f"/my/applications/{case_id}/contact")

    assert f'href="/my/applications/{case_id}/correct">去补正' in page.text
    begin = browser.get(f"/my/applications/{case_id}/correct")
    assert begin.location == f"/my/applications/{case_id}/evidence#award_certificate"
    places = re.findall(r'<li><a href="/my/applications/\d+/([^"]+)">[^<]+。</a></li>', form.text)
    assert places == [
        "evidence#award_certificate",
        "facts#document_number",
        "contact#contact_phone",
        "evidence",
    ]


def test_a_correction_in_which_nothing_was_changed_is_warned_and_not_refused(sqlite_world):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects=["文号有误。"])
    browser = signed_in(sqlite_world, "donglong")

    untouched = words(browser.get(f"/my/applications/{case_id}/check"))
    saved(browser, sqlite_world, case_id, "facts", document_number="榕政综〔2021〕13号")
    changed = words(browser.get(f"/my/applications/{case_id}/check"))
    saved(browser, sqlite_world, case_id, "facts", document_number="榕政综〔2021〕12号")
    sqlite_world.do("donglong", "resubmit", case_id)

    assert "要求补正以来，填报内容、材料和账户都没有改动" in untouched
    assert "都没有改动" not in changed
    assert sqlite_world.case(case_id).state == "submitted"


def test_a_form_that_is_with_the_office_says_why_it_cannot_be_changed(sqlite_world):
    case_id = sqlite_world.submitted()

    for page in ("facts", "contact", "evidence", "check"):
        answer = signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}/{page}")
        assert answer.status_code == 403
        assert "不能修改填报内容和材料" in words(answer)


def test_what_was_approved_keeps_its_facts_in_a_correction_of_the_payment(sqlite_world):
    case_id = sqlite_world.awaiting_payment()
    sqlite_world.do("sun", "request_correction", case_id, defects=["账户名称不符。"])
    browser = signed_in(sqlite_world, "donglong")

    page = browser.get(f"/my/applications/{case_id}/facts")
    answer = saved(browser, sqlite_world, case_id, "facts", edition="9")

    assert "成果不能再改" in words(page)
    assert 'name="edition"' not in page.text
    assert answer.status_code == 403
    assert sqlite_world.application(case_id).facts["edition"] != "9"


def test_a_refused_application_is_copied_into_a_fresh_draft(sqlite_world):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "decline", case_id, reason="材料不符。")
    browser = signed_in(sqlite_world, "donglong")
    assert "复制为新的草稿" in words(browser.get(f"/my/applications/{case_id}"))

    answer = browser.post(f"/my/applications/{case_id}/copy")

    assert answer.status_code == 303
    fresh = int(re.search(r"applications/(\d+)/facts", answer.location)[1])
    assert (
        sqlite_world.application(fresh).facts["edition"] == sqlite_world.application(case_id).facts["edition"]
    )


def test_one_that_runs_is_not_copied(sqlite_world):
    case_id = sqlite_world.submitted()

    answer = signed_in(sqlite_world, "donglong").post(f"/my/applications/{case_id}/copy")

    assert answer.status_code == 403
    assert count(sqlite_world, Case) == 1


@pytest.mark.parametrize("page", ["", "/facts", "/contact", "/evidence", "/check", "/receipt", "/correction"])
def test_an_application_of_others_does_not_exist(sqlite_world, page):
    case_id = sqlite_world.submitted()

    for stranger in ("jinlun", "guo"):
        assert signed_in(sqlite_world, stranger).get(f"/my/applications/{case_id}{page}").status_code == 404
    assert signed_in(sqlite_world, "donglong").get(f"/my/applications/999{page}").status_code == 404


@pytest.mark.parametrize("page", ["facts", "contact", "evidence", "evidence/remove", "submit", "act", "copy"])
def test_nobody_changes_an_application_of_others(sqlite_world, page):
    case_id = sqlite_world.draft()
    before = sqlite_world.case(case_id).version

    answer = signed_in(sqlite_world, "jinlun").post(
        f"/my/applications/{case_id}/{page}", {"seen_version": before, "action": "discard", "evidence": 1}
    )

    assert answer.status_code == 404
    assert sqlite_world.case(case_id).version == before


def test_the_account_page_adds_an_account_of_her_own_organisation_alone(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    typed = {"holder": "福建东龙针纺有限公司", "bank": "示例银行", "number": "6228480068009"}
    own, other = (organisation_id(sqlite_world, name) for name in ("donglong", "jinlun"))

    assert browser.post("/my/organisation/accounts", {**typed, "organisation": own}).status_code == 303
    assert "6228 4800 6800 9" in browser.get("/my/organisation").text
    again = browser.post("/my/organisation/accounts", {**typed, "organisation": own})
    assert again.status_code == 422
    assert "已经填写过" in words(again)
    assert browser.post("/my/organisation/accounts", {**typed, "organisation": other}).status_code == 404


# 代录


def test_a_township_officer_finds_the_organisations_of_her_township_alone(sqlite_world):
    browser = signed_in(sqlite_world, "lin")

    assert "福建东龙针纺有限公司" in words(browser.get("/applications/enter?q=针纺"))
    assert "没有找到“锦纶”" in words(browser.get("/applications/enter?q=锦纶"))
    foreign = organisation_id(sqlite_world, "jinlun")
    assert browser.get(f"/awards?organisation={foreign}").status_code == 404


def test_organisations_of_a_succeeded_township_are_found_by_its_successor(sqlite_world):
    with sqlite_world.store.writing() as session:
        old, new = (township(sqlite_world, code) for code in ("350112107", "350112005"))
        lin = sqlite_world.actor("lin").person_id
        session.execute(update(Organisation).values(township_id=old))
        session.execute(
            update(Person.memberships.property.mapper.class_)
            .where(Person.memberships.property.mapper.class_.person_id == lin)
            .values(unit_id=new)
        )
        session.commit()

    assert "福建东龙针纺有限公司" in words(signed_in(sqlite_world, "lin").get("/applications/enter?q=针纺"))


def test_the_officer_registers_an_organisation_of_her_township(sqlite_world):
    browser = signed_in(sqlite_world, "lin")
    typed = {**REGISTRATION, "township": township(sqlite_world, "350112104")}
    assert browser.get("/applications/enter/organisation").status_code == 200

    elsewhere = browser.post(
        "/applications/enter/organisation", {**typed, "township": township(sqlite_world, "350112111")}
    )
    wrong = browser.post("/applications/enter/organisation", {**typed, "credit_code": "1"})
    answer = browser.post("/applications/enter/organisation", typed)

    assert (elsewhere.status_code, wrong.status_code) == (422, 422)
    assert answer.location == f"/awards?organisation={count(sqlite_world, Organisation)}"


def test_paper_is_entered_only_when_the_originals_were_seen(sqlite_world):
    browser = signed_in(sqlite_world, "lin")
    organisation = organisation_id(sqlite_world, "donglong")

    answer = browser.post("/awards/Q1-5/start", {"organisation": organisation})

    assert answer.status_code == 403
    assert "请确认已见原件" in words(answer)
    assert count(sqlite_world, Case) == 0


def test_the_officer_fills_in_and_submits_what_came_on_paper(sqlite_world):
    browser = signed_in(sqlite_world, "lin")
    case_id = begun(browser, sqlite_world, originals_seen="yes")
    saved(browser, sqlite_world, case_id, "facts", **FIFTH)
    with_all_evidence(browser, case_id)
    assert "代录" in words(browser.get(f"/my/applications/{case_id}/check"))

    answer = submit(browser, sqlite_world, case_id)

    assert answer.location == f"/my/applications/{case_id}/receipt"
    assert "CL2026-0001" in words(browser.get(answer.location))
    assert sqlite_world.application(case_id).entered_by_id == sqlite_world.person_id("lin")
    assert "您有 1 件申请正在办理" in words(signed_in(sqlite_world, "donglong").get("/my"))


def test_the_officer_does_not_change_what_an_organisation_fills_in_itself(sqlite_world):
    case_id = sqlite_world.submitted()
    sqlite_world.do("lin", "request_correction", case_id, defects=["补盖公章。"])

    answer = signed_in(sqlite_world, "lin").get(f"/my/applications/{case_id}/facts")

    assert answer.status_code == 403
    assert "由申报单位自行填报" in words(answer)


# All of them


def test_officers_of_the_district_have_no_business_here(sqlite_world):
    for address in ("/my", "/awards", "/my/organisation", "/applications/enter"):
        assert signed_in(sqlite_world, "wang").get(address).status_code == 403


@pytest.mark.parametrize("line", ["Q1-5", "L2-1", "S1-1", "S2-4", "S3-1", "S4-2", "S5-1", "S6-1", "S7-2"])
def test_every_kind_of_form_opens_filled_in(sqlite_world, line):
    applicant = "jiance" if line == "L2-1" else "donglong"
    case_id = sqlite_world.draft(applicant, line)
    browser = signed_in(sqlite_world, applicant)

    page = browser.get(f"/my/applications/{case_id}/facts")

    assert "error-summary" not in page.text
    for field, text in typed_facts(line, 1).items():
        assert f'name="{field}"' in page.text
        assert text in page.text


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/my", 16),
        ("/awards", 12),
        ("/awards/S2-2", 13),
        ("/my/organisation", 11),
        ("/my/applications/{asked}", 25),
        ("/my/applications/{asked}/receipt", 18),
        ("/my/applications/{asked}/correction", 17),
        ("/my/applications/{asked}/facts", 19),
        ("/my/applications/{asked}/contact", 19),
        ("/my/applications/{asked}/evidence", 19),
        ("/my/applications/{asked}/check", 25),
        ("/evidence/1", 14),
    ],
)
def test_a_page_costs_a_bounded_number_of_statements_and_writes_nothing(sqlite_world, address, most):
    asked = sqlite_world.submitted(line="S2-2")
    sqlite_world.do("lin", "request_correction", asked, defects=["补盖公章。"])
    for line in ("M4-1", "S6-1", "S1-1", "S3-1"):
        sqlite_world.submitted(line=line)
    browser = signed_in(sqlite_world, "donglong")
    address = address.format(asked=asked)
    browser.get(address)

    with sqlite_world.store.reader.connect() as witness:
        before = witness.exec_driver_sql("PRAGMA data_version").scalar()
        with statements(sqlite_world) as said:
            assert browser.get(address).status_code == 200
        assert witness.exec_driver_sql("PRAGMA data_version").scalar() == before

    assert len([each for each in said if each != "BEGIN"]) <= most, said


def test_the_pages_speak_english(sqlite_world):
    case_id = sqlite_world.submitted()
    browser = signed_in(sqlite_world, "donglong")
    browser.post("/language", {"language": "en"})

    assert "Fuzhou Municipal Government Quality Award" in words(browser.get("/awards"))
    page = words(browser.get(f"/my/applications/{case_id}"))
    assert "Songxia Town" in page
