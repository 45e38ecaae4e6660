"""The words of signing: what is asked of a signature, and what comes out.

A signature is made in three steps, the same for every format: a format module *prepares* (reads the
file, computes the octets to be signed), the token signs those octets once, and the preparation is
*completed* with the signature value into a finished temporary file. The token is thus never busy with
anything but its one operation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from pkcs11_bridge.protocol import SignatureAlgorithm


class Act(StrEnum):
    """The acts of an office (Decree 30/2020, articles 13, 14, 21, 25 and appendix I), and ``plain``."""

    APPROVE = "approve"
    ISSUE = "issue"
    ATTACHMENT = "attachment"
    COPY = "copy"
    INCOMING = "incoming"
    PLAIN = "plain"


class Level(StrEnum):
    """Baseline levels (ETSI EN 319 142-1 and EN 319 132-1)."""

    B = "B"
    T = "T"
    LT = "LT"
    LTA = "LTA"


class Scope(StrEnum):
    """What an Office package signature covers (reference: ooxml-signatures, section 3.2)."""

    OFFICE = "office"
    WIDE = "wide"


@dataclass(frozen=True)
class Mark:
    """A visible mark of a signature on a page.

    :ivar page: zero-based page index; negative counts from the end.
    :ivar box: left, bottom, right, top in PDF points, in the page's default user space.
    :ivar image: a PNG with transparency, drawn to fit the box without distortion; or None.
    :ivar text: lines drawn in the box (below the image if there is one), or empty.
    :ivar size: type size of the text in points.
    """

    page: int
    box: tuple[float, float, float, float]
    image: Path | None = None
    text: str = ""
    size: float = 10.0


class Timestamper(Protocol):
    """A time-stamp authority (RFC 3161)."""

    def token(self, imprint: bytes, hash_name: str) -> bytes:
        """The DER TimeStampToken over ``imprint``, verified for imprint and nonce.

        :raises app.trust.errors.TimestampUnavailable: no usable answer came.
        """
        ...


@dataclass(frozen=True)
class SignatureRequest:
    """All a format module needs to make one signature.

    :ivar source: the file to sign; never written.
    :ivar target: a path that does not exist yet, in the folder of the final place; the result is written there.
    :ivar certificate: DER of the signer's certificate.
    :ivar chain: DER of the issuers known, without the signer's certificate.
    :ivar signing_time: aware time, the claimed one.
    """

    source: Path
    target: Path
    certificate: bytes
    chain: Sequence[bytes]
    algorithm: SignatureAlgorithm
    signing_time: dt.datetime
    level: Level = Level.B
    timestamper: Timestamper | None = None
    mark: Mark | None = None
    scope: Scope = Scope.OFFICE
    reason: str = ""
    location: str = ""


@dataclass(frozen=True)
class Completed:
    """A finished temporary file.

    :ivar path: the request's target.
    :ivar level: the level really reached.
    :ivar notes: why a wanted level was not reached, and the like; error codes with data.
    """

    path: Path
    level: Level
    notes: Sequence[Exception] = field(default=())


class Preparation(Protocol):
    """A document ready for the token."""

    #: The octets to be signed (CMS signed attributes or canonical SignedInfo); a few kilobytes at most.
    to_be_signed: bytes

    def complete(self, signature: bytes) -> Completed:
        """Write the signed file to the target, flushed to disk.

        :param signature: as the token gives it: RSA octets, or ECDSA ``r‖s`` of fixed length.
        """
        ...

    def discard(self) -> None:
        """Remove whatever the preparation left on disk; harmless when called twice or after ``complete``."""
        ...
