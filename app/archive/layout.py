"""Where copies lie and what they are called, by the templates of :class:`app.settings.ArchiveSettings`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from app.archive import names
from app.archive.tree import comparable
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
        return root.joinpath(*_folders(self.settings.received if incoming else self.settings.issued, values))

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
        """What a path below the root says of the copy there; None where it follows neither template. Where it follows
        both, what leaves fewer parts of one out counts."""
        folder = comparable(path.parent.as_posix())
        for incoming, pattern in self._patterns:
            found = pattern.fullmatch(folder)
            if found is not None and int(found["year"]) > 0:
                return Slot(incoming, int(found["year"]), found["type"])
        return None

    @cached_property
    def _patterns(self) -> list[tuple[bool, re.Pattern[str]]]:
        """Received or not, and what its folders look like; those of a document that has everything first."""
        templates = (True, self.settings.received), (False, self.settings.issued)
        return [(incoming, _pattern(template, without)) for without in _LACKING for incoming, template in templates]


def type_folder(document_type: str | None) -> str:
    """The name of a type's folder."""
    known = type_named(document_type) if document_type else None
    return known.name if known is not None else names.component(document_type or "", _LONGEST_TYPE) or names.OTHER


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The parts of a template between ``_``, those of which nothing is left dropped."""
    safe = {key: names.component(value, names.MAX_COMPONENT) for key, value in values.items()}
    parts = (part.format_map(safe).strip(" -") for part in template.split("_"))
    return "_".join(part for part in parts if part)


def _folders(template: str, values: Mapping[str, str]) -> list[str]:
    """The parts of a template between ``/``, made safe, those of which nothing is left dropped."""
    parts = (names.component(part.format_map(values), names.MAX_COMPONENT) for part in template.split("/"))
    return [part for part in parts if part]


def _pattern(template: str, without: Collection[str]) -> re.Pattern[str]:
    """What the folders made by a template look like.

    :param without: fields that a document has nothing for.
    """
    marks = {name: "" if name in without else mark for name, mark in _MARKS.items()}
    pattern = re.escape("/".join(_folders(template, marks)))
    for name, mark in _MARKS.items():
        pattern = pattern.replace(mark, f"(?P<{name}>{_FIELDS[name]})", 1).replace(mark, f"(?P={name})")
    return re.compile(pattern)


_FIELDS = {"year": r"\d{4}", "type": "[^/]+", "month": r"\d\d", "issuer": "[^/]+"}
#: Letters of private use, which no template has, in the place of a field's value.
_MARKS = {name: chr(0xE000 + index) for index, name in enumerate(_FIELDS)}
_LACKING: tuple[tuple[str, ...], ...] = ((), ("month",), ("issuer",), ("month", "issuer"))
