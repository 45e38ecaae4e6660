"""Examiner of signature files: CMS and CAdES, with the content inside (.p7m) or beside it (.p7s).

Sources: RFC 5652; ETSI EN 319 122-1.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.errors import from_os_error
from app.trust import cms, cms_file, der
from app.trust.ber import to_der
from app.trust.cades_archive import ARCHIVE_TIME_STAMP, OLDER_ARCHIVE_TIME_STAMPS
from app.trust.cms import CmsFacts, DigestOf, read_signed_data
from app.trust.cms_file import Beside
from app.trust.cms_signers import SignedParts, content_type_of, split
from app.trust.der import DerError
from app.trust.model import Problem, TimestampFacts
from app.verification.cades_archive import archive_timestamps
from app.verification.model import Coverage, DocumentFacts, SignatureFacts

FORMAT: Final = "cms"

_ENCRYPTED: Final = ("1.2.840.113549.1.7.3", "1.2.840.113549.1.9.16.1.23")
_COUNTERSIGNATURE: Final = "1.2.840.113549.1.9.6"
#: Signed attributes are never larger.
_ATTRIBUTES_LIMIT: Final = 1 << 16


def examine(path: Path, content: Path | None = None) -> DocumentFacts:
    """The facts of all signatures of a CMS file, in their order.

    :param content: the file that a detached signature is said to sign; without, it is looked for beside ``path``.
    :return: ``readable`` is False where it is no signed data; ``problems`` says why.
    :raises app.errors.AntinError: the file or the one beside it is missing or may not be read.
    """
    data = cms_file.octets(path)
    if data is None:
        return _unreadable(Problem("cms-file-too-large", (("limit", str(cms_file.SIZE_LIMIT)),)))
    try:
        data = to_der(data)
        if content_type_of(data) in _ENCRYPTED:
            return _unreadable(Problem("cms-encrypted"))
        parts = split(data)
    except DerError as error:
        return _unreadable(Problem("cms-malformed", (("detail", str(error)),)))
    if not parts.signatures:
        return DocumentFacts(FORMAT)
    beside = Beside(content, True) if content is not None else cms_file.beside(path)
    if parts.content is not None:
        return _attached(parts, beside)
    if beside is None:
        return DocumentFacts(FORMAT, tuple(_without_content(parts)))
    return _detached(parts, beside)


def _unreadable(problem: Problem) -> DocumentFacts:
    return DocumentFacts(FORMAT, readable=False, problems=(problem,))


def _attached(parts: SignedParts, beside: Beside | None) -> DocumentFacts:
    content = parts.content or b""
    signatures = tuple(
        signature_facts(read_signed_data(one, digest_of=None), str(number), FORMAT, one, _digest_of(content))
        for number, one in enumerate(parts.signatures, 1)
    )
    problem = Problem("cms-content-inside-told")
    if beside is not None and beside.certain and not _holds(beside.path, content):
        problem = Problem("cms-beside-differs", (("name", beside.path.name),))
    return DocumentFacts(FORMAT, signatures, problems=(problem,))


def _holds(path: Path, content: bytes) -> bool:
    return file_digest(path, "sha256") == hashlib.sha256(content).digest()


def _digest_of(content: bytes) -> DigestOf:
    return lambda hash_name: hashlib.new(hash_name, content, usedforsecurity=False).digest()


def _detached(parts: SignedParts, beside: Beside) -> DocumentFacts:
    known: dict[str, bytes] = {}

    def digest_of(hash_name: str) -> bytes:
        if hash_name not in known:
            known[hash_name] = file_digest(beside.path, hash_name)
        return known[hash_name]

    found = [
        without_exchange(read_signed_data(one, digest_of=digest_of), _head(beside.path)) for one in parts.signatures
    ]
    differs = any(problem.code == "digest-mismatch" for facts in found for problem in facts.problems)
    if differs and not beside.certain:
        return DocumentFacts(FORMAT, tuple(_without_content(parts)))
    told = (("name", beside.path.name),)
    return DocumentFacts(
        FORMAT,
        tuple(
            signature_facts(facts, str(number), FORMAT, one, digest_of)
            for number, (facts, one) in enumerate(zip(found, parts.signatures, strict=True), 1)
        ),
        problems=(Problem("cms-content-differs" if differs else "cms-content-beside", told),),
    )


def without_exchange(facts: CmsFacts, head: bytes) -> CmsFacts:
    """Refuse a signature without attributes over what are the attributes of another one (RFC 5652, section 11).

    :param head: what the detached content begins with.
    """
    if not facts.intact or facts.signed_attributes or not _is_set(head):
        return facts
    return dataclasses.replace(facts, intact=False, problems=(Problem("cms-attributes-as-content"),))


def _is_set(head: bytes) -> bool:
    try:
        return len(head) <= _ATTRIBUTES_LIMIT and all(
            item.tag == der.SEQUENCE for item in der.read(head).expect(der.SET)
        )
    except DerError:
        return False


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_ATTRIBUTES_LIMIT + 1)
    except OSError as error:
        raise from_os_error(error, path) from error


def _without_content(parts: SignedParts) -> Sequence[SignatureFacts]:
    """What can be told where the content was not found: by whom, but not whether it holds."""
    return [
        dataclasses.replace(
            signature_facts(read_signed_data(one, digest_of=_nothing), str(number), FORMAT, one, _nothing),
            intact=False,
            supported=False,
            coverage=Coverage.PARTIAL,
            timestamps=(),
            archive_timestamps=(),
            problems=(Problem("cms-content-not-found"),),
        )
        for number, one in enumerate(parts.signatures, 1)
    ]


def _nothing(hash_name: str) -> bytes:
    """The digest of a content that is not there."""
    return b""


def signature_facts(facts: CmsFacts, name: str, format: str, data: bytes, digest_of: DigestOf) -> SignatureFacts:
    """A CMS signature that covers the whole of its document.

    :param facts: of ``data``, DER of a CMS with one signer.
    :param digest_of: digest of its content by hash name.
    """
    problems = list(facts.problems)
    if _COUNTERSIGNATURE in facts.unsigned_attributes:
        problems.append(Problem("cms-countersignature"))
    if any(kind in facts.unsigned_attributes for kind in OLDER_ARCHIVE_TIME_STAMPS):
        problems.append(Problem("cms-archive-timestamp"))
    archival: tuple[TimestampFacts, ...] = ()
    if ARCHIVE_TIME_STAMP in facts.unsigned_attributes:
        archival = archive_timestamps(data, digest_of, facts.certificates)
    if facts.intact and facts.content_type not in (cms.DATA, ""):
        problems.append(Problem("cms-content-kind", (("kind", facts.content_type),)))
    return SignatureFacts(
        name=name,
        format=format,
        intact=facts.intact,
        certificate=facts.certificate,
        certificates=facts.certificates,
        supported=facts.supported,
        digest_algorithm=facts.digest_algorithm,
        signature_algorithm=facts.signature_algorithm,
        claimed_time=facts.claimed_time,
        timestamps=facts.timestamps,
        archive_timestamps=archival,
        coverage=Coverage.WHOLE,
        embedded_crls=facts.embedded_crls,
        embedded_ocsps=facts.embedded_ocsps,
        problems=tuple(problems),
    )


def file_digest(path: Path, hash_name: str) -> bytes:
    """The digest of a file, read in pieces.

    :raises app.errors.AntinError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.new(hash_name, usedforsecurity=False)).digest()
    except OSError as error:
        raise from_os_error(error, path) from error
