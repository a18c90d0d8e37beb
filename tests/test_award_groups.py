"""How the list of award lines is headed: by what each clause rewards."""

from __future__ import annotations

import re

from tests.pages import signed_in


def test_each_clause_of_the_list_has_a_heading_of_its_own(sqlite_world):
    page = signed_in(sqlite_world, "donglong").get("/awards").text

    headings = re.findall(r"<h2>(三（二）\S+) ([^<]+)</h2>", page)

    assert ("三（二）3（3）", "标准化示范（试点）项目") in headings
    assert ("三（二）1", "政府质量奖") in headings
    assert len({name for _clause, name in headings}) == len(headings) == 10
