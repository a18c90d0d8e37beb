"""Uploaded evidence: what is accepted, what each refusal says, what is stored, and the pictures of it."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.stored_files import files_below
from tests.world import World
from workflow.applications import evidence
from workflow.applications.evidence import (
    add_evidence,
    evidence_of,
    evidence_seen,
    given_evidence,
    remove_evidence,
)
from workflow.applications.files import StoredFile, clean_name, original_of, prepare_file
from workflow.applications.pictures import LONGEST_SIDE, page_count, picture_of
from workflow.errors import InvalidInput, NotFound, Refused

ENOUGH = 2**20
DOCX_TYPES = "<Types>wordprocessingml.document.main+xml</Types>"


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, "white").save(written, kind)
    return written.getvalue()


def package(compression: int = zipfile.ZIP_DEFLATED, **parts: str | bytes) -> bytes:
    """A zip whose entries are named with __ for the slash."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", compression) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return written.getvalue()


def docx(**more: str | bytes) -> bytes:
    types = {"[Content_Types]_dot_xml": DOCX_TYPES}
    return package(**{**types, "word__document_dot_xml": "<w:document/>", **more})


def ofd(compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    return package(compression, OFD_dot_xml='<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>')


def torn(packed: bytes) -> bytes:
    """The first part, with nonsense where its packed bytes begin."""
    begin = packed.find(b"OFD.xml") + len(b"OFD.xml") + 9
    return packed[:begin] + b"\xff" * 40 + packed[begin + 40 :]


def protected_pdf() -> bytes:
    """A page under a password: the keys in it fit no empty one."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        b"<</Filter/Standard/V 1/R 2/O<" + b"00" * 32 + b">/U<" + b"11" * 32 + b">/P -4>>",
    ]
    written, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(written)
    written += b"xref\n0 5\n0000000000 65535 f \n" + table
    return (
        written
        + b"trailer\n<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>\nstartxref\n%d\n%%%%EOF" % start
    )


def stored(folder: Path, content: bytes, name: str, most: int = ENOUGH) -> StoredFile:
    return prepare_file(BytesIO(content), name, folder, most, field="award_certificate")


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (picture("PDF"), "证书.pdf", "application/pdf"),
        (picture("JPEG"), "证书.JPG", "image/jpeg"),
        (picture("JPEG"), "证书.jpeg", "image/jpeg"),
        (picture("PNG"), "证书.png", "image/png"),
        (ofd(), "公文.ofd", "application/ofd"),
        (docx(), "说明.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
def test_each_accepted_format_is_stored_under_its_digest(
    tmp_path: Path, content: bytes, name: str, media_type: str
) -> None:
    file = stored(tmp_path, content, name)

    digest = hashlib.sha256(content).hexdigest()
    assert file == StoredFile(name, media_type, len(content), digest, tmp_path / digest[:2] / digest)
    assert file.path == original_of(tmp_path, digest)
    assert file.path.read_bytes() == content


WRONG: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "empty": (lambda: b"", "证书.pdf", "file.empty"),
    "large": (lambda: picture("PNG") * 5000, "证书.png", "file.too_large"),
    "program": (lambda: b"MZ", "setup.exe", "file.suffix"),
    "no suffix": (lambda: picture("PNG"), "没有扩展名", "file.suffix"),
    "text as PDF": (lambda: b"just text", "证书.pdf", "file.unknown_content"),
    "page as PNG": (lambda: b"<html>", "证书.png", "file.unknown_content"),
    "archive as DOCX": (lambda: package(a="b"), "说明.docx", "file.unknown_content"),
    "JPEG as PDF": (lambda: picture("JPEG"), "证书.pdf", "file.other_content"),
    "OFD as DOCX": (ofd, "说明.docx", "file.other_content"),
    "torn PDF": (lambda: b"%PDF-1.7 nothing more", "证书.pdf", "file.damaged"),
    "torn JPEG": (lambda: picture("JPEG", (900, 900))[:3000], "证书.jpg", "file.damaged"),
    "torn PNG": (lambda: picture("PNG", (900, 900))[:200], "证书.png", "file.damaged"),
    "password": (protected_pdf, "证书.pdf", "file.encrypted"),
    "macros": (lambda: docx(word__vbaProject_dot_bin=b"macro"), "说明.docx", "file.macros"),
    "LZMA": (lambda: ofd(zipfile.ZIP_LZMA), "公文.ofd", "file.odd_compression"),
    "torn LZMA": (lambda: torn(ofd(zipfile.ZIP_LZMA)), "公文.ofd", "file.odd_compression"),
    "BZIP2": (lambda: ofd(zipfile.ZIP_BZIP2), "公文.ofd", "file.odd_compression"),
    "bomb": (lambda: docx(bomb=bytes(201 * 2**20)), "说明.docx", "file.unpacks_too_large"),
    "poster": (lambda: picture("PNG", (8000, 8000)), "证书.png", "file.too_many_pixels"),
    "huge poster": (lambda: picture("PNG", (10000, 9000)), "证书.png", "file.too_many_pixels"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_file_is_refused_in_a_sentence_that_names_it_and_leaves_nothing(
    tmp_path: Path, fault: str
) -> None:
    content, name, code = WRONG[fault]

    with pytest.raises(InvalidInput) as error:
        stored(tmp_path, content(), name, most=400_000)

    (reason,) = error.value.reasons
    assert (reason.code, reason.field) == (code, "award_certificate")
    for locale in ("zh", "en"):
        assert name in reason.sentence(locale)
    assert files_below(tmp_path) == []


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    endless = BytesIO(b"%PDF-" + b"x" * (5 * 2**20))

    with pytest.raises(InvalidInput):
        prepare_file(endless, "大.pdf", tmp_path, 2**20)

    assert endless.tell() < 2 * 2**20


def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    first, second = stored(tmp_path, picture(), "一.png"), stored(tmp_path, picture(), "二.png")

    assert first.path == second.path
    assert files_below(tmp_path) == [first.path]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/证书.pdf", "证书.pdf"),
        ("C:\\Users\\林\\证书.pdf", "证书.pdf"),
        ("证\x00书\n.pdf", "证书.pdf"),
        ("gpj.\u202efdp.png", "gpj.fdp.png"),
        ('a<b>"c|d?.pdf', "a_b__c_d_.pdf"),
        ("\U0002c386\u36c3.pdf", "\U0002c386\u36c3.pdf"),
        ("长" * 200 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_file_name_keeps_only_what_can_be_seen_and_saved(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("kind", ["PDF", "JPEG", "PNG"])
def test_a_picture_is_a_png_within_bounds(tmp_path: Path, kind: str) -> None:
    file = stored(tmp_path, picture(kind, (5000, 800)), f"证书.{kind.lower()}")

    drawn = Image.open(BytesIO(picture_of(file.path, file.media_type)))

    assert page_count(file.path, file.media_type) == 1
    assert drawn.format == "PNG"
    assert max(drawn.size) <= LONGEST_SIDE


def test_a_page_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    file = stored(tmp_path, picture("PDF"), "证书.pdf")

    for page in (0, 2, 10**6):
        with pytest.raises(NotFound):
            picture_of(file.path, file.media_type, page)


@pytest.mark.parametrize(("content", "name"), [(ofd(), "公文.ofd"), (docx(), "说明.docx")])
def test_a_document_without_picture_says_so(tmp_path: Path, content: bytes, name: str) -> None:
    file = stored(tmp_path, content, name)

    with pytest.raises(Refused, match="不能在网页上查看"):
        picture_of(file.path, file.media_type)
    assert page_count(file.path, file.media_type) == 0


@pytest.fixture
def certificate(tmp_path: Path) -> StoredFile:
    return stored(tmp_path / "evidence", picture("PDF"), "证书.pdf")


def hand_in(
    world: World, case_id: int, account: str, file: StoredFile, requirement: str = "award_certificate"
) -> int:
    with world.store.writing() as session:
        added = add_evidence(session, case_id, world.actor(account), requirement, file, now=world.now)
        session.commit()
        return added.id


def files_of(world: World, case_id: int) -> list[str]:
    with world.store.reading() as session:
        return [file.file_name for file in evidence_of(session, case_id)]


def test_handing_in_a_file_leaves_the_open_form_as_it_is(world: World, certificate: StoredFile) -> None:
    case_id = world.draft()
    seen = world.case(case_id).version

    hand_in(world, case_id, "donglong", certificate)

    assert "证书.pdf" in files_of(world, case_id)
    assert world.case(case_id).version == seen


def test_the_same_file_for_the_same_requirement_is_refused(world: World, certificate: StoredFile) -> None:
    case_id = world.draft()
    hand_in(world, case_id, "donglong", certificate)
    hand_in(world, case_id, "donglong", certificate, "award_decision")

    with pytest.raises(InvalidInput, match=r"证书\.pdf.*已经作为“获奖证书”上传过"):
        hand_in(world, case_id, "donglong", certificate)


def test_evidence_the_line_does_not_ask_for_is_refused(world: World, certificate: StoredFile) -> None:
    with pytest.raises(InvalidInput, match="standard_text"):
        hand_in(world, world.draft(), "donglong", certificate, "standard_text")


def test_a_removed_file_counts_no_more_but_stays_on_record(world: World, certificate: StoredFile) -> None:
    case_id = world.draft()
    evidence_id = hand_in(world, case_id, "donglong", certificate)

    with world.store.writing() as session:
        remove_evidence(session, case_id, world.actor("donglong"), evidence_id, now=world.now)
        session.commit()

    assert "证书.pdf" not in files_of(world, case_id)
    with world.store.reading() as session:
        kept = evidence_seen(session, case_id, evidence_id, world.actor("donglong"), world.now)
        assert kept.removed_at == world.now
        assert certificate.sha256 not in {each.sha256 for each in given_evidence(session, case_id)}


def test_uploading_and_removing_does_not_fill_the_disk(
    world: World, certificate: StoredFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = world.draft()
    with world.store.reading() as session:
        monkeypatch.setattr(evidence, "MOST_EVER", len(evidence_of(session, case_id)) + 2)
    for _time in range(2):
        evidence_id = hand_in(world, case_id, "donglong", certificate)
        with world.store.writing() as session:
            remove_evidence(session, case_id, world.actor("donglong"), evidence_id, now=world.now)
            session.commit()

    with pytest.raises(InvalidInput, match=r"含移除的.*证书\.pdf"):
        hand_in(world, case_id, "donglong", certificate)


def test_evidence_of_a_submitted_application_is_fixed_until_a_correction(
    world: World, certificate: StoredFile
) -> None:
    case_id = world.submitted()

    with pytest.raises(Refused, match="已提交"):
        hand_in(world, case_id, "donglong", certificate)
    world.do("lin", "request_correction", case_id, defects=["证书不清晰"])
    hand_in(world, case_id, "donglong", certificate)

    assert "证书.pdf" in files_of(world, case_id)


def test_nobody_else_hands_in_or_sees_evidence(world: World, certificate: StoredFile) -> None:
    case_id = world.draft()
    evidence_id = hand_in(world, case_id, "donglong", certificate)

    attempts: list[Callable[[str], object]] = [lambda account: hand_in(world, case_id, account, certificate)]
    with world.store.reading() as session:
        attempts.append(
            lambda account: evidence_seen(session, case_id, evidence_id, world.actor(account), world.now)
        )
        for account in ("jinlun", "guo", "lin"):
            for attempt in attempts:
                with pytest.raises(NotFound):
                    attempt(account)
