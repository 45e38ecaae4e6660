"""Part names: their grammar, their equivalence, and how targets lead to them (ISO/IEC 29500-2, sections 6.2 and 6.5).

Two names are the same part when they are equal after ASCII case folding and percent normalisation; such a folded
name is called a *key* here.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

#: Names of the usual kind, which need no further look.
_PLAIN: Final = re.compile(r"(?:/[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]+)*)+")
_SEGMENT: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+\Z")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_PIECE: Final = re.compile(r"/\[\d+\](?:\.last)?\.piece\Z", re.IGNORECASE)
_RELATIONSHIPS: Final = re.compile(r"(.*/)_rels/([^/]*)\.rels\Z", re.IGNORECASE)
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

#: What may stand unescaped in a name besides letters and digits (RFC 3986, pchar), and the escape sign itself.
_KEEP: Final = "-._~!$&'()*+,;=:@/%"

PACKAGE: Final = "/"
CONTENT_TYPES: Final = "[Content_Types].xml"


def from_item(item: str) -> str | None:
    """The part name of a ZIP item, characters outside the grammar escaped; None where it can be none.

    :param item: the name of a ZIP entry that is no directory.
    """
    return from_uri("/" + item)


def from_uri(uri: str) -> str | None:
    """An absolute part name, brought into the grammar; None where it violates it."""
    if _PLAIN.fullmatch(uri):
        return uri
    name = quote(uri, safe=_KEEP)
    if not name.startswith("/"):
        return None
    for segment in name[1:].split("/"):
        if not _SEGMENT.match(segment) or segment.endswith("."):
            return None
    for escape in _ESCAPE.finditer(name):
        character = chr(int(escape[1], 16))
        if character in "/\\" or character in _UNRESERVED:
            return None
    return name


def key(name: str) -> str:
    """The folded form under which a part is known."""
    if "%" not in name:
        return name.lower()
    return _ESCAPE.sub(lambda escape: escape[0].upper(), name).lower()


def is_piece(item: str) -> bool:
    """Whether a ZIP item is a piece of an interleaved part."""
    return _PIECE.search("/" + item) is not None


def relationships_of(source: str) -> str:
    """The name of the relationships part of a part or of the package (``/``)."""
    folder, _, last = source.rpartition("/")
    return f"{folder}/_rels/{last}.rels"


def source_of(name: str) -> str | None:
    """The part (or ``/``) whose relationships a part holds; None where it is no relationships part."""
    match = _RELATIONSHIPS.match(name)
    if match is None or (not match[2] and match[1] != PACKAGE):
        return None
    return match[1] + match[2]


def resolve(source: str, target: str) -> str | None:
    """The part name that an internal relationship leads to.

    :param source: the part that the relationship starts from, or ``/``.
    :return: None where the target is no part of the package.
    """
    path = target.partition("#")[0]
    if not path or _SCHEME.match(path) or path.startswith("//") or "?" in path:
        return None
    if not path.startswith("/"):
        path = source.rpartition("/")[0] + "/" + path
    resolved: list[str] = []
    for segment in path[1:].split("/"):
        if segment == "..":
            if not resolved:
                return None
            resolved.pop()
        elif segment != ".":
            resolved.append(segment)
    return from_uri("/" + "/".join(resolved))


def extension(name: str) -> str:
    """The extension of a part name in lower case, without the dot."""
    return name.rpartition("/")[2].rpartition(".")[2].lower() if "." in name.rpartition("/")[2] else ""
