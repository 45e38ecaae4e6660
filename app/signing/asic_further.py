"""Further signatures in ASiC containers of any kind (ETSI EN 319 162-1): the earlier ones hold as before.

- ASiC-E with XAdES: one more signature file (section 4.4.3).
- ASiC-S with XAdES: one more signature in the only signature file (section 4.3.3).
- ASiC-E with CAdES: one more list of all files, and a signature file over it (section 4.4.4).
- ASiC-S with CAdES: one more signer in the only signature file.
"""

from __future__ import annotations

import hashlib
from typing import Final
from urllib.parse import quote

from app.documents.asic import EXTENDED, MIMETYPE, SIMPLE, ContainerFiles, free_name, sort_files
from app.documents.strict_zip import StrictZip
from app.documents.zip_errors import ArchiveRejected
from app.documents.zip_records import STORED
from app.signing import cades, xades
from app.signing.archive_copy import ArchivePreparation, Signed, holding_open
from app.signing.asic_lists import SIGNATURE_TYPE, written_list
from app.signing.asic_xades import XadesFile, media_type, signature_file
from app.signing.container_errors import ContainerCrowded, ContainerUnfit, EarlierSignaturesUnreadable
from app.signing.model import SignatureRequest
from app.signing.pdf_cms import CmsDraft
from app.trust.algorithms import SignatureScheme
from app.trust.der import DerError
from app.trust.signed_data import SignedData
from app.xmldsig.bounded import parse_bounded
from app.xmldsig.detached import FileReference
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element
from app.xmldsig.signature import SIGNATURE

_MIMETYPE_LIMIT: Final = 256
_FILE_LIMIT: Final = 8 << 20
#: What the verifier reads at most.
_SIGNATURES_LIMIT: Final = 32


def prepare(request: SignatureRequest) -> ArchivePreparation:
    """Digest the files of a container and compute what the token signs; nothing is written yet.

    :raises ContainerUnfit, ContainerCrowded, EarlierSignaturesUnreadable, app.signing.errors.AlgorithmUnfit: no further
        signature can be added.
    :raises app.documents.zip_errors.ArchiveRejected: the container is not sound.
    :raises AntinError: it cannot be read, or the certificate is none.
    """
    return holding_open(StrictZip(request.source), lambda archive: _preparation(request, archive))


def _preparation(request: SignatureRequest, archive: StrictZip) -> ArchivePreparation:
    files = sort_files(name for name, entry in archive.entries.items() if not entry.is_directory)
    kind = _kind(request, archive, files)
    if len(files.xades) + len(files.cades) >= _SIGNATURES_LIMIT:
        raise ContainerCrowded(path=request.source, limit=_SIGNATURES_LIMIT)
    if files.cades:
        return _FurtherList(request, archive, files) if kind == EXTENDED else _FurtherSigner(request, archive, files)
    return _FurtherXades(request, archive, files, xades.scheme_of(request), shared=kind == SIMPLE)


def _kind(request: SignatureRequest, archive: StrictZip, files: ContainerFiles) -> str:
    """Which container it is; only what is built as one is added to."""
    path, stated = request.source, archive.entries.get(MIMETYPE)
    if stated is None or stated.offset or stated.method != STORED or archive.stray_bytes:
        raise ContainerUnfit(path=path, name=MIMETYPE)
    kind = archive.read(stated, _MIMETYPE_LIMIT).decode("ascii", "replace").strip()
    if kind not in (EXTENDED, SIMPLE) or not files.data or (kind == SIMPLE and len(files.data) != 1):
        raise ContainerUnfit(path=path, name=MIMETYPE)
    if files.evidence:  # a time stamp over the container's files, or a list for one
        raise ContainerUnfit(path=path, name=files.evidence[0])
    mixed = files.cades if files.xades else ()
    several = (*files.xades, *files.cades)[1:] if kind == SIMPLE else ()
    if odd := (*mixed, *several, *(files.lists if kind == SIMPLE or not files.cades else ())):
        raise ContainerUnfit(path=path, name=odd[0])
    return kind


