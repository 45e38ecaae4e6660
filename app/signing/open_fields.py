"""The fields that an approving signature leaves open for the agency: number, date, seal.

The leader signs a document that has no number yet (Decree 30/2020, articles 14 and 15). The fields are prepared
with the first signature, which certifies the document for filling them and for signing the seal (ISO 32000-2,
12.8.2.2, P 2); the agency fills and signs in one update and locks what it filled (12.8.2.4, FieldMDP).
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.documents.blanks import Blank, Blanks
from app.documents.pdf_form import FormField, elements, entry, numbers, walk_fields
from app.documents.sheet import Box, Sheet
from app.i18n import N_
from app.signing import marks, typeface
from app.signing.model import OpenFields, OpenText

if TYPE_CHECKING:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

#: Type size of number, upright, and date, slanted (Decree 30/2020, appendix I, part I, II.3.c and II.4.c).
SIZE: Final = 13.0
SEAL: Final = "antin-seal"
NUMBER, DAY, MONTH, YEAR = "antin-number", "antin-day", "antin-month", "antin-year"
#: The number stands right before the stroke of ``/QĐ-UBND``; the rest in the middle of its blank.
ALIGNMENTS: Final[dict[str, typeface.Alignment]] = {NUMBER: "right", DAY: "centre", MONTH: "centre", YEAR: "left"}
_LABELS: Final = {
    NUMBER: N_("Number of the document"),
    DAY: N_("Day of issue"),
    MONTH: N_("Month of issue"),
    YEAR: N_("Year of issue"),
    SEAL: N_("Seal of the agency"),
}
_QUADDING: Final = {"left": 0, "centre": 1, "right": 2}
_PRINT: Final = 4
#: What a viewer writes anew when a field is filled (ISO 32000-2, 12.7.4.3).
_MARKED: Final = b"/Tx BMC %s EMC"
_MAX_PAGES: Final = 5_000
_MAX_ANNOTATIONS: Final = 500


@dataclass(frozen=True)
class Found:
    """Open fields of a document that was certified for filling them.

    :ivar seal: page and box of the signature field.
    :ivar texts: by name, those still empty.
    :ivar fillable: nobody has signed after the certification: a further signature covers the fields as they are, and
        what is filled then would be a change to it.
    """

    seal: tuple[int, Box]
    texts: Mapping[str, OpenText] = field(default_factory=dict)
    fillable: bool = True


def texts_of(blanks: Blanks, sheet: Sheet) -> Iterator[OpenText]:
    """The fields for the blanks of a document.

    :param sheet: page one.
    """
    named = ((NUMBER, blanks.number), (DAY, blanks.day), (MONTH, blanks.month), (YEAR, blanks.year))
    for name, blank in named:
        if blank is not None:
            yield OpenText(name, blank.page, sheet.on_page(_box_of(blank, sheet.unit)))


def _box_of(blank: Blank, unit: float) -> Box:
    """The box, as the page is shown, in whose middle a line of size 13 stands on the blank's baseline."""
    size = SIZE / unit
    height = typeface.LEADING * size
    bottom = blank.baseline - typeface.baseline(size, height)
    return blank.left, bottom, blank.right, bottom + height


def filling(name: str, number: str, date: dt.date) -> str:
    """What belongs into a field: numbers below 10, days below 10 and January and February get a 0 before them
    (appendix I, part I, II.3.b and II.4.b)."""
    if name == NUMBER:
        return two_digits(number)
    if name == DAY:
        return f"{date.day:02}"
    if name == MONTH:
        return f"{date.month:02}" if date.month < 3 else str(date.month)
    return str(date.year)


def two_digits(number: str) -> str:
    return number.zfill(2) if number.isdigit() else number


def find(source: Path) -> Found | None:
    """The open fields of a document; None where it has none or was not certified for filling them."""
    from app.documents.pdf_reader import FAULTS, PasswordNeeded, open_reader

    try:
        with source.open("rb") as stream:
            root = open_reader(stream).root
            return _found(root) if _certified_for_filling(root) else None
    except FAULTS:
        return None
    except (PasswordNeeded, OSError):
        return None


