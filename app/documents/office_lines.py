"""Lines of text of a Word, Excel or PowerPoint file, as far as the head and the signature block need them.

Parts are read within bounds and parsed without entities, DTD or network.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.documents.fields import Line, Side
from app.documents.strict_zip import StrictZip
from app.documents.text import clean
from app.documents.zip_errors import ArchiveRejected

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Octets of markup parsed of a part; what lies beyond is not read.
_MAX_MARKUP = 3 << 20
_MAX_LINES = 6000
_MAX_CELLS = 3000
_MAX_STRINGS = 20_000
_MAX_TEXT = 2000

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT_W = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_MC_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_A_PARAGRAPH = re.compile(r"^\{[^}]*/drawingml(?:/2006)?/main\}p$")


@dataclass(frozen=True)
class OfficeText:
    """:ivar title: the title of the document properties, else that of the first slide."""

    lines: tuple[Line, ...] = ()
    title: str | None = None


def read_office(path: Path) -> OfficeText:
    """Read a .docx, .xlsx or .pptx and its kin; nothing at all from a package that cannot be trusted to be one.

    :raises FileMissing, FileNotReadable: the file cannot be opened.
    """
    try:
        with StrictZip(path) as package:
            root = _relation_target(package, "_rels/.rels", "", "/officeDocument")
            title = _title(package)
            if root is None:
                return OfficeText(title=title)
            if posixpath.basename(root).startswith("document") or root.startswith("word/"):
                return OfficeText(tuple(_word_lines(package, root)), title)
            if root.startswith("xl/"):
                return OfficeText(tuple(_sheet_lines(package, root)), title)
            if root.startswith("ppt/"):
                lines = tuple(_slide_lines(package, root))
                return OfficeText(lines, title or next((line.text for line in lines), None))
            return OfficeText(title=title)
    except ArchiveRejected:
        return OfficeText()


def bounded_markup(package: StrictZip, name: str) -> Element | None:
    """The root of a part, of its first megabytes where it is longer; None where there is none."""
    from lxml import etree

    entry = package.entries.get(name)
    if entry is None:
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True
    )
    left = _MAX_MARKUP
    try:
        for chunk in package.chunks(entry):
            parser.feed(bytes(chunk[:left]))
            left -= len(chunk)
            if left <= 0:
                break
        return parser.close()
    except etree.XMLSyntaxError:
        return None


def _relations(package: StrictZip, name: str, base: str) -> list[tuple[str, str, str]]:
    """Id, type and target part of the internal relationships of a part."""
    root = bounded_markup(package, name)
    if root is None:
        return []
    found = []
    for relation in root:
        if not isinstance(relation.tag, str) or relation.get("TargetMode") == "External":
            continue
        target = relation.get("Target", "")
        part = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(base, target))
        found.append((relation.get("Id", ""), relation.get("Type", ""), part))
    return found


def _relation_target(package: StrictZip, name: str, base: str, kind: str) -> str | None:
    return next((part for _, type_, part in _relations(package, name, base) if type_.endswith(kind)), None)


def _relations_of(package: StrictZip, part: str) -> list[tuple[str, str, str]]:
    folder, file = posixpath.split(part)
    return _relations(package, f"{folder}/_rels/{file}.rels".lstrip("/"), folder)


def _title(package: StrictZip) -> str | None:
    part = _relation_target(package, "_rels/.rels", "", "/core-properties")
    root = bounded_markup(package, part) if part else None
    if root is None:
        return None
    text = root.findtext("{http://purl.org/dc/elements/1.1/}title")
    return clean(text)[:_MAX_TEXT] or None if text else None


# Word


def _word_lines(package: StrictZip, part: str) -> Iterator[Line]:
    for _, kind, header in _relations_of(package, part):
        if kind.endswith("/header"):
            root = bounded_markup(package, header)
            if root is not None:
                yield from _Paragraphs().read(root)
    root = bounded_markup(package, part)
    if root is not None:
        yield from _Paragraphs().read(root)


@dataclass
class _Open:
    """A paragraph being read."""

    pieces: list[str] = field(default_factory=list)
    centred: bool | None = None
    bold: int = 0
    light: int = 0


class _Paragraphs:
    """The paragraphs of a part in order, those of table cells with their side, text boxes as lines of their own."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._rows: list[tuple[int, int]] = []
        self._done: list[Line] = []
        self._removed = 0
        self._bold_run = False
        self._page = 0

    def read(self, root: Element) -> Iterator[Line]:
        from lxml import etree

        given = 0
        for event, element in etree.iterwalk(root, events=("start", "end")):
            tag = element.tag
            if not isinstance(tag, str):
                continue
            if tag == _MC_FALLBACK:
                self._removed += 1 if event == "start" else -1
                continue
            name = tag[len(_W) :] if tag.startswith(_W) else tag[len(_STRICT_W) :] if tag.startswith(_STRICT_W) else ""
            if name in ("del", "moveFrom"):
                self._removed += 1 if event == "start" else -1
            elif name and self._removed == 0:
                if event == "start":
                    self._begin(name, element)
                else:
                    self._end(name)
            while self._done:
                yield self._done.pop(0)
                given += 1
            if given > _MAX_LINES:
                return

    def _begin(self, name: str, element: Element) -> None:
        if name == "p":
            self._open.append(_Open())
        elif name == "tr":
            self._rows.append((sum(1 for child in element if _local(child) == "tc"), 0))
        elif name == "tc" and self._rows:
            count, at = self._rows[-1]
            self._rows[-1] = count, at + 1
        elif self._open:
            paragraph = self._open[-1]
            if name == "jc":
                paragraph.centred = _value(element) == "center"
            elif name == "r":
                self._bold_run = False
            elif name == "b":
                self._bold_run = _value(element) not in ("0", "false", "off")
            elif name == "t" and element.text:
                paragraph.pieces.append(element.text[:_MAX_TEXT])
                if self._bold_run:
                    paragraph.bold += 1
                else:
                    paragraph.light += 1
            elif name in ("tab", "ptab") and _local(element.getparent()) == "r":
                paragraph.pieces.append("\t")
            elif name in ("br", "cr"):
                paragraph.pieces.append("\n")
                self._page += _type(element) == "page"
            elif name == "lastRenderedPageBreak":
                self._page += 1
            elif name == "noBreakHyphen":
                paragraph.pieces.append("-")

    def _end(self, name: str) -> None:
        if name == "tr" and self._rows:
            self._rows.pop()
        elif name == "p" and self._open:
            paragraph = self._open.pop()
            bold = paragraph.bold > paragraph.light if paragraph.bold else None
            for text in "".join(paragraph.pieces)[: 4 * _MAX_TEXT].split("\n"):
                self._done.extend(self._lines(text, paragraph.centred, bold))

    def _lines(self, text: str, centred: bool | None, bold: bool | None) -> Iterable[Line]:
        side = self._side()
        columns = [clean(column) for column in re.split(r"\t+|\s{6,}", text)]
        shown = [column for column in columns if column]
        if side is Side.ACROSS and len(shown) == 2 and not re.match(r"^Số\s*:?$", shown[0], re.IGNORECASE):
            left, right = shown
            return [
                Line(left, Side.LEFT, bold=bold, page=self._page),
                Line(right, Side.RIGHT, bold=bold, page=self._page),
            ]
        centred = centred if side is Side.ACROSS else None
        return [Line(clean(" ".join(shown)), side, bold=bold, centred=centred, page=self._page)]

    def _side(self) -> Side:
        for count, at in reversed(self._rows):
            if count in (2, 3):
                return Side.LEFT if at == 1 else Side.RIGHT if at == count else Side.ACROSS
        return Side.ACROSS


