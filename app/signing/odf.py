"""Signatures in OpenDocument packages (ODF 1.3 part 2, section 5; reference/ooxml-signatures, section 7), in two steps.

Every file of the package but the signature files is signed as it lies there, without transform: LibreOffice itself
signs the canonical form of its XML files, but a digest of the octets protects more, needs no tree in memory and is read
by LibreOffice just as well.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from lxml import etree

from app.documents.strict_zip import StrictZip
from app.documents.zip_errors import ArchiveRejected
from app.documents.zip_records import STORED
from app.signing import xades
from app.signing.archive_copy import ArchivePreparation, Signed, holding_open
from app.signing.container_errors import EarlierSignaturesUnreadable, OdfEncrypted, OdfUnfit
from app.signing.model import SignatureRequest
from app.trust.algorithms import SignatureScheme
from app.xmldsig.bounded import parse_bounded
from app.xmldsig.detached import FileReference
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element
from app.xmldsig.signature import SIGNATURE

#: The list of signatures of a document.
SIGNATURES: Final = "META-INF/documentsignatures.xml"
_MANIFEST: Final = "META-INF/manifest.xml"
_MIMETYPE: Final = "mimetype"
_NAMESPACE: Final = "urn:oasis:names:tc:opendocument:xmlns:digitalsignature:1.0"
_MANIFEST_NAMESPACE: Final = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
_MARKUP_LIMIT: Final = 8 << 20
_MIMETYPE_LIMIT: Final = 256


def prepare(request: SignatureRequest) -> OdfPreparation:
    """Digest the files of the source and compute what the token signs; nothing is written yet.

    :raises app.documents.zip_errors.ArchiveRejected: the source is no sound ZIP file.
    :raises OdfEncrypted, OdfUnfit, EarlierSignaturesUnreadable, app.signing.errors.AlgorithmUnfit: it cannot be signed,
        or not so.
    :raises AntinError: the source cannot be read, or the certificate is none.
    """
    scheme = xades.scheme_of(request)
    return holding_open(StrictZip(request.source), lambda archive: OdfPreparation(request, archive, scheme))


class OdfPreparation(ArchivePreparation):
    """A package ready for the token."""

    def __init__(self, request: SignatureRequest, archive: StrictZip, scheme: SignatureScheme) -> None:
        super().__init__(request, archive)
        self._scheme = scheme
        _refuse_unfit(request, archive)
        self._root = _signatures(request, archive)
        references = [
            FileReference(quote(entry.name), archive.digest(entry, scheme.hash_name))
            for entry in archive.entries.values()
            if not entry.is_directory and entry.name != SIGNATURES
        ]
        self._draft = xades.append_detached(self._root, request, scheme, references, prefix="ID_", dated_object=True)
        self.to_be_signed = self._draft.to_be_signed

    def _signed(self, signature: bytes) -> Signed:
        level, notes = xades.sign(self._draft, self._request, self._scheme, signature)
        content = {SIGNATURES: etree.tostring(self._root, encoding="UTF-8", xml_declaration=True)}
        if SIGNATURES in self._archive.entries:
            return Signed(level, notes, replaced=content)
        return Signed(level, notes, added=content)


def _refuse_unfit(request: SignatureRequest, archive: StrictZip) -> None:
    """The media type first, stored and true to the list of files; no encrypted file (ODF 1.3 part 2, 3.3 and 3.4)."""
    path = request.source
    listed = archive.entries.get(_MANIFEST)
    first = min(archive.entries.values(), key=lambda entry: entry.offset)
    if listed is None:
        raise OdfUnfit(path=path, name=_MANIFEST)
    if first.name != _MIMETYPE or first.method != STORED or first.size > _MIMETYPE_LIMIT:
        raise OdfUnfit(path=path, name=_MIMETYPE)
    try:
        manifest = parse_bounded(archive.read(listed, _MARKUP_LIMIT), _MANIFEST)
    except (SignatureFault, ArchiveRejected) as error:
        raise OdfUnfit(path=path, name=_MANIFEST) from error
    if next(manifest.iter(f"{_MANIFEST_NAMESPACE}encryption-data"), None) is not None:
        raise OdfEncrypted(path=path)
    stated = archive.read(first, _MIMETYPE_LIMIT).decode("ascii", "replace").strip()
    kinds = [
        entry.get(f"{_MANIFEST_NAMESPACE}media-type")
        for entry in manifest.iter(f"{_MANIFEST_NAMESPACE}file-entry")
        if entry.get(f"{_MANIFEST_NAMESPACE}full-path") == "/"
    ]
    if kinds != [stated]:
        raise OdfUnfit(path=path, name=_MIMETYPE)


def _signatures(request: SignatureRequest, archive: StrictZip) -> Element:
    """The root that signatures stand in: that of the package, untouched, or a new one."""
    entry = archive.entries.get(SIGNATURES)
    if entry is None:
        return etree.fromstring(f'<document-signatures xmlns="{_NAMESPACE}"/>')
    try:
        root = parse_bounded(archive.read(entry, _MARKUP_LIMIT), SIGNATURES)
    except (SignatureFault, ArchiveRejected) as error:
        raise EarlierSignaturesUnreadable(path=request.source, name=SIGNATURES) from error
    if root.tag != f"{{{_NAMESPACE}}}document-signatures" or any(child.tag != SIGNATURE for child in root):
        raise EarlierSignaturesUnreadable(path=request.source, name=SIGNATURES)
    return root
