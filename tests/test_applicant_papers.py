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


def test_an_official_paper_has_no_line_of_the_site_under_it():
    assert "body:has(.document) .foot { display: none; }" in PRINT.read_text(encoding="utf-8")
