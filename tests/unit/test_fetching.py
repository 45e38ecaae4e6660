"""Asking servers: what is kept counts when they are silent, and nobody is led into the own network."""

from __future__ import annotations

import datetime as dt
import http.server
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from app.i18n import set_language
from app.trust import exchange
from app.trust.exchange import SYSTEM_PROXY, FetchFailed, get
from app.trust.fetch import Fetcher
from app.trust.model import RevocationFacts, RevocationSource, RevocationStatus
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from tests.unit.trust_material import Holder, certificate, crl, pki

GOOD, REVOKED = RevocationStatus.GOOD, RevocationStatus.REVOKED
TODAY = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)

Answer = Callable[[str], tuple[int, dict[str, str], bytes]]


class Server:
    """A server on this computer whose answers a test decides."""

    def __init__(self, port: int) -> None:
        self.port, self.asked = port, list[str]()
        self.answer: Answer = lambda path: (404, {}, b"")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            status, headers, body = served.answer(self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Server(running.server_address[1])
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield served
    running.shutdown()
    running.server_close()
    thread.join()


# What is kept.


def age(cache: Path) -> None:
    """Let everything kept have been fetched two days ago."""
    for path in cache.rglob("*.der"):
        stamp = path.stat().st_mtime - 2 * 86400
        os.utime(path, (stamp, stamp))


def with_list(server: Server, extra: str = "") -> Holder:
    address = x509.UniformResourceIdentifier(f"{server.url}/ca.crl")
    points: list[tuple[x509.ExtensionType, bool]] = [
        (x509.CRLDistributionPoints([x509.DistributionPoint([address], None, None, None)]), False)
    ]
    if extra:
        delta = x509.DistributionPoint([x509.UniformResourceIdentifier(server.url + extra)], None, None, None)
        points.append((x509.FreshestCRL([delta]), False))
    return certificate(
        f"Có danh sách {server.port}{extra}",
        issuer=pki().ca,
        start=TODAY - 400 * DAY,
        end=TODAY + 400 * DAY,
        extensions=points,
    )


def asked(leaf: Holder, cache: Path, *, offline: bool = False) -> RevocationFacts:
    store = TrustStore(lambda: [pki().root.der], lambda: [pki().ca.der])
    fetcher = Fetcher(cache, timeout=5, offline=offline)
    return TrustEvaluator(store, fetcher).evaluate(leaf.der, [], at=TODAY, usage="signature").revocation


def serving(content: bytes) -> Answer:
    return lambda path: (200, {}, content)


def test_when_the_server_is_silent_what_was_kept_still_counts(server: Server, tmp_path: Path) -> None:
    leaf = with_list(server)
    server.answer = serving(crl(pki().ca, at=TODAY))
    fresh = asked(leaf, tmp_path)
    assert (fresh.status, fresh.source, fresh.server_silent) == (GOOD, RevocationSource.CRL, False)
    server.answer = lambda path: (503, {}, b"")
    age(tmp_path)
    kept = asked(leaf, tmp_path)
    assert (kept.status, kept.as_of, kept.server_silent) == (GOOD, fresh.as_of, True)
    assert server.asked == ["/ca.crl", "/ca.crl"]
    assert asked(leaf, tmp_path / "other").status is RevocationStatus.UNKNOWN
    assert not asked(leaf, tmp_path, offline=True).server_silent, "nobody was asked"


def test_what_was_kept_and_ran_out_is_not_enough(server: Server, tmp_path: Path) -> None:
    leaf = with_list(server)
    server.answer = serving(crl(pki().ca, at=TODAY - 30 * DAY, until=TODAY - 20 * DAY))
    asked(leaf, tmp_path)
    server.answer = lambda path: (503, {}, b"")
    age(tmp_path)
    kept = asked(leaf, tmp_path)
    assert kept.status is RevocationStatus.UNKNOWN
    assert kept.next_update == TODAY - 20 * DAY


def test_an_older_list_served_again_does_not_undo_a_revocation(server: Server, tmp_path: Path) -> None:
    leaf = with_list(server)
    number = leaf.certificate.serial_number
    before = crl(pki().ca, at=TODAY - DAY)
    server.answer = serving(crl(pki().ca, {number: TODAY - DAY / 2}, at=TODAY))
    assert asked(leaf, tmp_path).status is REVOKED
    server.answer = serving(before)
    age(tmp_path)
    assert asked(leaf, tmp_path).status is REVOKED
    assert asked(leaf, tmp_path).status is REVOKED, "and the newer one is still kept"
    assert asked(leaf, tmp_path, offline=True).status is REVOKED
    assert server.asked == ["/ca.crl"] * 2


def test_a_delta_is_fetched_from_where_the_certificate_says(server: Server, tmp_path: Path) -> None:
    from tests.attacks.test_evidence import delta

    leaf = with_list(server, "/delta.crl")
    number = leaf.certificate.serial_number
    numbered = crl(pki().ca, at=TODAY, extensions=[(x509.CRLNumber(5), False)])
    changes = delta({number: "keyCompromise"}, at=TODAY)
    server.answer = lambda path: (200, {}, changes if path == "/delta.crl" else numbered)
    assert asked(leaf, tmp_path).status is REVOKED
    assert server.asked == ["/ca.crl", "/delta.crl"]


# Whom an address may lead to.


def pretended(monkeypatch: pytest.MonkeyPatch, server: Server, outside: set[str]) -> None:
    """Names resolve to the test's server; those of ``outside`` are taken to lie outside the own network."""
    original = socket.getaddrinfo

    def resolve(host: str, port: Any, *args: Any, **options: Any) -> Any:
        if host.endswith(".vn"):
            names.append(host)
            return original("127.0.0.1", server.port, *args, **options)
        return original(host, port, *args, **options)

    names: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(exchange, "_is_public", lambda address: bool(names) and names[-1] in outside)


def test_a_name_that_leads_into_the_own_network_is_not_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    pretended(monkeypatch, server, {"ngoai.vn"})
    server.answer = serving(b"chung thu")
    assert get("http://ngoai.vn/ca.crt", timeout=5, limit=100, public_only=True) == b"chung thu"
    with pytest.raises(FetchFailed, match="own network"):
        get("http://trong.vn/ca.crt", timeout=5, limit=100, public_only=True)
    assert server.asked == ["/ca.crt"], "not even a request reached it"


def test_what_keeps_a_server_from_answering_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    set_language("vi")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(FetchFailed, match="máy chủ không trả lời kịp"):
            get(f"http://127.0.0.1:{port}/", timeout=0.3, limit=10)
    with pytest.raises(FetchFailed, match="máy chủ từ chối kết nối"):
        get(f"http://127.0.0.1:{port}/", timeout=2, limit=10)

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(FetchFailed, match="không tìm thấy địa chỉ máy chủ"):
        get("http://khong-co.invalid/", timeout=2, limit=10)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/",
        "http://192.168.1.1/reboot",
        "http://localhost/",
        "http://may-in/",
        "http://may-in.local/",
        "http://may.localhost./",
        "http://ngoai.vn:22/",
        "http://ngoai.vn:8500/",
    ],
)
def test_addresses_of_the_own_network_are_refused_before_any_connection(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*args: Any, **options: Any) -> Any:
        raise AssertionError("connected")

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(FetchFailed, match="own network"):
        get(address, timeout=1, limit=100, public_only=True)


