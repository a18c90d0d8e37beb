"""The story the product is made for, told by its people in a real browser on the real server."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

if TYPE_CHECKING:
    from tests.browsing import Site, Window

pytest_plugins = ("tests.browsing",)
pytestmark = [pytest.mark.browser, pytest.mark.long]

DONGLONG = "福建东龙针纺有限公司"
FIFTH_LIST = {
    "edition": "5",
    "document_title": "福州市人民政府关于公布第五届福州市政府质量奖获奖名单的通知",
    "document_number": "榕政综〔2021〕12号（示例）",
    "document_on": "2021-02-08",
}
FOURTH_LIST = {
    "edition": "4",
    "document_title": "福州市政府第四届政府质量奖获奖名单（报道日期）",
    "document_on": "2019-07-05",
}
DEFECTS = "表彰文件缺第 2 页\n申请表未加盖公章"


def test_from_the_first_click_to_the_money(site: Site) -> None:
    firm = site.new_window()
    number = applies(firm)
    township = site.window("songxia1")
    accepts_after_a_correction(township, firm, number)
    endorses(site.window("shijian1"), number)
    approves(site.window("lianxi1"), number)
    township.move_clock("5")
    township.move_clock("1")

    pays(site, number)

    assert "已拨付" in shown(firm, "/my")
    firm.finds(number)
    assert "50 万元" in firm.says()
    assert "2021 年度" in firm.says()
    firm.picture("paid", whole=True)
    assert not firm.complaints + township.complaints


def test_a_late_application_goes_to_the_efficiency_office_and_comes_back_to_be_paid(site: Site) -> None:
    late = site.window("songxia1")
    number = takes_on_an_untaken_one(late)
    late.move_clock("5", times=2)
    is_told_and_seen_late(site, late, number)

    referral = refers(site, number)
    orders_another_officer(site, number, referral)

    other = site.window("songxia2")
    other.finds(number)
    confirms_account_if_asked(other)
    other.does("accept")
    other.does("recommend", note="材料齐全，建议通过。")
    endorses(site.window("shijian2"), number)
    approves(site.window("lianxi2"), number)
    other.move_clock("5")
    other.move_clock("1")
    pays(site, number)


def test_the_reviewer_sees_why_a_lower_award_is_recognised_without_money(shared_site: Site) -> None:
    reviewer = shared_site.window("shijian1")
    reviewer.open("/applications?state=recognised")
    reviewer.page.locator("table.worklist tbody a").first.click()

    assert "认定不拨付" in reviewer.page.locator(".standing").inner_text()
    assert shows_the_four_readings(reviewer)
    trial = reviewer.page.get_by_role("region", name="奖励试算")
    assert trial.locator("tbody tr").count() >= 2
    trial.scroll_into_view_if_needed()
    reviewer.picture("trial")


def test_an_award_older_than_the_policy_is_refused_and_cannot_be_submitted(shared_site: Site) -> None:
    firm = shared_site.window("jinjiang")
    begins(firm)

    firm.page.get_by_role("button", name="保存并继续").click()
    for name, text in FOURTH_LIST.items():
        firm.page.locator(f"#{name}").fill(text)
    firm.page.get_by_role("button", name="保存并继续").click()

    assert "/facts" in firm.page.url
    assert "2020年1月1日" in refusal(firm)
    steps_to(firm, "核对与承诺")
    against = firm.page.locator("form .act-none").inner_text()
    assert re.search("提交.*暂不可办.*2020年1月1日", against, re.DOTALL)
    assert firm.page.locator("main button.act-primary").count() == 0
    assert "草稿" in shown(firm, "/my")


def test_the_core_of_the_work_needs_no_javascript(shared_site: Site) -> None:
    officer = shared_site.new_window(java_script_enabled=False)
    signs_in_with_password(officer, "songxia2")
    officer.open("/worklist?hands=untaken")
    button = officer.page.locator("table.worklist form button").first
    number = re.search(r"CL\d{4}-\d{4}", officer.says())
    assert number is not None

    button.click()
    officer.open(f"/search?q={number[0]}")
    confirms_account_if_asked(officer)
    officer.does("accept")

    assert "已受理" in officer.says()
    assert "乡镇初审" in officer.page.locator(".standing").inner_text()


def applies(firm: Window) -> str:
    """The enterprise chooses the award, fills in, hands in, submits; returns the number."""
    signs_in_with_password(firm, "donglong")
    assert firm.page.url.endswith("/my")
    begins(firm)
    for name, text in FIFTH_LIST.items():
        firm.page.locator(f"#{name}").fill(text)
    firm.page.get_by_role("button", name="只保存").click()
    assert "已保存" in firm.says()
    assert firm.page.locator("#edition").input_value() == "5"
    assert "50 万元" in firm.page.locator("#side").inner_text()
    firm.page.get_by_role("button", name="保存并继续").click()
    firm.page.get_by_role("radio").first.check()
    firm.page.get_by_role("button", name="保存并继续").click()
    hands_in(firm)
    firm.page.locator("#promise").check()
    firm.page.locator("main button.act-primary").click()
    return acknowledged(firm)


def begins(firm: Window) -> None:
    """From the list of awards to the first page of the form, past what it would bring."""
    firm.open("/awards?item=1&level=municipal")
    firm.page.get_by_role("link", name="福州市政府质量奖").click()
    said = firm.says()
    assert "50 万元" in said
    assert "就高不重复 适用" in said
    assert "表彰决定、通报或公布获奖名单的文件" in said
    firm.page.locator("#awarded_on").fill("2021-02-08")
    firm.page.get_by_role("button", name="试算").click()
    assert "2021 年度" in firm.says()
    firm.picture("apply", whole=True)
    firm.page.get_by_role("button", name=re.compile("开始填写|另写一份草稿")).click()


def hands_in(firm: Window) -> None:
    """A file of every kind; one that is not what its name says is refused, and the others are kept."""
    inputs = firm.page.locator("input[type=file]")
    files = [pdf(), picture("JPEG"), picture("PNG"), ofd(), docx(), pdf(), picture("JPEG")]
    names = ["通知.pdf", "证书.jpg", "申请表.png", "执照.ofd", "承诺书.docx", "开户信息.pdf", "完税证明.jpg"]
    for place, (name, content) in enumerate(zip(names, files, strict=True)):
        given = content if place else b"MZ not a document"
        inputs.nth(place).set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": given}
        )
    firm.page.get_by_role("button", name="上传并继续").click()
    assert "通知.pdf" in refusal(firm)
    assert "已上传 6 个文件" in firm.says()
    first = {"name": names[0], "mimeType": "application/pdf", "buffer": files[0]}
    firm.page.locator("input[type=file]").first.set_input_files(first)
    firm.page.get_by_role("button", name="上传并继续").click()
    assert "通知.pdf" in firm.says()


def acknowledged(firm: Window) -> str:
    said = firm.says()
    found = re.search(r"编号 (CL\d{4}-\d{4})", said)
    assert found is not None
    assert "奖励申请回执" in said
    assert "500,000 元" in said
    assert "松下镇" in said
    assert firm.page.locator("button[data-print]").is_visible()
    firm.page.emulate_media(media="print")
    assert not firm.page.locator("header.top, .demo, button[data-print]").first.is_visible()
    firm.page.emulate_media(media="screen")
    return found[1]


def accepts_after_a_correction(township: Window, firm: Window, number: str) -> None:
    township.open("/worklist")
    township.picture("worklist")
    row = township.page.locator("tr", has_text=number)
    row.get_by_role("button", name="认领").click()
    township.finds(number)
    assert "承办" in township.says()
    township.page.locator("#act-confirm_account button").click()
    assert "已确认收款账户属于申报单位" in township.says()
    township.does("request_correction", defects=DEFECTS)
    assert "待补正" in township.page.locator(".standing").inner_text()
    corrects(firm, number)
    township.finds(number)
    township.picture("application", whole=True)
    township.does("accept")
    township.does("recommend", note="材料齐全，建议通过。")
    assert "市监局审核" in township.says()


def corrects(firm: Window, number: str) -> None:
    firm.open("/my")
    assert "补正" in firm.page.locator(".case-asks").first.inner_text()
    firm.finds(number)
    said = firm.says()
    assert all(defect in said for defect in DEFECTS.splitlines())
    firm.page.get_by_role("link", name="去补正").click()
    whole = {"name": "通知（全文）.pdf", "mimeType": "application/pdf", "buffer": pdf(pages=2)}
    firm.page.locator("input[type=file]").first.set_input_files(whole)
    firm.page.get_by_role("button", name="上传并继续").click()
    firm.page.locator("#note").fill("已补全两页，并加盖公章。")
    firm.page.locator("#promise").check()
    firm.page.locator("main button.act-primary").click()
    assert "已补正并再次提交" in firm.says()


def endorses(reviewer: Window, number: str) -> None:
    reviewer.finds(number)
    assert shows_the_four_readings(reviewer)
    reviewer.does("endorse", note="符合条款，同意。")
    assert "联席会议审批" in reviewer.says()


def shows_the_four_readings(officer: Window) -> bool:
    head = officer.page.get_by_role("region", name="奖励试算").locator("thead").inner_text()
    return all(reading in head for reading in ("按项就高", "两项合并就高", "按款就高", "按成果就高"))


def approves(officer: Window, number: str) -> None:
    officer.finds(number)
    officer.does("approve", document_number="长质联〔2026〕3号（示例）")
    assert "转入“公示”" in officer.says()


def pays(site: Site, number: str) -> None:
    """One prepares, and cannot confirm; another confirms with the voucher."""
    maker, checker = site.window("caizheng1"), site.window("caizheng2")
    maker.finds(number)
    assert "待拨付" in maker.page.locator(".standing").inner_text()
    maker.does("prepare")
    assert "须由另一人" in maker.says() or maker.page.locator("#act-confirm button").count() == 0
    checker.finds(number)
    checker.does("confirm", voucher=f"长财拨字{number[-4:]}号")
    assert "已拨付" in checker.page.locator(".standing").inner_text()


def takes_on_an_untaken_one(officer: Window) -> str:
    officer.open("/worklist?bucket=later&hands=untaken")
    row = officer.page.locator("table.worklist tbody tr", has_text="待受理").first
    found = re.search(r"CL\d{4}-\d{4}", row.inner_text())
    assert found is not None
    row.get_by_role("button", name="认领").click()
    return found[0]


def is_told_and_seen_late(site: Site, late: Window, number: str) -> None:
    head, supervisor = site.window("songxia-head"), site.window("ducha")
    for told in (late, head):
        told.comes_to_see("/messages", rf"红色超期[^◆▲●]*{number}")
    head.picture("inbox")
    supervisor.open("/supervision")
    supervisor.picture("supervision", whole=True)
    supervisor.page.get_by_role("link", name=re.compile("^松下镇，待受理：超期")).click()
    row = supervisor.page.locator("tr", has_text=number).inner_text()
    assert "松下镇" in row
    assert "待受理" in row
    assert re.search(r"超期 \d+ 日", row)
    assert person_of(late) in row


def refers(site: Site, number: str) -> str:
    """The joint-meeting office drafts, its head signs; returns the address of the referral."""
    drafter, head = site.window("lianxi1"), site.window("lianxi-head")
    drafter.finds(number)
    drafter.page.get_by_role("link", name="拟移送效能办").click()
    drafter.page.get_by_role("radio").nth(1).check()
    drafter.page.get_by_role("button", name="保存，送审签").click()
    assert drafter.page.locator("#act-sign button").count() == 0
    referral = "/" + drafter.page.url.removeprefix(site.address)
    head.open(referral)
    head.does("sign")
    assert "已移送" in head.page.locator(".standing").inner_text()
    return referral


def orders_another_officer(site: Site, number: str, referral: str) -> None:
    officer = site.window("xiaoneng1")
    officer.page.get_by_role("link", name="移送待签收").click()
    officer.page.locator(f'table.worklist a[href="{referral}"]').first.click()
    officer.does("receive")
    officer.picture("referral", whole=True)
    officer.finds(number)
    another = person_of(site.window("songxia2"))
    officer.does(
        "order_handling", handler=another, limit_days="3", reason="原承办人逾期未办，改由他人限期办结。"
    )
    assert "待受理" in officer.says()


def signs_in_with_password(window: Window, account: str) -> None:
    window.open("/sign-in")
    window.page.get_by_label("账号").fill(account)
    window.page.get_by_label("密码").fill("Changle-2026")
    window.page.get_by_role("button", name="登录", exact=True).click()


def confirms_account_if_asked(officer: Window) -> None:
    button = officer.page.locator("#act-confirm_account button")
    if button.count():
        button.click()


def steps_to(firm: Window, step: str) -> None:
    firm.page.locator(".form-pages").get_by_role("link", name=step).click()


def shown(window: Window, path: str) -> str:
    window.open(path)
    return window.says()


def refusal(window: Window) -> str:
    return " ".join(window.page.locator(".error-summary, .award-against").all_inner_texts())


def person_of(window: Window) -> str:
    """Who is signed in, as the top of the page says."""
    named = re.search(r"· (\S+?)（", window.page.locator(".account summary").inner_text())
    assert named is not None
    return named[1]


def pdf(pages: int = 1) -> bytes:
    page, content = Image.new("L", (120, 160), 255), BytesIO()
    page.save(content, "PDF", save_all=True, append_images=[page] * (pages - 1))
    return content.getvalue()


def picture(kind: str) -> bytes:
    content = BytesIO()
    Image.new("RGB", (40, 50), "white").save(content, kind)
    return content.getvalue()


def ofd() -> bytes:
    return package({"OFD.xml": '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>'})


def docx() -> bytes:
    return package({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"})


def package(parts: dict[str, str]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()
