"""Signatures in Office packages (ISO/IEC 29500-2, section 10) with XAdES properties, in two steps.

Source: reference/ooxml-signatures, section 3. Parts are digested and copied in pieces; unchanged ones are copied as
they lie compressed in the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.ooxml import earlier, names, relationships, vocabulary
from app.ooxml.markup import ManifestReference, SignatureDraft, SignatureTerms
from app.ooxml.package import Metadata, Origin, Package, Part, metadata_of
from app.ooxml.relationships import Relationship
from app.signing.archive_copy import ArchivePreparation, Signed, holding_open
from app.signing.model import Scope, SignatureRequest
from app.signing.ooxml_errors import (
    EarlierSignatureCloses,
    MainPartUnfit,
    PartNameUnusual,
    PartWithoutType,
    StraySignatureParts,
)
from app.signing.xades import scheme_of, sign
from app.trust.algorithms import SignatureScheme

_FOLDER: Final = "/_xmlsignatures/"
_ORIGIN: Final = _FOLDER + "origin.sigs"


def prepare(request: SignatureRequest) -> OfficePreparation:
    """Digest the parts of the source and compute what the token signs; nothing is written yet.

    :raises app.documents.zip_errors.ArchiveRejected: the source is no sound Office package.
    :raises AlgorithmUnfit, MainPartUnfit, PartWithoutType, StraySignatureParts, EarlierSignatureCloses: it cannot be
        signed, or not so.
    :raises AntinError: the source cannot be read, or the certificate is none.
    """
    scheme = scheme_of(request)
    return holding_open(Package(request.source), lambda package: OfficePreparation(request, package, scheme))


class OfficePreparation(ArchivePreparation):
    """A package ready for the token."""

    def __init__(self, request: SignatureRequest, package: Package, scheme: SignatureScheme) -> None:
        super().__init__(request, package.archive)
        self._package = package
        self._scheme = scheme
        self._additions = _plan(request.source, package)
        self._draft = SignatureDraft(
            SignatureTerms(
                algorithm=scheme.name,
                hash_name=scheme.hash_name,
                certificate=request.certificate,
                chain=request.chain,
                time=request.signing_time,
                comments=request.reason,
                city=request.location,
            ),
            list(_references(package, request.scope, scheme.hash_name)),
        )
        self.to_be_signed = self._draft.to_be_signed

    def _signed(self, signature: bytes) -> Signed:
        level, notes = sign(self._draft, self._request, self._scheme, signature)
        additions = self._additions
        added = additions.added | {additions.signature.removeprefix("/"): self._draft.written()}
        return Signed(level, [*notes, *self._unusual_names()], additions.replaced, added)

    def _unusual_names(self) -> list[Exception]:
        """A note where other programs will stumble over a part's name (section 4, item 4)."""
        for part in self._package.parts.values():
            if "%" in part.entry.name or "&" in part.name or not part.entry.name.isascii():
                return [PartNameUnusual(name=part.entry.name)]
        return []


@dataclass
class _Additions:
    """What changes in the package beside the signature part itself.

    :ivar signature: name of the new signature part.
    :ivar replaced, added: contents by ZIP item name.
    """

    signature: str
    replaced: dict[str, bytes] = field(default_factory=dict)
    added: dict[str, bytes] = field(default_factory=dict)

    def put(self, package: Package, name: str, content: bytes) -> None:
        part = package.part(name)
        if part is None:
            self.added[name.removeprefix("/")] = content
        else:
            self.replaced[part.entry.name] = content


