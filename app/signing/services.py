"""What the signing desk uses of the other services; the composition root hands it in."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from app.documents.formats import Format
from app.documents.hashing import KnownBeginning, sha256_file
from app.documents.model import DocumentInfo
from app.documents.reading import Reading
from app.preflight.model import Preflight
from app.settings import AgencySettings
from app.signing.keys import SigningKey
from app.signing.levels import Levels
from app.signing.model import Arrival, Filed, SignOptions, Timestamper
from app.signing.places import Places
from app.signing.signer_check import SignerStatus

if TYPE_CHECKING:
    from app.signing.sealing import OpenToken
    from pkcs11_bridge.protocol import SignatureAlgorithm

#: Seconds for which the register's word counts within a run.
_CUSTODY_LASTS: Final = 1.0


@dataclass(frozen=True)
class SignedCopy:
    """A finished file that is to get its final name.

    :ivar staged: a path of :meth:`Destination.staging`, now a file, flushed to the disk.
    :ivar source: the file that it is named after.
    :ivar suffix, arrival: as given to :meth:`Destination.staging`.
    :ivar sha256: hexadecimal, of the staged file.
    :ivar signers: all who signed it, in order.
    :ivar content: of a detached signature: the document, staged too, which goes beside it.
    :ivar made_from: SHA-256 of ``source`` as it was signed, hexadecimal; None where ``source`` was not.
    :ivar text: of the document, for search; None: to be read from the file.
    """

    staged: Path
    info: DocumentInfo
    source: Path
    suffix: str
    sha256: str
    signers: Sequence[str]
    format: str
    content: Path | None = None
    made_from: str | None = None
    arrival: Arrival | None = None
    text: str | None = None

    @property
    def document(self) -> Path:
        """The staged file that is the document."""
        return self.staged if self.content is None else self.content

    def document_sha256(self) -> str:
        """Hexadecimal, of :attr:`document`.

        :raises OSError: it cannot be read.
        """
        return self.sha256 if self.content is None else sha256_file(self.content)


class Destination(Protocol):
    """Where signed copies go: the archive, or a folder."""

    def staging(self, info: DocumentInfo, *, source: Path, suffix: str, arrival: Arrival | None = None) -> Path:
        """A path not yet existing, in the folder of the final place.

        :param suffix: ending of the signed file, with dot.
        :param arrival: of a document that the office received; None for one that it issued.
        """
        ...

    def take(self, copy: SignedCopy) -> Placed:
        """Give a finished file its final name, never over another one."""
        ...

    def keep_original(self, info: DocumentInfo, source: Path, arrival: Arrival | None = None) -> Path | None:
        """File the document that a signed PDF was made from beside it; None where it stays where it is.

        :raises AntinError: it could not be filed.
        """
        ...


@dataclass(frozen=True)
class Placed:
    """``filed`` is None where the copy went into a folder outside the archive."""

    path: Path
    filed: Filed | None


@dataclass(frozen=True)
class TokenCustody:
    """In whose hands a token is by the register of tokens.

    :ivar state: ``held``, ``lent``, ``outside`` (in nobody's hands: lost, handed back, never received),
        ``unregistered``; ``unknown`` where the register could not be read.
    :ivar holder: who answers for it; empty where nobody does.
    """

    state: str
    holder: str = ""


class CustodyOfRun:
    """What the register says within one run, asked again where that was said a second ago or more: asking means opening
    a database, and a run signs dozens of files a second.

    :param ask: see :attr:`Services.custody`.
    """

    def __init__(self, ask: Callable[[str], TokenCustody], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._said: dict[str, tuple[float, TokenCustody]] = {}

    def __call__(self, serial: str) -> TokenCustody:
        now = self._clock()
        known = self._said.get(serial)
        if known is None or now - known[0] >= _CUSTODY_LASTS:
            known = self._said[serial] = now, self._ask(serial)
        return known[1]


class Ledger(Protocol):
    def append(self, kind: str, /, **data: object) -> object: ...

    def entries(self, start: dt.datetime | None = None) -> Iterable[Any]: ...


class Confirmed(Protocol):
    """What was confirmed.

    :ivar signers: whose signatures the file bears, in order.
    :ivar sha256: of the octets that were looked at, hexadecimal.
    """

    @property
    def signers(self) -> Sequence[str]: ...
    @property
    def sha256(self) -> str: ...


class LookThrough(Protocol):
    def __call__(self, path: Path, *, as_copy: bool) -> Preflight: ...


class CheckEarlier(Protocol):
    def __call__(self, path: Path, certificate: bytes, *, once: bool) -> None: ...


@dataclass(frozen=True)
class Services:
    """What the desk uses of the other services; the composition root hands it in.

    :ivar read: what a document says of itself, where its signature block stands, and its text for search.
    :ivar personally_signed: whether a file bears a valid signature of a person that covers it.
    :ivar expect: told how many files are about to be signed, before the certificate is checked and the PIN is asked.
    :ivar confirm: raises where the program's verifier does not find the fresh signature of that certificate intact;
        says what the file was; given what is known of its beginning.
    :ivar check_earlier: raises where a signature in the file is broken, or is that certificate's already.
    :ivar preflight: what in a document should be known before it is signed.
    :ivar as_pdf: turns an Office document into a PDF at a path; what should be looked at in it.
    :ivar chain: DER of the issuers known for a certificate.
    :ivar timestamper: the authority at a URL.
    :ivar levels: adds what levels above B need.
    :ivar places: where marks stood last.
    :ivar paper_kinds: kinds of documents that the office keeps on paper.
    :ivar check_signer: what is known of the certificate (DER) that is about to sign by an algorithm; raises where it
        must not.
    :ivar custody: in whose hands the token of a serial number is now; raises nothing.
    :ivar seal: has the token sign the ledger's head at the end of a session in which it signed, unless something
        stopped it; raises nothing.
    """

    detect: Callable[[Path], Format]
    read: Callable[[Path], tuple[Reading, str]]
    personally_signed: Callable[[Path], bool]
    confirm: Callable[[Path, bytes, KnownBeginning | None], Confirmed]
    check_earlier: CheckEarlier
    preflight: LookThrough
    as_pdf: Callable[[Path, Path], tuple[Path, Sequence[Exception]]]
    chain: Callable[[bytes], Sequence[bytes]]
    timestamper: Callable[[str], Timestamper]
    levels: Levels
    check_signer: Callable[[bytes, SignatureAlgorithm], SignerStatus]
    ledger: Ledger
    agency: AgencySettings
    places: Places
    paper_kinds: Sequence[str] = ()
    custody: Callable[[str], TokenCustody] = lambda serial: TokenCustody("unregistered")
    seal: Callable[[OpenToken, SigningKey, SignOptions, BaseException | None], None] = lambda *session: None
    expect: Callable[[int], None] = lambda files: None
