"""The files of a ZIP container as the references of its signatures mean them (ODF 1.3 part 2; ETSI EN 319 162-1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from lxml import etree

from app.documents.strict_zip import Entry, StrictZip
from app.trust.algorithms import digest
from app.xmldsig.bounded import parse_bounded
from app.xmldsig.canonical import Canonicalization, canonical_whole
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element
from app.xmldsig.signature import Reference

#: Most bytes of a file that is parsed before it is digested, and of all such files of a container.
_CANONICAL_LIMIT: Final = 16 << 20
_PARSED_LIMIT: Final = 64 << 20


def entry_name(uri: str) -> str:
    """The name of the entry that a relative reference leads to, resolved against the container's root.

    :raises SignatureFault: it leads out of the container, or is none.
    """
    name = unquote(uri, errors="replace")
    if (
        not name
        or any(mark in uri for mark in "?#:\\")
        or name.startswith("/")
        or name.endswith("/")
        or any(part in ("", ".", "..") for part in name.split("/"))
    ):
        raise SignatureFault("xmldsig-reference", uri=uri[:120])
    return name


class ReferencedFiles:
    """The files of a container as references mean them.

    Every digest is computed once, however many signatures ask for it, and only so much markup is parsed in all as an
    honest container holds.
    """

    def __init__(self, archive: StrictZip, *, parsed_limit: int = _PARSED_LIMIT) -> None:
        """:param parsed_limit: most bytes of markup that are parsed in all."""
        self._archive = archive
        self._parsed_limit = parsed_limit
        self._digests: dict[tuple[str, str, Canonicalization | None], bytes] = {}
        self._parsed = 0

    def content(self, reference: Reference) -> Iterable[bytes | memoryview]:
        """The octets that a reference digests, in pieces; none of a file that is not there.

        :raises SignatureFault: the reference leads out of the container, or to markup that has no canonical form here.
        :raises app.documents.zip_errors.ArchiveRejected: the file does not unpack.
        """
        entry = self._archive.entries.get(entry_name(reference.uri))
        if entry is None:
            return ()
        if reference.canonicalization is None:
            return self._archive.chunks(entry)
        return (self._canonical(entry, reference.canonicalization),)

    def markup(self, entry: Entry) -> Element:
        """The root element of an XML file of the container.

        :raises SignatureFault: it or all that was parsed is too large, it is no XML, or holds a document type
            declaration.
        """
        self._parsed += entry.size
        if entry.size > _CANONICAL_LIMIT or self._parsed > self._parsed_limit:
            raise SignatureFault("container-part-too-large", supported=False, name=entry.name)
        return parse_bounded(self._archive.read(entry, _CANONICAL_LIMIT), entry.name)

    def digest(self, entry: Entry, reference: Reference) -> bytes:
        """The digest of a file by the reference's method.

        :raises SignatureFault, app.documents.zip_errors.ArchiveRejected: see :meth:`content`.
        """
        asked = entry.name, reference.hash_name, reference.canonicalization
        if asked not in self._digests:
            self._digests[asked] = (
                self._archive.digest(entry, reference.hash_name)
                if reference.canonicalization is None
                else digest(reference.hash_name, self._canonical(entry, reference.canonicalization))
            )
        return self._digests[asked]

    def _canonical(self, entry: Entry, method: Canonicalization) -> bytes:
        root = self.markup(entry)
        if not method.with_comments and next(root.getroottree().iter(etree.Comment), None) is not None:
            raise SignatureFault("container-comment", name=entry.name)
        return canonical_whole(root, method)
