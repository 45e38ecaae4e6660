"""Time stamps: tokens that hold and tokens that do not, and servers of both kinds."""

from __future__ import annotations

import hashlib
import http.server
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from app.trust import cms, der
from app.trust.errors import TimestampRefused, TimestampUnavailable, TimestampUntrustworthy
from app.trust.timestamps import HttpTimestamper, read_timestamp
from tests.demo.pki import Pki
from tests.demo.services import Services
from tests.unit.trust_material import NOW, algorithm, attribute, certificate, hash_algorithm, seq, timestamp
from tests.unit.trust_material import pki as make_pki

MESSAGE = b"gia tri chu ky"


def test_a_good_token() -> None:
    for hash_name in ("sha256", "sha512", "sha1"):
        facts = read_timestamp(timestamp(MESSAGE, hash_name=hash_name), message=MESSAGE)
        assert facts.intact
        assert facts.problems == ()
        assert facts.time == NOW
        assert facts.digest_algorithm == hash_name
        assert facts.certificate == make_pki().tsa.der
    by_digest = read_timestamp(timestamp(MESSAGE), message=lambda name: hashlib.new(name, MESSAGE).digest())
    assert by_digest.intact


def _authority(**options: Any) -> Any:
    return certificate("TSA khác", issuer=make_pki().ca, usage=["digital_signature"], **options)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"imprint": b"\x00" * 32}, "timestamp-imprint-differs"),
        ({"version": 2}, "timestamp-malformed"),
        ({"with_ess": False}, "timestamp-no-signing-certificate"),
        ({"with_attributes": False}, "cms-attributes-missing"),
        ({"certificates": []}, "cms-signer-certificate-missing"),
        ({"signers": 2}, "cms-signer-count"),
        ({"content_info_suffix": b"\x00"}, "cms-trailing-data"),
        ({"content_type": cms.DATA}, "timestamp-malformed"),
        ({"digest": b"\x00" * 32}, "digest-mismatch"),
        ({"authority": _authority()}, "timestamp-purpose-wrong"),
        ({"authority": _authority(purposes=[ExtendedKeyUsageOID.SERVER_AUTH])}, "timestamp-purpose-wrong"),
        (
            {"authority": _authority(purposes=[ExtendedKeyUsageOID.TIME_STAMPING], purposes_critical=False)},
            "timestamp-purpose-wrong",
        ),
        (
            {"authority": _authority(purposes=[ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING])},
            "timestamp-purpose-wrong",
        ),
    ],
)
def test_a_wrong_token(options: dict[str, Any], code: str) -> None:
    facts = read_timestamp(timestamp(MESSAGE, **options), message=MESSAGE)
    assert not facts.intact
    assert code in [problem.code for problem in facts.problems]


def test_another_message() -> None:
    assert not read_timestamp(timestamp(MESSAGE), message=MESSAGE + b".").intact


def test_a_certificate_from_elsewhere() -> None:
    token = timestamp(MESSAGE, certificates=[])
    assert read_timestamp(token, message=MESSAGE, certificates=[make_pki().tsa.der]).intact


def test_garbage_and_changed_tokens_never_raise() -> None:
    token = timestamp(MESSAGE)
    for place in range(len(token)):
        changed = bytearray(token)
        changed[place] ^= 0x21
        facts = read_timestamp(bytes(changed), message=MESSAGE)
        assert not facts.intact or facts.time == NOW
    assert not read_timestamp(b"", message=MESSAGE).intact
    assert not read_timestamp(b"\x30" * 2_000_000, message=MESSAGE).intact


def test_a_time_stamp_in_a_signature_is_over_its_value() -> None:
    foreign = attribute(cms.SIGNATURE_TIME_STAMP, timestamp(b"another value"))
    from tests.unit.trust_material import CmsMaker, digest_of

    maker = CmsMaker(make_pki().person, extra_unsigned=[foreign])
    facts = cms.read_signed_data(maker.make(), digest_of=digest_of(maker.content))
    assert facts.intact
    assert not facts.timestamps[0].intact


# Servers.


