"""The kinds of documents of Decree 30/2020 and those of offices beside them (``resources/document-types.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache

from app.documents.text import spelling_key
from app.paths import RESOURCES

#: The one kind that bears no name on the page: known by ``V/v`` and ``Kính gửi`` (appendix III, form 1.5).
OFFICIAL_LETTER = "Công văn"


@dataclass(frozen=True)
class DocumentType:
    """:ivar heading: what stands on the page, in any case; the name but for copies. :ivar also: other headings of it.
    :ivar is_own: of offices, not of the decree."""

    name: str
    abbreviation: str | None
    heading: str
    is_copy: bool = False
    also: tuple[str, ...] = ()
    is_own: bool = False


@cache
def document_types() -> tuple[DocumentType, ...]:
    """All kinds in the decree's order, then copies, then the offices' own."""
    raw = tomllib.loads((RESOURCES / "document-types.toml").read_text(encoding="utf-8"))
    kinds = [DocumentType(kind["name"], kind.get("abbreviation"), kind["name"]) for kind in raw["types"]]
    copies = [DocumentType(kind["name"], kind["abbreviation"], kind["heading"], True) for kind in raw["copies"]]
    own = [
        DocumentType(kind["name"], None, kind["name"], also=tuple(kind.get("also", ())), is_own=True)
        for kind in raw["own"]
    ]
    return (*kinds, *copies, *own)


@cache
def types_by_heading() -> dict[str, DocumentType]:
    """By :func:`~app.documents.text.spelling_key` of the heading."""
    return {spelling_key(heading): kind for kind in document_types() for heading in (kind.heading, *kind.also)}


def type_of_symbol(symbol: str) -> DocumentType | None:
    """The kind whose abbreviation opens a symbol: ``QĐ-UBND`` → Quyết định. The letters' case counts (QC, QyĐ)."""
    first = symbol.replace("/", "-").split("-", 1)[0]
    return next((kind for kind in document_types() if kind.abbreviation and kind.abbreviation == first), None)


@lru_cache(maxsize=256)
def type_named(name: str) -> DocumentType | None:
    """The kind of that name, however it is spelled."""
    key = spelling_key(name)
    return next((kind for kind in document_types() if spelling_key(kind.name) == key), types_by_heading().get(key))
