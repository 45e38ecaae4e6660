"""Whoever sits between the office and the authorities' servers, or writes addresses into a document, gains nothing:
neither by old answers sent again, nor by what others signed, nor by crooked addresses."""

from __future__ import annotations

import datetime as dt
import http.server
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp as x509_ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from app.trust.fetch import Fetcher
from app.trust.model import RevocationFacts, RevocationStatus
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from tests.unit.test_fetching import age
from tests.unit.trust_material import Holder, certificate, crl, ocsp_answer, pki, rsa_key

GOOD, REVOKED, UNKNOWN = RevocationStatus.GOOD, RevocationStatus.REVOKED, RevocationStatus.UNKNOWN
TODAY = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)


class Server:
    """On this computer; ``answers`` says what it gives for a path."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.answers: dict[str, bytes] = {}
        self.asked: list[str] = []


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            served.asked.append(self.path)
            body = served.answers.get(self.path)
            self.send_response(200 if body is not None else 503)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def do_POST(self) -> None:
            self.do_GET()

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


def holder(name: str, server: Server | None, *, ocsp: str = "", crl: str = "", **options: Any) -> Holder:
    """A certificate of today that names addresses of the server."""
    extensions: list[tuple[x509.ExtensionType, bool]] = []
    if server is not None and ocsp:
        location = x509.UniformResourceIdentifier(server.url + ocsp)
        description = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, location)
        extensions.append((x509.AuthorityInformationAccess([description]), False))
    if server is not None and crl:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(server.url + crl)], None, None, None)
        extensions.append((x509.CRLDistributionPoints([point]), False))
    issuer = options.pop("issuer", pki().ca)
    period = {"start": TODAY - 400 * DAY, "end": TODAY + 400 * DAY, **options}
    return certificate(name, issuer=issuer, extensions=[*extensions, *period.pop("more", ())], **period)


def asked(leaf: Holder, cache: Path | None, *, crls: Sequence[bytes] = (), **evidence: Any) -> RevocationFacts:
    store = TrustStore(lambda: [pki().root.der], lambda: [pki().ca.der], crls)
    fetcher = None if cache is None else Fetcher(cache, timeout=5, offline=evidence.pop("offline", False))
    facts = TrustEvaluator(store, fetcher).evaluate(leaf.der, [], at=TODAY, usage="signature", **evidence)
    assert facts.trusted
    return facts.revocation


def answer(leaf: Holder, *, at: dt.datetime = TODAY, revoked_at: dt.datetime | None = None, **options: Any) -> bytes:
    return ocsp_answer(
        leaf, pki().ca, options.pop("responder", pki().ca), at=at, revoked_at=revoked_at, until=TODAY + DAY, **options
    )


# Old answers sent again.


def test_an_older_answer_sent_again_does_not_undo_a_revocation(server: Server, tmp_path: Path) -> None:
    leaf = holder("Trả lời cũ", server, ocsp="/ocsp")
    server.answers["/ocsp"] = answer(leaf, revoked_at=TODAY - DAY / 2)
    assert asked(leaf, tmp_path).status is REVOKED
    server.answers["/ocsp"] = answer(leaf, at=TODAY - DAY)
    for _ in range(3):
        age(tmp_path)
        assert asked(leaf, tmp_path).status is REVOKED
    assert asked(leaf, tmp_path, offline=True).status is REVOKED
    assert len(server.asked) == 4


def test_an_old_answer_does_not_hide_a_revocation_in_the_list_kept(server: Server, tmp_path: Path) -> None:
    leaf = holder("Danh sách đã lưu", server, ocsp="/ocsp", crl="/ca.crl")
    server.answers["/ca.crl"] = crl(pki().ca, {leaf.certificate.serial_number: TODAY - DAY / 2}, at=TODAY)
    assert asked(leaf, tmp_path).status is REVOKED
    server.answers = {"/ocsp": answer(leaf, at=TODAY - DAY)}
    assert asked(leaf, tmp_path).status is REVOKED


@pytest.mark.parametrize("kind", ["rubbish", "another's", "another's of the future", "of the same name"])
def test_what_others_put_in_the_place_of_a_list_is_not_kept(server: Server, tmp_path: Path, kind: str) -> None:
    leaf = holder("Đánh tráo danh sách", server, crl="/ca.crl")
    genuine = crl(pki().ca, {leaf.certificate.serial_number: TODAY - DAY}, at=TODAY)
    server.answers["/ca.crl"] = genuine
    assert asked(leaf, tmp_path).status is REVOKED
    impostor = certificate("CA thử nghiệm", ca=True, key=rsa_key("impostor"))
    server.answers["/ca.crl"] = {
        "rubbish": b"<html>captive portal</html>",
        "another's": crl(pki().root, at=TODAY),
        "another's of the future": crl(pki().root, at=TODAY + 3000 * DAY),
        "of the same name": crl(impostor, at=TODAY + 3000 * DAY),
    }[kind]
    for _ in range(2):
        age(tmp_path)
        assert asked(leaf, tmp_path).status is REVOKED
    assert asked(leaf, tmp_path, offline=True).status is REVOKED
    server.answers["/ca.crl"] = crl(pki().ca, at=TODAY + DAY / 300)
    age(tmp_path)
    assert asked(leaf, tmp_path).status is REVOKED, "for good"


def test_what_others_answer_for_an_authority_is_not_kept(server: Server, tmp_path: Path) -> None:
    leaf = holder("Đánh tráo trả lời", server, ocsp="/ocsp", crl="/ca.crl")
    impostor = certificate("OCSP giả", ca=True)
    server.answers = {"/ocsp": answer(leaf, responder=impostor), "/ca.crl": crl(pki().ca, at=TODAY)}
    facts = asked(leaf, tmp_path)
    assert (facts.status, facts.source) == (GOOD, "crl"), "the list is asked where no answer counts"
    assert not list((tmp_path / "ocsp").glob("*.der"))


# Addresses.


def test_addresses_in_a_list_that_no_authority_signed_are_not_asked(server: Server, tmp_path: Path) -> None:
    leaf = holder("Có danh sách", server, crl="/ca.crl")
    server.answers["/ca.crl"] = crl(pki().ca, at=TODAY)
    impostor = certificate("CA thử nghiệm", ca=True, key=rsa_key("impostor"))
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(server.url + "/reboot")], None, None, None)
    forged = crl(impostor, at=TODAY, extensions=[(x509.FreshestCRL([point]), False)])
    assert asked(leaf, tmp_path, crls=[forged]).status is GOOD
    assert server.asked == ["/ca.crl"]


@pytest.mark.parametrize(
    "address", ["http://[::1", "http://[", "http://a]b/", "//", "http://x:99999999/a", "http://\x00/"]
)
@pytest.mark.parametrize("offline", [True, False])
def test_crooked_addresses_are_none(address: str, offline: bool, tmp_path: Path) -> None:
    def naming(method: Any) -> tuple[x509.ExtensionType, bool]:
        description = x509.AccessDescription(method, x509.UniformResourceIdentifier(address))
        return x509.AuthorityInformationAccess([description]), False

    unknown = certificate("CA lạ", ca=True)
    fetcher = Fetcher(tmp_path, timeout=1, offline=offline)
    leaf = holder("Địa chỉ hỏng", None, issuer=unknown, more=[naming(AuthorityInformationAccessOID.CA_ISSUERS)])
    evaluator = TrustEvaluator(TrustStore(lambda: [pki().root.der], lambda: [leaf.der, pki().ca.der]), fetcher)
    found = evaluator.evaluate(leaf.der, [], at=TODAY, usage="signature")
    assert [problem.code for problem in found.problems] == ["chain-issuer-unknown"]
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(address)], None, None, None)
    known = holder(
        "Địa chỉ hỏng",
        None,
        more=[naming(AuthorityInformationAccessOID.OCSP), (x509.CRLDistributionPoints([point]), False)],
    )
    assert evaluator.evaluate(known.der, [], at=TODAY, usage="signature").revocation.status is UNKNOWN


# Responders whose keys are no longer guarded.


def responder(name: str, *, no_check: bool, **options: Any) -> Holder:
    return holder(
        name,
        None,
        purposes=[ExtendedKeyUsageOID.OCSP_SIGNING],
        usage=["digital_signature"],
        more=[(x509.OCSPNoCheck(), False)] if no_check else [],
        **options,
    )


def dated(data: bytes, produced: dt.datetime, signer: Holder) -> bytes:
    """An answer that states to be produced then."""
    made = asn1_ocsp.OCSPResponse.load(data)
    basic = made["response_bytes"]["response"].parsed
    basic["tbs_response_data"]["produced_at"] = produced
    basic["signature"] = signer.key.sign(basic["tbs_response_data"].dump(force=True), ec.ECDSA(hashes.SHA256()))
    made["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    return bytes(made.dump(force=True))


def test_a_revoked_responder_cannot_date_its_answers_back() -> None:
    """Whoever has the key chooses when an answer was produced."""
    thief = responder("OCSP bị lộ khóa", no_check=False)
    leaf = holder("Người ký", None)
    forged = dated(answer(leaf, responder=thief, at=TODAY - 2 * DAY), TODAY - 2 * DAY, thief)
    assert asked(leaf, None, ocsps=[forged], crls=[_list_without(leaf)]).status is GOOD
    revoked = _list_without(leaf, {thief.certificate.serial_number: TODAY - DAY})
    assert asked(leaf, None, ocsps=[forged], crls=[revoked]).status is UNKNOWN


def _list_without(leaf: Holder, revoked: dict[int, dt.datetime] | None = None) -> bytes:
    """A list that had run out before today, but not when the answer states to be produced."""
    return crl(pki().ca, revoked, at=TODAY - 3 * DAY, until=TODAY - DAY)


def test_an_answer_does_not_outlive_its_responder() -> None:
    expired = responder("OCSP hết hạn", no_check=True, end=TODAY - 5 * DAY)
    leaf = holder("Người ký", None)
    forged = dated(answer(leaf, responder=expired, at=TODAY - 6 * DAY), TODAY - 6 * DAY, expired)
    assert asked(leaf, None, ocsps=[forged]).status is UNKNOWN


def test_an_answer_does_not_know_the_time_after_it() -> None:
    leaf = holder("Người ký", None)
    early = x509_ocsp.OCSPResponseBuilder().add_response(
        cert=leaf.certificate,
        issuer=pki().ca.certificate,
        algorithm=hashes.SHA1(),
        cert_status=x509_ocsp.OCSPCertStatus.GOOD,
        this_update=TODAY + DAY,
        next_update=TODAY + 2 * DAY,
        revocation_time=None,
        revocation_reason=None,
    )
    encoding = x509_ocsp.OCSPResponderEncoding.HASH
    made = early.responder_id(encoding, pki().ca.certificate).sign(pki().ca.key, hashes.SHA256())
    assert asked(leaf, None, ocsps=[made.public_bytes(serialization.Encoding.DER)]).status is UNKNOWN


# What stands on a list is revoked.


@pytest.mark.parametrize("ahead", [DAY, 3650 * DAY])
def test_a_certificate_on_a_list_is_revoked_whatever_date_its_entry_bears(ahead: dt.timedelta) -> None:
    leaf = holder("Ngày thu hồi sau", None)
    listed = crl(pki().ca, {leaf.certificate.serial_number: TODAY + ahead}, at=TODAY)
    assert asked(leaf, None, crls=[listed]).status is REVOKED


# An authority that the office distrusts.


def test_a_distrusted_authority_leads_nowhere_even_if_a_document_brings_it() -> None:
    renewed = certificate("CA thử nghiệm", issuer=pki().root, ca=True, key=pki().ca.key, serial=99)
    leaf = pki().person

    def found(distrusted: list[bytes], brought: list[bytes], intermediates: list[bytes]) -> object:
        store = TrustStore(lambda: [pki().root.der], lambda: intermediates, distrusted=lambda: distrusted)
        facts = TrustEvaluator(store, None).evaluate(leaf.der, brought, at=TODAY, usage="signature")
        return facts.trusted or [problem.code for problem in facts.problems]

    assert found([], [pki().ca.der], []) is True
    assert found([pki().ca.der], [pki().ca.der], []) == ["chain-distrusted"]
    assert found([pki().ca.der], [renewed.der], []) == ["chain-distrusted"], "by its key"
    assert found([pki().ca.der], [pki().ca.der], [renewed.der]) is True, "the office still counts on that key"
