"""A visible mark by itself, as a PDF of its size: what a person is shown of it before anything is signed."""

from __future__ import annotations

from pathlib import Path

from app.signing import marks
from app.signing.model import Mark


def write(mark: Mark, target: Path, turn: int = 0) -> None:
    """Write a PDF whose one page shows the mark upright, drawn by what draws it into signed files.

    :param turn: degrees clockwise by which the page is turned on which the mark will stand.
    :param target: written over.
    :raises app.signing.errors.MarkImageInvalid, app.signing.pdf_errors.MarkTextUnprintable: as :func:`marks.draw`.
    """
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import NameObject, NumberObject, pdf_name
    from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

    left, bottom, right, top = mark.box
    width, height = right - left, top - bottom
    if turn in (90, 270):
        width, height = height, width
    box = (0.0, 0.0, width, height)
    rectangle = generic.ArrayObject(generic.FloatObject(number) for number in box)
    writer = PdfFileWriter()
    nothing = writer.add_object(generic.StreamObject(stream_data=b""))
    page = PageObject(contents=nothing, media_box=rectangle)
    widget = generic.DictionaryObject(
        {
            pdf_name("/Type"): NameObject("/Annot"),
            pdf_name("/Subtype"): NameObject("/Stamp"),
            pdf_name("/F"): NumberObject(4),
            pdf_name("/Rect"): rectangle,
        }
    )
    marks.draw(writer, widget, page, mark, box)
    page[pdf_name("/Annots")] = generic.ArrayObject([writer.add_object(widget)])
    writer.insert_page(page)
    with target.open("wb") as output:
        writer.write(output)
