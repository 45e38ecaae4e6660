"""ASiC-E containers with XAdES signatures (ETSI EN 319 162-1, section 4.4): any file, and the signatures over it.

A file that is no container gets one around it; a container gets a further signature file, so that the earlier ones keep
their octets.
"""

from __future__ import annotations

import mimetypes
import re
import secrets
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from lxml import etree

from app.documents.asic import EXTENDED, MEDIA_TYPES, MIMETYPE, NAMESPACE, sort_files
from app.documents.formats import Format, detect
from app.documents.hashing import digest_file, state
from app.documents.strict_zip import STORED, StrictZip
from app.documents.text import clean
from app.documents.zip_writer import copy_archive, write_container
from app.signing import xades
from app.signing.container_errors import ContainerCrowded, ContainerUnfit, ContentTooLarge
from app.signing.errors import SourceChanged
from app.signing.model import Completed, SignatureRequest
from app.trust.algorithms import SignatureScheme
from app.xmldsig.detached import DetachedTerms, FileReference, signature_markup
from app.xmldsig.draft import SignatureDraft
from app.xmldsig.markup import escape_attribute

SUFFIX: Final = ".asice"

_MIMETYPE_LIMIT: Final = 256
#: What the verifier reads at most (32 signature files, 4 GiB unpacked), with some room for the signatures.
_SIGNATURES_LIMIT: Final = 32
_SIZE_LIMIT: Final = (4 << 30) - (64 << 20)
_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|#\x00-\x1f\x7f]')
_ODF_MANIFEST: Final = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_UNKNOWN_KIND: Final = "application/octet-stream"


def prepare(request: SignatureRequest) -> NewContainer | FurtherSignature:
    """Digest what is to be signed and compute what the token signs; nothing is written yet.

    :raises ContentTooLarge, ContainerUnfit, ContainerCrowded, app.signing.errors.AlgorithmUnfit: it cannot be signed,
        or not so.
    :raises app.documents.zip_errors.ArchiveRejected: the source is a container that is not sound.
    :raises AntinError: the source cannot be read, or the certificate is none.
    """
    scheme = xades.scheme_of(request)
    if detect(request.source) is not Format.ASICE:
        return NewContainer(request, scheme)
    archive = StrictZip(request.source)
    try:
        return FurtherSignature(request, archive, scheme)
    except BaseException:
        archive.close()
        raise


class NewContainer:
    """A container around one file, ready for the token; see :class:`app.signing.model.Preparation`."""

    def __init__(self, request: SignatureRequest, scheme: SignatureScheme) -> None:
        self._request = request
        self._scheme = scheme
        self._state = state(request.source)
        if request.source.stat().st_size > _SIZE_LIMIT:
            raise ContentTooLarge(path=request.source)
        self._name = entry_name(request.source)
        kind = _media_type(self._name)
        self._media_types = _media_types(self._name, kind)
        digest = digest_file(request.source, scheme.hash_name)
        self._signatures = _Signatures(request, scheme, [FileReference(quote(self._name), digest, kind)])
        self.to_be_signed = self._signatures.draft.to_be_signed

    def complete(self, signature: bytes) -> Completed:
        """Write the container to the target, flushed to disk.

        :param signature: RSA octets, or ECDSA ``r‖s`` of fixed length.
        :raises SignatureValueWrong: it does not verify with the certificate; nothing is written.
        :raises SourceChanged: the source was written to since :func:`prepare`.
        :raises AntinError: the target cannot be written.
        """
        request = self._request
        level, notes = xades.sign(self._signatures.draft, request, self._scheme, signature)
        added = {MEDIA_TYPES: self._media_types, _signature_file(1): self._signatures.written()}
        write_container(request.target, EXTENDED.encode(), self._name, request.source, added)
        if state(request.source) != self._state:
            request.target.unlink(missing_ok=True)
            raise SourceChanged(path=request.source)
        return Completed(request.target, level, notes)

    def discard(self) -> None:
        """There is nothing on disk to remove."""


