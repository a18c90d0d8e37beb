"""Opening uploaded files apart: a hostile one costs little, once, and nobody else waits long for it."""

from __future__ import annotations

import fcntl
import resource
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from time import monotonic

import pytest
from PIL import Image

from workflow.applications import apart, pictures
from workflow.applications.files import StoredFile, prepare_file
from workflow.applications.pictures import page_count, picture_of
from workflow.errors import InvalidInput, Refused

SCAN = (3508, 4961)


def stored(folder: Path, content: bytes, name: str) -> StoredFile:
    return prepare_file(BytesIO(content), name, folder, 20 * 2**20)


def saved(picture: Image.Image, kind: str) -> bytes:
    written = BytesIO()
    picture.save(written, kind)
    return written.getvalue()


def pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, the first of which is its catalogue."""
    written, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(written))
    return written + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer


def nested_forms(levels: int, fan: int) -> bytes:
    """Less than two kilobytes; each form draws the next one `fan` times."""
    forms = []
    for level in range(levels):
        is_last = level == levels - 1
        body = b"0 0 500 500 re f " * fan if is_last else b"/F Do " * fan
        inner = b"" if is_last else b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + level)
        head = b"<</Type/XObject/Subtype/Form/BBox[0 0 595 842]%b/Length %d>>" % (inner, len(body))
        forms.append(head + b"stream\n" + body + b"\nendstream")
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>",
        b"<</Length 5>>stream\n/F Do\nendstream",
        *forms,
    )


@contextmanager
def turns_taken(folder: Path) -> Iterator[None]:
    turns = folder / apart.PICTURES
    turns.mkdir(parents=True, exist_ok=True)
    with ExitStack() as files:
        for number in range(apart.AT_ONCE):
            fcntl.flock(files.enter_context((turns / f".turn-{number}").open("w")), fcntl.LOCK_EX)
        yield


@pytest.mark.long
def test_a_page_that_takes_minutes_to_draw_is_given_up_after_seconds(tmp_path: Path) -> None:
    bomb = stored(tmp_path, nested_forms(9, 10), "证书.pdf")
    began = monotonic()

    with pytest.raises(Refused, match="画面无法生成"):
        picture_of(bomb.path, bomb.media_type)

    assert monotonic() - began < apart.WALL_SECONDS + 2


def test_what_could_not_be_drawn_is_not_tried_again(tmp_path: Path) -> None:
    broken = stored(tmp_path, saved(Image.new("RGB", (60, 40)), "PNG"), "证书.png")
    broken.path.write_bytes(broken.path.read_bytes()[:50])
    for _view in range(2):
        with pytest.raises(Refused, match="画面无法生成"):
            picture_of(broken.path, broken.media_type)

    with turns_taken(tmp_path), pytest.raises(Refused, match="画面无法生成"):
        picture_of(broken.path, broken.media_type)


def test_a_page_is_drawn_once(tmp_path: Path) -> None:
    file = stored(tmp_path, saved(Image.new("RGB", (60, 40), "red"), "PDF"), "证书.pdf")
    first = picture_of(file.path, file.media_type), page_count(file.path, file.media_type)

    with turns_taken(tmp_path):
        assert (picture_of(file.path, file.media_type), page_count(file.path, file.media_type)) == first


def test_kept_pictures_give_way_to_newer_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_KEPT_BYTES", 2 * pictures.BLOCK)
    sheets = [Image.new("RGB", (60, 40), colour) for colour in ("red", "green", "blue")]
    written = BytesIO()
    sheets[0].save(written, "PDF", save_all=True, append_images=sheets[1:])
    file = stored(tmp_path, written.getvalue(), "证书.pdf")

    for page in (1, 2, 3):
        picture_of(file.path, file.media_type, page)

    kept = tmp_path / apart.PICTURES / file.sha256[:2]
    assert sorted(each.name[-2:] for each in kept.iterdir()) == ["-2", "-3"]


def test_who_finds_no_turn_is_told_to_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "QUEUE_SECONDS", 0.2)
    content = saved(Image.new("RGB", (60, 40)), "PDF")
    file = stored(tmp_path, content, "证书.pdf")

    with turns_taken(tmp_path):
        with pytest.raises(Refused, match="稍后刷新"):
            picture_of(file.path, file.media_type)
        with pytest.raises(InvalidInput, match="稍后再上传"):
            stored(tmp_path, content, "另一份.pdf")

    assert page_count(file.path, file.media_type) == 1
    assert picture_of(file.path, file.media_type)


@pytest.mark.long
def test_the_largest_accepted_picture_costs_the_pages_no_memory(tmp_path: Path) -> None:
    file = stored(tmp_path, saved(Image.new("RGBA", SCAN), "PNG"), "证书.png")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    drawn = Image.open(BytesIO(picture_of(file.path, file.media_type)))

    assert max(drawn.size) == pictures.LONGEST_SIDE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