def _certified_for_filling(root: generic.DictionaryObject) -> bool:
    certification = entry(entry(root, "/Perms"), "/DocMDP")
    return any(
        entry(entry(reference, "/TransformParams"), "/P") == 2
        for reference in elements(entry(certification, "/Reference"))
    )


def _found(root: generic.DictionaryObject) -> Found | None:
    fields = list(walk_fields(root))
    signatures = sum(one.type == "/Sig" and entry(one.dictionary, "/V") is not None for one in fields)
    ours = {one.name: one for one in fields if one.name in _LABELS and entry(one.dictionary, "/V") is None}
    if SEAL not in ours or ours[SEAL].type != "/Sig":
        return None
    places = dict(_places(root, ours))
    texts = {name: OpenText(name, *places[name]) for name in ALIGNMENTS if name in places and ours[name].type == "/Tx"}
    return Found(places[SEAL], texts, fillable=signatures == 1) if SEAL in places else None


def _places(root: generic.DictionaryObject, fields: Mapping[str, FormField]) -> Iterator[tuple[str, tuple[int, Box]]]:
    """Page and box of fields that are their own widgets."""
    names = {(one.reference.idnum, one.reference.generation): name for name, one in fields.items() if one.reference}
    for index, page in enumerate(itertools.islice(_pages(entry(root, "/Pages")), _MAX_PAGES)):
        annotations = entry(page, "/Annots")
        for position, annotation in enumerate(itertools.islice(elements(annotations), _MAX_ANNOTATIONS)):
            raw: Any = annotations.raw_get(position)  # type: ignore[attr-defined]
            name = names.get((getattr(raw, "idnum", -1), getattr(raw, "generation", -1)))
            corners = numbers(entry(annotation, "/Rect")) if name is not None else []
            if name is not None and len(corners) == 4:
                yield name, (index, (corners[0], corners[1], corners[2], corners[3]))


def _pages(node: object, depth: int = 0) -> Iterator[object]:
    kids = entry(node, "/Kids")
    if kids is None:
        yield node
        return
    for kid in elements(kids) if depth < 64 else ():
        yield from _pages(kid, depth + 1)


def add(writer: IncrementalPdfFileWriter, wanted: OpenFields) -> None:
    """Add the fields to a document that bears no signature yet; their font has all letters of Vietnamese."""
    from pyhanko.pdf_utils.generic import NameObject, NumberObject, pdf_name, pdf_string
    from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec

    names = [text.name for text in wanted.texts]
    for font in {_font_name(name): name != NUMBER for name in names}.items():
        _offer_font(writer, *font)
    for text in wanted.texts:
        alignment = ALIGNMENTS[text.name]
        entries = {
            pdf_name("/FT"): NameObject("/Tx"),
            pdf_name("/DA"): pdf_string(f"/{_font_name(text.name)} {SIZE / _sheet(writer, text.page).unit:g} Tf 0 g"),
            pdf_name("/Q"): NumberObject(_QUADDING[alignment]),
        }
        _add_field(writer, text.name, text.page, text.box, entries)
    seal: dict[generic.NameObject, generic.PdfObject] = {pdf_name("/FT"): NameObject("/Sig")}
    if names:
        lock = FieldMDPSpec(FieldMDPAction.INCLUDE, names).as_pdf_object()
        lock["/Type"] = NameObject("/SigFieldLock")
        seal |= {pdf_name("/Lock"): writer.add_object(lock)}
    page, box = wanted.seal
    _add_field(writer, SEAL, page, _within(box, _sheet(writer, page).crop), seal)


def _sheet(writer: IncrementalPdfFileWriter, page: int) -> Sheet:
    return marks.sheet(writer.find_page_for_modification(page)[0].get_object())


def _within(box: Box, visible: Box) -> Box:
    """What of the box lies on the page; the room kept is larger than the seal."""
    return max(box[0], visible[0]), max(box[1], visible[1]), min(box[2], visible[2]), min(box[3], visible[3])


