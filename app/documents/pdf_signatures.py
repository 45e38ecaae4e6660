"""The signature values of a PDF as they stand in it, to tell who signed; nothing is verified here.

PDFium finds them in a fraction of the time that checking takes, but only in fields at the top of the form; to be
called in a process of its own, as all that PDFium does.
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

#: A file with more is left to those who check.
_MOST: Final = 100
_LARGEST: Final = 1 << 20
#: Zeros at the end of a CMS that are kept.
_FILLING: Final = 16
#: Each signature dictionary has one (ISO 32000-2, table 255).
_BYTE_RANGE: Final = b"/ByteRange"


@dataclass(frozen=True)
class SignatureValue:
    """A signature as a PDF holds it.

    :ivar kind: its SubFilter, without the slash. :ivar contents: the CMS with some of the zeros that fill up its place.
    """

    kind: str
    contents: bytes


def read_signatures(document: Any, path: Path, content: bytes | None = None) -> tuple[SignatureValue, ...] | None:
    """The signatures, in the order of the octets that they cover.

    :param document: a ``pypdfium2.PdfDocument`` of the file. :param content: its octets, where they are in memory.
    :return: None where PDFium does not see all that the file may have, or not all of one.
    """
    import pypdfium2.raw

    pdfium: Any = pypdfium2.raw
    count = pdfium.FPDF_GetSignatureCount(document.raw)
    if not 0 <= count <= _MOST or count != (_dictionaries_in(path) if content is None else _dictionaries(content)):
        return None
    found: list[tuple[int, SignatureValue]] = []
    for index in range(count):
        handle = pdfium.FPDF_GetSignatureObject(document.raw, index)
        kind = _octets(pdfium.FPDFSignatureObj_GetSubFilter, handle).rstrip(b"\0").decode("ascii", "replace")
        contents = _without_filling(_octets(pdfium.FPDFSignatureObj_GetContents, handle))
        covered = (ctypes.c_int * 4)()
        if not kind or not contents or pdfium.FPDFSignatureObj_GetByteRange(handle, covered, 4) != 4:
            return None
        found.append((covered[2] + covered[3], SignatureValue(kind, contents)))
    return tuple(value for _, value in sorted(found, key=lambda one: one[0]))


def _dictionaries_in(path: Path) -> int:
    """How many signatures the octets of a file speak of; -1 for a file that the memory of this process cannot show."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _dictionaries(content)
    except (OSError, ValueError):
        return -1


def _dictionaries(content: bytes | mmap.mmap) -> int:
    """How many signatures some octets speak of, as far as they are counted."""
    count, at = 0, content.find(_BYTE_RANGE)
    while at >= 0 and count <= _MOST:
        end = at + len(_BYTE_RANGE)
        following = content[end : end + 1]
        count += not (following.isalnum() or following == b"_")
        at = content.find(_BYTE_RANGE, end)
    return count


def _without_filling(contents: bytes) -> bytes:
    """Without most of the zeros at its end; more than are left do not end a CMS but in one of a few billion."""
    return contents.rstrip(b"\0") + bytes(min(_FILLING, len(contents) - len(contents.rstrip(b"\0"))))


def _octets(ask: Callable[..., int], handle: Any) -> bytes:
    """What PDFium says in a buffer of the caller's; nothing where it is more than a signature needs."""
    size = ask(handle, None, 0)
    if not 0 < size <= _LARGEST:
        return b""
    buffer = ctypes.create_string_buffer(size)
    ask(handle, buffer, size)
    return buffer.raw
