"""Revocation: only evidence that the issuer stands behind counts, and only for the time it speaks of."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from app.settings import Settings
from app.trust.certificate import Oids, read_certificate
from app.trust.exchange import FetchFailed
from app.trust.fetch import Fetcher
from app.trust.model import RevocationSource, RevocationStatus, TrustFacts
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from tests.demo.pki import Pki
from tests.demo.services import Services
from tests.unit.trust_material import NOW, YEAR, Holder, certificate, crl, ec_key, ocsp_answer, rsa_key
from tests.unit.trust_material import pki as make_pki

GOOD, REVOKED, UNKNOWN = RevocationStatus.GOOD, RevocationStatus.REVOKED, RevocationStatus.UNKNOWN
DAY = dt.timedelta(days=1)


def evaluate(
    *,
    leaf: Holder | None = None,
    others: Sequence[Holder] = (),
    crls: Sequence[bytes] = (),
    ocsps: Sequence[bytes] = (),
    given: Sequence[bytes] = (),
    at: dt.datetime = NOW,
) -> TrustFacts:
    material = make_pki()
    evaluator = TrustEvaluator(TrustStore(lambda: [material.root.der], lambda: [material.ca.der], given), None)
    subject = leaf or material.person
    found = evaluator.evaluate(
        subject.der, [other.der for other in others], at=at, usage="signature", crls=crls, ocsps=ocsps
    )
    assert found.trusted
    return found


def status(**evidence: Any) -> RevocationStatus:
    return evaluate(**evidence).revocation.status


def serial() -> int:
    return make_pki().person.certificate.serial_number


def test_without_evidence_it_is_unknown() -> None:
    facts = evaluate()
    assert facts.revocation.status is UNKNOWN
    assert facts.revocation.source is RevocationSource.NONE


def test_a_list_says_good_or_revoked() -> None:
    ca = make_pki().ca
    facts = evaluate(given=[crl(ca)])
    assert (facts.revocation.status, facts.revocation.source) == (GOOD, RevocationSource.CRL)
    assert facts.revocation.as_of == NOW - dt.timedelta(hours=1)
    facts = evaluate(crls=[crl(ca, {serial(): NOW - DAY})])
    assert (facts.revocation.status, facts.revocation.source) == (REVOKED, RevocationSource.EMBEDDED)
    assert facts.revocation.revoked_at == NOW - DAY
    assert facts.revocation.reason == "key-compromise"


def test_a_list_as_pem() -> None:
    text = b"-----BEGIN X509 CRL-----\n" + base64.encodebytes(crl(make_pki().ca)) + b"-----END X509 CRL-----\n"
    assert status(crls=[text]) is GOOD


def test_revoked_after_the_time_judged_was_good_then() -> None:
    later = crl(make_pki().ca, {serial(): NOW + DAY}, at=NOW + 2 * DAY)
    facts = evaluate(crls=[later])
    assert facts.revocation.status is GOOD
    assert facts.revocation.revoked_at == NOW + DAY
    assert status(crls=[later], at=NOW + 2 * DAY) is REVOKED


def test_an_old_list_says_nothing_of_now_but_revoked_stays_revoked() -> None:
    ca = make_pki().ca
    old = crl(ca, at=NOW - 30 * DAY, until=NOW - 20 * DAY)
    assert status(given=[old]) is UNKNOWN
    assert status(given=[old], at=NOW - 25 * DAY) is GOOD
    assert status(given=[crl(ca, {serial(): NOW - 40 * DAY}, at=NOW - 30 * DAY, until=NOW - 20 * DAY)]) is REVOKED


def test_the_newest_evidence_decides() -> None:
    ca = make_pki().ca
    older, newer = crl(ca, at=NOW - DAY), crl(ca, {serial(): NOW - dt.timedelta(hours=2)})
    assert status(given=[older, newer]) is REVOKED
    assert status(given=[newer], crls=[older]) is REVOKED


def test_a_list_from_the_future_is_not_used() -> None:
    ahead = dt.datetime.now(dt.UTC) + 30 * DAY
    assert status(given=[crl(make_pki().ca, at=ahead)]) is UNKNOWN


def test_a_list_of_another_key_under_the_same_name() -> None:
    ca = make_pki().ca
    assert status(given=[crl(ca, key=ec_key("stranger"))]) is UNKNOWN
    assert status(given=[crl(ca, {serial(): NOW - DAY}, key=ec_key("stranger"))]) is UNKNOWN
    assert status(given=[crl(make_pki().root)]) is UNKNOWN


def test_an_issuer_that_may_not_sign_lists() -> None:
    middle = certificate("CA không ký CRL", issuer=make_pki().root, ca=True, usage=("key_cert_sign",))
    leaf = certificate("Dưới đó", issuer=middle)
    assert status(leaf=leaf, others=[middle], crls=[crl(middle)]) is UNKNOWN


@pytest.mark.parametrize(
    "extension",
    [
        x509.IssuingDistributionPoint(None, None, False, True, None, False, False),
        x509.IssuingDistributionPoint(None, None, False, False, None, True, False),
        x509.IssuingDistributionPoint(
            None, None, False, False, frozenset({x509.ReasonFlags.key_compromise}), False, False
        ),
        x509.IssuingDistributionPoint(
            [x509.UniformResourceIdentifier("http://khac.vn/a.crl")], None, False, False, None, False, False
        ),
        x509.DeltaCRLIndicator(1),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
    ],
)
def test_a_partial_indirect_or_strange_list_is_not_used(extension: x509.ExtensionType) -> None:
    assert status(given=[crl(make_pki().ca, extensions=[(extension, True)])]) is UNKNOWN


def test_a_list_of_users_speaks_for_users() -> None:
    users = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    assert status(given=[crl(make_pki().ca, extensions=[(users, True)])]) is GOOD


def test_the_list_of_the_certificates_own_distribution_point() -> None:
    address = x509.UniformResourceIdentifier("http://crl.vn/ca.crl")
    point = x509.CRLDistributionPoints([x509.DistributionPoint([address], None, None, None)])
    leaf = certificate("Có điểm phân phối", issuer=make_pki().ca, extensions=[(point, False)])
    scope = x509.IssuingDistributionPoint([address], None, False, False, None, False, False)
    assert status(leaf=leaf, given=[crl(make_pki().ca, extensions=[(scope, True)])]) is GOOD


def test_a_list_after_the_certificates_end_says_nothing_good() -> None:
    """Expired certificates may be dropped from a list: their absence there proves nothing."""
    old = certificate("Đã hết hạn", issuer=make_pki().ca, end=NOW - 10 * DAY)
    assert status(leaf=old, given=[crl(make_pki().ca)], at=NOW - 20 * DAY) is UNKNOWN
    assert status(leaf=old, given=[crl(make_pki().ca, at=NOW - 15 * DAY)], at=NOW - 20 * DAY) is GOOD


# Answers.


def test_answers_of_delegate_and_issuer() -> None:
    material = make_pki()
    for by_key in (True, False):
        answer = ocsp_answer(material.person, material.ca, material.responder, by_key=by_key)
        facts = evaluate(ocsps=[answer])
        assert (facts.revocation.status, facts.revocation.source) == (GOOD, RevocationSource.EMBEDDED)
    assert status(ocsps=[ocsp_answer(material.person, material.ca, material.ca, include=False)]) is GOOD
    revoked = ocsp_answer(material.person, material.ca, material.responder, revoked_at=NOW - DAY)
    assert status(ocsps=[revoked]) is REVOKED
    assert status(ocsps=[ocsp_answer(material.person, material.ca, material.responder, unknown=True)]) is UNKNOWN


def test_an_answer_that_ran_out() -> None:
    material = make_pki()
    old = ocsp_answer(material.person, material.ca, material.responder, at=NOW - 3 * DAY, until=NOW - 2 * DAY)
    assert status(ocsps=[old]) is UNKNOWN
    assert status(ocsps=[old], at=NOW - 5 * DAY) is GOOD


def test_an_answer_after_the_certificates_end_says_nothing_good() -> None:
    material = make_pki()
    old = certificate("Đã hết hạn", issuer=material.ca, end=NOW - 10 * DAY)
    late = ocsp_answer(old, material.ca, material.responder)
    assert status(leaf=old, ocsps=[late], at=NOW - 20 * DAY) is UNKNOWN
    in_time = ocsp_answer(old, material.ca, material.ca, include=False, at=NOW - 15 * DAY)
    assert status(leaf=old, ocsps=[in_time], at=NOW - 20 * DAY) is GOOD
    revoked = ocsp_answer(old, material.ca, material.responder, revoked_at=NOW - 30 * DAY)
    assert status(leaf=old, ocsps=[revoked], at=NOW - 20 * DAY) is REVOKED


def test_an_answer_about_another_certificate() -> None:
    material = make_pki()
    assert status(ocsps=[ocsp_answer(material.agency, material.ca, material.responder)]) is UNKNOWN


def _responder(**options: Any) -> Holder:
    defaults: dict[str, Any] = {
        "issuer": make_pki().ca,
        "purposes": [ExtendedKeyUsageOID.OCSP_SIGNING],
        "usage": ("digital_signature",),
        "extensions": [(x509.OCSPNoCheck(), False)],
    }
    return certificate("Người trả lời", **{**defaults, **options})


@pytest.mark.parametrize(
    "options",
    [
        {"purposes": []},
        {"purposes": [ExtendedKeyUsageOID.TIME_STAMPING]},
        {"issuer": None},
        {"issuer": make_pki().root},
        {"end": NOW - DAY},
        {"extensions": []},
        {"usage": ("key_encipherment",)},
        {
            "extensions": [
                (x509.OCSPNoCheck(), False),
                (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),
            ]
        },
    ],
    ids=[
        "no purpose",
        "other purpose",
        "stranger",
        "other issuer",
        "expired",
        "revocation not checked",
        "other key usage",
        "unknown critical extension",
    ],
)
def test_an_answer_of_a_stranger_does_not_count(options: dict[str, Any]) -> None:
    material = make_pki()
    stranger = _responder(**options)
    assert status(ocsps=[ocsp_answer(material.person, material.ca, stranger)]) is UNKNOWN
    assert status(ocsps=[ocsp_answer(material.person, material.ca, stranger, revoked_at=NOW - DAY)]) is UNKNOWN


def test_a_responder_whose_revocation_a_list_excludes() -> None:
    material = make_pki()
    responder = _responder(extensions=[])
    answer = ocsp_answer(material.person, material.ca, responder)
    proof = crl(material.ca, at=NOW - 2 * DAY)
    assert status(ocsps=[answer], crls=[proof]) is GOOD
    number = responder.certificate.serial_number
    facts = evaluate(ocsps=[answer], crls=[crl(material.ca, {number: NOW - 2 * DAY}, at=NOW - 2 * DAY)])
    assert facts.revocation.source is not RevocationSource.OCSP
    assert facts.revocation.as_of == NOW - 2 * DAY - dt.timedelta(hours=1)


def test_a_changed_answer_does_not_count() -> None:
    material = make_pki()
    answer = ocsp_answer(material.person, material.ca, material.responder)
    for place in range(0, len(answer), 7):
        changed = bytearray(answer)
        changed[place] ^= 0x41
        facts = evaluate(ocsps=[bytes(changed)])
        assert facts.revocation.status in (UNKNOWN, GOOD)
        if facts.revocation.status is GOOD:
            assert facts.revocation.as_of == NOW - dt.timedelta(minutes=5)


# Issuers.


def test_an_issuer_that_was_revoked() -> None:
    material = make_pki()
    lists = [crl(material.ca), crl(material.root, {material.ca.certificate.serial_number: NOW - DAY})]
    facts = evaluate(given=lists)
    assert facts.revocation.status is REVOKED
    assert [problem.code for problem in facts.problems] == ["issuer-revoked"]


def test_an_issuer_that_says_where_to_ask_must_be_known() -> None:
    where = x509.AuthorityInformationAccess(
        [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://o.vn"))]
    )
    middle = certificate("CA có OCSP", issuer=make_pki().root, ca=True, extensions=[(where, False)])
    leaf = certificate("Dưới CA có OCSP", issuer=middle)
    facts = evaluate(leaf=leaf, others=[middle], crls=[crl(middle)])
    assert [problem.code for problem in facts.problems] == ["issuer-revocation-unknown"]
    assert evaluate(leaf=leaf, others=[middle], crls=[crl(middle), crl(make_pki().root)]).problems == ()


def test_the_time_for_a_list_grows_with_its_length_alone() -> None:
    ca = certificate("CA lớn", ca=True, key=rsa_key("large"))

    def seconds(entries: int) -> float:
        revoked = {1_000_000_007 + number: NOW - YEAR for number in range(entries)}
        leaf = certificate("Trong danh sách", issuer=ca, serial=1_000_000_007 + entries - 1)
        evaluator = TrustEvaluator(TrustStore(lambda: [ca.der], crls=[crl(ca, revoked)]), None)
        started = time.process_time()
        facts = evaluator.evaluate(leaf.der, [], at=NOW, usage="signature")
        assert facts.revocation.status is REVOKED
        return time.process_time() - started

    assert seconds(40_000) < 25 * min(seconds(4_000) for _ in range(3))


# Online and offline, with the demo office's real services.


def _online(settings: Settings, leaf: bytes, pki: Pki, fetcher: Fetcher | None) -> TrustFacts:
    evaluator = TrustEvaluator(TrustStore.from_settings(settings), fetcher)
    return evaluator.evaluate(leaf, [], at=dt.datetime.now(dt.UTC), usage="signature")


def test_online_asks_ocsp_and_keeps_the_answer(settings: Settings, pki: Pki, services: Services) -> None:
    facts = _online(settings, pki.certificate("leader"), pki, Fetcher.from_settings(settings))
    assert facts.problems == ()
    assert (facts.revocation.status, facts.revocation.source) == (GOOD, RevocationSource.OCSP)
    assert "/demo/ocsp/issuing" in services.requests
    assert not any(path.startswith("/demo/crls/issuing") for path in services.requests)
    services.requests.clear()
    facts = _online(settings, pki.certificate("leader"), pki, Fetcher.from_settings(settings))
    assert facts.revocation.status is GOOD
    assert services.requests == []


def test_online_finds_the_revoked(settings: Settings, pki: Pki, services: Services) -> None:
    facts = _online(settings, pki.certificate("revoked"), pki, Fetcher.from_settings(settings))
    assert facts.revocation.status is REVOKED
    assert facts.revocation.reason == "key-compromise"


def test_without_ocsp_the_list_is_fetched(settings: Settings, pki: Pki, services: Services) -> None:
    with services.failing("ocsp", status=500):
        facts = _online(settings, pki.certificate("leader"), pki, Fetcher.from_settings(settings))
    assert (facts.revocation.status, facts.revocation.source) == (GOOD, RevocationSource.CRL)


def test_an_answer_of_garbage_is_no_answer(settings: Settings, pki: Pki, services: Services) -> None:
    with services.failing("ocsp", status=200, body=b"\x30\x03\x0a\x01\x06"), services.failing("crls", status=404):
        facts = _online(settings, pki.certificate("leader"), pki, Fetcher.from_settings(settings))
    assert facts.revocation.status is UNKNOWN


def test_a_slow_server_ends_in_time(settings: Settings, pki: Pki, services: Services) -> None:
    fetcher = Fetcher(settings.data_dir / "cache", timeout=0.3)
    started = time.monotonic()
    with services.failing("ocsp", delay=30), services.failing("crls", delay=30):
        facts = _online(settings, pki.certificate("leader"), pki, fetcher)
    assert facts.revocation.status is UNKNOWN
    assert time.monotonic() - started < 25


def test_a_missing_issuer_is_fetched(settings: Settings, pki: Pki, services: Services, tmp_path: Path) -> None:
    store = TrustStore(lambda: [pki.certificate("root")])
    asked = Fetcher(tmp_path / "cache", timeout=5, issuer_hosts=[f"127.0.0.1:{pki.port}"])
    facts = TrustEvaluator(store, asked).evaluate(
        pki.certificate("leader"), [], at=dt.datetime.now(dt.UTC), usage="signature"
    )
    assert facts.trusted
    assert facts.path[1] == pki.certificate("issuing")
    assert facts.revocation.status is GOOD
    [blind] = TrustEvaluator(store, None).evaluate(
        pki.certificate("leader"), [], at=dt.datetime.now(dt.UTC), usage="signature"
    ).problems  # fmt: skip
    assert blind.code == "chain-issuer-unknown"


def test_an_address_of_nobody_trusted_is_not_asked_inside_the_own_network(
    pki: Pki, services: Services, tmp_path: Path
) -> None:
    """Anybody can write a certificate that names an address of the office's own network or of this computer."""
    store = TrustStore(lambda: [pki.certificate("root")])
    fetcher = Fetcher(tmp_path / "cache", timeout=5)
    facts = TrustEvaluator(store, fetcher).evaluate(
        pki.certificate("leader"), [], at=dt.datetime.now(dt.UTC), usage="signature"
    )
    assert [problem.code for problem in facts.problems] == ["chain-issuer-unknown"]
    assert not (tmp_path / "cache").exists()
    known = TrustStore(lambda: [pki.certificate("root")], lambda: [pki.certificate("issuing")])
    assert f"127.0.0.1:{pki.port}" in known.known_hosts
    [address] = read_certificate(pki.certificate("leader")).access_locations(Oids.AD_CA_ISSUERS)
    assert fetcher.issuers(address, trusted=True)


