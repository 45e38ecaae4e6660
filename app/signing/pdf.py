"""PAdES baseline signatures (ETSI EN 319 142-1) as incremental updates of a PDF.

pyHanko writes the update; the CMS is ours (:mod:`app.signing.pdf_cms`), because the token signs outside of this
process and between two steps. The update is appended to a copy of the source (:class:`app.signing.pdf_draft.Draft`),
so that a file of any size passes through with a few megabytes of memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from app.documents.pdf_form import elements, entry, walk_fields
from app.errors import AntinError, from_os_error
from app.signing import marks, open_fields
from app.signing.errors import TimestamperMissing
from app.signing.model import Completed, Level, OpenFields, SignatureRequest
from app.signing.pdf_cms import CmsDraft, room_for
from app.signing.pdf_digest import CHUNK, Beginning
from app.signing.pdf_draft import Draft
from app.signing.pdf_errors import (
    MarkPlaceInvalid,
    NotCertified,
    PdfDynamicForm,
    PdfForbidsSigning,
    PdfWithoutPages,
    SignatureTooLarge,
    TimestampTooLarge,
)
from app.signing.pdf_update import free_name, pdf_faults, writer_on

if TYPE_CHECKING:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers.cms_embedder import SigMDPSetup


def prepare(request: SignatureRequest) -> PdfPreparation:
    """Write the document with an empty signature to the target and compute what the token signs.

    :raises PdfDamaged, PdfEncrypted, PdfForbidsSigning, PdfDynamicForm, PdfWithoutPages: the document cannot be signed.
    :raises app.signing.pdf_errors.MarkPlaceInvalid, app.signing.pdf_errors.MarkTextUnprintable,
        app.signing.errors.MarkImageInvalid: the mark cannot be drawn.
    :raises AntinError: the source cannot be read or the target not written.
    """
    draft = Draft(request.source, request.target, request.algorithm.hash_name)
    try:
        with pdf_faults(request.source, request.target):
            unsigned = _write_unsigned(request, draft.stream, draft.beginning)
            draft.write()
        return PdfPreparation(request, draft, unsigned)
    except BaseException:
        draft.abandon()
        raise


def check(source: Path) -> None:
    """Whether a document takes a signature at all; it is only read.

    :raises PdfDamaged, PdfEncrypted, PdfForbidsSigning, PdfDynamicForm: it takes none.
    :raises AntinError: it cannot be read.
    """
    try:
        with source.open("rb") as stream, pdf_faults(source, source):
            _refuse_where_forbidden(writer_on(stream).root, source)
    except OSError as error:
        raise from_os_error(error, source) from error


class PdfPreparation:
    """A target file that lacks nothing but its CMS; see :class:`app.signing.model.Preparation`."""

    def __init__(self, request: SignatureRequest, draft: Draft, unsigned: _Unsigned) -> None:
        self._request = request
        self._target = draft
        self._gap = unsigned.gap
        self._notes = [NotCertified()] if unsigned.not_certified else []
        self._draft = CmsDraft(unsigned.digest, request.certificate, request.chain, request.algorithm)
        self._completed = False
        self.to_be_signed: bytes = self._draft.to_be_signed
        self.source_sha256 = draft.beginning.source_sha256

    def complete(self, signature: bytes) -> Completed:
        """Embed the signature value, with a time stamp where the level asks for one.

        A time stamp that cannot be had leaves level B and a note; what levels above T want is added later
        (:mod:`app.signing.pdf_levels`).

        :raises app.signing.errors.SignatureValueWrong: the value does not verify with the certificate.
        :raises SignatureTooLarge: the CMS does not fit into the room reserved.
        :raises AntinError: the target cannot be written.
        """
        value = self._draft.cms_value(signature)
        level, notes, content = self._content(value)
        start, end = self._gap
        encoded = content.hex().encode("ascii")
        if len(encoded) > end - start - 2:
            raise SignatureTooLarge(size=len(content))
        try:
            known = self._target.complete(start + 1, encoded)
        except OSError as error:
            raise from_os_error(error, self._request.target) from error
        self._completed = True
        return Completed(self._request.target, level, (*self._notes, *notes), known=known)

    def discard(self) -> None:
        if not self._completed:
            self._target.abandon()

    def _content(self, value: bytes) -> tuple[Level, list[Exception], bytes]:
        """The CMS with what could be had of the level asked for."""
        wanted, stamper = self._request.level, self._request.timestamper
        notes: list[Exception] = []
        plain = self._draft.assemble(value)
        if wanted == Level.B:
            return Level.B, notes, plain
        if stamper is None:
            return Level.B, [TimestamperMissing()], plain
        hash_name = self._request.algorithm.hash_name
        try:
            token = stamper.token(hashlib.new(hash_name, value).digest(), hash_name)
        except AntinError as error:
            return Level.B, [error], plain
        stamped = self._draft.assemble(value, token)
        if 2 * len(stamped) > self._gap[1] - self._gap[0] - 2:
            return Level.B, [TimestampTooLarge(size=len(token))], plain
        return Level.T, notes, stamped


@dataclass(frozen=True)
class _Unsigned:
    """An update that lacks its CMS.

    :ivar digest: of the document.
    :ivar gap: the place of ``/Contents``, delimiters included.
    :ivar not_certified: fields were to be left open, but somebody has signed before.
    """

    digest: bytes
    gap: tuple[int, int]
    not_certified: bool


def _write_unsigned(request: SignatureRequest, output: IO[bytes], beginning: Beginning) -> _Unsigned:
    """Append the update with placeholders.

    :param beginning: the digest of what the file holds so far.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.writer import BasePdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest, SignatureObject

    class ContinuedSignature(SignatureObject):
        """Reads what was copied no second time; all else is as pyHanko does it."""

        def fill(self, writer: BasePdfFileWriter, *_how: Any, **_more: Any) -> Iterator[Any]:
            assert isinstance(writer, IncrementalPdfFileWriter)
            writer.digest_aware_write = True
            writer.write_in_place()
            end = output.tell()
            begins, ends = self.contents.offsets
            self.byte_range.fill_offsets(output, begins, ends, end)
            yield PreparedByteRangeDigest(beginning.continued(output, (begins, ends), end), begins, ends), output

    writer = writer_on(output)
    signed = _refuse_where_forbidden(writer.root, request.source)
    mark = request.mark
    name = request.open_field or free_name(writer.root)
    page = _page(writer, mark.page if mark else 0, request.source, marked=mark is not None)
    box = marks.place(page, mark.box) if mark else None
    if mark and box is None:
        raise MarkPlaceInvalid(path=request.source)
    certifies = request.leaves_open if not signed else None
    spec = SigFieldSpec(name, on_page=mark.page if mark else 0, box=box)  # type: ignore[arg-type]  # fractions are kept
    embedder = PdfCMSEmbedder(new_field_spec=None if request.open_field else spec)
    steps = embedder.write_cms(name, writer, existing_fields_only=bool(request.open_field))
    field = next(steps).get_object()
    if mark and box:
        marks.draw(writer, field, page, mark, box, marks.rectangle(entry(field, "/Rect")))
    permission = _permission(writer, request, certifies)
    timestamped = request.timestamper is not None and request.level != Level.B
    signature = ContinuedSignature(
        timestamp=request.signing_time.replace(microsecond=0),
        subfilter=SigSeedSubFilter.PADES,
        reason=request.reason or None,
        location=request.location or None,
        bytes_reserved=2 * room_for(request.certificate, request.chain, timestamped),
    )
    steps.send(SigObjSetup(sig_placeholder=signature, mdp_setup=permission))
    prepared, _output = steps.send(
        SigIOSetup(md_algorithm=request.algorithm.hash_name, in_place=True, chunk_size=CHUNK)
    )
    return _Unsigned(
        prepared.document_digest,
        (prepared.reserved_region_start, prepared.reserved_region_end),
        not_certified=request.leaves_open is not None and certifies is None,
    )


