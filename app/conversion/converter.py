"""Choosing the Office program, and looking at what it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.conversion.errors import ConversionFailed, FontsReplaced, NoConverter, NotConvertible
from app.documents.formats import Format, detect, office_kind
from app.errors import TargetNotWritable

_CONVERTIBLE = frozenset({Format.OOXML, Format.ODF, Format.LEGACY_OFFICE})

#: Families that have the same widths, so that lines and pages stay as they are; the first names each group.
_TWINS = (
    ("Times New Roman", "Tinos", "Liberation Serif"),
    ("Arial", "Arimo", "Liberation Sans", "Helvetica"),
    ("Courier New", "Cousine", "Liberation Mono"),
    ("Calibri", "Carlito"),
    ("Cambria", "Caladea"),
)


class Program(Protocol):
    """An installed Office program.

    :ivar name: as people know it.
    """

    name: str

    def opens(self, kind: str) -> bool:
        """Whether it opens files of a kind, such as ``docx``."""
        ...

    def convert(self, source: Path, kind: str, target: Path) -> bool:
        """Write a PDF; False where it gave none in time.

        :param target: a path that does not exist yet.
        """
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


@dataclass(frozen=True)
class Converted:
    """:ivar path: of the PDF. :ivar program: which made it. :ivar notes: what should be looked at."""

    path: Path
    program: str
    notes: Sequence[Exception] = ()


class Converter:
    """Turns Office documents into PDF.

    :param programs: in the order of preference; those installed here without it.
    """

    def __init__(self, programs: Sequence[Program] | None = None) -> None:
        self._programs = programs

    @property
    def programs(self) -> Sequence[Program]:
        """The Office programs found: Word where there is one, because it shows its own files best; then LibreOffice."""
        if self._programs is None:
            from app.conversion import libreoffice, word

            self._programs = [one for one in (word.find(), libreoffice.find()) if one is not None]
        return self._programs

    def convert(self, source: Path, target: Path) -> Converted:
        """Write a PDF of a document; the document itself is only read.

        :param target: a path that does not exist yet; gone again where anything fails.
        :raises NotConvertible: it is of no Office program.
        :raises NoConverter: none is installed that opens it.
        :raises ConversionFailed: the program gave no PDF.
        :raises TargetNotWritable: there is something at ``target`` already.
        :raises app.errors.AntinError: the file cannot be read.
        """
        if detect(source) not in _CONVERTIBLE:
            raise NotConvertible(path=source)
        kind = office_kind(source) or source.suffix.lower().lstrip(".")
        program = next((one for one in self.programs if one.opens(kind)), None)
        if program is None:
            raise NoConverter(path=source)
        if target.exists():
            raise TargetNotWritable(path=target)
        try:
            if not program.convert(source, kind, target) or detect(target) is not Format.PDF:
                raise ConversionFailed(path=source, program=program.name)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return Converted(target, program.name, _notes(source, target))

    def close(self) -> None:
        """Leave nothing of the programs behind; a later conversion starts them again."""
        for program in self._programs or ():
            program.close()
        self._programs = None


def _notes(source: Path, target: Path) -> list[Exception]:
    from app.preflight.check import fonts

    used = {_family(name) for name in fonts(target)}
    replaced = sorted({name for name in fonts(source) if _family(name) not in used})
    return [FontsReplaced(names=", ".join(replaced))] if used and replaced else []


def _family(name: str) -> str:
    """A font's family by the group of its twins: ``Tinos-Bold`` and ``Liberation Serif`` are ``timesnewroman``."""
    plain = name.replace(" ", "").lower()
    for group in _TWINS:
        if any(plain.startswith(twin.replace(" ", "").lower()) for twin in group):
            return group[0].replace(" ", "").lower()
    return plain.partition("-")[0].partition(",")[0]
