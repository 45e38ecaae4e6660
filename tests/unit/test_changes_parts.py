"""Parts of Office and OpenDocument files in the words of those who use them, and where the report tells them."""

from __future__ import annotations

import io
import re
import time
import zipfile
from pathlib import Path

import openpyxl
import pptx
import pytest
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image

from app import i18n
from app.documents.strict_zip import StrictZip
from app.ooxml.package import Package
from app.verification import words
from app.verification.changes.explain import explained
from app.verification.changes.odf_parts import OdfPartWords
from app.verification.changes.office_parts import PartWords
from app.verification.model import Change, Coverage, SignatureFacts
from app.verification.ooxml import examine
from tests.demo.pki import Pki
from tests.office_signing import changed, contents, replacing, sign
from tests.unit.test_reports import signature


def _picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 30)).save(out, "PNG")
    out.seek(0)
    return out


@pytest.fixture(scope="module")
def slides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three slides, a picture on the second and third, notes on the second."""
    show = pptx.Presentation()
    for number in range(3):
        slide = show.slides.add_slide(show.slide_layouts[6])
        if number:
            slide.shapes.add_picture(_picture(), 0, 0)
        if number == 1:
            slide.notes_slide.notes_text_frame.text = "Ghi chú"
    path = tmp_path_factory.mktemp("slides") / "trinh-chieu.pptx"
    show.save(str(path))
    return path


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Dự toán"
    other = book.create_sheet("Phụ lục 1")
    other.add_image(SheetImage(_picture()), "A1")
    other["A9"] = "chữ"
    path = tmp_path_factory.mktemp("sheets") / "bang.xlsx"
    book.save(path)
    return path


def _told(path: Path, *names: str) -> list[str]:
    with Package(path) as package:
        tell = PartWords(package)
        return [tell.told(name) for name in names]


def test_slides_are_told_by_their_number_and_pictures_by_their_slide(slides: Path) -> None:
    [picture] = [name for name in contents(slides) if name.startswith("ppt/media/")]
    assert _told(slides, "/ppt/slides/slide3.xml", f"/{picture}", "/ppt/notesSlides/notesSlide1.xml") == [
        "trang trình chiếu 3",
        "hình ảnh trong trang trình chiếu 2, trang trình chiếu 3",
        "ghi chú của người trình bày trong trang trình chiếu 2",
    ]
    assert _told(slides, "/ppt/presentation.xml") == ["danh sách và thứ tự trang trình chiếu"]


def test_the_order_of_slides_counts_and_not_their_file_names(slides: Path, tmp_path: Path) -> None:
    def reverse(content: bytes) -> bytes:
        ids = re.findall(rb'<p:sldId [^>]*r:id="[^"]*"[^>]*/>', content)
        assert len(ids) == 3
        return content.replace(b"".join(ids), b"".join(reversed(ids)))

    other = changed(slides, tmp_path / "x.pptx", {"ppt/presentation.xml": reverse})
    assert _told(other, "/ppt/slides/slide3.xml") == ["trang trình chiếu 1"]


def test_sheets_are_told_by_their_name(sheets: Path) -> None:
    assert _told(sheets, "/xl/worksheets/sheet2.xml", "/xl/media/image1.png", "/xl/styles.xml", "/xl/workbook.xml") == [
        "trang tính “Phụ lục 1”",
        "hình ảnh trong trang tính “Phụ lục 1”",
        "kiểu chữ",
        "danh sách trang tính",
    ]


def test_parts_of_a_text_document(samples: dict[str, Path]) -> None:
    docx = samples["quyet_dinh_docx"]
    assert _told(docx, "/word/document.xml", "/word/styles.xml", "/docProps/core.xml", "/khong/co.xml") == [
        "nội dung văn bản",
        "kiểu chữ trong nội dung văn bản",
        "thuộc tính của tệp (tiêu đề, tác giả, ngày giờ)",
        "một phần không còn trong tệp (/khong/co.xml)",
    ]
    i18n.set_language("en")
    assert _told(docx, "/word/document.xml") == ["the main text"]


def test_links_are_told_by_where_they_lead(samples: dict[str, Path], tmp_path: Path) -> None:
    relationship = (
        '<Relationship Id="{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
        'Target="{target}" TargetMode="External"/></Relationships>'
    )
    added = "".join(
        relationship.format(id=id_, kind=kind, target=target).removesuffix("</Relationships>")
        for id_, kind, target in (
            ("x1", "hyperlink", "https://o-ngoai.example/"),
            ("x2", "attachedTemplate", "https://mau.example/a.dotm"),
            ("x3", "image", "https://anh.example/a.png"),
        )
    )
    rels = "word/_rels/document.xml.rels"
    path = changed(
        samples["quyet_dinh_docx"],
        tmp_path / "x.docx",
        {rels: replacing("</Relationships>", f"{added}</Relationships>")},
    )
    assert _told(path, *(f"/{rels}#{id_}" for id_ in ("x1", "x2", "x3", "x4")), f"/{rels}", "/_rels/.rels") == [
        "liên kết ra ngoài văn bản: https://o-ngoai.example/",
        "mẫu được nạp từ nơi khác: https://mau.example/a.dotm",
        "nội dung được nạp từ nơi khác: https://anh.example/a.png",
        "các liên kết của: nội dung văn bản",
        "các liên kết của: nội dung văn bản",
        "các liên kết mở đầu văn bản",
    ]


def test_every_part_of_every_sample_has_words(samples: dict[str, Path], slides: Path, sheets: Path) -> None:
    for path in (slides, sheets, *(path for path in samples.values() if path.suffix in (".docx", ".xlsx", ".pptx"))):
        with Package(path) as package:
            tell = PartWords(package)
            for part in package.parts.values():
                told = tell.told(part.name)
                assert told and part.name not in told, (path.name, part.name, part.content_type, told)


# In what the verifier tells.


def _explained(path: Path) -> SignatureFacts:
    return explained(path, examine(path), time.monotonic() + 60).signatures[0]


@pytest.fixture(scope="module")
def signed(slides: Path, pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("signed") / "da-ky.pptx"
    sign(slides, target, pki.credential("leader"))
    return target


def test_an_altered_slide_is_named(signed: Path, tmp_path: Path) -> None:
    path = changed(signed, tmp_path / "x.pptx", {"ppt/slides/slide2.xml": replacing("<p:cSld", "<!-- --><p:cSld")})
    facts = _explained(path)
    assert facts.changes == (Change("part-changed", "trang trình chiếu 2", part="/ppt/slides/slide2.xml"),)
    [problem] = [problem for problem in facts.problems if problem.code == "ooxml-part-changed"]
    assert dict(problem.data)["name"] == "trang trình chiếu 2"
    told = words.changed(signature(changes=list(facts.changes)))
    assert told == ["bị sửa: trang trình chiếu 2"]


def test_a_part_put_in_after_signing_is_named_as_not_signed(signed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(signed) as source:
        types = source.read("[Content_Types].xml").decode()
    extra = {
        "ppt/media/image9.png": _picture().getvalue(),
        "ppt/slides/_rels/slide1.xml.rels": replacing(
            "</Relationships>",
            '<Relationship Id="r9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
            'Target="../media/image9.png"/></Relationships>',
        ),
    }
    assert 'Extension="png"' in types
    facts = _explained(changed(signed, tmp_path / "x.pptx", extra))
    assert facts.coverage is Coverage.PARTIAL
    told = words.unprotected(signature(uncovered=list(facts.uncovered), changes=list(facts.changes)))
    assert "hình ảnh trong trang trình chiếu 1" in told
    assert {change.part for change in facts.changes if change.kind == "part-unsigned"} == set(facts.uncovered)
    assert not any("hình ảnh" in line for line in words.changed(signature(changes=list(facts.changes))))


def test_a_genuine_file_is_not_opened_again(signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = examine(signed)
    monkeypatch.setattr("app.ooxml.package.Package.__init__", lambda *_: pytest.fail("opened"))
    assert explained(signed, facts, time.monotonic() + 60) is facts


def test_properties_that_are_not_signed_are_told_in_words() -> None:
    found = signature(coverage=Coverage.WHOLE_EXCEPT_METADATA, uncovered=["/docProps/core.xml", "/_rels/.rels#rId3"])
    assert words.unprotected(found) == ["thuộc tính của tệp (tiêu đề, tác giả, ngày giờ)"]
    assert words.unprotected(signature(uncovered=["a.txt"])) == ["a.txt"]


# OpenDocument.


def test_parts_of_an_opendocument_file(tmp_path: Path) -> None:
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<draw:page draw:name="Mở đầu"/><draw:page draw:name="Kết luận"><draw:frame>'
        '<draw:image xlink:href="Pictures/1.png"/></draw:frame></draw:page></office:document-content>'
    )
    path = tmp_path / "a.odp"
    names = {
        "content.xml": "nội dung văn bản",
        "styles.xml": "kiểu chữ, đầu trang và chân trang",
        "Pictures/1.png": "hình ảnh trong trang trình chiếu “Kết luận”",
        "Pictures/2.png": "hình ảnh",
        "Basic/Standard/Module1.xml": "macro",
        "Object 1/content.xml": "biểu đồ hoặc bảng nhúng",
        "META-INF/manifest.xml": "danh mục thành phần của tệp",
        "la/gi.bin": "phần la/gi.bin",
    }
    with zipfile.ZipFile(path, "w") as made:
        for name in names:
            made.writestr(name, content if name == "content.xml" else "x")
    with StrictZip(path) as archive:
        tell = OdfPartWords(archive)
        assert {name: tell.told(name) for name in names} == names


@pytest.mark.parametrize("content", [b"", b"<x", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"])
def test_content_that_cannot_be_read_costs_the_place_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.odt"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("content.xml", content)
        made.writestr("Pictures/1.png", b"x")
    with StrictZip(path) as archive:
        assert OdfPartWords(archive).told("Pictures/1.png") == "hình ảnh"
