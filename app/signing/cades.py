"""CAdES signatures (ETSI EN 319 122-1): the document as it is, and beside it ``<its name>.p7s``; further signatures in
signature files that exist, detached or around their content.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Final

from app.documents.hashing import digest_file, state
from app.errors import AntinError, from_os_error
from app.signing.container_errors import SignatureFileUnfit
from app.signing.errors import SignedContentMissing, SourceChanged, TimestamperMissing
from app.signing.model import Completed, Level, SignatureRequest
from app.signing.pdf_cms import CmsDraft
from app.trust import cms_file, der
from app.trust.algorithms import digest
from app.trust.ber import to_der
from app.trust.cades_archive import OLDER_ARCHIVE_TIME_STAMPS
from app.trust.cms import DATA
from app.trust.der import DerError
from app.trust.signed_data import SignedData

SUFFIX: Final = ".p7s"
_CHUNK: Final = 1 << 20
#: What the verifier reads at most.
_SIGNERS_LIMIT: Final = 16


def prepare(request: SignatureRequest) -> Detached:
    """Digest the source and compute what the token signs; nothing is written yet.

    :param request: its target ends with ``.p7s``; without that ending it is the path of the document's copy.
    :raises app.trust.errors.CertificateUnreadable: the certificate is none.
    :raises OSError: the source cannot be read.
    """
    return Detached(request, request.source)


def prepare_further(request: SignatureRequest) -> Further:
    """Compute what a further signer signs of what a signature file signs; nothing is written yet.

    :param request: its source is the signature file. Where its document lies beside it the target is as for
        :func:`prepare`, else a single file.
    :raises SignatureFileUnfit: no signer can be added to it.
    :raises SignedContentMissing: its document is not there.
    :raises AntinError: a file cannot be read, or the certificate is none.
    """
    earlier = read(request.source)
    if earlier.content is not None:
        return FurtherAround(request, earlier)
    return FurtherDetached(request, document_of(request.source), earlier)


def document_of(signature: Path) -> Path:
    """The document of a detached signature.

    :raises SignedContentMissing: it is not there.
    """
    found = cms_file.beside(signature)
    if found is None:
        raise SignedContentMissing(path=signature)
    return found.path


def read(path: Path) -> SignedData:
    """What a signature file holds.

    :raises SignatureFileUnfit: no signer can be added to it.
    :raises AntinError: it cannot be read.
    """
    octets = cms_file.octets(path)
    if octets is None:
        raise SignatureFileUnfit(path=path, why="cms-file-too-large")
    try:
        return fit_for_more(octets)
    except DerError as error:
        raise SignatureFileUnfit(path=path, why=str(error)) from error


def fit_for_more(octets: bytes) -> SignedData:
    """A CMS to which a signer can be added.

    :param octets: DER or BER.
    :raises DerError: none can; what is in the way.
    """
    found = SignedData.read(to_der(octets))
    if found.content_type != der.encode_oid(DATA):
        raise DerError("cms-content-kind")
    if not 0 < len(found.signers) < _SIGNERS_LIMIT:
        raise DerError("cms-signer-count")
    if any(signer.has_unsigned(kind) for signer in found.signers for kind in OLDER_ARCHIVE_TIME_STAMPS):
        raise DerError("cms-archive-timestamp")
    return found


def content_info(draft: CmsDraft, request: SignatureRequest, signature: bytes) -> tuple[Level, list[Exception], bytes]:
    """The CMS of one signer, with a time stamp where one is wanted and to be had.

    :param signature: RSA octets, or ECDSA ``r‖s`` of fixed length.
    :return: the level reached, T at most, why it is less than wanted, and DER.
    :raises SignatureValueWrong: the value does not verify with the certificate.
    """
    value = draft.cms_value(signature)
    if request.level == Level.B:
        return Level.B, [], draft.assemble(value)
    if request.timestamper is None:
        return Level.B, [TimestamperMissing()], draft.assemble(value)
    hash_name = request.algorithm.hash_name
    try:
        token = request.timestamper.token(hashlib.new(hash_name, value).digest(), hash_name)
    except AntinError as error:
        return Level.B, [error], draft.assemble(value)
    return Level.T, [], draft.assemble(value, token)


def added(earlier: SignedData, one: bytes) -> bytes:
    """DER of a CMS with a further signer; the earlier ones keep their octets.

    :param one: DER of the CMS of that signer alone.
    """
    fresh = SignedData.read(one)
    (signer,) = fresh.signers
    return earlier.with_signer(signer, fresh.certificates).written()


class CadesPreparation(ABC):
    """A signature ready for the token, over a content whose digest is known.

    :param sources: the files that must not change until all is written.
    """

    #: See :class:`app.signing.model.Preparation`.
    source_sha256 = ""

    def __init__(self, request: SignatureRequest, content_digest: bytes, sources: dict[Path, tuple[int, ...]]) -> None:
        self._request = request
        self._sources = sources
        self._draft = CmsDraft(
            content_digest, request.certificate, request.chain, request.algorithm, request.signing_time
        )
        self.to_be_signed: bytes = self._draft.to_be_signed
        self._made: list[Path] = []

    @abstractmethod
    def _octets(self, one: bytes) -> bytes:
        """The signature file's content.

        :param one: DER of the CMS of the new signer alone.
        """

    def complete(self, signature: bytes) -> Completed:
        """Write the signature to the target, and a copy of a detached one's document beside it, flushed to disk.

        :param signature: RSA octets, or ECDSA ``r‖s`` of fixed length.
        :raises SignatureValueWrong: it does not verify with the certificate; nothing is written.
        :raises SourceChanged: a source was written to since it was prepared.
        :raises OSError: a source cannot be read or the target not written.
        """
        level, notes, one = content_info(self._draft, self._request, signature)
        try:
            content = self._copy_content()
            with self._create(self._request.target).open("wb") as file:
                file.write(self._octets(one))
                file.flush()
                os.fsync(file.fileno())
            for path, before in self._sources.items():
                if state(path) != before:
                    raise SourceChanged(path=path)
        except BaseException:
            self.discard()
            raise
        self._made.clear()
        return Completed(self._request.target, level, notes, content=content)

    def discard(self) -> None:
        for path in self._made:
            path.unlink(missing_ok=True)
        self._made.clear()

    def _copy_content(self) -> Path | None:
        """Copy what stands beside the signature; None where nothing does."""
        return None

    def _create(self, path: Path) -> Path:
        try:
            path.open("xb").close()
        except OSError as error:
            raise from_os_error(error, path) from error
        self._made.append(path)
        return path


class Detached(CadesPreparation):
    """A document ready for the token; see :class:`app.signing.model.Preparation`."""

    def __init__(self, request: SignatureRequest, document: Path) -> None:
        sources = {path: state(path) for path in (document, request.source)}
        super().__init__(request, digest_file(document, request.algorithm.hash_name), sources)
        self._document = document

    def _octets(self, one: bytes) -> bytes:
        return one

    def _copy_content(self) -> Path:
        copy = self._request.target.with_name(self._request.target.name.removesuffix(SUFFIX))
        with self._document.open("rb") as reading, self._create(copy).open("wb") as writing:
            shutil.copyfileobj(reading, writing, _CHUNK)
            writing.flush()
            os.fsync(writing.fileno())
        return copy


class FurtherDetached(Detached):
    """One more signer of a document whose signature file exists."""

    def __init__(self, request: SignatureRequest, document: Path, earlier: SignedData) -> None:
        super().__init__(request, document)
        self._earlier = earlier

    def _octets(self, one: bytes) -> bytes:
        return added(self._earlier, one)


class FurtherAround(CadesPreparation):
    """One more signer in a signature file that holds its content."""

    def __init__(self, request: SignatureRequest, earlier: SignedData) -> None:
        content = digest(request.algorithm.hash_name, earlier.content or b"")
        super().__init__(request, content, {request.source: state(request.source)})
        self._earlier = earlier

    def _octets(self, one: bytes) -> bytes:
        return added(self._earlier, one)


Further = FurtherDetached | FurtherAround
