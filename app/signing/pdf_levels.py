"""Raising the signatures of a PDF to levels T, LT and LTA (ETSI EN 319 142-1, section 6; ISO 32000-2, 12.8.4, 12.8.5).

What is added is appended: a document time stamp where a signature has no time, evidence as a document security store,
and over it another document time stamp. No token is needed, and nothing that was signed is touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from app.documents.pdf_form import elements, entry, walk_fields
from app.errors import AntinError
from app.signing.errors import EvidenceMissing, TimestamperMissing
from app.signing.gathering import Gather, Gathering, Used, authorities
from app.signing.model import Level, Timestamper
from app.signing.pdf_errors import TimestampTooLarge
from app.signing.pdf_update import free_name, pdf_faults, writer_on
from app.trust import der
from app.trust.cms import read_signed_data
from app.trust.timestamps import read_timestamp

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    from app.trust.evidence import Evidence

#: Octets kept for a document time stamp with its authority's chain.
_STAMP_ROOM: Final = 16384
_HASH: Final = "sha256"
#: Octets digested at a time.
_CHUNK: Final = 1 << 20
_TIME_STAMP: Final = "/ETSI.RFC3161"


@dataclass(frozen=True)
class _Signature:
    """A signature or document time stamp in the file.

    :ivar contents: of ``/Contents``, padding included.
    :ivar end: where the octets that it covers end.
    :ivar stamped: it carries an intact time stamp.
    :ivar certificates: each certificate to prove, with those that come along, and what it was used for.
    """

    contents: bytes
    end: int
    document_timestamp: bool
    stamped: bool
    certificates: tuple[Used, ...]


def raise_level(
    path: Path, wanted: Level, gather: Gather, timestamper: Timestamper | None
) -> tuple[Level, list[Exception]]:
    """Append to a signed PDF what the level lacks. A file that is at level LTA gets fresh evidence and a further stamp.

    :param path: written to; what was appended before an error stays, and is whole.
    :return: the level whose parts are there, of the signature that has the least, and why it is not the one wanted.
    :raises app.signing.pdf_errors.PdfDamaged, app.signing.pdf_errors.PdfEncrypted: it cannot be read.
    :raises AntinError: it cannot be written.
    """
    signatures = _signatures(path)
    if not all(_has_time(signature, signatures) for signature in signatures):
        try:
            _append_timestamp(path, timestamper)
        except AntinError as error:
            return Level.B, [error]
        signatures = _signatures(path)
    if wanted == Level.T:
        return Level.T, []
    try:
        _append_evidence(path, signatures, gather)
    except EvidenceMissing as error:
        return Level.T, [error]
    if wanted == Level.LT:
        return Level.LT, []
    try:
        _append_timestamp(path, timestamper)
    except AntinError as error:
        return Level.LT, [error]
    return Level.LTA, []


def _has_time(signature: _Signature, among: Sequence[_Signature]) -> bool:
    later = any(other.document_timestamp and other.end > signature.end for other in among)
    return signature.document_timestamp or signature.stamped or later


def _signatures(path: Path) -> list[_Signature]:
    from app.documents.pdf_reader import open_reader

    with path.open("rb") as stream, pdf_faults(path, path):
        root = open_reader(stream).root
        values = [entry(field.dictionary, "/V") for field in walk_fields(root) if field.type == "/Sig"]
        return [found for value in values if (found := _read(value)) is not None]


def _read(value: object) -> _Signature | None:
    """None for what is no signature, or none that is understood."""
    from pyhanko.pdf_utils import generic

    ranges = [int(number) for number in elements(entry(value, "/ByteRange")) if isinstance(number, int)]
    if not isinstance(value, generic.DictionaryObject) or len(ranges) != 4 or "/Contents" not in value:
        return None
    raw: Any = value.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
    contents: bytes = getattr(raw, "original_bytes", b"")
    try:
        content = der.Element(contents, 0, len(contents)).raw
    except der.DerError:
        return None
    end = ranges[2] + ranges[3]
    if entry(value, "/SubFilter") == _TIME_STAMP:
        stamp = read_timestamp(content, message=lambda _name: b"")
        return _Signature(contents, end, document_timestamp=True, stamped=True, certificates=authorities([stamp]))
    cms = read_signed_data(content, digest_of=lambda _name: b"")
    if cms.certificate is None:
        return None
    intact = [stamp for stamp in cms.timestamps if stamp.intact and stamp.certificate is not None]
    used = (Used(cms.certificate, cms.certificates, "signature"), *authorities(intact))
    return _Signature(contents, end, document_timestamp=False, stamped=bool(intact), certificates=used)


def _append_evidence(path: Path, signatures: Sequence[_Signature], gather: Gather) -> None:
    """Put fresh evidence for all signatures into the document security store.

    :raises EvidenceMissing: it does not suffice; then nothing was written.
    """
    gathering = Gathering(gather)
    pieces = [(signature, gathering.evidence(signature.certificates)) for signature in signatures]
    with _update(path) as (writer, _output):
        for signature, evidence in pieces:
            _store(writer, signature.contents, evidence)
        writer.write_in_place()


def _store(writer: IncrementalPdfFileWriter, contents: bytes, evidence: Evidence) -> None:
    from asn1crypto import crl, ocsp, x509
    from pyhanko.sign.validation.dss import DocumentSecurityStore

    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        contents,
        certs=[x509.Certificate.load(piece) for piece in evidence.certificates],
        crls=[crl.CertificateList.load(piece) for piece in evidence.crls],
        ocsps=[ocsp.OCSPResponse.load(piece) for piece in evidence.ocsps],
    )


def _append_timestamp(path: Path, timestamper: Timestamper | None) -> None:
    """Put an invisible document time stamp over the file as it is.

    :raises TimestamperMissing, TimestampTooLarge: there is no server, or its token does not fit.
    :raises app.trust.errors.TimestampUnavailable: no usable token came; the file is as it was.
    """
    from pyhanko.sign.fields import SigFieldSpec
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp

    if timestamper is None:
        raise TimestamperMissing()
    with _update(path) as (writer, output):
        name = free_name(writer.root, "Timestamp")
        steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(name)).write_cms(name, writer)
        next(steps)
        steps.send(SigObjSetup(sig_placeholder=DocumentTimestamp(bytes_reserved=2 * _STAMP_ROOM)))
        prepared, _written = steps.send(SigIOSetup(md_algorithm=_HASH, in_place=True, chunk_size=_CHUNK))
        token = timestamper.token(prepared.document_digest, _HASH)
        start, end = prepared.reserved_region_start, prepared.reserved_region_end
        if 2 * len(token) > end - start - 2:
            raise TimestampTooLarge(size=len(token))
        output.seek(start + 1)
        output.write(token.hex().encode("ascii"))


@contextmanager
def _update(path: Path) -> Iterator[tuple[IncrementalPdfFileWriter, IO[bytes]]]:
    """A writer on the file, which is flushed to disk after the block, and after an error is as it was before."""
    with path.open("r+b") as output, pdf_faults(path, path):
        size = output.seek(0, 2)
        try:
            yield writer_on(output), output
            output.flush()
            os.fsync(output.fileno())
        except BaseException:
            output.truncate(size)
            raise
