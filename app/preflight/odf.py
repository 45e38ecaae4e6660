"""What an OpenDocument file holds that a signer should know (ODF 1.3 part 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from app.documents.strict_zip import StrictZip
from app.documents.zip_errors import ArchiveRejected
from app.preflight import formulas
from app.preflight.markup import PART_LIMIT, MarkupRefused, attribute, elements, local
from app.preflight.model import Found, Inspection, counted, listed

SIGNATURES: Final = "META-INF/documentsignatures.xml"
MARKUP: Final = ("content.xml", "styles.xml")
_MANIFEST: Final = "META-INF/manifest.xml"
#: Fields of time and of the reader (part 3, section 7.3 and 7.5), unless ``text:fixed`` says that they stand still.
MOVING: Final = frozenset(
    {
        *("date", "time", "print-date", "print-time", "modification-date", "modification-time", "editing-duration"),
        *("file-name", "author-name", "author-initials", "sender-firstname", "sender-lastname", "editing-cycles"),
    }
)
TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_LINKED: Final = frozenset({"section-source", "dde-connection", "database-display", "database-next", "table-source"})
_CLICKED: Final = frozenset({"a", "event-listener"})
_OLD_FONT: Final = re.compile(r"^'?(?:\.Vn|VNI-)", re.IGNORECASE)


def inspect(path: Path) -> Inspection:
    """Look through an OpenDocument package.

    :raises app.errors.AntinError: the file cannot be read.
    """
    try:
        with StrictZip(path) as archive:
            return Inspection(list(_Inspector(archive).found()), signed=SIGNATURES in archive.entries)
    except ArchiveRejected as error:
        return Inspection([Found("damaged", {"detail": error.code})])
    except MarkupRefused:
        return Inspection([Found("damaged", {"detail": "XML"})])


def is_moving(element: Any) -> bool:
    """Whether an element is a field that shows something else when the file is opened."""
    tag = element.tag
    return (
        isinstance(tag, str)
        and tag.startswith(TEXT)
        and tag[len(TEXT) :] in MOVING
        and element.get(f"{TEXT}fixed") != "true"
    )


class _Inspector:
    def __init__(self, archive: StrictZip) -> None:
        self._archive = archive
        self._tracked = self._comments = self._scripts = 0
        self._fields: list[str] = []
        self._linked: list[str] = []
        self._formulas: list[str] = []
        self._hidden: list[str] = []
        self._outside: list[str] = []
        self._fonts: list[str] = []
        self._unread: list[str] = []

    def found(self) -> Iterator[Found]:
        manifest = self._archive.entries.get(_MANIFEST)
        if manifest is None or manifest.size > PART_LIMIT:
            yield Found("damaged", {"detail": _MANIFEST})
            return
        if next(elements(self._archive.read(manifest, PART_LIMIT), ["encryption-data"]), None) is not None:
            yield Found("office-encrypted")
            return
        for name, entry in self._archive.entries.items():
            if name.rpartition("/")[2] not in MARKUP:
                continue
            if entry.size > PART_LIMIT:
                self._unread.append(name)
                continue
            for element in elements(self._archive.read(entry, PART_LIMIT), ["*"]):
                self._look_at(element)
        yield from self._told()

    def _look_at(self, element: Any) -> None:
        name = local(element)
        if is_moving(element):
            self._fields.append(name)
        elif element.getparent() is not None and local(element.getparent()) == "tracked-changes":
            self._tracked += 1
        elif name == "annotation":
            self._comments += 1
        elif name in _LINKED:
            self._linked.append(name)
        elif name == "event-listener":
            self._scripts += 1
        elif name == "hidden-text" or attribute(element, "display") == "none":
            self._hidden.append(name)
        elif name == "font-face" and _OLD_FONT.match(family := attribute(element, "font-family")):
            self._fonts.append(family)
        self._formulas += formulas.changing(attribute(element, "formula"))
        link = attribute(element, "href")
        if link and name not in _CLICKED and name not in _LINKED and not _inside(link):
            self._outside.append(link)

    def _told(self) -> Iterator[Found]:
        if self._scripts or any(name.startswith(("Basic/", "Scripts/")) for name in self._archive.entries):
            yield Found("macros")
        yield from listed(
            {
                "changing-fields": self._fields,
                "changing-formulas": self._formulas,
                "data-connections": self._linked,
                "external-content": self._outside,
                "hidden-content": self._hidden,
                "old-fonts": self._fonts,
                "not-examined": self._unread,
            }
        )
        yield from counted({"tracked-changes": self._tracked, "comments": self._comments})


def _inside(link: str) -> bool:
    return link.startswith("#") or not (link.startswith(("../", "/", "\\")) or ":" in link.partition("/")[0])
