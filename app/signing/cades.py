"""Detached CAdES signatures (ETSI EN 319 122-1): the document as it is, and beside it ``<its name>.p7s``."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

from app.documents.hashing import digest_file, state
from app.errors import AntinError, from_os_error
from app.signing.errors import LevelNotOffered, SourceChanged, TimestamperMissing
from app.signing.model import Completed, Level, SignatureRequest
from app.signing.pdf_cms import CmsDraft

SUFFIX: Final = ".p7s"
_CHUNK: Final = 1 << 20


def prepare(request: SignatureRequest) -> DetachedPreparation:
    """Digest the source and compute what the token signs; nothing is written yet.

    :param request: its target ends with ``.p7s``; without that ending it is the path of the document's copy.
    :raises app.trust.errors.CertificateUnreadable: the certificate is none.
    :raises OSError: the source cannot be read.
    """
    return DetachedPreparation(request)


class DetachedPreparation:
    """A document ready for the token; see :class:`app.signing.model.Preparation`."""

    def __init__(self, request: SignatureRequest) -> None:
        self._request = request
        self._content = request.target.with_name(request.target.name.removesuffix(SUFFIX))
        self._state = state(request.source)
        digest = digest_file(request.source, request.algorithm.hash_name)
        self._draft = CmsDraft(digest, request.certificate, request.chain, request.algorithm, request.signing_time)
        self.to_be_signed: bytes = self._draft.to_be_signed
        self._made: list[Path] = []

    def complete(self, signature: bytes) -> Completed:
        """Write the signature to the target and a copy of the document beside it, both flushed to disk.

        :param signature: RSA octets, or ECDSA ``r‖s`` of fixed length.
        :raises SignatureValueWrong: it does not verify with the certificate; nothing is written.
        :raises SourceChanged: the source was written to since :func:`prepare`.
        :raises OSError: the source cannot be read or the target not written.
        """
        value = self._draft.cms_value(signature)
        level, notes, octets = self._content_info(value)
        try:
            self._copy()
            with self._create(self._request.target).open("wb") as file:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            self.discard()
            raise
        self._made.clear()
        return Completed(self._request.target, level, notes, content=self._content)

    def discard(self) -> None:
        for path in self._made:
            path.unlink(missing_ok=True)
        self._made.clear()

    def _create(self, path: Path) -> Path:
        try:
            path.open("xb").close()
        except OSError as error:
            raise from_os_error(error, path) from error
        self._made.append(path)
        return path

    def _copy(self) -> None:
        source = self._request.source
        with source.open("rb") as reading, self._create(self._content).open("wb") as writing:
            shutil.copyfileobj(reading, writing, _CHUNK)
            writing.flush()
            os.fsync(writing.fileno())
        if state(source) != self._state:
            raise SourceChanged(path=source)

    def _content_info(self, value: bytes) -> tuple[Level, list[Exception], bytes]:
        """The CMS with what could be had of the level asked for."""
        wanted, stamper = self._request.level, self._request.timestamper
        if wanted == Level.B:
            return Level.B, [], self._draft.assemble(value)
        if stamper is None:
            return Level.B, [TimestamperMissing()], self._draft.assemble(value)
        hash_name = self._request.algorithm.hash_name
        try:
            token = stamper.token(hashlib.new(hash_name, value).digest(), hash_name)
        except AntinError as error:
            return Level.B, [error], self._draft.assemble(value)
        notes: list[Exception] = []
        if wanted != Level.T:
            notes.append(LevelNotOffered(wanted=wanted, reached=Level.T))
        return Level.T, notes, self._draft.assemble(value, token)
