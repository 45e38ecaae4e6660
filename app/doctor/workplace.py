"""What several checks look at, each looked at once and by whoever comes first."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from app.errors import AntinError

if TYPE_CHECKING:
    from app.office import Office
    from pkcs11_bridge.protocol import TokenInfo

Seen = TypeVar("Seen")


class _Once(Generic[Seen]):
    """A function called once, whatever threads ask; its error is raised for each of them."""

    def __init__(self, look: Callable[[], Seen]) -> None:
        self._look = look
        self._turn = threading.Lock()
        self._answer: tuple[Seen | None, Exception | None] | None = None

    def __call__(self) -> Seen:
        with self._turn:
            if self._answer is None:
                try:
                    self._answer = self._look(), None
                except Exception as error:
                    self._answer = None, error
        seen, failed = self._answer
        if failed is not None:
            raise failed
        return seen  # type: ignore[return-value]


@dataclass(frozen=True)
class Stamped:
    """What a time-stamp server answered.

    :ivar asked: when, by this computer's clock. :ivar seconds: that the answer took.
    :ivar time: that its token states; None where there is none, and ``error`` says why.
    """

    asked: dt.datetime
    seconds: float
    time: dt.datetime | None = None
    error: AntinError | None = None


@dataclass(frozen=True)
class Responder:
    """An OCSP server that a certificate on a token names.

    :ivar certificate, issuer: DER; whom it can be asked about.
    """

    url: str
    certificate: bytes
    issuer: bytes


class Workplace:
    """An office as the checks of one examination see it. Threads share it.

    :ivar tokens: all that are plugged in, as the modules show them.
    :ivar stamp: of the time-stamp server that is set; None where none is.
    :ivar responders: the OCSP servers that the certificates on the tokens name, each once.
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self.tokens: Callable[[], list[TokenInfo]] = _Once(lambda: office.bridge.tokens())
        self.stamp: Callable[[], Stamped | None] = _Once(self._stamp)
        self.responders: Callable[[], list[Responder]] = _Once(self._responders)

    def _stamp(self) -> Stamped | None:
        network = self.office.settings.network
        if not network.tsa_url:
            return None
        from app.trust.timestamps import HttpTimestamper, read_timestamp

        server = HttpTimestamper(network.tsa_url, timeout=network.fetch_timeout, proxy=network.proxy, retries=0)
        asked, started = dt.datetime.now(dt.UTC), time.monotonic()
        imprint = bytes(32)
        try:
            token = server.token(imprint, "sha256")
        except AntinError as error:
            return Stamped(asked, time.monotonic() - started, error=error)
        seconds = time.monotonic() - started
        return Stamped(asked, seconds, read_timestamp(token, message=lambda _name: imprint).time)

    def _responders(self) -> list[Responder]:
        from app.trust.certificate import Oids, read_certificate
        from app.trust.der import DerError

        found: dict[str, Responder] = {}
        for certificate in (item.der for token in self.tokens() for item in token.certificates):
            try:
                addresses = read_certificate(certificate).access_locations(Oids.AD_OCSP)
                chain = self.office.trust.store.chain(certificate) if addresses else ()
            except (AntinError, DerError):
                continue  # a certificate that cannot be read names nobody
            for address in addresses if chain else ():
                found.setdefault(address, Responder(address, certificate, chain[0].der))
        return list(found.values())
