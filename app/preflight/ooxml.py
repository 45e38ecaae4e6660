"""What a Word, Excel or PowerPoint file holds that a signer should know (ISO/IEC 29500)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from app.documents.zip_errors import ArchiveRejected
from app.ooxml import vocabulary
from app.ooxml.package import Package, Part
from app.ooxml.relationships import Relationship
from app.preflight import formulas
from app.preflight.markup import PART_LIMIT, MarkupRefused, attribute, cell_elements, elements, local
from app.preflight.model import Found, Inspection, counted, listed, named
from app.preflight.word_fields import CHANGING, NAMES, FieldReader

_WORD_PARTS: Final = re.compile(
    r"wordprocessingml\.(?:document|template|header|footer|footnotes|endnotes|glossary)|ms-word\.(?:document|template)\.macro"
)
_SHEET: Final = re.compile(r"spreadsheetml\.(?:worksheet|dialogsheet|chartsheet)\+xml")
_WORKBOOKS: Final = frozenset(vocabulary.MAIN_TYPES[ending] for ending in (".xlsx", ".xltx", ".xlsm", ".xltm"))
_SLIDE: Final = "presentationml.slide+xml"
_TRACKED: Final = frozenset({"ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge"})
_CHANGED_PROPERTIES: Final = tuple(
    f"{name}Change" for name in ("rPr", "pPr", "sectPr", "tblPr", "tcPr", "trPr", "tblGrid", "numbering")
)
#: Stands for the order to bring all fields up to date when the file is opened (section 17.15.1.90).
_ALL_FIELDS: Final = "UPDATE"
_OLD_FONT: Final = re.compile(r"^(?:\.Vn|VNI-)", re.IGNORECASE)
_COMMENT_PARTS: Final = re.compile(r"(?:comments|threadedcomments)\+xml$", re.IGNORECASE)
_OFF: Final = frozenset({"0", "false", "off"})
_LATIN: Final = ("ascii", "hAnsi")
_FONT_NAMES: Final = ("ascii", "hAnsi", "cs", "eastAsia", "typeface", "val")


def inspect(path: Path) -> Inspection:
    """Look through an Office package.

    :raises app.errors.AntinError: the file cannot be read.
    """
    try:
        with Package(path) as package:
            return _Inspector(package).inspection()
    except ArchiveRejected as error:
        return Inspection([Found("damaged", {"detail": error.code})])


class _Inspector:
    def __init__(self, package: Package) -> None:
        self._package = package
        self._tracked = self._comments = 0
        self._fields: list[str] = []
        self._formulas: list[str] = []
        self._hidden: list[str] = []
        self._fonts: list[str] = []
        self._used_fonts: set[str] = set()
        self._unread: list[str] = []

    def inspection(self) -> Inspection:
        try:
            for part in self._package.parts.values():
                self._look_into(part)
            found = [*self._contents(), *self._linked(), *self._programs()]
        except MarkupRefused:
            found = [Found("damaged", {"detail": "XML"})]
        origin = self._package.origin()
        return Inspection(found, origin is not None and bool(origin.signatures), sorted(self._used_fonts))

    def _look_into(self, part: Part) -> None:
        kind = part.content_type
        reader = None
        if _WORD_PARTS.search(kind):
            reader = self._word
        elif _SHEET.search(kind):
            reader = self._sheet
        elif (
            kind == vocabulary.MAIN_TYPES[".xlsx"] or "spreadsheetml.template" in kind or "ms-excel.sheet.macro" in kind
        ):
            reader = self._workbook
        elif kind.endswith(_SLIDE):
            reader = self._slide
        elif kind.endswith("wordprocessingml.settings+xml"):
            reader = self._settings
        elif _COMMENT_PARTS.search(kind):
            reader = self._remarks
        if reader is None:
            return
        if part.entry.size > PART_LIMIT:
            self._unread.append(part.name)
            return
        reader(self._package.read(part, PART_LIMIT))

    def _word(self, data: bytes) -> None:
        fields = FieldReader()
        for element in elements(data, (*NAMES, *_TRACKED, *_CHANGED_PROPERTIES, "vanish", "rFonts")):
            name = local(element)
            if name in NAMES:
                fields.read(element)
            elif name == "rFonts":
                self._note_fonts(element)
                self._used_fonts.update(filter(None, (attribute(element, key) for key in _LATIN)))
            elif name == "vanish":
                if attribute(element, "val") not in _OFF and _of_a_run(element):
                    self._hidden.append("text")
            else:
                self._tracked += 1
        self._fields += fields.kinds

    def _settings(self, data: bytes) -> None:
        if any(attribute(element, "val") not in _OFF for element in elements(data, ["updateFields"])):
            self._fields.append(_ALL_FIELDS)

    def _remarks(self, data: bytes) -> None:
        self._comments += sum(1 for _ in elements(data, ["comment", "threadedComment", "cm"]))

    def _sheet(self, data: bytes) -> None:
        for element in cell_elements(data, "f"):
            self._formulas += formulas.changing(element.text or "")

    def _workbook(self, data: bytes) -> None:
        for element in elements(data, ["sheet", "definedName"]):
            if local(element) == "definedName":
                self._formulas += formulas.changing(element.text or "")
            elif attribute(element, "state") in ("hidden", "veryHidden"):
                self._hidden.append(attribute(element, "name"))

    def _slide(self, data: bytes) -> None:
        for element in elements(data, ["sld", "latin", "cs", "fld"]):
            match local(element):
                case "sld":
                    self._hidden += ["slide"] if attribute(element, "show") in _OFF else []
                case "fld":
                    self._fields += ["DATE"] if attribute(element, "type").startswith("datetime") else []
                case _:
                    self._note_fonts(element)

    def _note_fonts(self, element: Any) -> None:
        self._fonts += [name for key in _FONT_NAMES if _OLD_FONT.match(name := attribute(element, key))]

    def _contents(self) -> Iterator[Found]:
        changing = [kind for kind in self._fields if kind in CHANGING or kind == _ALL_FIELDS]
        yield from listed(
            {
                "changing-fields": changing,
                "linked-fields": [kind for kind in self._fields if kind not in (*CHANGING, _ALL_FIELDS)],
                "changing-formulas": self._formulas,
                "hidden-content": self._hidden,
                "old-fonts": self._fonts,
                "not-examined": self._unread,
            }
        )
        yield from counted({"tracked-changes": self._tracked, "comments": self._comments})

    def _linked(self) -> Iterator[Found]:
        templates, outside, data = [], [], []
        for leading in self._package.relationships.values():
            for one in leading.relationships:
                kind = one.type.rpartition("/")[2].lower()
                if one.external and kind == "attachedtemplate":
                    templates.append(one.target)
                elif one.external and kind in ("externallinkpath", "externallinklong", "xlpathmissing"):
                    data.append(one.target)
                elif one.external and not _is_hyperlink(one):
                    outside.append(one.target)
                elif kind in ("connections", "querytable"):
                    data.append(one.target)
        for code, names in (("template", templates), ("external-content", outside), ("data-connections", data)):
            if names:
                yield named(code, names)

    def _programs(self) -> Iterator[Found]:
        parts = self._package.parts.values()
        kinds = [part.content_type.lower() for part in parts]
        if any("vbaproject" in kind or "macroenabled" in kind for kind in kinds):
            yield Found("macros")
        controls = sum("activex+xml" in kind for kind in kinds)
        if controls:
            yield Found("controls", {"count": str(controls)})
        embedded = [part.name.rpartition("/")[2] for part in parts if "/embeddings/" in part.name.lower()]
        chunks = [
            one.target
            for leading in self._package.relationships.values()
            for one in leading.relationships
            if one.type.lower() in vocabulary.FOREIGN_CHUNK_RELATIONSHIPS
        ]
        if embedded or chunks:
            yield named("embedded-objects", [*embedded, *chunks])


def _of_a_run(property_: Any) -> bool:
    """Whether a property is that of a run of text, not of a paragraph's mark."""
    group = property_.getparent()
    return group is not None and group.getparent() is not None and local(group.getparent()) == "r"


def _is_hyperlink(one: Relationship) -> bool:
    return one.type.lower() in vocabulary.HYPERLINK_RELATIONSHIPS