def _permission(
    writer: IncrementalPdfFileWriter, request: SignatureRequest, certifies: OpenFields | None
) -> SigMDPSetup | None:
    """What the signature lets others change (ISO 32000-2, 12.8.2.2) and which fields it locks (12.8.2.4); open fields
    are added or filled on the way.

    Without a certification, programs let whoever has the file fill in its form after an approval signature: all its
    fields are locked as the signer saw them. A certification says itself what stays open.
    """
    from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm
    from pyhanko.sign.signers.cms_embedder import SigMDPSetup

    hash_name = request.algorithm.hash_name
    locked: list[str] = []
    if certifies is not None:
        open_fields.add(writer, certifies)
        locked = open_fields.others(writer.root)
    elif request.fills:
        open_fields.fill(writer, request.fills)
        locked = list(request.fills)
    elif entry(entry(writer.root, "/Perms"), "/DocMDP") is None:
        locked = open_fields.content(writer.root)
    lock = FieldMDPSpec(FieldMDPAction.INCLUDE, locked) if locked else None
    if certifies is not None:
        return SigMDPSetup(hash_name, certify=True, field_lock=lock, docmdp_perms=MDPPerm.FILL_FORMS)
    return SigMDPSetup(hash_name, field_lock=lock) if lock else None


def _refuse_where_forbidden(root: generic.DictionaryObject, path: Path) -> bool:
    """ISO 32000-2, 12.8.2.2 (DocMDP, P 1), table 235 (a field lock with P 1) and annex J.

    :return: whether the document bears a signature already.
    :raises PdfForbidsSigning, PdfDynamicForm:
    """
    if entry(root, "/NeedsRendering"):
        raise PdfDynamicForm(path=path)
    signatures = [entry(entry(root, "/Perms"), "/DocMDP")]
    for field in walk_fields(root):
        value = entry(field.dictionary, "/V")
        if field.type != "/Sig" or value is None:
            continue
        signatures.append(value)
        if entry(entry(field.dictionary, "/Lock"), "/P") == 1:
            raise PdfForbidsSigning(path=path)
    for signature in signatures:
        for reference in elements(entry(signature, "/Reference")):
            if entry(entry(reference, "/TransformParams"), "/P") == 1:
                raise PdfForbidsSigning(path=path)
    return any(signature is not None for signature in signatures)


def _page(writer: IncrementalPdfFileWriter, index: int, path: Path, *, marked: bool) -> generic.DictionaryObject:
    from pyhanko.pdf_utils.misc import PdfError, PdfReadError

    try:
        reference, _resources = writer.find_page_for_modification(index)
    except PdfReadError:
        raise
    except PdfError as error:
        raise (MarkPlaceInvalid(path=path) if marked else PdfWithoutPages(path=path)) from error
    page: generic.DictionaryObject = reference.get_object()
    return page
