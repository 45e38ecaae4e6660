"""Names of folders and files that are safe on every system.

Rules for Windows from “Naming Files, Paths, and Namespaces” of its documentation; a name that is good there is good
on Linux and macOS too.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from app.documents.text import clean

#: The folder of documents whose kind is not known.
OTHER = "Khác"

#: Octets of UTF-8 of one name.
MAX_COMPONENT = 255
_MAX_SUMMARY = 80
#: MAX_PATH of Windows without the closing zero, in UTF-16 units.
_MAX_PATH = 259
_LEAST_STEM = 24
#: Room for `` (9999)``.
_SUFFIX_ROOM = 7
_MAX_EXTENSION = 12

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)
_ABOUT = re.compile(r"^(?:về\s+việc|v\s*/\s*v)\b[\s:.]*", re.IGNORECASE)


def numbered(stem: str, count: int, suffix: str) -> str:
    """The name of the ``count``-th file of a stem: ``a.pdf``, ``a (2).pdf``…"""
    return f"{stem}{f' ({count})' if count > 1 else ''}{suffix}"


def extension(suffix: str) -> str:
    """An extension in lower case, of letters and digits only, with its dot."""
    letters = re.sub(r"[^0-9a-z]", "", suffix.lower())[:_MAX_EXTENSION]
    return f".{letters}" if letters else ""


@lru_cache(maxsize=512)
def component(text: str, limit: int) -> str:
    """One folder or file name: NFC, nothing that a system forbids, at most ``limit`` octets of UTF-8."""
    name = _FORBIDDEN.sub("-", clean(text).encode("utf-8", "replace").decode("utf-8"))
    name = re.sub(r"-{2,}", "-", name).strip(" .-")
    name = _cut_octets(name, limit).rstrip(" .-")
    return f"_{name}"[:limit] if _RESERVED.match(name) else name


def words(summary: str | None) -> str:
    """The first words of a summary, lower case, joined by hyphens."""
    if not summary:
        return ""
    found = re.findall(r"[^\W_]+", _ABOUT.sub("", clean(summary)).lower())
    name = ""
    for word in found:
        longer = f"{name}-{word}" if name else word
        if len(longer) > _MAX_SUMMARY:
            break
        name = longer
    return name or (found[0][:_MAX_SUMMARY] if found else "")


def shortened(name: str, folder: Path, suffix: str) -> str:
    """A safe name without extension, cut at a hyphen, blank or underscore where one is near the end, so that path and
    name keep within the limits.

    :param folder: absolute.
    """
    name = component(name, MAX_COMPONENT) or "văn-bản"
    room = max(_MAX_PATH - _units(str(folder)) - 1 - _units(suffix) - _SUFFIX_ROOM, _LEAST_STEM)
    octets = MAX_COMPONENT - len(suffix.encode()) - _SUFFIX_ROOM
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