def test_offline_opens_no_socket(settings: Settings, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    class Watched(socket.socket):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            opened.append(args)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(socket, "socket", Watched)
    for label in ("leader", "revoked", "p384", "expired"):
        for fetcher in (None, Fetcher.from_settings(settings, offline=True)):
            facts = _online(settings, pki.certificate(label), pki, fetcher)
            assert facts.revocation.status is UNKNOWN
    assert opened == []
    _online(settings, pki.certificate("leader"), pki, Fetcher.from_settings(settings))
    assert opened, "the watch itself must work"
    opened.clear()
    facts = _online(settings, pki.certificate("leader"), pki, Fetcher.from_settings(settings, offline=True))
    assert facts.revocation.status is GOOD
    assert opened == []


def _age(folder: Path, kind: str, days: float) -> None:
    """Let what was kept be from days ago, as the file system tells it."""
    then = time.time() - days * 86400
    for path in (folder / kind).glob("*.der"):
        os.utime(path, (then, then))


def test_offline_uses_what_was_kept_while_it_counts(settings: Settings, pki: Pki, services: Services) -> None:
    for label in ("leader", "revoked"):
        _online(settings, pki.certificate(label), pki, Fetcher.from_settings(settings))
    _age(settings.data_dir / "cache", "ocsp", 30)
    services.requests.clear()
    offline = Fetcher.from_settings(settings, offline=True)
    kept = _online(settings, pki.certificate("leader"), pki, offline)
    assert (kept.revocation.status, kept.revocation.source) == (GOOD, RevocationSource.OCSP)
    assert kept.revocation.as_of is not None
    assert _online(settings, pki.certificate("revoked"), pki, offline).revocation.status is REVOKED
    assert _online(settings, pki.certificate("p384"), pki, offline).revocation.status is UNKNOWN

    evaluator = TrustEvaluator(TrustStore.from_settings(settings), offline)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=100)
    stale = evaluator.evaluate(pki.certificate("leader"), [], at=later, usage="signature")
    assert (stale.revocation.status, stale.revocation.as_of) == (UNKNOWN, kept.revocation.as_of)
    assert services.requests == []


