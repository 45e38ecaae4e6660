"""What a PDF holds that a signer should know (ISO 32000-2); read by pikepdf, in the preflight process only."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from app.preflight.model import Found, Inspection, counted, listed, named
from app.preflight.scan import scan_findings

#: Actions that leave the file or change what is shown (ISO 32000-2, 12.6.4); links to pages and addresses do not.
ACTIONS: Final = frozenset(
    {
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/ResetForm",
        "/GoToR",
        "/GoToE",
        "/Hide",
        "/SetOCGState",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/RichMediaExecute",
        "/Trans",
    }
)
#: Annotations that are somebody's remarks (12.5.6); links, form fields and print marks are not.
_REMARKS: Final = frozenset(
    {
        "/Text",
        "/FreeText",
        "/Line",
        "/Square",
        "/Circle",
        "/Polygon",
        "/PolyLine",
        "/Highlight",
        "/Underline",
        "/Squiggly",
        "/StrikeOut",
        "/Stamp",
        "/Caret",
        "/Ink",
        "/Redact",
    }
)
#: Fields that are filled, and flags of fields (tables 227 and 232).
_FILLED: Final = frozenset({"/Tx", "/Ch", "/Btn"})
_READ_ONLY, _PUSH_BUTTON = 1, 1 << 16
_MULTIMEDIA: Final = frozenset({"/Movie", "/Sound", "/Screen", "/3D", "/RichMedia"})
_SIMPLE_FONTS: Final = frozenset({"/Type1", "/MMType1", "/TrueType", "/CIDFontType0", "/CIDFontType2"})
_FONT_FILES: Final = ("/FontFile", "/FontFile2", "/FontFile3")
_SUBSET: Final = re.compile(r"^/?(?:[A-Z]{6}\+)?")
_OLD_FONT: Final = re.compile(r"^(?:\.Vn|VNI-)", re.IGNORECASE)
_PDFA_PART: Final = re.compile(rb"pdfaid:part\b[^<>]{0,200}?(?:=\s*[\"']|>)\s*(\d)\s*[\"'<]")
_PDFA_LEVEL: Final = re.compile(rb"pdfaid:conformance\b[^<>]{0,200}?(?:=\s*[\"']|>)\s*([A-Za-z])\s*[\"'<]")

#: Objects and nesting looked at; a document of an office has some thousands.
_OBJECTS_LIMIT: Final = 200_000
_DEPTH_LIMIT: Final = 40
_METADATA_LIMIT: Final = 1 << 20

#: What a dictionary has one of where anything of it is told.
_TELLING: Final = frozenset(
    {"/ByteRange", "/Contents", "/S", "/AA", "/FT", "/Rect", "/EF", "/F", "/Ref", "/OPI", "/BaseFont"}
)

#: What stands under the keys of a dictionary, nulls left out.
Entries = Mapping[str, Any]

FAULTS: Final = (
    pikepdf.PdfError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    zlib.error,
)


def inspect(path: Path, *, as_copy: bool) -> Inspection:
    """Look through a PDF.

    :param as_copy: it is to be signed as a copy from a scan, whose quality the decree rules.
    """
    try:
        with open_pdf(path) as pdf:
            return _Inspector(pdf, as_copy).inspection()
    except pikepdf.PasswordError:
        return Inspection([Found("pdf-password")])
    except pikepdf.PdfError as error:
        return Inspection([Found("damaged", {"detail": _first_line(error)})])
    except FAULTS as error:
        return Inspection([Found("pdf-unreadable", {"detail": _first_line(error)})])


def open_pdf(path: Path) -> Pdf:
    """Open a PDF, its structure rebuilt where it is damaged.

    :raises pikepdf.PasswordError, pikepdf.PdfError: it cannot be opened.
    """
    return Pdf.open(path, suppress_warnings=True, attempt_recovery=True)


def is_signed(pdf: Pdf) -> bool:
    """Whether any object is a signature (12.8.1), reachable or not."""
    return any(_is_signature(entries) for item in objects(pdf) for _one, entries in dictionaries(item))


def objects(pdf: Pdf) -> Iterator[Object]:
    """All objects.

    :raises ValueError: there are more than are looked at.
    """
    for number, item in enumerate(pdf.objects):
        if number >= _OBJECTS_LIMIT:
            raise ValueError("too many objects")
        yield item


def dictionaries(item: Object, depth: int = 0) -> Iterator[tuple[Any, Entries]]:
    """The dictionaries of one object, itself and those directly inside it, each with its entries; other objects are not
    followed."""
    if depth > _DEPTH_LIMIT:
        return
    values: Iterable[Any]
    if isinstance(item, (Dictionary, Stream)):
        entries = {key: value for key, value in item.items() if value is not None}
        yield item, entries
        values = entries.values()
    elif isinstance(item, Array):
        values = list(item)
    else:
        return
    for value in values:
        if type(value) is Object and isinstance(value, (Dictionary, Array)) and not value.is_indirect:
            yield from dictionaries(value, depth + 1)


def name_of(dictionary: Any, key: str) -> str:
    """A name under a key of a dictionary, or of its entries; empty where there is none."""
    value = dictionary.get(key)
    return str(value) if isinstance(value, Name) else ""


def _is_signature(one: Entries) -> bool:
    return "/ByteRange" in one or ("/Contents" in one and name_of(one, "/Type") in ("/Sig", "/DocTimeStamp"))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rpartition(": ")[2][:120]


class _Inspector:
    def __init__(self, pdf: Pdf, as_copy: bool) -> None:
        self._pdf = pdf
        self._as_copy = as_copy
        self._signed = self._locked = False
        self._scripts = self._field_scripts = self._remarks = 0
        self._actions: Counter[str] = Counter()
        self._files: list[str] = []
        self._media: list[str] = []
        self._outside: list[str] = []
        self._fields: list[str] = []
        self._fonts: set[str] = set()
        self._missing_fonts: list[str] = []
        self._old_fonts: list[str] = []

    def inspection(self) -> Inspection:
        for item in objects(self._pdf):
            for one, entries in dictionaries(item):
                if not _TELLING.isdisjoint(entries):
                    self._look_at(one, entries)
        found = [*self._document(), *self._contents()]
        if self._as_copy:
            found += scan_findings(self._pdf)
        warnings = self._pdf.get_warnings()
        if warnings:
            found.append(Found("pdf-structure", {"detail": str(warnings[0]).rpartition(": ")[2][:120]}))
        return Inspection(found, self._signed, sorted(self._fonts))

    def _look_at(self, one: Any, entries: Entries) -> None:
        self._signed = self._signed or _is_signature(entries)
        self._locked = self._locked or _locks(entries)
        action = name_of(entries, "/S")
        if action == "/JavaScript" and "/JS" in entries:
            self._scripts += 1
        elif action in ACTIONS and "/K" not in entries:
            self._actions[action[1:]] += 1
        fielded = "/FT" in entries or "/Parent" in entries
        if "/AA" in entries and fielded and name_of(entries, "/Type") not in ("/Page", "/Pages"):
            self._field_scripts += 1
        if _is_fillable(entries):
            self._fields.append(str(entries.get("/T", "?")))
        subtype = name_of(entries, "/Subtype")
        if "/Rect" in entries:
            self._remarks += subtype in _REMARKS
            if subtype in _MULTIMEDIA:
                self._media.append(subtype[1:])
        if "/EF" in entries:
            self._files.append(str(entries.get("/UF", entries.get("/F", "?"))))
        if isinstance(one, Stream) and ("/F" in entries or "/Ref" in entries or "/OPI" in entries):
            self._outside.append(_target(entries))
        if subtype in _SIMPLE_FONTS and "/BaseFont" in entries:
            self._look_at_font(entries)

    def _look_at_font(self, font: Entries) -> None:
        name = _SUBSET.sub("", name_of(font, "/BaseFont"))
        self._fonts.add(name)
        descriptor = font.get("/FontDescriptor")
        if not isinstance(descriptor, Dictionary) or not any(key in descriptor for key in _FONT_FILES):
            self._missing_fonts.append(name)
        if _OLD_FONT.match(name):
            self._old_fonts.append(name)

    def _contents(self) -> Iterator[Found]:
        yield from listed(
            {
                "pdf-open-fields": [] if _is_certified(self._pdf.Root) else self._fields,
                "pdf-actions": [f"{name} ({count})" for name, count in self._actions.items()],
                "pdf-embedded-files": self._files,
                "pdf-multimedia": self._media,
                "pdf-external-content": self._outside,
                "pdf-fonts-missing": self._missing_fonts,
                "old-fonts": self._old_fonts,
            }
        )
        yield from counted(
            {
                "pdf-javascript": self._scripts,
                "pdf-form-scripts": self._field_scripts,
                "pdf-comments": self._remarks,
            }
        )

    def _document(self) -> Iterator[Found]:
        root: Any = self._pdf.Root
        if self._pdf.is_encrypted:
            yield Found("pdf-restricted")
        if self._locked or _forbids(root):
            yield Found("pdf-forbids-signing")
        form = root.get("/AcroForm")
        if root.get("/NeedsRendering") is True or str(root.get("/NeedsRendering", "")).lower() == "true":
            yield Found("pdf-dynamic-form")
        elif isinstance(form, Dictionary) and "/XFA" in form:
            yield Found("pdf-xfa")
        if "/XRefStm" in self._pdf.trailer:
            yield Found("pdf-hybrid")
        layers = root.get("/OCProperties")
        if isinstance(layers, Dictionary) and isinstance(layers.get("/OCGs"), Array):
            groups: Any = layers.OCGs
            yield named("pdf-layers", [str(group.get("/Name", "?")) for group in groups])
        level = _pdfa(root.get("/Metadata"))
        if level:
            yield Found("pdf-a", {"level": level})


def _is_fillable(field: Entries) -> bool:
    """Whether a field takes what somebody types or ticks (12.7.4): no signature, no mere button, not read-only."""
    kind = name_of(field, "/FT")
    flags = field.get("/Ff", 0) if kind in _FILLED else 0
    if kind not in _FILLED or not isinstance(flags, int):
        return False
    return not flags & _READ_ONLY and not (kind == "/Btn" and flags & _PUSH_BUTTON)


def _is_certified(root: Any) -> bool:
    """Whether the author's signature says what may still be filled (12.8.2.2)."""
    permissions = root.get("/Perms")
    return isinstance(permissions, Dictionary) and "/DocMDP" in permissions