class FurtherSignature:
    """A container that gets one more signature file; keeps the source open until completed or discarded."""

    def __init__(self, request: SignatureRequest, archive: StrictZip, scheme: SignatureScheme) -> None:
        self._request = request
        self._archive = archive
        self._scheme = scheme
        self._fingerprint = archive.fingerprint()
        files = sort_files(name for name, entry in archive.entries.items() if not entry.is_directory)
        _refuse_unfit(request.source, archive, [*files.cades, *files.lists, *files.evidence])
        if not files.data:
            raise ContainerUnfit(path=request.source, name=MIMETYPE)
        if len(files.xades) >= _SIGNATURES_LIMIT:
            raise ContainerCrowded(path=request.source, limit=_SIGNATURES_LIMIT)
        folded = {name.lower() for name in archive.entries}
        self._name = next(name for number in range(1, 1000) if (name := _signature_file(number)).lower() not in folded)
        references = [
            FileReference(
                quote(name),
                archive.digest(archive.entries[name], scheme.hash_name),
                _media_type(name),
            )
            for name in files.data
        ]
        self._signatures = _Signatures(request, scheme, references)
        self.to_be_signed = self._signatures.draft.to_be_signed

    def complete(self, signature: bytes) -> Completed:
        """Write the container with the further signature to the target, flushed to disk; as
        :meth:`NewContainer.complete`."""
        try:
            level, notes = xades.sign(self._signatures.draft, self._request, self._scheme, signature)
            self._refuse_changed()
            added = {self._name: self._signatures.written()}
            copy_archive(self._archive, self._request.target, replaced={}, added=added)
            self._refuse_changed()
            return Completed(self._request.target, level, notes)
        finally:
            self.discard()

    def discard(self) -> None:
        """Close the source; there is nothing on disk to remove."""
        self._archive.close()

    def _refuse_changed(self) -> None:
        if self._archive.fingerprint() != self._fingerprint:
            self._request.target.unlink(missing_ok=True)
            raise SourceChanged(path=self._request.source)


class _Signatures:
    """A signature file (annex A.5) with one signature in it."""

    def __init__(self, request: SignatureRequest, scheme: SignatureScheme, references: Sequence[FileReference]) -> None:
        terms = DetachedTerms(
            identifier=f"S-{secrets.token_hex(16)}",
            algorithm=scheme.name,
            hash_name=scheme.hash_name,
            certificate=request.certificate,
            chain=request.chain,
            time=request.signing_time,
            city=request.location,
        )
        signature = signature_markup(terms, references)
        self._root = etree.fromstring(
            f'<asic:XAdESSignatures xmlns:asic="{NAMESPACE}">{signature}</asic:XAdESSignatures>'
        )
        self.draft = SignatureDraft(self._root[0], scheme.hash_name)

    def written(self) -> bytes:
        octets: bytes = etree.tostring(self._root, encoding="UTF-8", xml_declaration=True)
        return octets


def entry_name(source: Path) -> str:
    """The name of a file in its container: its own, without what a container may not hold (annex A.1; ZIP rules)."""
    readable = source.name.encode("utf-8", "replace").decode("utf-8")
    name = clean(_FORBIDDEN.sub("_", readable)) or "_"
    return f"_{name}" if name.lower() in (MIMETYPE, "meta-inf", ".", "..") else name


def _refuse_unfit(path: Path, archive: StrictZip, others: Sequence[str]) -> None:
    """Only a container that holds XAdES signatures and nothing but them (section 4.4.3) is added to."""
    if others:
        raise ContainerUnfit(path=path, name=others[0])
    kind = archive.entries.get(MIMETYPE)
    if kind is None or kind.offset or kind.method != STORED or archive.stray_bytes:
        raise ContainerUnfit(path=path, name=MIMETYPE)
    if archive.read(kind, _MIMETYPE_LIMIT).strip() != EXTENDED.encode():
        raise ContainerUnfit(path=path, name=MIMETYPE)


def _signature_file(number: int) -> str:
    return f"META-INF/signatures{number:03d}.xml"


@cache
def _known_types() -> mimetypes.MimeTypes:
    """Those that Python itself knows, the same on every system."""
    return mimetypes.MimeTypes()


def _media_type(name: str) -> str:
    return _known_types().guess_type(name, strict=True)[0] or _UNKNOWN_KIND


def _media_types(name: str, kind: str) -> bytes:
    """The list of media types in the form of OpenDocument (section 4.4.3.2, item 4)."""
    rows = "".join(
        f'<manifest:file-entry manifest:full-path="{escape_attribute(path)}" manifest:media-type="{one}"/>'
        for path, one in (("/", EXTENDED), (name, kind))
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest xmlns:manifest="{_ODF_MANIFEST}" '
        f'manifest:version="1.2">{rows}</manifest:manifest>'
    ).encode()