def test_a_redirect_does_not_lead_from_outside_into_the_own_network(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretended(monkeypatch, server, {"ngoai.vn", "khac.vn"})

    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/to/"):
            return 302, {"Location": f"http://{path[4:]}/there"}, b""
        return 200, {}, b"here"

    server.answer = answer
    assert get("http://ngoai.vn/to/khac.vn", timeout=5, limit=100) == b"here"
    assert get("http://trong.vn/to/trong.vn", timeout=5, limit=100) == b"here", "inside it may stay inside"
    with pytest.raises(FetchFailed, match="own network"):
        get("http://ngoai.vn/to/trong.vn", timeout=5, limit=100)
    with pytest.raises(FetchFailed, match="own network"):
        get("http://ngoai.vn/to/127.0.0.1", timeout=5, limit=100)
    assert server.asked.count("/there") == 2


def test_the_systems_proxy_is_used_where_the_settings_say_so(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server.answer = serving(b"qua proxy")
    assert get("http://crl.khong-co.invalid/a.crl", timeout=5, limit=100, proxy=SYSTEM_PROXY) == b"qua proxy"
    assert server.asked == ["http://crl.khong-co.invalid/a.crl"]
    assert get(f"{server.url}/direct", timeout=5, limit=100, proxy=SYSTEM_PROXY) == b"qua proxy"
    assert server.asked[-1] == "/direct"
    with pytest.raises(FetchFailed):
        get("http://crl.khong-co.invalid/a.crl", timeout=5, limit=100)


def test_issuers_are_fetched_from_known_hosts_of_the_own_network_only(server: Server, tmp_path: Path) -> None:
    root = certificate("Root nội bộ", ca=True, start=TODAY - 400 * DAY, end=TODAY + 400 * DAY)
    where = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(f"{server.url}/ca.crt")
            )
        ]
    )
    since, until = TODAY - 400 * DAY, TODAY + 400 * DAY
    middle = certificate("CA nội bộ", issuer=root, ca=True, start=since, end=until)
    leaf = certificate("Người ký", issuer=middle, start=since, end=until, extensions=[(where, False)])
    known = certificate("CA có địa chỉ", issuer=root, ca=True, start=since, end=until, extensions=[(where, False)])
    server.answer = serving(middle.der)

    def trusted(name: str, *, hosts: tuple[str, ...] = (), intermediates: tuple[bytes, ...] = ()) -> bool:
        store = TrustStore(lambda: [root.der], lambda: intermediates)
        fetcher = Fetcher(tmp_path / name, timeout=5, issuer_hosts=hosts)
        return TrustEvaluator(store, fetcher).evaluate(leaf.der, [], at=TODAY, usage="signature").trusted

    assert not trusted("nobody")
    assert server.asked == []
    assert trusted("named", hosts=("127.0.0.1",))
    assert trusted("port", hosts=(f"127.0.0.1:{server.port}",))
    assert not trusted("other", hosts=("127.0.0.1:1",))
    assert trusted("known", intermediates=(known.der,))
    assert server.asked == ["/ca.crt"] * 3
