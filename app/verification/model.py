"""Facts, conclusion and report of a verification.

*Facts* are what is cryptographically so, found by one examiner a format and never coloured by policy.
*Trust* (path, revocation, time) is added by ``app.trust``. The *conclusion* is what the policy makes of both
(ETSI EN 319 102-1: passed, indeterminate, failed, with sub-indications).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from app.trust.model import Problem, TimestampFacts


class Coverage(StrEnum):
    """What part of the document a signature protects."""

    WHOLE = "whole"
    WHOLE_EXCEPT_METADATA = "whole-except-metadata"
    EARLIER_REVISION = "earlier-revision"
    PARTIAL = "partial"


class Conclusion(StrEnum):
    VALID = "valid"
    WARNING = "warning"
    INDETERMINATE = "indeterminate"
    INVALID = "invalid"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


class Integrity(StrEnum):
    """What is known of a signature's value and of the content that it signs, whoever signed."""

    INTACT = "intact"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class Standing(StrEnum):
    """What a certificate was worth at a time. ``unknown`` where evidence of that time is missing."""

    VALID = "valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    UNTRUSTED = "untrusted"
    UNKNOWN = "unknown"


class Indication(StrEnum):
    """ETSI EN 319 102-1, section 5.1.3."""

    TOTAL_PASSED = "TOTAL-PASSED"
    TOTAL_FAILED = "TOTAL-FAILED"
    INDETERMINATE = "INDETERMINATE"


class Change(msgspec.Struct, frozen=True):
    """A change made after signing.

    :ivar page: one-based, None where no page is concerned.
    :ivar part: name in the package of what was altered or is not signed; empty for other formats. ``what`` says it in
        words.
    :ivar who: of a further signature, whose ``what`` is its field: the signer as told; empty for other kinds.
    :ivar value: what a form field was filled with, on one line; empty for other kinds and for an emptied field.
    """

    kind: str
    what: str
    page: int | None = None
    part: str = ""
    who: str = ""
    value: str = ""


@dataclass(frozen=True)
class SignatureFacts:
    """What is cryptographically so of one signature.

    :ivar name: field name, part name or Id.
    :ivar intact: the signature value verifies with the signer's certificate and every digest it must hold does.
    :ivar supported: False where algorithm or structure lies outside what is checked (then ``intact`` is False).
    :ivar changes_allowed: later changes are only such as signing allows (DocMDP, further signatures).
    :ivar timestamps: over the signature value; ``archive_timestamps``: over all that the signature and its evidence
        consist of, in their order (EN 319 132-1, 5.5.2; EN 319 122-1, 5.5.3).
    :ivar problems: reasons for the above and everything else worth a sentence.
    :ivar embedded_crls, embedded_ocsps: DER of evidence carried by the document.
    :ivar document_timestamp: a time stamp over the whole document (ISO 32000-2, 12.8.5), which is evidence of time and
        nobody's signature; ``timestamps`` holds it.
    :ivar seals: of a document time stamp: names of the signatures whose evidence of revocation it covers, too.
    :ivar signed_size: octets of the file up to the end of the revision that the signature covers; PDF only.
    """

    name: str
    format: str
    intact: bool
    certificate: bytes | None
    certificates: tuple[bytes, ...] = ()
    supported: bool = True
    digest_algorithm: str = ""
    signature_algorithm: str = ""
    claimed_time: dt.datetime | None = None
    timestamps: tuple[TimestampFacts, ...] = ()
    archive_timestamps: tuple[TimestampFacts, ...] = ()
    coverage: Coverage = Coverage.PARTIAL
    uncovered: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    changes_allowed: bool = True
    embedded_crls: tuple[bytes, ...] = ()
    embedded_ocsps: tuple[bytes, ...] = ()
    document_timestamp: bool = False
    seals: tuple[str, ...] = ()
    signed_size: int | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class DocumentFacts:
    """What an examiner found in one file.

    :ivar readable: False where the file could not be opened as its format; ``problems`` says why.
    :ivar sha256: of the whole file, hexadecimal, where the examiner had to read all of it anyway; else empty.
    """

    format: str
    signatures: tuple[SignatureFacts, ...] = ()
    readable: bool = True
    problems: tuple[Problem, ...] = ()
    sha256: str = ""


# What the contract prints.


class Reason(msgspec.Struct, frozen=True):
    code: str
    message: str
    hint: str


class CertificateReport(msgspec.Struct, frozen=True):
    sha256: str
    serial: str
    not_before: dt.datetime
    not_after: dt.datetime


class RevocationReport(msgspec.Struct, frozen=True):
    """What is known of the signer's certificate at the time that counts.

    :ivar status: ``good``, ``revoked``, ``unknown``.
    :ivar source: ``ocsp``, ``crl``, ``embedded``, ``none``.
    :ivar as_of: when the evidence was issued.
    :ivar next_update: until when it is current.
    :ivar revoked_at, reason: of a revocation (RFC 5280, 5.3.1).
    """

    status: str
    source: str
    as_of: dt.datetime | None = None
    next_update: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    reason: str | None = None


class SignatureReport(msgspec.Struct, frozen=True):
    """One signature of ``antin verify``.

    :ivar issuer: the authority that issued the certificate.
    :ivar managing_body: see :func:`app.trust.managing.managing_body`.
    :ivar timestamp_time: of the earliest time stamp of a trusted authority.
    :ivar proven_time: the time at which the signature is proven to have existed; None where only a claim is known.
    :ivar valid_at_signing: the certificate at the proven time, else at the claimed one; ``unknown`` where the claim
        alone would make it valid.
    :ivar valid_now: the certificate at the time of judgement.
    :ivar path: names from the signer up to the anchor.
    :ivar domain: of the anchor: ``government``, ``public``, ``office``; empty without a path to one.
    :ivar signed_size: the first so many octets of a PDF are the document as it was signed; None for other formats and
        where the signature covers no whole revision or does not verify.
    """

    name: str
    conclusion: Conclusion
    indication: Indication
    sub_indication: str | None
    reasons: list[Reason]
    signer: str
    organization: str
    issuer: str
    certificate: CertificateReport | None
    claimed_time: dt.datetime | None
    timestamp_time: dt.datetime | None
    level: str
    coverage: Coverage
    uncovered: list[str]
    changes: list[Change]
    revocation: RevocationReport
    kind: str = "unknown"
    path: list[str] = []
    managing_body: str = ""
    domain: str = ""
    integrity: Integrity = Integrity.UNKNOWN
    valid_at_signing: Standing = Standing.UNKNOWN
    valid_now: Standing = Standing.UNKNOWN
    proven_time: dt.datetime | None = None
    signed_size: int | None = None


class FileReport(msgspec.Struct, frozen=True):
    """One file of ``antin verify``, field for field the command contract."""

    path: str
    sha256: str | None
    format: str
    conclusion: Conclusion
    summary: str
    next_step: str
    reasons: list[Reason]
    signatures: list[SignatureReport]
    seconds: float
