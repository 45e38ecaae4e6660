"""Evidence from the servers of certificate authorities, kept on disk for a while."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from app.trust.certificate import Certificate, read_certificate
from app.trust.der import DerError
from app.trust.exchange import FetchFailed, get, post, server_of

if TYPE_CHECKING:
    from app.settings import Settings

#: Octets of an OCSP answer, of issuer certificates, and of a CRL after which an answer is refused.
_OCSP_LIMIT, _ISSUER_LIMIT, _CRL_LIMIT = 256 * 1024, 256 * 1024, 32 * 1024 * 1024

#: Seconds for which an answer stored on disk is used instead of asking again.
_OCSP_AGE, _ISSUER_AGE, _CRL_AGE = 300, 7 * 86400, 3600

#: Addresses in older certificates of the Government CA that are no longer served, and what serves them now.
_MOVED = {"http://ocsp.ca.ptc": "http://ocsp.ca.gov.vn"}


@dataclass(frozen=True)
class Kept:
    """An answer.

    :ivar old: it was kept from an earlier time, and the server was asked in vain or not at all.
    """

    data: bytes
    old: bool = False


class Fetcher:
    """Fetches evidence from the addresses that certificates name, and keeps it on disk for a while.

    Servers that do not answer are asked once a run only: a batch of files must not wait for each anew.

    :ivar offline: nothing is contacted; what was kept is given whatever its age, for whoever asks to judge by the
        times that stand in it.
    """

    def __init__(
        self,
        cache: Path,
        *,
        timeout: float,
        proxy: str = "",
        offline: bool = False,
        issuer_hosts: Collection[str] = (),
    ) -> None:
        """
        :param cache: folder for stored answers; made when first needed.
        :param timeout: seconds for one exchange.
        :param proxy: as :func:`app.trust.exchange.get` takes it.
        :param issuer_hosts: ``host`` or ``host:port`` inside the own network where issuers' certificates may be had.
        """
        self._cache, self._timeout, self._proxy = cache, timeout, proxy
        self._issuer_hosts = frozenset(issuer_hosts)
        self.offline = offline
        self._silent: set[tuple[str, str]] = set()

    @classmethod
    def from_settings(cls, settings: Settings, *, offline: bool = False) -> Self:
        network = settings.network
        return cls(
            settings.data_dir / "cache",
            timeout=network.fetch_timeout,
            proxy=network.proxy,
            offline=offline,
            issuer_hosts=network.issuer_hosts,
        )

    def crl(self, url: str, *, fits: Callable[[bytes], bool]) -> list[Kept]:
        """The CRL at an address, as served; nothing where it cannot be had. Where one kept from an earlier time is
        newer than the one served, it is given too: nobody can bring back a time before a revocation.

        :param fits: whether the octets are a list of the authority meant: what anybody else put in its place is not
            kept.
        """

        def ask() -> bytes:
            data = self.new_crl(url)
            if not fits(data):
                raise FetchFailed("not a list of that authority", may_retry=False)
            return data

        earlier = self._stored(self._path("crl", url))
        found = self._kept("crl", url, _CRL_AGE, ask)
        return [*found, *(Kept(data) for data in [earlier] if data is not None and Kept(data) not in found)]

    def kept_crl(self, url: str) -> list[Kept]:
        """The CRL kept of an address; nobody is asked."""
        stored = self._stored(self._path("crl", url))
        return [] if stored is None else [Kept(stored)]

    def new_crl(self, url: str) -> bytes:
        """The CRL that an address serves now, as served. The address is remembered.

        :raises FetchFailed: it cannot be had within the limits of time and size.
        """
        data = self._get(url, _CRL_LIMIT)
        self._keep(self._path("crl", url).with_suffix(".url"), url.encode())
        return data

    def crl_addresses(self) -> list[str]:
        """Addresses of lists that were fetched before, all of them named by certificates."""
        return [path.read_text(encoding="utf-8") for path in sorted((self._cache / "crl").glob("*.url"))]

    def issuers(self, url: str, *, trusted: bool = False) -> list[Certificate]:
        """Certificates at an address of an issuer: one as DER or PEM, or a PKCS#7 bundle.

        :param trusted: an authority that is trusted names the same server. The address otherwise stands in a
            certificate that anybody may have written, and is asked only if it lies outside the own network.
        """
        from app.trust.pem import read_certificates

        try:
            parts = urlsplit(url)
        except ValueError:
            return []
        public_only = not trusted and self._issuer_hosts.isdisjoint({parts.netloc, parts.hostname})
        ask = partial(self._get, url, _ISSUER_LIMIT, public_only=public_only)
        try:
            found = self._kept("issuer", url, _ISSUER_AGE, ask)
            return [read_certificate(data) for kept in found for data in read_certificates(kept.data)]
        except DerError:
            return []

    def ocsp(self, url: str, request: bytes, *, key: str, fits: Callable[[bytes], bool]) -> list[Kept]:
        """The OCSP answer of a server, and the one kept from an earlier time where that is newer: an old one sent again
        does not bring back a time before a revocation.

        :param key: names the certificate asked about, for the store.
        :param fits: whether an answer just received belongs to the request and is of whom may answer; one stored was
            asked with another nonce.
        """
        url = _MOVED.get(url.rstrip("/"), url)

        def ask() -> bytes:
            data = self._post(url, request)
            if not fits(data):
                raise FetchFailed("answer to another request", may_retry=False)
            return data

        name = f"{url} {key}"
        earlier = self._stored(self._path("ocsp", name))
        found = self._kept("ocsp", name, _OCSP_AGE, ask)
        if earlier is None or any(kept.data == earlier or not _is_older("ocsp", kept.data, earlier) for kept in found):
            return found
        return [*found, Kept(earlier)]

    def _get(self, url: str, limit: int, *, public_only: bool = False) -> bytes:
        self._may_connect()
        return get(url, timeout=self._timeout, limit=limit, proxy=self._proxy, public_only=public_only)

    def _post(self, url: str, request: bytes) -> bytes:
        self._may_connect()
        return post(
            url,
            request,
            content_type="application/ocsp-request",
            accept="application/ocsp-response",
            timeout=self._timeout,
            limit=_OCSP_LIMIT,
            proxy=self._proxy,
        )

    def _may_connect(self) -> None:
        if self.offline:
            raise FetchFailed("nothing may be contacted", may_retry=False)

    def _kept(self, kind: str, name: str, age: float, ask: Callable[[], bytes]) -> list[Kept]:
        """A fresh answer, else the one kept from an earlier time."""
        path = self._path(kind, name)
        stored = self._stored(path)
        if stored is not None and (self.offline or self._is_fresh(path, age)):
            return [Kept(stored)]
        old = [Kept(stored, old=True)] if stored is not None else []
        service = kind, server_of(name.partition(" ")[0])
        if service in self._silent:
            return old
        try:
            data = ask()
        except FetchFailed as error:
            if error.may_retry:
                self._silent.add(service)
            return old
        self._keep(path, stored if stored is not None and _is_older(kind, data, stored) else data)
        return [Kept(data)]

    def _stored(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except OSError:
            return None

    def _is_fresh(self, path: Path, age: float) -> bool:
        try:
            return 0 <= time.time() - path.stat().st_mtime < age
        except OSError:
            return False

    def _path(self, kind: str, name: str) -> Path:
        return self._cache / kind / f"{hashlib.sha256(name.encode()).hexdigest()}.der"

    def _keep(self, path: Path, data: bytes) -> None:
        """Store an answer; without room or right to do so it is merely asked for again next time."""
        part = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)


def _is_older(kind: str, data: bytes, stored: bytes) -> bool:
    """Whether a list or an answer just served is older than the one kept."""
    if kind == "issuer":
        return False
    read = _times_of_lists if kind == "crl" else _times_of_answer
    try:
        return max(read(data)) < max(read(stored))
    except (DerError, ValueError):
        return False


def _times_of_lists(data: bytes) -> list[dt.datetime]:
    from app.trust.crl import read_crl
    from app.trust.pem import unarmour

    return [read_crl(block).this_update for block in unarmour(data)]


def _times_of_answer(data: bytes) -> list[dt.datetime]:
    from app.trust.ocsp import read_ocsp

    answer = read_ocsp(data)
    return [] if answer is None else [single.this_update for single in answer.singles]
