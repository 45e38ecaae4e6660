"""Pictures in the report: what was signed, what was altered since, never of another file, never too many."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from app.documents.hashing import sha256_file
from app.verification import report_pictures
from app.verification.model import Change, Conclusion, Coverage, FileReport
from app.verification.report import save
from app.verification.report_pictures import Illustrator, Pictures
from tests import pdf_samples as samples
from tests.attacks.pdf_files import signed, update
from tests.unit.test_reports import OCCASION, _text, file, signature

RED_PAGE = b"<< /Length 28 >>\nstream\n1 0 0 rg 0 0 595 842 re f    \nendstream"


@pytest.fixture
def illustrator() -> Iterator[Illustrator]:
    with Illustrator() as made:
        yield made


def _signed(tmp_path: Path, pages: int = 1) -> FileReport:
    path = samples.write(tmp_path / "da-ky.pdf", signed(samples.classic(samples.objects(pages))))
    size = path.stat().st_size
    return file(Conclusion.VALID, signature(signed_size=size), path=str(path), sha256=sha256_file(path))


def _altered(tmp_path: Path, **changes: Any) -> FileReport:
    """The page was painted red after signing."""
    content = signed(samples.classic(samples.objects(2)))
    path = samples.write(tmp_path / "bi-sua.pdf", update(content, {5: RED_PAGE}))
    values = {"signed_size": len(content), "coverage": Coverage.EARLIER_REVISION} | changes
    bad = signature(Conclusion.INVALID, changes=[Change("content-changed", "/Contents", 1)], **values)
    return file(Conclusion.INVALID, bad, path=str(path), sha256=sha256_file(path))


def _colour(jpeg: bytes) -> tuple[int, int, int]:
    """Of the middle of a picture, roughly."""
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.mode == "RGB"
        red, green, blue = image.getpixel((image.width // 2, image.height // 2))  # type: ignore[misc]
    return round(red / 255), round(green / 255), round(blue / 255)


def test_the_first_pages_of_what_was_signed(tmp_path: Path, illustrator: Illustrator) -> None:
    found = illustrator.pictures(_signed(tmp_path, 6))
    assert [picture.caption for picture in found.signed] == ["Trang 1", "Trang 2", "Trang 3", "Trang 4"]
    assert (found.further, found.altered) == (2, ())


def test_what_was_signed_is_shown_and_not_what_became_of_it(tmp_path: Path, illustrator: Illustrator) -> None:
    found = illustrator.pictures(_altered(tmp_path))
    assert _colour(found.signed[0].jpeg) == (1, 1, 1)
    [(before, now)] = found.altered
    assert before is not None and now is not None
    assert (_colour(before.jpeg)[1:], _colour(now.jpeg)) == ((1, 1), (1, 0, 0))
    assert (before.caption, now.caption) == ("Trang 1 khi ký", "Trang 1 hiện nay")


def test_a_page_that_is_gone_has_no_picture_of_now(tmp_path: Path, illustrator: Illustrator) -> None:
    content = signed(samples.classic(samples.objects(2) | {7: RED_PAGE}))
    tree = b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>"
    path = samples.write(tmp_path / "bo-trang.pdf", update(content, {2: tree}))
    report = _altered(tmp_path)
    bad = signature(
        Conclusion.INVALID,
        signed_size=len(content),
        coverage=Coverage.EARLIER_REVISION,
        changes=[Change("content-changed", "/Pages")],
    )
    report = file(Conclusion.INVALID, bad, path=str(path), sha256=sha256_file(path))
    [(before, now)] = illustrator.pictures(report).altered
    assert before is not None and before.caption == "Trang 2 khi ký"
    assert now is None


def test_a_file_that_is_not_the_one_checked_has_no_pictures(tmp_path: Path, illustrator: Illustrator) -> None:
    report = _signed(tmp_path)
    assert illustrator.pictures(report).signed
    with Path(report.path).open("ab") as stream:
        stream.write(b"\n")
    assert illustrator.pictures(report) == Pictures()


@pytest.mark.parametrize(
    "report",
    [
        file(Conclusion.UNSIGNED),
        file(Conclusion.VALID, signature(signed_size=100), path="khong-co.pdf"),
        file(Conclusion.VALID, signature(signed_size=None)),
        file(Conclusion.VALID, signature(signed_size=100), path="a.zip/b.pdf"),
    ],
)
def test_what_cannot_be_shown_is_left_out(report: FileReport, illustrator: Illustrator) -> None:
    assert illustrator.pictures(report) == Pictures()


def test_a_file_that_cannot_be_drawn_still_has_its_report(tmp_path: Path) -> None:
    path = tmp_path / "hong.pdf"
    path.write_bytes(b"%PDF-1.7 hong")
    report = file(Conclusion.VALID, signature(signed_size=9), path=str(path), sha256=sha256_file(path))
    target = tmp_path / "bao-cao.pdf"
    save(target, [report], OCCASION)
    assert "hong.pdf" in _text(target)
    assert "Nội dung đã ký" not in _text(target)


def test_only_so_many_files_have_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_pictures, "_FILES", 2)
    report = _signed(tmp_path)
    with Illustrator() as illustrator:
        assert [bool(illustrator.pictures(report).signed) for _ in range(3)] == [True, True, False]


def test_no_time_no_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_pictures, "_SECONDS", 0.0)
    with Illustrator() as illustrator:
        assert illustrator.pictures(_signed(tmp_path)) == Pictures()


def test_the_pdf_shows_them_and_stays_archivable(tmp_path: Path) -> None:
    """No transparency in pictures (ISO 19005-2, 6.2.9 and 6.2.10 allow it; we need none), a text for each (6.8.3.3)."""
    path = tmp_path / "bao-cao.pdf"
    save(path, [_altered(tmp_path)], OCCASION)
    text = _text(path)
    for told in ("Nội dung đã ký", "Những chỗ bị thay đổi sau khi ký", "Trang 1 khi ký", "Trang 1 hiện nay"):
        assert told in text, told
    listed = subprocess.run(["pdfimages", "-list", path], capture_output=True, text=True, check=True).stdout
    kinds = [line.split()[2] for line in listed.splitlines()[2:]]
    assert kinds == ["image"] * 4
    metadata = subprocess.run(["pdfinfo", "-meta", path], capture_output=True, text=True, check=True).stdout
    assert re.search(r"pdfaid:part>2<.*pdfaid:conformance>A<", metadata, re.DOTALL)
    with pikepdf.open(path) as document:
        images = [item for item in document.objects if isinstance(item, pikepdf.Stream) and item.get("/Width")]
        assert len(images) == 3, "two pages that look the same are one picture"
        assert not any("/SMask" in image or "/Mask" in image for image in images)
        figures = [
            item for item in document.objects if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        ]
        assert len(figures) == 4
        assert all(str(figure.get("/Alt", "")) for figure in figures)


def test_a_folder_of_thousands_is_an_overview_and_the_details_of_what_is_not_valid(tmp_path: Path) -> None:
    reports = [file(Conclusion.VALID, signature(), path=f"thu-muc/van-ban-{number}.pdf") for number in range(2490)]
    reports += [file(Conclusion.WARNING, signature(), path=f"thu-muc/luu-y-{number}.pdf") for number in range(150)]
    reports.append(file(Conclusion.INVALID, signature(Conclusion.INVALID), path="thu-muc/gia-mao.pdf"))
    path = tmp_path / "bao-cao.pdf"
    save(path, reports, OCCASION)
    text = _text(path)
    assert "2641 tệp: 2490 hợp lệ 150 hợp lệ, có lưu ý" in text
    assert "dưới đây chỉ ghi chi tiết của 100 tệp" in text
    assert "và 641 tệp khác" in text
    assert text.count("van-ban-1.pdf") == 1, "in the overview alone"
    assert "Tệp thu-muc/gia-mao.pdf" in text, "the gravest has its details though it comes last"
    assert len(pypdfium2.PdfDocument(path)) < 200
    assert path.stat().st_size < 15_000_000
