"""Handing in evidence and looking at it."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image

from tests.applying import begun, count, pdf, uploaded
from tests.pages import signed_in, words
from tests.stored_files import files_below
from workflow.applications import apart, pictures
from workflow.applications.evidence import evidence_of
from workflow.storage.tables import Evidence


def png() -> bytes:
    written = BytesIO()
    Image.new("RGB", (60, 40), "white").save(written, "PNG")
    return written.getvalue()


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


def test_a_refused_file_is_not_said_to_be_kept(sqlite_world):
    browser = signed_in(sqlite_world, "donglong")
    case_id = begun(browser, sqlite_world)

    refused = words(uploaded(browser, case_id, "award_certificate", (b"text", "a.txt")))
    missing = words(browser.get(f"/my/applications/{case_id}/evidence?checked=1"))

    assert "已填文字都已保留，没有收下的文件请重新选择" in refused
    assert "请重新选择" not in missing


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
