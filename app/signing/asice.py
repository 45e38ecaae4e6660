"""ASiC-E containers with XAdES signatures (ETSI EN 319 162-1, section 4.4) around any file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import quote

from app.documents.asic import EXTENDED, MEDIA_TYPES, MIMETYPE
from app.documents.formats import Format, detect
from app.documents.hashing import digest_file, state
from app.documents.text import clean
from app.documents.zip_writer import write_container
from app.signing import asic_further, xades
from app.signing.asic_xades import XadesFile, media_type, signature_file
from app.signing.container_errors import ContentTooLarge
from app.signing.errors import SourceChanged
from app.signing.model import Completed, Preparation, SignatureRequest
from app.trust.algorithms import SignatureScheme
from app.xmldsig.detached import FileReference
from app.xmldsig.markup import escape_attribute

SUFFIX: Final = ".asice"

_MIMETYPE_LIMIT: Final = 256
#: What the verifier reads at most (32 signature files, 4 GiB unpacked), with some room for the signatures.
_SIGNATURES_LIMIT: Final = 32
_SIZE_LIMIT: Final = (4 << 30) - (64 << 20)
_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|#\x00-\x1f\x7f]')
_ODF_MANIFEST: Final = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_UNKNOWN_KIND: Final = "application/octet-stream"


def prepare(request: SignatureRequest) -> Preparation:
    """Digest what is to be signed and compute what the token signs; nothing is written yet.

    A file that is no container gets one around it; a container gets a further signature.

    :raises ContentTooLarge, ContainerUnfit, ContainerCrowded, app.signing.errors.AlgorithmUnfit: it cannot be signed,
        or not so.
    :raises app.documents.zip_errors.ArchiveRejected: the source is a container that is not sound.
    :raises AntinError: the source cannot be read, or the certificate is none.
    """
    if detect(request.source) is Format.ASICE:
        return asic_further.prepare(request)
    return NewContainer(request, xades.scheme_of(request))


class NewContainer:
    """A container around one file, ready for the token; see :class:`app.signing.model.Preparation`."""

    def __init__(self, request: SignatureRequest, scheme: SignatureScheme) -> None:
        self._request = request
        self._scheme = scheme
        self._state = state(request.source)
        if request.source.stat().st_size > _SIZE_LIMIT:
            raise ContentTooLarge(path=request.source)
        self._name = entry_name(request.source)
        kind = media_type(self._name)
        self._media_types = _media_types(self._name, kind)
        digest = digest_file(request.source, scheme.hash_name)
        self._signatures = XadesFile.new(request, scheme, [FileReference(quote(self._name), digest, kind)])
        self.to_be_signed = self._signatures.draft.to_be_signed
        self.source_sha256 = ""

    def complete(self, signature: bytes) -> Completed:
        """Write the container to the target, flushed to disk.

        :param signature: RSA octets, or ECDSA ``r‖s`` of fixed length.
        :raises SignatureValueWrong: it does not verify with the certificate; nothing is written.
        :raises SourceChanged: the source was written to since :func:`prepare`.
        :raises AntinError: the target cannot be written.
        """
        request = self._request
        level, notes = xades.sign(self._signatures.draft, request, self._scheme, signature)
        added = {MEDIA_TYPES: self._media_types, signature_file(1): self._signatures.written()}
        write_container(request.target, EXTENDED.encode(), self._name, request.source, added)
        if state(request.source) != self._state:
            request.target.unlink(missing_ok=True)
            raise SourceChanged(path=request.source)
        return Completed(request.target, level, notes)

    def discard(self) -> None:
        """There is nothing on disk to remove."""


def entry_name(source: Path) -> str:
    """The name of a file in its container: its own, without what a container may not hold (annex A.1; ZIP rules)."""
    readable = source.name.encode("utf-8", "replace").decode("utf-8")
    name = clean(_FORBIDDEN.sub("_", readable)) or "_"
    return f"_{name}" if name.lower() in (MIMETYPE, "meta-inf", ".", "..") else name


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
