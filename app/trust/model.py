"""Facts about certificates and time, below any policy."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.trust.shipped import Domain


@dataclass(frozen=True)
class Problem:
    """Something found. ``code`` is looked up in the policy; ``data`` fills its sentence."""

    code: str
    data: tuple[tuple[str, str], ...] = ()


def problem(code: str, **data: str) -> Problem:
    """A :class:`Problem` with its data by name."""
    return Problem(code, tuple(data.items()))


@dataclass(frozen=True)
class TimestampFacts:
    """A time-stamp token (RFC 3161).

    :ivar time: genTime, aware, UTC.
    :ivar intact: its own signature holds and its imprint is that of what it should stamp.
    :ivar certificate: DER of the authority's certificate, None where the token carries none.
    :ivar digest_algorithm: hash of the imprint; ``signature_hash``: of the authority's signature, empty where unknown.
    """

    time: dt.datetime
    intact: bool
    certificate: bytes | None
    certificates: tuple[bytes, ...] = ()
    digest_algorithm: str = "sha256"
    signature_hash: str = ""
    problems: tuple[Problem, ...] = ()


class RevocationStatus(StrEnum):
    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class RevocationSource(StrEnum):
    OCSP = "ocsp"
    CRL = "crl"
    EMBEDDED = "embedded"
    NONE = "none"


@dataclass(frozen=True)
class RevocationFacts:
    """What is known of a certificate's revocation.

    :ivar as_of: thisUpdate of the evidence used; None where there is none.
    :ivar next_update: until when that evidence is current; None where there is none.
    :ivar revoked_at: revocation date where ``status`` is revoked.
    :ivar reason: of the revocation as RFC 5280, 5.3.1, names it; None where the evidence states none.
    :ivar hash_name: of the evidence's own signature, as hashlib has it; empty where there is none.
    :ivar server_silent: the server did not answer, and the evidence was kept from an earlier time.
    """

    status: RevocationStatus
    source: RevocationSource = RevocationSource.NONE
    as_of: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    reason: str | None = None
    next_update: dt.datetime | None = None
    hash_name: str = ""
    server_silent: bool = False


@dataclass(frozen=True)
class TrustFacts:
    """A certificate seen from the anchors (RFC 5280, section 6).

    :ivar trusted: a path to an anchor exists whose signatures, names and constraints hold, times aside.
    :ivar path: DER from the certificate up to the anchor; only what is known where ``trusted`` is False.
    :ivar in_period: every certificate of the path but the anchor was valid at the time judged.
    :ivar domain: for whom the anchor vouches; None where ``trusted`` is False.
    """

    trusted: bool
    path: tuple[bytes, ...]
    in_period: bool
    revocation: RevocationFacts
    at: dt.datetime
    problems: tuple[Problem, ...] = ()
    domain: Domain | None = None
