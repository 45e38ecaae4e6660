"""Where copies lie and what they are called, by the templates of :class:`app.settings.ArchiveSettings`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from string import Formatter

from app.archive import names
from app.documents.model import DocumentInfo
from app.documents.types import type_named
from app.settings import ArchiveSettings

_LONGEST_TYPE, _LONGEST_FOLDER = 60, 80


@dataclass(frozen=True)
class Slot:
    """What the folders of a copy say of it."""

    incoming: bool
    year: int
    type: str


@dataclass(frozen=True)
class Layout:
    """The folders and names of an archive."""

    settings: ArchiveSettings = field(default_factory=ArchiveSettings)

    def folder(self, root: Path, info: DocumentInfo, year: int, incoming: bool) -> Path:
        """The folder of a document's copies. A type of the decree or of the office is spelled its way, another one made
        safe; parts of the template that a document has nothing for are left out."""
        values = {
            "year": f"{year:04d}",
            "type": type_folder(info.type),
            "month": f"{info.date:%m}" if info.date else "",
            "issuer": names.component(info.issuer or "", _LONGEST_FOLDER),
        }
        template = self.settings.received if incoming else self.settings.issued
        parts = (names.component(part.format_map(values), names.MAX_COMPONENT) for part in template.split("/"))
        return root.joinpath(*(part for part in parts if part))

    def stem(self, info: DocumentInfo, source: Path, folder: Path, suffix: str) -> str:
        """The name of a copy without extension.

        :param source: the file it was made from, which gives the name where the document has no number.
        :param folder: the absolute folder, which takes its part of the longest path.
        """
        values = {
            "number": info.number or "",
            "symbol": info.symbol or "",
            "summary": names.words(info.summary),
            "type": info.type or "",
            "date": info.date.isoformat() if info.date else "",
            "issuer": info.issuer or "",
            "source": source.stem,
        }
        template = self.settings.name if info.number else self.settings.unnumbered
        return names.shortened(_filled(template, values), folder, suffix)

    def slot(self, path: PurePosixPath) -> Slot | None:
        """What a path below the root says of the copy there; None where it follows neither template."""
        for incoming, pattern in ((True, self._received), (False, self._issued)):
            found = pattern.match(f"/{path.parent.as_posix()}")
            if found is not None and int(found["year"]) > 0:
                return Slot(incoming, int(found["year"]), found["type"])
        return None

    @cached_property
    def _received(self) -> re.Pattern[str]:
        return _pattern(self.settings.received)

    @cached_property
    def _issued(self) -> re.Pattern[str]:
        return _pattern(self.settings.issued)


def type_folder(document_type: str | None) -> str:
    """The name of a type's folder."""
    known = type_named(document_type) if document_type else None
    return known.name if known is not None else names.component(document_type or "", _LONGEST_TYPE) or names.OTHER


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The parts of a template between ``_``, those of which nothing is left dropped."""
    safe = {key: names.component(value, names.MAX_COMPONENT) for key, value in values.items()}
    parts = (part.format_map(safe).strip(" -") for part in template.split("_"))
    return "_".join(part for part in parts if part)


def _pattern(template: str) -> re.Pattern[str]:
    """What the folders made by a template look like, each after a ``/``."""
    parts = []
    for part in template.split("/"):
        pieces = Formatter().parse(part)
        pattern = "/" + "".join(re.escape(literal) + _FIELDS.get(name or "", "") for literal, name, _, _ in pieces)
        parts.append(f"(?:{pattern})?" if "{month}" in part or "{issuer}" in part else pattern)
    return re.compile("".join(parts) + "$")


_FIELDS = {"year": r"(?P<year>\d{4})", "type": r"(?P<type>[^/]+)", "month": r"\d\d", "issuer": r"[^/]+"}