def test_a_real_server(services: Services, pki: Pki, tmp_path: Path) -> None:
    imprint = hashlib.sha256(MESSAGE).digest()
    token = HttpTimestamper(pki.tsa_url, timeout=10).token(imprint, "sha256")
    facts = read_timestamp(token, message=MESSAGE)
    assert facts.intact
    assert facts.certificate == pki.certificate("tsa")
    (tmp_path / "token").write_bytes(token)
    text = subprocess.run(
        ["openssl", "ts", "-reply", "-token_in", "-in", str(tmp_path / "token"), "-text"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "Hash Algorithm: sha256" in text


def test_openssl_verifies_our_request_and_its_answer_is_read_here(tmp_path: Path) -> None:
    """``openssl ts`` answers our request: the nonce and imprint it sees are ours."""
    seen: list[bytes] = []

    def answer(body: bytes) -> bytes:
        seen.append(body)
        (tmp_path / "request").write_bytes(body)
        text = subprocess.run(
            ["openssl", "ts", "-query", "-in", str(tmp_path / "request"), "-text"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert "Certificate required: yes" in text
        assert "Nonce: 0x" in text
        return _granted(body)

    with serving(answer) as url:
        assert HttpTimestamper(url, timeout=5).token(hashlib.sha256(MESSAGE).digest(), "sha256")
    assert len(seen) == 1


def _request(body: bytes) -> tuple[bytes, int]:
    fields = der.read(body).fields()
    fields.next()
    imprint = fields.next().children()[1].octets()
    return imprint, fields.next(der.INTEGER).integer()


def _granted(body: bytes, **options: Any) -> bytes:
    imprint, nonce = _request(body)
    token = timestamp(MESSAGE, **{"imprint": imprint, "nonce": nonce, **options})
    return seq(seq(der.encode_integer(0)), token)


@contextmanager
def serving(answer: Callable[[bytes], bytes], *, status: int = 200) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            content = answer(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


IMPRINT = hashlib.sha256(MESSAGE).digest()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda body: _granted(body, nonce=1), TimestampUntrustworthy),
        (lambda body: _granted(body, nonce=None), TimestampUntrustworthy),
        (lambda body: _granted(body, imprint=b"\x01" * 32), TimestampUntrustworthy),
        (lambda body: _granted(body, digest=b"\x01" * 32), TimestampUntrustworthy),
        (lambda body: b"<html>", TimestampUntrustworthy),
        (lambda body: b"", TimestampUntrustworthy),
        (lambda body: seq(seq(der.encode_integer(2), seq(der.encode(12, "hết hạn mức".encode())))), TimestampRefused),
        (lambda body: b"\x00" * 2_000_000, TimestampUnavailable),
    ],
    ids=["nonce", "no nonce", "imprint", "broken", "html", "empty", "refused", "flood"],
)
def test_a_server_that_answers_wrongly(answer: Callable[[bytes], bytes], expected: type[Exception]) -> None:
    with serving(answer) as url, pytest.raises(TimestampUnavailable) as caught:
        HttpTimestamper(url, timeout=5).token(IMPRINT, "sha256")
    assert type(caught.value) is expected
    if expected is TimestampRefused:
        assert "hết hạn mức" in str(caught.value)


def test_a_server_error_is_tried_again() -> None:
    asked: list[bytes] = []

    def answer(body: bytes) -> bytes:
        asked.append(body)
        return b""

    with serving(answer, status=503) as url, pytest.raises(TimestampUnavailable):
        HttpTimestamper(url, timeout=5, retries=2).token(IMPRINT, "sha256")
    assert len(asked) == 3
    asked.clear()
    with serving(answer, status=403) as url, pytest.raises(TimestampUnavailable):
        HttpTimestamper(url, timeout=5, retries=2).token(IMPRINT, "sha256")
    assert len(asked) == 1


def test_nobody_there_and_no_address() -> None:
    for url in ("http://127.0.0.1:9/", "ftp://127.0.0.1/", "nonsense"):
        with pytest.raises(TimestampUnavailable):
            HttpTimestamper(url, timeout=2).token(IMPRINT, "sha256")


def test_through_a_proxy() -> None:
    """The whole address is sent to the proxy (RFC 9112, 3.2.2)."""
    with serving(_granted) as url:
        proxy = url.removesuffix("/tsa")
        stamper = HttpTimestamper("http://tsa.khong-co.invalid/x", timeout=5, proxy=proxy)
        assert read_timestamp(stamper.token(IMPRINT, "sha256"), message=MESSAGE).intact


def test_unknown_imprint_algorithms() -> None:
    md5 = algorithm("1.2.840.113549.2.5")
    assert hash_algorithm("sha256") != md5
    token = timestamp(MESSAGE, digest_algorithm=md5)
    assert not read_timestamp(token, message=MESSAGE).intact
