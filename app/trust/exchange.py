"""One exchange with a server over HTTP: short, bounded, and only with whom it is meant for."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import ipaddress
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

from app.i18n import _

if TYPE_CHECKING:
    import http.client

#: Redirects followed by :func:`get`, to http and https only.
_MAX_REDIRECTS = 3

#: In the place of a proxy's address: the one that the system names for each address.
SYSTEM_PROXY = "system"

#: Ports that an address without standing may name.
_PUBLIC_PORTS = {None, 80, 443}

_CHUNK = 64 * 1024


def server_of(url: str) -> str:
    """Host, and port where stated, of an address; empty where it is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


class FetchFailed(Exception):
    """No usable answer.

    :ivar detail: what happened, in words of the system or server.
    :ivar may_retry: a second try might succeed: not reached, or a server error.
    """

    def __init__(self, detail: str, *, may_retry: bool) -> None:
        super().__init__(detail)
        self.detail, self.may_retry = detail, may_retry


def get(url: str, *, timeout: float, limit: int, proxy: str = "", public_only: bool = False) -> bytes:
    """Body of a GET.

    :param timeout: seconds for the whole exchange.
    :param limit: octets of body after which it fails.
    :param proxy: address of an HTTP proxy, :data:`SYSTEM_PROXY`, or empty: then the environment's do not count.
    :param public_only: refuse servers inside the own network and unusual ports, for an address whose author is not
        trusted. Whoever is asked, a redirect never leads from outside the own network into it.
    :raises FetchFailed: any other end than status 200 with a body within the limits.
    """
    return _exchange("GET", url, None, {}, timeout=timeout, limit=limit, proxy=proxy, public_only=public_only)


def post(
    url: str, body: bytes, *, content_type: str, accept: str, timeout: float, limit: int, proxy: str = ""
) -> bytes:
    """Body of the answer to a POST; parameters and errors as :func:`get`."""
    headers = {"Content-Type": content_type, "Accept": accept}
    return _exchange("POST", url, body, headers, timeout=timeout, limit=limit, proxy=proxy, public_only=False)


def server_date(url: str, *, timeout: float, proxy: str = "") -> dt.datetime:
    """The time by a server's clock (the Date of RFC 9110, 6.6.1), whatever else it answers.

    :param timeout: seconds for the whole exchange.
    :param proxy: as for :func:`get`.
    :raises FetchFailed: it does not answer, or says no time.
    """
    import http.client
    from email.utils import parsedate_to_datetime

    parts = _checked(url, public_only=False)
    assert parts.hostname is not None
    proxy = _system_proxy(parts) if proxy == SYSTEM_PROXY else proxy
    try:
        connection = _connect(parts.scheme, parts.hostname, parts.port, timeout, proxy)
        end = threading.Timer(timeout, _cut, (connection,))
        end.daemon = True
        end.start()
        try:
            target = f"http://{parts.netloc.rpartition('@')[2]}/" if proxy and parts.scheme == "http" else "/"
            connection.request("HEAD", target, headers={"User-Agent": "antin", "Connection": "close"})
            return parsedate_to_datetime(connection.getresponse().headers["Date"] or "").astimezone(dt.UTC)
        finally:
            end.cancel()
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchFailed(_told(error), may_retry=True) from error


def _exchange(
    method: str,
    url: str,
    body: bytes | None,
    headers: dict[str, str],
    *,
    timeout: float,
    limit: int,
    proxy: str,
    public_only: bool,
) -> bytes:
    import http.client

    deadline = time.monotonic() + timeout
    try:
        for _redirect in range(_MAX_REDIRECTS + 1):
            answer = _once(
                method, url, body, headers, deadline=deadline, limit=limit, proxy=proxy, public_only=public_only
            )
            if isinstance(answer, bytes):
                return answer
            url, public_only = answer.location, public_only or answer.from_outside
    except TimeoutError as error:
        raise FetchFailed(_("no answer in time"), may_retry=True) from error
    except (OSError, http.client.HTTPException) as error:
        raise FetchFailed(_told(error), may_retry=True) from error
    except ValueError as error:
        raise FetchFailed(str(error), may_retry=False) from error
    raise FetchFailed("too many redirects", may_retry=False)


def _told(error: Exception) -> str:
    """What kept a server from answering, in words where it is usual."""
    import socket

    if isinstance(error, socket.gaierror):
        return _("the server's address was not found")
    if isinstance(error, ConnectionRefusedError):
        return _("the server refuses the connection")
    if isinstance(error, OSError) and error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return _("there is no network, or the server cannot be reached")
    return str(error) or type(error).__name__


@dataclass(frozen=True)
class _Redirect:
    """
    :ivar from_outside: the server that says so is not inside the own network.
    """

    location: str
    from_outside: bool


def _once(
    method: str,
    url: str,
    body: bytes | None,
    headers: dict[str, str],
    *,
    deadline: float,
    limit: int,
    proxy: str,
    public_only: bool,
) -> bytes | _Redirect:
    import http.client

    parts = _checked(url, public_only)
    assert parts.hostname is not None
    proxy = _system_proxy(parts) if proxy == SYSTEM_PROXY else proxy
    connection = _connect(parts.scheme, parts.hostname, parts.port, _left(deadline), proxy)
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    if proxy and parts.scheme == "http":
        target = f"http://{parts.netloc.rpartition('@')[2]}{target}"
    end = threading.Timer(_left(deadline), _cut, (connection,))
    end.daemon = True
    try:
        end.start()
        connection.connect()
        from_outside = bool(proxy) or _is_public(_peer(connection))
        if public_only and not from_outside:
            raise FetchFailed("an address inside the own network", may_retry=False)
        connection.request(method, target, body, {"User-Agent": "antin", "Connection": "close", **headers})
        response = connection.getresponse()
        if method == "GET" and response.status in (301, 302, 303, 307, 308):
            return _Redirect(urljoin(url, response.headers.get("Location", "")), from_outside)
        if response.status != http.client.OK:
            raise FetchFailed(f"HTTP {response.status}", may_retry=response.status >= 500)
        return _body(response, deadline, limit)
    except (OSError, http.client.HTTPException):
        _left(deadline)
        raise
    finally:
        end.cancel()
        connection.close()


def _checked(url: str, public_only: bool) -> SplitResult:
    """
    :raises FetchFailed: not an address that may be asked.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchFailed("not an http address", may_retry=False)
    if any(ord(letter) < 0x21 or ord(letter) > 0x7E for letter in url):
        raise FetchFailed("not an address", may_retry=False)
    if public_only and (parts.port not in _PUBLIC_PORTS or not _may_be_public(parts.hostname)):
        raise FetchFailed("an address inside the own network", may_retry=False)
    return parts


def _may_be_public(host: str) -> bool:
    """Whether a host named so may lie outside; where a proxy resolves names, nothing more can be known."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host.rstrip(".") and not host.rstrip(".").endswith((".local", ".internal", ".localhost"))


def _peer(connection: http.client.HTTPConnection) -> str:
    """The address that a connection leads to."""
    return str(connection.sock.getpeername()[0])


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global


def _system_proxy(parts: SplitResult) -> str:
    """The proxy that the system has for an address, empty where it has none."""
    from urllib.request import getproxies, proxy_bypass

    return "" if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme, "")


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
