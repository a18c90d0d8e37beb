"""The pages of the form: saved one by one, kept while wrong, stale when overtaken."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.applying import FIFTH, begun, complete_draft, count, organisation_id, saved, submit
from tests.pages import signed_in, words
from tests.world import typed_facts
from workflow.storage.people import OrganisationAccount


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


@pytest.mark.parametrize("language", ["zh", "en"])
def test_how_a_new_account_is_added_names_the_buttons_as_they_are_written(sqlite_world, language):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)
    browser.post("/language", {"language": language})

    page = browser.get(f"/my/applications/{case_id}/contact").text

    buttons = re.findall(r'<button class="btn [^"]+" name="go"[^>]*>([^<]+)</button>', page)
    assert re.findall("“([^”]+)”", re.search(r'id="new-account".*?</details>', page, re.DOTALL)[0]) == buttons


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
