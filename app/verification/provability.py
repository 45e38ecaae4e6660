"""Until when a file's signatures can be proven, from what it carries itself (ETSI EN 319 102-1, 5.5 and 5.6).

A signature of level B stands and falls with its certificate; so does one with a time stamp alone (level T), since
nobody tells of revocation once the certificate has ended. With all evidence inside (LT, LTA) the newest time stamp's
authority counts: until its certificate ends a further time stamp can be added.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.trust.certificate import read_certificate
from app.trust.errors import CertificateUnreadable
from app.verification.guards import signatures_of
from app.verification.model import FileReport, SignatureFacts, SignatureReport

_CARRYING = ("LT", "LTA")
_BROKEN_HASHES = frozenset({"md5", "sha1"})


@dataclass(frozen=True)
class Provability:
    """What speaks for and against proving a file's signatures in later years.

    :ivar until: aware; when the first of them can no longer be proven as it is. None: it bears none, or that is not
        known.
    :ivar unstamped: whose signatures have no time stamp.
    :ivar weak: names of hash functions that are no longer safe.
    :ivar level: the lowest among the signatures; empty without one.
    """

    until: dt.datetime | None
    unstamped: tuple[str, ...]
    weak: tuple[str, ...]
    level: str


def provability(path: Path, report: FileReport) -> Provability:
    """Read a file once more for what the report does not tell.

    :param report: of the same file.
    :raises AntinError: the file cannot be read.
    """
    if not report.signatures:
        return Provability(None, (), (), "")
    found = signatures_of(path)
    signatures = {one.name: one for one in found if not one.document_timestamp}
    stamps = [one for one in found if one.document_timestamp]
    ends = [_end(one, signatures.get(one.name), stamps) for one in report.signatures]
    known = [end for end in ends if end is not None]
    return Provability(
        until=min(known) if known and len(known) == len(ends) else None,
        unstamped=tuple(one.signer for one in report.signatures if one.proven_time is None),
        weak=tuple(sorted({one.digest_algorithm for one in signatures.values()} & _BROKEN_HASHES)),
        level=min((one.level for one in report.signatures), key=["", "B", "T", "LT", "LTA"].index),
    )


def _end(
    report: SignatureReport, facts: SignatureFacts | None, document_stamps: list[SignatureFacts]
) -> dt.datetime | None:
    """When a signature can no longer be proven."""
    own = report.certificate.not_after if report.certificate is not None else None
    if report.level not in _CARRYING or facts is None:
        return own
    return max(_authority_ends(facts, document_stamps), default=own)


def _authority_ends(facts: SignatureFacts, document_stamps: list[SignatureFacts]) -> Iterator[dt.datetime]:
    """When the certificates of those who stamped it end."""
    stamps = [stamp.certificate for stamp in (*facts.timestamps, *facts.archive_timestamps) if stamp.intact]
    stamps += [stamp.certificate for stamp in document_stamps if stamp.intact]
    for certificate in stamps:
        try:
            yield read_certificate(certificate or b"").not_after
        except CertificateUnreadable:
            continue
