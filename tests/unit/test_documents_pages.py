"""Pages as pictures: right size and colour, and hostile documents that cost only the drawing process."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.documents.page_painter import MAX_PIXELS, PictureRequest
from app.documents.pages import PageNotShown, PagePainter, picture, render


def _pdf(
    path: Path, *, box: str = "0 0 200 100", content: bytes = b"1 0 0 rg 0 0 100 100 re f", rotate: int = 0
) -> Path:
    """A PDF of one page that holds ``content``."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Rotate {rotate}/Contents 4 0 R/Resources<<>>>>".encode(),
        b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
    ]
    data, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"xref\n0 5\n0000000000 65535 f \n%btrailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(data),
    )
    path.write_bytes(data)
    return path


@pytest.fixture
def painter() -> Iterator[PagePainter]:
    made = PagePainter()
    yield made
    made.close()


def test_a_page_is_drawn_at_its_scale_in_rgb(tmp_path: Path) -> None:
    width, height, data = render(_pdf(tmp_path / "a.pdf"), 0, 2.0)
    assert (width, height, len(data)) == (400, 200, 400 * 200 * 3)
    assert data[:3] == b"\xff\x00\x00"
    assert data[399 * 3 : 400 * 3] == b"\xff\xff\xff"


def test_a_page_is_drawn_as_wide_as_asked_and_tells_its_box(tmp_path: Path) -> None:
    drawn = picture(_pdf(tmp_path / "a.pdf", box="10 20 210 120"), 0, 300)
    assert (drawn.width, drawn.height, drawn.pages) == (300, 150, 1)
    assert (drawn.crop, drawn.rotation) == ((10.0, 20.0, 210.0, 120.0), 0)


def test_a_turned_page_says_so(tmp_path: Path) -> None:
    drawn = picture(_pdf(tmp_path / "a.pdf", rotate=90), 0, 100)
    assert (drawn.width, drawn.height, drawn.rotation) == (100, 200, 90)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n1 0 obj", b"PK\x03\x04"])
def test_what_is_no_pdf_is_an_error_of_its_own(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pdf").write_bytes(content)
    with pytest.raises(PageNotShown):
        picture(tmp_path / "x.pdf", 0, 100)


def test_a_missing_file_and_a_missing_page_are_errors(tmp_path: Path) -> None:
    with pytest.raises(PageNotShown):
        picture(tmp_path / "not there.pdf", 0, 100)
    with pytest.raises(PageNotShown) as caught:
        picture(_pdf(tmp_path / "a.pdf"), 7, 100)
    assert "8" in caught.value.message


def test_a_page_of_absurd_size_costs_bounded_memory(tmp_path: Path, painter: PagePainter) -> None:
    path = _pdf(tmp_path / "huge.pdf", box="0 0 1000000 1000000")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    drawn = painter.paint(PictureRequest(path, 0, scale=4.0))
    assert drawn.width * drawn.height <= MAX_PIXELS * 1.01
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


def test_a_page_that_takes_too_long_is_given_up_and_the_next_is_drawn(tmp_path: Path) -> None:
    endless = _pdf(tmp_path / "slow.pdf", content=b"0 0 100 100 re f 0 0 0 rg " * 3_000_000)
    painter = PagePainter()
    usual = painter._patience
    painter.paint(PictureRequest(_pdf(tmp_path / "a.pdf"), 0, width=50))
    painter._patience = 0.5
    started = time.monotonic()
    with pytest.raises(PageNotShown):
        painter.paint(PictureRequest(endless, 0, width=2000))
    assert time.monotonic() - started < 15
    painter._patience = usual
    assert painter.paint(PictureRequest(tmp_path / "a.pdf", 0, width=50)).width == 50
    painter.close()