def _plan(source: Path, package: Package) -> _Additions:
    """Refuse what must not be signed, and plan the way to the new signature (section 3.1)."""
    if not package.fits_ending(source.suffix):
        raise MainPartUnfit(path=source)
    origin = package.origin()
    infrastructure = origin.infrastructure if origin else frozenset()
    for key, part in package.parts.items():
        if not part.content_type:
            raise PartWithoutType(path=source, name=part.name)
        if key not in infrastructure and (
            key.startswith(_FOLDER) or part.content_type in (vocabulary.ORIGIN_TYPE, vocabulary.SIGNATURE_TYPE)
        ):
            raise StraySignatureParts(path=source, name=part.name)
    number = 1
    while package.part(f"{_FOLDER}sig{number}.xml"):
        number += 1
    additions = _Additions(f"{_FOLDER}sig{number}.xml")
    if origin is not None:
        _refuse_closed(source, package, origin)
    if origin is None or not origin.signatures:
        _minify(package, additions)
    _lead_to_signature(package, origin, additions)
    return additions


def _refuse_closed(source: Path, package: Package, origin: Origin) -> None:
    leading = names.relationships_of(origin.part.name)
    for part in origin.signatures:
        if earlier.closes(package.read(part, earlier.SIZE_LIMIT), leading):
            raise EarlierSignatureCloses(path=source, name=part.name)


def _minify(package: Package, additions: _Additions) -> None:
    """Drop white space from all relationships: LibreOffice digests it wrongly (section 4, item 3)."""
    for leading in package.relationships.values():
        if leading.padded:
            additions.put(package, leading.name, relationships.written(leading.relationships))


def _lead_to_signature(package: Package, origin: Origin | None, additions: _Additions) -> None:
    types = package.content_types
    origin_name = _ORIGIN
    if origin is None:
        root = package.relationships_from(names.PACKAGE)
        link = Relationship(
            relationships.free_id(root.relationships), vocabulary.ORIGIN_RELATIONSHIP, _ORIGIN.removeprefix("/")
        )
        additions.put(package, root.name, relationships.written((*root.relationships, link)))
        additions.put(package, _ORIGIN, b"")
        types.ensure(_ORIGIN, vocabulary.ORIGIN_TYPE, by_extension=True)
    else:
        origin_name = origin.part.name
    leading = package.relationships_from(origin_name)
    target = additions.signature
    if names.key(origin_name).startswith(_FOLDER) and origin_name.count("/") == _FOLDER.count("/"):
        target = target.rpartition("/")[2]
    link = Relationship(relationships.free_id(leading.relationships), vocabulary.SIGNATURE_RELATIONSHIP, target)
    additions.put(package, leading.name, relationships.written((*leading.relationships, link)))
    types.ensure(leading.name, relationships.CONTENT_TYPE, by_extension=True)
    types.ensure(additions.signature, vocabulary.SIGNATURE_TYPE)
    additions.replaced[names.CONTENT_TYPES] = types.written()


def _references(package: Package, scope: Scope, hash_name: str) -> Iterator[ManifestReference]:
    """What a scope covers (section 3.2), each with its digest."""
    metadata = metadata_of(package)
    origin = package.origin()
    infrastructure = origin.infrastructure if origin else frozenset()
    for key, part in package.parts.items():
        if key in infrastructure:
            continue
        leading = package.relationships.get(key)
        if leading is not None:
            ids = [one.id for one in leading.relationships if not _left_out(leading.source, one, scope, metadata)]
            if ids:
                octets = relationships.transformed(leading.relationships, set(ids))
                digest = hashlib.new(hash_name, octets, usedforsecurity=False).digest()
                yield ManifestReference(_uri(part), digest, tuple(ids))
        elif key not in (metadata.core if scope == Scope.WIDE else metadata.parts):
            yield ManifestReference(_uri(part), package.digest(part, hash_name))


def _left_out(source: str, relationship: Relationship, scope: Scope, metadata: Metadata) -> bool:
    if source != names.PACKAGE:
        return False
    return relationship.type == vocabulary.ORIGIN_RELATIONSHIP or (
        scope == Scope.OFFICE and relationship.id in metadata.ids
    )


def _uri(part: Part) -> str:
    return f"{part.name}?ContentType={part.content_type}"