class _FurtherXades(ArchivePreparation):
    """:param shared: the new signature is put into the one signature file there is."""

    def __init__(
        self,
        request: SignatureRequest,
        archive: StrictZip,
        files: ContainerFiles,
        scheme: SignatureScheme,
        *,
        shared: bool,
    ) -> None:
        super().__init__(request, archive)
        self._scheme = scheme
        references = [
            FileReference(quote(name), archive.digest(archive.entries[name], scheme.hash_name), media_type(name))
            for name in files.data
        ]
        self._shared = shared and bool(files.xades)
        if self._shared:
            self._name = files.xades[0]
            self._signatures = XadesFile(self._earlier(), request, scheme, references)
        else:
            self._name = "META-INF/signatures.xml" if shared else free_name(archive.entries, signature_file)
            self._signatures = XadesFile.new(request, scheme, references)
        self.to_be_signed = self._signatures.draft.to_be_signed

    def _earlier(self) -> Element:
        try:
            root = parse_bounded(self._archive.read(self._archive.entries[self._name], _FILE_LIMIT), self._name)
        except (SignatureFault, ArchiveRejected) as error:
            raise EarlierSignaturesUnreadable(path=self._request.source, name=self._name) from error
        if not root.tag.endswith("}XAdESSignatures") or any(child.tag != SIGNATURE for child in root):
            raise EarlierSignaturesUnreadable(path=self._request.source, name=self._name)
        return root

    def _signed(self, signature: bytes) -> Signed:
        level, notes = xades.sign(self._signatures.draft, self._request, self._scheme, signature)
        content = {self._name: self._signatures.written()}
        if self._shared:
            return Signed(level, notes, replaced=content)
        return Signed(level, notes, added=content)


class _FurtherCades(ArchivePreparation):
    def _draft(self, digest: bytes) -> CmsDraft:
        request = self._request
        return CmsDraft(digest, request.certificate, request.chain, request.algorithm, request.signing_time)


class _FurtherList(_FurtherCades):
    """A list of all files, and a signature file over it."""

    def __init__(self, request: SignatureRequest, archive: StrictZip, files: ContainerFiles) -> None:
        super().__init__(request, archive)
        self._name = free_name(archive.entries, "META-INF/signature{:03d}.p7s".format)
        self._list_name = free_name(archive.entries, "META-INF/ASiCManifest{:03d}.xml".format)
        hash_name = request.algorithm.hash_name
        digests = {name: archive.digest(archive.entries[name], hash_name) for name in files.data}
        self._list = written_list(self._name, SIGNATURE_TYPE, digests, hash_name)
        self._cms = self._draft(hashlib.new(hash_name, self._list).digest())
        self.to_be_signed = self._cms.to_be_signed

    def _signed(self, signature: bytes) -> Signed:
        level, notes, octets = cades.content_info(self._cms, self._request, signature)
        return Signed(level, notes, added={self._list_name: self._list, self._name: octets})


class _FurtherSigner(_FurtherCades):
    """One more signer in the signature file over the only file."""

    def __init__(self, request: SignatureRequest, archive: StrictZip, files: ContainerFiles) -> None:
        super().__init__(request, archive)
        self._name = files.cades[0]
        self._earlier = self._read()
        self._cms = self._draft(archive.digest(archive.entries[files.data[0]], request.algorithm.hash_name))
        self.to_be_signed = self._cms.to_be_signed

    def _read(self) -> SignedData:
        try:
            return cades.fit_for_more(self._archive.read(self._archive.entries[self._name], _FILE_LIMIT))
        except (DerError, ArchiveRejected) as error:
            raise EarlierSignaturesUnreadable(path=self._request.source, name=self._name) from error

    def _signed(self, signature: bytes) -> Signed:
        level, notes, one = cades.content_info(self._cms, self._request, signature)
        return Signed(level, notes, replaced={self._name: cades.added(self._earlier, one)})