def fill(writer: IncrementalPdfFileWriter, texts: Mapping[str, str]) -> None:
    """Write texts into open fields, with their appearances.

    :raises app.signing.pdf_errors.MarkTextUnprintable: the font lacks a letter.
    """
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import pdf_string

    fields = {one.name: one for one in walk_fields(writer.root) if one.name in texts}
    fonts = {
        italic: typeface.embed(writer, "".join(texts[name] for name in names), italic=italic)
        for italic, names in ((False, texts.keys() & {NUMBER}), (True, texts.keys() - {NUMBER}))
        if names
    }
    for name, text in texts.items():
        italic = name != NUMBER
        font = fonts[italic]
        widget = fields[name].dictionary
        box = marks.rectangle(entry(widget, "/Rect"))
        page = entry(widget, "/P")
        assert box is not None and isinstance(page, generic.DictionaryObject)
        sheet = marks.sheet(page)
        left, bottom, right, top = sheet.upright(box)
        shown = typeface.line(text, SIZE / sheet.unit, right - left, top - bottom, ALIGNMENTS[name], italic=italic)
        resources = generic.DictionaryObject(
            {generic.pdf_name("/Font"): generic.DictionaryObject({generic.pdf_name("/T"): font})}
        )
        widget["/V"] = pdf_string(text)
        marks.show(writer, widget, box, sheet.turn, _MARKED % (b"q " + shown + b" Q"), resources)
        writer.update_container(widget)


def content(root: generic.DictionaryObject) -> list[str]:
    """Names of the fields that hold text or choices, each once, in the order of the form."""
    return list(dict.fromkeys(one.name for one in walk_fields(root) if one.type not in ("", "/Sig")))


def others(root: generic.DictionaryObject) -> list[str]:
    """The fields of a form that stay as they are when the open ones are filled."""
    return [name for name in content(root) if name not in _LABELS]


def _font_name(field: str) -> str:
    return "Tinos" if field == NUMBER else "TinosItalic"


def _offer_font(writer: IncrementalPdfFileWriter, name: str, italic: bool) -> None:
    """Name the font in the form, for programs that fill the fields themselves."""
    from pyhanko.pdf_utils import generic

    node: Any = _form(writer)
    for key in ("/DR", "/Font"):
        if key not in node:
            node[key] = generic.DictionaryObject()
            writer.update_container(node)
        node = node[key]
    node[f"/{name}"] = typeface.embed(writer, typeface.vietnamese(), italic=italic)
    writer.update_container(node)


def _form(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    from pyhanko.pdf_utils import generic

    if "/AcroForm" not in writer.root:
        form = generic.DictionaryObject({generic.pdf_name("/Fields"): generic.ArrayObject()})
        writer.root["/AcroForm"] = writer.add_object(form)
        writer.update_root()
    found: generic.DictionaryObject = writer.root["/AcroForm"]
    return found


def _add_field(
    writer: IncrementalPdfFileWriter,
    name: str,
    page: int,
    box: Box,
    entries: Mapping[generic.NameObject, generic.PdfObject],
) -> None:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import NameObject, NumberObject, pdf_name, pdf_string

    from app.i18n import _

    reference, _resources = writer.find_page_for_modification(page)
    widget = generic.DictionaryObject(
        {
            pdf_name("/Type"): NameObject("/Annot"),
            pdf_name("/Subtype"): NameObject("/Widget"),
            pdf_name("/T"): pdf_string(name),
            pdf_name("/TU"): pdf_string(_(_LABELS[name])),
            pdf_name("/F"): NumberObject(_PRINT),
            pdf_name("/P"): reference,
            pdf_name("/Rect"): generic.ArrayObject(generic.FloatObject(f"{edge:.3f}") for edge in box),
            **entries,
        }
    )
    marks.show(writer, widget, box, _sheet(writer, page).turn, _MARKED % b"", generic.DictionaryObject())
    made = writer.add_object(widget)
    form = _form(writer)
    if "/Fields" not in form:
        form["/Fields"] = generic.ArrayObject()
        writer.update_container(form)
    fields = form["/Fields"]
    fields.append(made)
    writer.update_container(fields)
    writer.register_annotation(reference, made)