def _local(element: Any) -> str:
    tag = element.tag if element is not None else None
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _value(element: Element) -> str | None:
    return element.get(f"{_W}val") or element.get(f"{_STRICT_W}val")


def _type(element: Element) -> str | None:
    return element.get(f"{_W}type") or element.get(f"{_STRICT_W}type")


# Excel, PowerPoint


def _relation_id(element: Element) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}id")), "")


def _sheet_lines(package: StrictZip, part: str) -> Iterator[Line]:
    relations = _relations_of(package, part)
    workbook = bounded_markup(package, part)
    first = (
        next((sheet for sheet in workbook.iter() if _local(sheet) == "sheet"), None) if workbook is not None else None
    )
    if first is None:
        return
    identifier = _relation_id(first)
    target = next((sheet for id_, _, sheet in relations if id_ == identifier), None)
    sheet = bounded_markup(package, target) if target else None
    if sheet is None:
        return
    strings = _shared_strings(package, relations)
    cells = 0
    for row in sheet.iter():
        if _local(row) != "row":
            continue
        texts: list[str] = []
        for cell in row:
            cells += 1
            text = _cell_text(cell, strings)
            if text:
                texts.append(text)
        if len(texts) == 2:
            yield Line(texts[0], Side.LEFT)
            yield Line(texts[1], Side.RIGHT)
        else:
            for text in texts or [""]:
                yield Line(text)
        if cells > _MAX_CELLS:
            return


def _shared_strings(package: StrictZip, relations: list[tuple[str, str, str]]) -> list[str]:
    part = next((target for _, kind, target in relations if kind.endswith("/sharedStrings")), None)
    root = bounded_markup(package, part) if part else None
    strings: list[str] = []
    for item in root if root is not None else ():
        strings.append(_text_of(item))
        if len(strings) == _MAX_STRINGS:
            break
    return strings


def _cell_text(cell: Element, strings: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text_of(cell)
    value = next((child.text or "" for child in cell if _local(child) == "v"), "")
    if kind == "s":
        return strings[int(value)] if value.isascii() and value.isdigit() and int(value) < len(strings) else ""
    return clean(value)[:_MAX_TEXT] if kind == "str" else ""


def _text_of(element: Element) -> str:
    return clean("".join(part.text or "" for part in element.iter() if _local(part) == "t")[:_MAX_TEXT])


def _slide_lines(package: StrictZip, part: str) -> Iterator[Line]:
    relations = _relations_of(package, part)
    presentation = bounded_markup(package, part)
    if presentation is None:
        return
    first = next((slide for slide in presentation.iter() if _local(slide) == "sldId"), None)
    identifier = _relation_id(first) if first is not None else ""
    target = next((slide for id_, _, slide in relations if id_ == identifier), None)
    slide = bounded_markup(package, target) if target else None
    if slide is None:
        return
    given = 0
    for paragraph in slide.iter():
        if isinstance(paragraph.tag, str) and _A_PARAGRAPH.match(paragraph.tag):
            text = _text_of(paragraph)
            if text:
                yield Line(text)
                given += 1
        if given == _MAX_CELLS:
            return
