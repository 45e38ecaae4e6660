"""Pages of offices for tests of reading: set by Typst as PDF, or by python-docx, with whatever oddity a test wants."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import docx
import typst
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml

from app.paths import RESOURCES

MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
GROUNDS = "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;"
BODY = "Điều 1. Ủy ban nhân dân xã chịu trách nhiệm thi hành Quyết định này kể từ ngày ký."


@dataclass(frozen=True)
class Page:
    """What stands where. ``number`` is the whole line; ``about`` the lines of ``V/v``; ``filler`` counts body lines."""

    agency: tuple[str, ...] = ("UBND TỈNH HẢI SƠN", "SỞ NỘI VỤ")
    number: str = "Số: 12/QĐ-SNV"
    about: tuple[str, ...] = ()
    date: str = "Hải Sơn, ngày 05 tháng 11 năm 2026"
    kind: str = "QUYẾT ĐỊNH"
    summary: tuple[str, ...] = ("Về việc phê duyệt kế hoạch đào tạo, bồi dưỡng", "cán bộ, công chức năm 2027")
    summary_bold: bool = True
    body: tuple[str, ...] = (GROUNDS, BODY)
    filler: int = 0
    title: tuple[str, ...] = ("GIÁM ĐỐC",)
    name: str = "Trần Thị Bích Hạnh"
    secrecy: str = ""
    extra: str = ""


def _quoted(text: str) -> str:
    return '#text("' + text.replace("\\", "\\\\").replace('"', '\\"') + '")'


def _rows(lines: tuple[str, ...]) -> str:
    return "\\ ".join(map(_quoted, lines))


@cache
def pdf(page: Page) -> bytes:
    """The page as PDF. ``extra`` is Typst markup put before everything."""
    bold = "700" if page.summary_bold else "400"
    left = "\\ ".join(
        filter(
            None,
            [
                *(map(_quoted, page.agency[:-1])),
                f"*{_quoted(page.agency[-1])}*" if page.agency else "",
                _quoted(page.number),
                _rows(page.about),
            ],
        )
    )
    source = f"""
#set page("a4", margin: (top: 20mm, bottom: 20mm, left: 30mm, right: 17mm))
#set text(font: "Tinos", size: 13pt, lang: "vi")
#set par(justify: true, first-line-indent: (amount: 1cm, all: true))
{page.extra}
#set par(first-line-indent: 0cm)
#grid(columns: (1fr, 1.5fr), align: center, [{left}],
  [#text(size: 12pt)[*{_quoted(MOTTO[0])}*]\\ *{_quoted(MOTTO[1])}*\\ _{_quoted(page.date)}_])
{f"#box(stroke: 1pt, inset: 4pt)[{_quoted(page.secrecy)}]" if page.secrecy else ""}
#align(center)[*{_quoted(page.kind)}*\\ #text(weight: {bold})[{_rows(page.summary)}]
#line(length: 30%)]
#set par(first-line-indent: (amount: 1cm, all: true))
{chr(10).join(_quoted(text) + chr(10) for text in page.body)}
{chr(10).join(_quoted(f"Nội dung dòng thứ {n} của văn bản này.") + chr(10) for n in range(page.filler))}
#set par(first-line-indent: 0cm)
#grid(columns: (1fr, 1fr), [_*Nơi nhận:*_\\ - Như Điều 1;\\ - Lưu: VT.],
  align(center)[*{_rows(page.title)}* #v(4em) *{_quoted(page.name)}*])
"""
    return typst.compile(source.encode(), font_paths=[str(RESOURCES / "fonts")], ignore_system_fonts=True)


def word(page: Page, path: Path, *, tabs: bool = False) -> Path:
    """The page as .docx: head in a table, or with tabs as old templates have it; a mark of secrecy in a text box."""
    document = docx.Document()
    left = [*page.agency, page.number, *page.about]
    right = [*MOTTO, page.date]
    if tabs:
        for row in range(max(len(left), len(right))):
            document.add_paragraph(f"{left[row] if row < len(left) else ''}\t{right[row] if row < len(right) else ''}")
    else:
        cells = document.add_table(rows=1, cols=2).rows[0].cells
        for cell, lines in zip(cells, (left, right), strict=True):
            for line in lines:
                cell.add_paragraph(line)
    if page.secrecy:
        document.add_paragraph()._p.append(parse_xml(_TEXT_BOX.format(text=page.secrecy)))
    if page.kind:
        for line in (page.kind, *page.summary):
            paragraph = document.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.add_run(line).bold = True
    document.add_paragraph()
    for text in page.body:
        document.add_paragraph(text)
    cells = document.add_table(rows=1, cols=2).rows[0].cells
    for cell, lines in zip(cells, (("Nơi nhận:", "- Lưu: VT."), (*page.title, "", "", page.name)), strict=True):
        for line in lines:
            cell.add_paragraph(line)
    document.save(str(path))
    return path


_TEXT_BOX = """<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
 xmlns:v="urn:schemas-microsoft-com:vml"><mc:AlternateContent><mc:Choice Requires="wps">
 <w:drawing><w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice>
 <mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent></v:textbox>
 </w:pict></mc:Fallback></mc:AlternateContent></w:r>"""


def bomb_pdf() -> bytes:
    """One page whose content unpacks to two hundred megabytes of text."""
    packer = zlib.compressobj(9)
    piece = b"BT /F 9 Tf 10 10 Td (MAT MAT MAT) Tj ET\n" * 25_000
    content = b"".join(packer.compress(piece) for _ in range(200)) + packer.flush()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(content), content),
    ]
    body = b"%PDF-1.7\n" + b"".join(b"%d 0 obj%s endobj\n" % (n, o) for n, o in enumerate(objects, 1))
    return body + b"trailer<</Root 1 0 R/Size 5>>\nstartxref\n0\n%%EOF"
