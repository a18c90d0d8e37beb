"""What an organisation prints: its application form and the receipt, each as an official paper on A4."""

from __future__ import annotations

import re
from pathlib import Path

from werkzeug.test import TestResponse

from tests.pages import signed_in

PRINT = Path(__file__).parents[1] / "web" / "static" / "print.css"


def printed(page: TestResponse) -> str:
    """The part of a page that is on paper alone, as words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text.split('<div class="only-print">')[1]))


def test_the_printed_application_is_an_application_form(sqlite_world):
    case_id = sqlite_world.draft()

    page = signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}/check")

    form = printed(page)
    assert '<h1 class="no-print">' in page.text
    assert "质量强区奖励申请表" in form
    for said in ("福建东龙针纺有限公司", "统一社会信用代码", "三（二）1", "500,000 元"):
        assert said in form
    for place in ("申报单位（盖章）", "法定代表人（签字）", "日期："):
        assert place in form
    assert sqlite_world.application(case_id).contact_name in form


def test_the_clause_on_a_receipt_fills_its_lines(sqlite_world):
    case_id = sqlite_world.submitted()

    receipt = signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}/receipt")

    # What stands in `sub` breaks at its punctuation alone.
    (clause,) = re.findall(r'<span class="([^"]+)" lang="zh-Hans">', receipt.text)
    assert "sub" not in clause.split()


def test_an_official_paper_has_no_line_of_the_site_under_it():
    assert "body:has(.document) .foot { display: none; }" in PRINT.read_text(encoding="utf-8")


def test_papers_call_the_offices_by_their_full_names(sqlite_world):
    case_id = sqlite_world.in_notice()

    receipt = signed_in(sqlite_world, "donglong").get(f"/my/applications/{case_id}/receipt")
    notice = signed_in(sqlite_world, "zhao").get("/applications/notices")
    accepted = signed_in(sqlite_world, "lin").get(f"/applications/{case_id}/print/acceptance")

    for paper in (receipt, accepted):
        assert '<p class="document-issuer">福州市长乐区松下镇人民政府</p>' in paper.text
        assert "（一）" not in paper.text.split('class="document-day"')[1]
    assert '<p class="document-issuer">长乐区质量强区工作联席会议办公室</p>' in notice.text
    assert "联系地址：福州市长乐区质量路 1 号（示例地址）；联系电话：0591-00000021（示例）。" in notice.text
