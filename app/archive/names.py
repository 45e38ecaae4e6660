"""Names of filed copies: ``<năm>/<loại văn bản>/<số>_<ký hiệu>_<trích yếu>.<ext>``, safe on every system.

Rules for Windows from “Naming Files, Paths, and Namespaces” of its documentation; a name that is good there is good
on Linux and macOS too.
"""

from __future__ import annotations

import re
from pathlib import Path

from app.documents.model import DocumentInfo
from app.documents.text import clean
from app.documents.types import type_named

#: The folder of documents whose kind is not known.
OTHER = "Khác"

_MAX_SUMMARY = 80
_MAX_COMPONENT_BYTES = 255
#: MAX_PATH of Windows without the closing zero, in UTF-16 units.
_MAX_PATH = 259
_LEAST_STEM = 24
#: Room for `` (9999)``.
_SUFFIX_ROOM = 7
_MAX_EXTENSION = 12

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)
_ABOUT = re.compile(r"^(?:về\s+việc|v\s*/\s*v)\b[\s:.]*", re.IGNORECASE)


def folder(root: Path, document_type: str | None, year: int) -> Path:
    """The folder of a year and type. A type of the decree is spelled its way, another one made safe."""
    known = type_named(document_type) if document_type else None
    name = known.name if known is not None else component(document_type or OTHER, 60) or OTHER
    return root / f"{year:04d}" / name


def stem(info: DocumentInfo, source: Path, folder: Path, suffix: str) -> str:
    """The name without extension.

    :param source: gives the name where the document has no number.
    :param folder: the absolute folder, which takes its part of the longest path.
    """
    parts = [info.number, info.symbol, _words(info.summary)] if info.number else [source.stem]
    safe = [component(part, _MAX_COMPONENT_BYTES) for part in parts if part]
    room = _MAX_PATH - _units(str(folder)) - 1 - _units(suffix) - _SUFFIX_ROOM
    return _shorten(component("_".join(part for part in safe if part), _MAX_COMPONENT_BYTES) or "văn-bản", room, suffix)


def numbered(stem: str, count: int, suffix: str) -> str:
    """The name of the ``count``-th file of a stem: ``a.pdf``, ``a (2).pdf``…"""
    return f"{stem}{f' ({count})' if count > 1 else ''}{suffix}"


def extension(suffix: str) -> str:
    """An extension in lower case, of letters and digits only, with its dot."""
    letters = re.sub(r"[^0-9a-z]", "", suffix.lower())[:_MAX_EXTENSION]
    return f".{letters}" if letters else ""


def component(text: str, limit: int) -> str:
    """One folder or file name: NFC, nothing that a system forbids, at most ``limit`` octets of UTF-8."""
    name = _FORBIDDEN.sub("-", clean(text).encode("utf-8", "replace").decode("utf-8"))
    name = re.sub(r"-{2,}", "-", name).strip(" .-")
    name = _cut_octets(name, limit).rstrip(" .-")
    return f"_{name}"[:limit] if _RESERVED.match(name) else name


def _words(summary: str | None) -> str:
    if not summary:
        return ""
    words = re.findall(r"[^\W_]+", _ABOUT.sub("", clean(summary)).lower())
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word
        if len(longer) > _MAX_SUMMARY:
            break
        name = longer
    return name or (words[0][:_MAX_SUMMARY] if words else "")


def _shorten(name: str, room: int, suffix: str) -> str:
    """Cut at a hyphen, blank or underscore where one is near the end, so that path and name keep within the limits."""
    room = max(room, _LEAST_STEM)
    octets = _MAX_COMPONENT_BYTES - len(suffix.encode()) - _SUFFIX_ROOM
    short = name
    while _units(short) > room:
        short = short[:-1]
    short = _cut_octets(short, octets)
    if short != name and name[len(short)] not in "-_ ":
        at = max(short.rfind(sign) for sign in "-_ ")
        if at > len(short) // 2:
            short = short[:at]
    return short.rstrip(" .-_") or "văn-bản"


def _cut_octets(text: str, limit: int) -> str:
    return text.encode("utf-8")[:limit].decode("utf-8", "ignore")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