def test_offline_a_kept_list_counts_beside_an_answer_that_ran_out(
    settings: Settings, pki: Pki, services: Services
) -> None:
    leader = pki.certificate("leader")
    _online(settings, leader, pki, Fetcher.from_settings(settings))
    Fetcher.from_settings(settings).crl(pki.crl_url, fits=lambda data: True)
    number = x509.load_der_x509_certificate(leader).serial_number
    kept = [ocsp.load_der_ocsp_response(path.read_bytes()) for path in settings.data_dir.glob("cache/ocsp/*.der")]
    (ran_out,) = (answer.next_update_utc for answer in kept if answer.serial_number == number)
    listed = x509.load_der_x509_crl(pki.crl("issuing")).next_update_utc
    assert ran_out is not None
    assert listed is not None
    assert ran_out < listed
    evaluator = TrustEvaluator(TrustStore.from_settings(settings), Fetcher.from_settings(settings, offline=True))
    facts = evaluator.evaluate(leader, [], at=listed - dt.timedelta(minutes=1), usage="signature")
    assert (facts.revocation.status, facts.revocation.source) == (GOOD, RevocationSource.CRL)


def test_offline_nothing_new_is_fetched_and_damaged_answers_say_nothing(
    settings: Settings, pki: Pki, services: Services
) -> None:
    _online(settings, pki.certificate("leader"), pki, Fetcher.from_settings(settings))
    for path in (settings.data_dir / "cache").rglob("*.der"):
        path.write_bytes(b"\x30\x03\x0a\x01\x06")
    offline = Fetcher.from_settings(settings, offline=True)
    assert _online(settings, pki.certificate("leader"), pki, offline).revocation.status is UNKNOWN
    services.requests.clear()
    with pytest.raises(FetchFailed):
        offline.new_crl(pki.crl_url)
    assert services.requests == []


