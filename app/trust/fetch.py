"""Asking the servers of certificate authorities: short, bounded, without following anything elsewhere."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from app.trust.certificate import Certificate, read_certificate
from app.trust.der import DerError

if TYPE_CHECKING:
    import http.client

    from app.settings import Settings

#: Redirects followed by :func:`get`, to http and https only.
_MAX_REDIRECTS = 3

_CHUNK = 64 * 1024


class FetchFailed(Exception):
    """No usable answer.

    :ivar detail: what happened, in words of the system or server.
    :ivar may_retry: a second try might succeed: not reached, or a server error.
    """

    def __init__(self, detail: str, *, may_retry: bool) -> None:
        super().__init__(detail)
        self.detail, self.may_retry = detail, may_retry


def get(url: str, *, timeout: float, limit: int, proxy: str = "") -> bytes:
    """Body of a GET.

    :param timeout: seconds for the whole exchange.
    :param limit: octets of body after which it fails.
    :param proxy: address of an HTTP proxy, or empty: the environment's proxies do not count.
    :raises FetchFailed: any other end than status 200 with a body within the limits.
    """
    return _exchange("GET", url, None, {}, timeout=timeout, limit=limit, proxy=proxy)


def post(
    url: str, body: bytes, *, content_type: str, accept: str, timeout: float, limit: int, proxy: str = ""
) -> bytes:
    """Body of the answer to a POST; parameters and errors as :func:`get`."""
    headers = {"Content-Type": content_type, "Accept": accept}
    return _exchange("POST", url, body, headers, timeout=timeout, limit=limit, proxy=proxy)


def _exchange(
    method: str, url: str, body: bytes | None, headers: dict[str, str], *, timeout: float, limit: int, proxy: str
) -> bytes:
    import http.client

    deadline = time.monotonic() + timeout
    try:
        for _ in range(_MAX_REDIRECTS + 1):
            answer = _once(method, url, body, headers, deadline=deadline, limit=limit, proxy=proxy)
            if isinstance(answer, bytes):
                return answer
            url = answer.location
    except TimeoutError as error:
        raise FetchFailed("no answer in time", may_retry=True) from error
    except (OSError, http.client.HTTPException) as error:
        raise FetchFailed(str(error) or type(error).__name__, may_retry=True) from error
    except ValueError as error:
        raise FetchFailed(str(error), may_retry=False) from error
    raise FetchFailed("too many redirects", may_retry=False)


class _Redirect:
    def __init__(self, location: str) -> None:
        self.location = location


def _once(
    method: str,
    url: str,
    body: bytes | None,
    headers: dict[str, str],
    *,
    deadline: float,
    limit: int,
    proxy: str,
) -> bytes | _Redirect:
    import http.client

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchFailed("not an http address", may_retry=False)
    if any(ord(letter) < 0x21 or ord(letter) > 0x7E for letter in url):
        raise FetchFailed("not an address", may_retry=False)
    connection = _connect(parts.scheme, parts.hostname, parts.port, _left(deadline), proxy)
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    if proxy and parts.scheme == "http":
        target = f"http://{parts.netloc.rpartition('@')[2]}{target}"
    end = threading.Timer(_left(deadline), _cut, (connection,))
    end.daemon = True
    try:
        end.start()
        connection.request(method, target, body, {"User-Agent": "antin", "Connection": "close", **headers})
        response = connection.getresponse()
        if method == "GET" and response.status in (301, 302, 303, 307, 308):
            return _Redirect(urljoin(url, response.headers.get("Location", "")))
        if response.status != http.client.OK:
            raise FetchFailed(f"HTTP {response.status}", may_retry=response.status >= 500)
        return _body(response, deadline, limit)
    except (OSError, http.client.HTTPException):
        _left(deadline)
        raise
    finally:
        end.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    """End an exchange whose time is up, even one in which octets keep dripping in."""
    import socket

    opened = connection.sock
    if opened is not None:
        with contextlib.suppress(OSError):
            opened.shutdown(socket.SHUT_RDWR)


def _connect(scheme: str, host: str, port: int | None, timeout: float, proxy: str) -> http.client.HTTPConnection:
    import http.client

    through = urlsplit(proxy if "//" in proxy else f"//{proxy}") if proxy else None
    if through is not None:
        if not through.hostname:
            raise FetchFailed("proxy address", may_retry=False)
        proxy_port = through.port or 8080
        if scheme == "http":
            return http.client.HTTPConnection(through.hostname, proxy_port, timeout=timeout)
        tunnel = http.client.HTTPSConnection(through.hostname, proxy_port, timeout=timeout)
        tunnel.set_tunnel(host, port or 443)
        return tunnel
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=timeout)
    return http.client.HTTPConnection(host, port, timeout=timeout)


def _body(response: http.client.HTTPResponse, deadline: float, limit: int) -> bytes:
    if (response.length or 0) > limit:
        raise FetchFailed("answer too large", may_retry=False)
    received = bytearray()
    while chunk := response.read1(_CHUNK):
        received += chunk
        if len(received) > limit:
            raise FetchFailed("answer too large", may_retry=False)
        _left(deadline)
    _left(deadline)
    if response.length:
        raise FetchFailed("answer cut", may_retry=True)
    return bytes(received)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


#: Octets of an OCSP answer, of issuer certificates, and of a CRL after which an answer is refused.
_OCSP_LIMIT, _ISSUER_LIMIT, _CRL_LIMIT = 256 * 1024, 256 * 1024, 32 * 1024 * 1024

#: Seconds for which an answer stored on disk is used instead of asking again.
_OCSP_AGE, _ISSUER_AGE, _CRL_AGE = 300, 7 * 86400, 3600

#: Addresses in older certificates of the Government CA that are no longer served, and what serves them now.
_MOVED = {"http://ocsp.ca.ptc": "http://ocsp.ca.gov.vn"}


class Fetcher:
    """Fetches evidence from the addresses that certificates name, and keeps it on disk for a while.

    Servers that do not answer are asked once a run only: a batch of files must not wait for each anew.

    :ivar offline: nothing is contacted; what was kept is given whatever its age, for whoever asks to judge by the
        times that stand in it.
    """

    def __init__(self, cache: Path, *, timeout: float, proxy: str = "", offline: bool = False) -> None:
        """
        :param cache: folder for stored answers; made when first needed.
        :param timeout: seconds for one exchange.
        """
        self._cache, self._timeout, self._proxy = cache, timeout, proxy
        self.offline = offline
        self._silent: set[tuple[str, str]] = set()

    @classmethod
    def from_settings(cls, settings: Settings, *, offline: bool = False) -> Fetcher:
        network = settings.network
        return cls(settings.data_dir / "cache", timeout=network.fetch_timeout, proxy=network.proxy, offline=offline)

    def crl(self, url: str) -> list[bytes]:
        """The CRL at an address, as served; nothing where it cannot be had."""
        return self._kept("crl", url, _CRL_AGE, lambda: self.new_crl(url))

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

    def issuers(self, url: str) -> list[Certificate]:
        """Certificates at an address of an issuer: one as DER or PEM, or a PKCS#7 bundle."""
        from app.trust.pem import read_certificates

        found = self._kept("issuer", url, _ISSUER_AGE, lambda: self._get(url, _ISSUER_LIMIT))
        try:
            return [read_certificate(data) for block in found for data in read_certificates(block)]
        except DerError:
            return []

    def ocsp(self, url: str, request: bytes, *, key: str, fits: Callable[[bytes], bool]) -> list[bytes]:
        """The OCSP answer of a server.

        :param key: names the certificate asked about, for the store.
        :param fits: whether an answer just received belongs to the request; one stored was asked with another nonce.
        """
        url = _MOVED.get(url.rstrip("/"), url)

        def ask() -> bytes:
            data = self._post(url, request)
            if not fits(data):
                raise FetchFailed("answer to another request", may_retry=False)
            return data

        return self._kept("ocsp", f"{url} {key}", _OCSP_AGE, ask)

    def _get(self, url: str, limit: int) -> bytes:
        self._may_connect()
        return get(url, timeout=self._timeout, limit=limit, proxy=self._proxy)

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

    def _kept(self, kind: str, name: str, age: float, ask: Callable[[], bytes]) -> list[bytes]:
        path = self._path(kind, name)
        try:
            if self.offline or 0 <= time.time() - path.stat().st_mtime < age:
                return [path.read_bytes()]
        except OSError:
            pass
        service = kind, urlsplit(name.partition(" ")[0]).netloc
        if service in self._silent:
            return []
        try:
            data = ask()
        except FetchFailed as error:
            if error.may_retry:
                self._silent.add(service)
            return []
        self._keep(path, data)
        return [data]

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