def _target(stream: Entries) -> str:
    found = stream.get("/F", stream.get("/Ref"))
    if isinstance(found, Dictionary):
        found = found.get("/UF", found.get("/F", "?"))
    return str(found) if isinstance(found, pikepdf.String) else "?"


def _forbids(root: Any) -> bool:
    """A certification that allows no change (12.8.2.2, P 1)."""
    permissions = root.get("/Perms")
    signature = permissions.get("/DocMDP") if isinstance(permissions, Dictionary) else None
    references = signature.get("/Reference") if isinstance(signature, Dictionary) else None
    if not isinstance(references, Array):
        return False
    for reference in references:
        parameters = reference.get("/TransformParams")
        if isinstance(parameters, Dictionary) and parameters.get("/P") == 1:
            return True
    return False


def _locks(field: Entries) -> bool:
    """A signed signature field whose lock allows no change (table 236, P 1)."""
    if name_of(field, "/FT") != "/Sig" or "/V" not in field:
        return False
    lock = field.get("/Lock")
    return isinstance(lock, Dictionary) and lock.get("/P") == 1


def _pdfa(metadata: Any) -> str:
    """Part and conformance that the metadata claim (ISO 19005-2, 6.6.4), such as ``2B``; empty where they do not."""
    if not isinstance(metadata, Stream) or int(metadata.get("/Length", 0)) > _METADATA_LIMIT:
        return ""
    octets = metadata.read_raw_bytes()
    filters = metadata.get("/Filter")
    if filters is not None:
        if str(filters) != "/FlateDecode":
            return ""
        octets = zlib.decompressobj().decompress(octets, _METADATA_LIMIT)
    part, level = _PDFA_PART.search(octets), _PDFA_LEVEL.search(octets)
    return part[1].decode() + (level[1].decode().upper() if level else "") if part else ""