def test_a_redirect_elsewhere_and_a_flood_are_refused(tmp_path: Path) -> None:
    import http.server
    import threading

    from app.trust.exchange import FetchFailed, get

    class Hostile(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/file":
                self.send_response(302)
                self.send_header("Location", "file:///etc/hostname")
                self.end_headers()
            elif self.path == "/loop":
                self.send_response(302)
                self.send_header("Location", "/loop")
                self.end_headers()
            else:
                self.send_response(200)
                self.end_headers()
                try:
                    for _ in range(10_000):
                        self.wfile.write(b"\x00" * 65536)
                except OSError:
                    return

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        base = f"http://127.0.0.1:{server.server_address[1]}"
        for path, words in (("/file", "not an http address"), ("/loop", "redirects"), ("/flood", "too large")):
            with pytest.raises(FetchFailed, match=words):
                get(base + path, timeout=5, limit=1_000_000)
        for address in ("ldap://127.0.0.1/", "file:///etc/hostname", "http://", "http://a\r\nb/", "http://[::1"):
            with pytest.raises(FetchFailed):
                get(address, timeout=1, limit=10)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("phase", ["head", "body"])
def test_an_answer_that_drips_ends_in_time(phase: str) -> None:
    import socketserver
    import threading

    from app.trust.exchange import FetchFailed, get

    stop = threading.Event()

    class Dripping(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            if phase == "body":
                self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                self.request.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not stop.wait(0.05):
                try:
                    self.request.sendall(b"a")
                except OSError:
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Dripping)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    started = time.monotonic()
    try:
        with pytest.raises(FetchFailed, match="không trả lời kịp"):
            get(f"http://127.0.0.1:{server.server_address[1]}/", timeout=0.4, limit=1_000_000)
        assert time.monotonic() - started < 20
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_store_of_answers_is_named_by_hash(settings: Settings, pki: Pki, services: Services) -> None:
    _online(settings, pki.certificate("leader"), pki, Fetcher.from_settings(settings))
    kept = [path for path in (settings.data_dir / "cache").rglob("*") if path.is_file()]
    assert kept
    assert all(len(path.stem) == len(hashlib.sha256().hexdigest()) for path in kept)
