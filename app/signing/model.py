"""The words of signing: what is asked of a signature, and what comes out.

A signature is made in three steps, the same for every format: a format module *prepares* (reads the
file, computes the octets to be signed), the token signs those octets once, and the preparation is
*completed* with the signature value into a finished temporary file. The token is thus never busy with
anything but its one operation.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from app.documents.hashing import KnownBeginning
from app.errors import ErrorInfo
from pkcs11_bridge.protocol import PinState, SignatureAlgorithm


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


class Container(StrEnum):
    """How a file is signed that has no signatures of its own (docs/decisions/0013-any-file.md)."""

    ASICE = "asice"
    P7S = "p7s"


class CopyForm(StrEnum):
    """The forms of a copy (Decree 30/2020, article 25): of a whole document, of one received, of a part."""

    SAO_Y = "sao-y"
    SAO_LUC = "sao-luc"
    TRICH_SAO = "trich-sao"


@dataclass(frozen=True)
class Piece:
    """Words written into a blank of the page.

    :ivar left, right: from the left edge of the mark's box as the page is shown, in units of user space; the words
        shrink to fit.
    """

    text: str
    left: float
    right: float
    alignment: Literal["left", "centre", "right"] = "centre"
    italic: bool = False


@dataclass(frozen=True)
class ArrivalStamp:
    """What the stamp “ĐẾN” says (Decree 30/2020, articles 21 and 22, appendix IV, V).

    :ivar agency: which received the document.
    :ivar number, date: of its arrival, as they are written.
    """

    agency: str
    number: str
    date: str


@dataclass(frozen=True)
class Mark:
    """A visible mark of a signature on a page.

    :ivar page: zero-based page index; negative counts from the end.
    :ivar box: left, bottom, right, top in PDF points, in the page's default user space.
    :ivar image: a PNG with transparency, drawn to fit the box without distortion; or None.
    :ivar text: lines drawn in the box (below the image if there is one), or empty.
    :ivar size: type size of the text in points of the paper; less where the box is too small for it.
    :ivar alignment: of the text's lines.
    :ivar pieces: words written in one line into blanks of the page, in the middle of the box's height.
    :ivar qr: text of a QR code at the left of the box, or empty.
    :ivar stamp: the stamp of arrival, which fills the box; or None.
    """

    page: int
    box: tuple[float, float, float, float]
    image: Path | None = None
    text: str = ""
    size: float = 10.0
    pieces: Sequence[Piece] = ()
    alignment: Literal["left", "centre", "right"] = "centre"
    qr: str = ""
    stamp: ArrivalStamp | None = None


@dataclass(frozen=True)
class OpenText:
    """A form field for text that is filled in after the signature.

    :ivar name: of the field.
    :ivar page: zero-based page index; negative counts from the end.
    :ivar box: left, bottom, right, top in PDF points, in the page's default user space.
    """

    name: str
    page: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class OpenFields:
    """What the approving signature leaves open for the issuing one, and certifies the document for.

    :ivar texts: number and date, as far as they are not written yet.
    :ivar seal: page and box of the agency's seal.
    """

    seal: tuple[int, tuple[float, float, float, float]]
    texts: Sequence[OpenText] = ()


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
    :ivar leaves_open: of a PDF, the fields to prepare and to certify the document for.
    :ivar fills: texts by the names of open fields that this signature fills and locks.
    :ivar open_field: an open signature field to sign; empty makes a new one.
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
    leaves_open: OpenFields | None = None
    fills: Mapping[str, str] = field(default_factory=dict)
    open_field: str = ""


@dataclass(frozen=True)
class Completed:
    """A finished temporary file.

    :ivar path: the request's target.
    :ivar level: the level really reached.
    :ivar notes: why a wanted level was not reached, and the like; error codes with data.
    :ivar content: of a detached signature: the copy of the document that belongs beside it.
    :ivar known: what of it was read back when it was written.
    """

    path: Path
    level: Level
    notes: Sequence[Exception] = field(default=())
    content: Path | None = None
    known: KnownBeginning | None = None


class Preparation(Protocol):
    """A document ready for the token."""

    #: The octets to be signed (CMS signed attributes or canonical SignedInfo); a few kilobytes at most.
    to_be_signed: bytes
    #: SHA-256 of the source, hexadecimal; empty where preparing did not read the whole of it.
    source_sha256: str

    def complete(self, signature: bytes) -> Completed:
        """Write the signed file to the target, flushed to disk.

        :param signature: as the token gives it: RSA octets, or ECDSA ``r‖s`` of fixed length.
        """
        ...

    def discard(self) -> None:
        """Remove whatever the preparation left on disk; harmless when called twice or after ``complete``."""
        ...


# What a person asks of the desk, and what the desk answers.


class Status(StrEnum):
    SIGNED = "signed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class SignOptions:
    """What is asked for all files of a run.

    :ivar algorithm: None chooses by the key: RSA PKCS#1 v1.5 or ECDSA with the curve's own hash.
    :ivar mark_image: PNG of the visible mark; None: no visible mark unless the act brings one.
    :ivar mark: where a person moved the mark that was proposed: its page and box count, what it shows is found anew
        when the document is signed; None: at the place proposed.
    :ivar visible: False: no visible mark, whatever the act brings.
    :ivar as_pdf: Office documents are turned into PDF first, and the PDF is signed.
    :ivar number, symbol, date, document_type, summary: corrections of what is read from the document.
    :ivar copy_form: what kind of copy is made.
    :ivar arrival_number, arrival_date: with which an incoming document is registered; without a number it bears no
        stamp, without a date it arrives today.
    :ivar mark_template: words of a plain signature's mark, see :mod:`app.signing.mark_text`; empty for none.
    :ivar reason: why it is signed, as the signature itself states it.
    :ivar qr: a plain signature's mark shows the document's hash as a QR code.
    :ivar seen: SHA-256, hexadecimal, of the file as it was shown to whoever signs; one with other content is refused.
        Empty where nobody was shown it.
    :ivar accepts: codes of questions about a document that a person has answered with yes; see
        :mod:`app.signing.questions`.
    :ivar out: folder for the signed copies; None files them into the archive.
    """

    act: Act = Act.PLAIN
    level: Level = Level.B
    tsa_url: str = ""
    mark_image: Path | None = None
    mark: Mark | None = None
    visible: bool = True
    scope: Scope = Scope.OFFICE
    container: Container = Container.ASICE
    as_pdf: bool = False
    number: str | None = None
    symbol: str | None = None
    date: dt.date | None = None
    document_type: str | None = None
    summary: str | None = None
    copy_form: CopyForm = CopyForm.SAO_Y
    arrival_number: str = ""
    arrival_date: dt.date | None = None
    mark_template: str = ""
    reason: str = ""
    qr: bool = False
    seen: str = ""
    accepts: tuple[str, ...] = ()
    out: Path | None = None
    algorithm: SignatureAlgorithm | None = None

    @property
    def arrival(self) -> Arrival | None:
        """How the document is registered as received; None where the office issues it."""
        if self.act is not Act.INCOMING:
            return None
        number = re.fullmatch("[0-9]{1,9}", self.arrival_number.strip())
        return Arrival(int(number[0]) if number else None, self.arrival_date)


class Arrival(msgspec.Struct, frozen=True):
    """How a document that the office received is registered (Decree 30/2020, article 22).

    :ivar number: None: the next one of the year. :ivar date: None: the day on which it is filed.
    """

    number: int | None = None
    date: dt.date | None = None


class Filed(msgspec.Struct, frozen=True):
    """Where a signed copy was filed; ``path`` is absolute."""

    year: int
    type: str
    path: str


class SignResult(msgspec.Struct, frozen=True):
    """One file of ``antin sign``, field for field the command contract. ``seconds`` is wall time of the file,
    ``token_seconds`` the part of it spent waiting for the token."""

    input: str
    output: str | None
    format: str
    status: Status
    act: Act
    signer: str
    level_requested: Level
    level_reached: Level | None
    sha256: str | None
    seconds: float
    token_seconds: float
    filed: Filed | None = None
    error: ErrorInfo | None = None
    warnings: list[ErrorInfo] = []


@dataclass(frozen=True)
class PinRequest:
    """Why and for which token a PIN is asked.

    :ivar pin_state: read from the token just before asking.
    :ivar file: for which the token wants the PIN again; None at the log-in.
    :ivar number: of that file in the run, from 1; ``total`` files in all.
    """

    label: str
    serial: str
    holder: str
    pin_state: PinState
    file: Path | None = None
    number: int = 0
    total: int = 0


@dataclass
class PinAnswer:
    """A PIN as typed, UTF-8, overwritten by whoever uses it.

    :ivar final_try: the person agreed to use the last try.
    """

    pin: bytearray
    final_try: bool = False


#: Asks a person for a PIN; None: the person gave up.
PinSource = Callable[[PinRequest], "PinAnswer | None"]
