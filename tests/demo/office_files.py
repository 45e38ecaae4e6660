"""The sample documents as Word, Excel and PowerPoint write them: .docx, .xlsx and .pptx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.demo import texts
from tests.demo.embedded_fonts import embed_tinos
from tests.demo.pki import AGENCY
from tests.demo.texts import OfficeDocument

_FONT = "Times New Roman"
_RED = "B00020"


def write_docx(document: OfficeDocument, file: Path) -> None:
    """Set a document in Word: A4, the margins and sizes of Decree 30/2020, appendix I, heads in a borderless table."""
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
    from docx.oxml.ns import qn
    from docx.shared import Cm, Mm, Pt

    word = docx.Document()
    word.core_properties.title = f"{document.kind} {document.summary}".strip()
    word.core_properties.author = AGENCY
    word.core_properties.comments = ""
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(14)
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        normal.element.rPr.rFonts.set(qn(script), _FONT)
    normal.paragraph_format.space_after = Pt(0)
    body = word.styles.add_style("Nội dung", 1)
    body.base_style = normal
    body.paragraph_format.alignment = ALIGN.JUSTIFY
    body.paragraph_format.first_line_indent = Cm(1.27)
    body.paragraph_format.space_after = Pt(6)

    def line(holder: Any, text: str, size: float = 14, *, bold: bool = False, italic: bool = False) -> Any:
        empty = holder.paragraphs[0] if len(holder.paragraphs) == 1 and not holder.paragraphs[0].text else None
        paragraph = empty if empty is not None else holder.add_paragraph()
        paragraph.alignment = ALIGN.CENTER
        run = paragraph.add_run(text)
        run.font.size, run.bold, run.italic = Pt(size), bold, italic
        return paragraph

    def rule(holder: Any, width: int) -> None:
        """A line ``width`` signs long, as offices draw it."""
        line(holder, "_" * width, 8, bold=True).paragraph_format.space_after = Pt(4)

    def columns(*widths: float) -> Any:
        table = word.add_table(rows=0, cols=len(widths))
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        return table

    def row(table: Any, *widths: float) -> Any:
        cells = table.add_row().cells
        for cell, width in zip(cells, widths, strict=True):
            cell.width = Mm(width)
        return cells

    widths = (66, 99)
    head = columns(*widths)
    left, right = row(head, *widths)
    for text in texts.AGENCY_LINES:
        line(left, text, 13, bold=True)
    rule(left, 16)
    line(right, texts.MOTTO[0], 12, bold=True)
    line(right, texts.MOTTO[1], 13, bold=True)
    rule(right, 40)
    left, right = row(head, *widths)
    line(left, f"Số: {document.symbol}", 13)
    line(right, document.place_and_date, 13, italic=True)
    if not document.kind:
        line(left, document.summary, 12).paragraph_format.space_before = Pt(6)
    else:
        line(word, document.kind, bold=True).paragraph_format.space_before = Pt(18)
        line(word, document.summary, bold=True)
        rule(word, 26)
    if len(document.addressees) == 1:
        line(word, f"Kính gửi: {document.addressees[0]}").paragraph_format.space_after = Pt(6)
    elif document.addressees:
        line(word, "Kính gửi:").paragraph_format.space_before = Pt(12)
        for addressee in document.addressees:
            paragraph = line(word, f"- {addressee}")
            paragraph.alignment = ALIGN.LEFT
            paragraph.paragraph_format.left_indent = Cm(5.2)
        paragraph.paragraph_format.space_after = Pt(10)
    for item in document.body:
        if item.style == "centred":
            paragraph = line(word, item.text, bold=True)
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(6)
            continue
        paragraph = word.add_paragraph(style=body)
        if item.lead:
            paragraph.add_run(item.lead).bold = True
        run = paragraph.add_run(f" {item.text}" if item.lead and item.text else item.text)
        run.italic = item.style == "base"
        paragraph.paragraph_format.keep_with_next = item.style in ("article", "heading")
    word.add_paragraph().paragraph_format.space_after = Pt(0)
    widths = (80, 85)
    left, right = row(columns(*widths), *widths)
    paragraph = line(left, "Nơi nhận:", 12, bold=True, italic=True)
    paragraph.alignment = ALIGN.LEFT
    for recipient in document.recipients:
        line(left, f"- {recipient}", 11).alignment = ALIGN.LEFT
    power, office, name = texts.SIGNATURE_BLOCK
    line(right, power, bold=True)
    line(right, office, bold=True).paragraph_format.space_after = Pt(90)
    line(right, name, bold=True)
    for paragraph in right.paragraphs[:-1]:
        paragraph.paragraph_format.keep_with_next = True
    _number_pages(section)
    embed_tinos(word)
    word.save(str(file))


def _number_pages(section: Any) -> None:
    """Page numbers in the middle of the top margin, none on the first page (appendix I, I.7)."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "2"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def write_statistics(file: Path) -> None:
    """A monthly report of figures as a workbook, totals by formula."""
    import openpyxl
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    book = openpyxl.Workbook()
    book.properties.creator = AGENCY
    book.properties.title = texts.STATISTICS_SUMMARY
    sheet = book.active
    assert sheet is not None
    sheet.title = "Tháng 10-2026"
    centre = Alignment(horizontal="center", vertical="center", wrap_text=True)

    def put(cell: str, value: object, *, size: float = 13, merge: str = "", **style: bool) -> None:
        sheet[cell] = value
        sheet[cell].font = Font(name=_FONT, size=size, **style)
        sheet[cell].alignment = centre
        if merge:
            sheet.merge_cells(merge)

    put("A1", texts.AGENCY_LINES[0], merge="A1:B1", bold=True)
    put("A2", texts.AGENCY_LINES[1], merge="A2:B2", bold=True)
    put("A3", f"Số: {texts.STATISTICS_SYMBOL}", merge="A3:B3")
    put("C1", texts.MOTTO[0], merge="C1:F1", size=12, bold=True)
    put("C2", texts.MOTTO[1], merge="C2:F2", bold=True)
    put("C3", texts.PLACE_AND_DATE, merge="C3:F3", italic=True)
    put("A5", "BÁO CÁO", merge="A5:F5", size=14, bold=True)
    put("A6", texts.STATISTICS_SUMMARY, merge="A6:F6", size=14, bold=True)
    thin = Side(style="thin")
    border = Border(left=thin, right=thin, top=thin, bottom=thin)
    heads = ("STT", "Lĩnh vực", "Tiếp nhận", "Trong đó trực tuyến", "Đã giải quyết", "Đang giải quyết")
    rows: list[tuple[object, ...]] = [
        heads,
        *((number, *figures) for number, figures in enumerate(texts.STATISTICS, 1)),
    ]
    first, last = 9, 8 + len(texts.STATISTICS)
    rows.append(("", "Tổng cộng", *(f"=SUM({column}{first}:{column}{last})" for column in "CDEF")))
    for index, values in enumerate(rows, first - 1):
        edge = index in (first - 1, last + 1)
        for column, value in zip("ABCDEF", values, strict=True):
            put(f"{column}{index}", value, size=12, bold=edge)
            sheet[f"{column}{index}"].border = border
            if column == "B" and not edge:
                sheet[f"{column}{index}"].alignment = Alignment(horizontal="left", vertical="center")
            if index == first - 1:
                sheet[f"{column}{index}"].fill = PatternFill("solid", fgColor="E7EEF0")
    for offset, text in enumerate(texts.SIGNATURE_BLOCK):
        cell = f"D{last + 3 + offset + (4 if offset == 2 else 0)}"
        put(cell, text, merge=f"{cell}:F{cell[1:]}", bold=True)
    for column, width in zip("ABCDEF", (7, 30, 14, 16, 16, 16), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.row_dimensions[first - 1].height = 36
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    book.save(file)


def write_slides(file: Path) -> None:
    """A report as slides: a head slide with number and date, then points."""
    from pptx import Presentation
    from pptx.dml.color import RGBColor
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Mm, Pt

    deck = Presentation()
    deck.core_properties.title = texts.SLIDES_SUMMARY
    deck.core_properties.author = AGENCY
    deck.slide_width, deck.slide_height = Mm(338.7), Mm(190.5)

    def write(frame: Any, lines: tuple[tuple[str, float, bool], ...], *, align: Any = PP_ALIGN.CENTER) -> None:
        frame.word_wrap = True
        for index, (text, size, bold) in enumerate(lines):
            paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
            paragraph.alignment = align
            run = paragraph.add_run()
            run.text, run.font.name, run.font.size, run.font.bold = text, _FONT, Pt(size), bold

    def box(slide: Any, left: float, top: float, width: float, height: float) -> Any:
        return slide.shapes.add_textbox(Mm(left), Mm(top), Mm(width), Mm(height)).text_frame

    def title(slide: Any, text: str, top: float, size: float) -> None:
        holder = slide.shapes.title
        holder.left, holder.top, holder.width, holder.height = Mm(20), Mm(top), Mm(298.7), Mm(34)
        write(holder.text_frame, ((text, size, True),))
        holder.text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor.from_string(_RED)

    front = deck.slides.add_slide(deck.slide_layouts[5])
    symbol = f"Số: {texts.SLIDES_SYMBOL}"
    write(box(front, 15, 12, 110, 30), (*((text, 18, True) for text in texts.AGENCY_LINES), (symbol, 16, False)))
    motto = ((texts.MOTTO[0], 16, True), (texts.MOTTO[1], 18, True), (texts.PLACE_AND_DATE, 16, False))
    write(box(front, 150, 12, 175, 30), motto)
    write(box(front, 20, 66, 298.7, 14), (("BÁO CÁO", 28, True),))
    title(front, texts.SLIDES_SUMMARY, 80, 32)
    front.shapes._spTree.append(front.shapes.title._element)  # reading order is the order of shapes
    write(box(front, 170, 130, 150, 40), tuple((text, 18, True) for text in texts.SIGNATURE_BLOCK))
    for heading, points in texts.SLIDES:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        title(slide, heading, 12, 34)
        holder = slide.placeholders[1]
        holder.left, holder.top, holder.width, holder.height = Mm(25), Mm(52), Mm(288.7), Mm(120)
        write(holder.text_frame, tuple((point, 26, False) for point in points), align=PP_ALIGN.LEFT)
    deck.save(str(file))
