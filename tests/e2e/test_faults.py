"""What servers and tokens do wrong while documents are signed: each has its own error or a sane way on, and the
originals stay as they are."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.journal.ledger import Ledger
from tests.demo import tokens
from tests.demo.office import DemoOffice
from tests.demo.pki import Pki
from tests.demo.services import Services
from tests.demo.tokens import DemoToken
from tests.e2e.command import Antin
from tests.token.build import Misbehaviour, compile_module


@pytest.fixture
def originals(samples: dict[str, Path], tmp_path: Path) -> Iterator[list[Path]]:
    """A PDF and two Office files, looked at again when all is over."""
    folder = tmp_path / "in"
    folder.mkdir()
    files = [Path(shutil.copy(samples[name], folder)) for name in ("cong_van_pdf", "cong_van_docx", "xlsx")]
    before = [path.read_bytes() for path in files]
    yield files
    assert [path.read_bytes() for path in files] == before


def _signatures(antin: Antin) -> list[str]:
    return [str(entry.data["input"]) for entry in Ledger(antin.data_dir).entries() if entry.kind == "sign"]


def _answer_to_another(url: str) -> bytes:
    """The right answer to somebody else's request, of another nonce."""
    digest = hashlib.sha256(b"another").hexdigest()
    query = subprocess.run(
        ["openssl", "ts", "-query", "-digest", digest, "-sha256", "-cert"], capture_output=True, check=True
    ).stdout
    request = urllib.request.Request(url, query, {"Content-Type": "application/timestamp-query"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return bytes(response.read())


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("down", "timestamp-unavailable"),
        ("too slow", "timestamp-unavailable"),
        ("garbage", "timestamp-untrustworthy"),
        ("another nonce", "timestamp-untrustworthy"),
        ("refused", "timestamp-refused"),
    ],
)
def test_a_time_stamp_that_cannot_be_had_is_told_and_fetched_later_without_the_token(
    antin: Antin, office: DemoOffice, services: Services, originals: list[Path], tmp_path: Path, fault: str, code: str
) -> None:
    """The token signs each file once, whatever the server does."""
    settings = antin.data_dir / "settings.toml"
    text = settings.read_text(encoding="utf-8")
    assert "[network]\n" in text
    if fault == "too slow":
        settings.write_text(text.replace("[network]\n", "[network]\ntsa_timeout = 0.5\n"), encoding="utf-8")
    wrong = {
        "down": {"status": 503},
        "too slow": {"status": 0, "delay": 5.0},
        "garbage": {"status": 200, "body": b"<html>"},
        "another nonce": {"status": 200, "body": _answer_to_another(office.pki.tsa_url)},
        "refused": {"status": 200, "body": bytes.fromhex("30053003020102")},
    }[fault]
    token = office.tokens["second"]
    words = ["sign", "--level", "T", "--token", token.serial, "--pin-file", "-", "--json", "--out", tmp_path / "out"]
    with services.failing("tsa", **wrong):  # type: ignore[arg-type]
        signed = antin(*words, *originals[:2], stdin=token.pin)
    assert signed.code == 0, signed.err
    assert [(row["status"], row["level_reached"]) for row in signed.rows] == [("signed", "B")] * 2
    assert [[one["code"] for one in row["warnings"]].count(code) for row in signed.rows] == [1, 1], signed.out
    assert sorted(_signatures(antin)) == sorted(map(str, originals[:2]))
    settings.write_text(text, encoding="utf-8")
    raised = antin("upgrade", "--level", "T", "--json", *(row["output"] for row in signed.rows))
    assert [(row["status"], row["level_reached"]) for row in raised.rows] == [("upgraded", "T")] * 2, raised.out


@pytest.fixture
def misbehaviour(office: DemoOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Misbehaviour:
    orders = Misbehaviour(tmp_path / "orders", office.module)
    for name, value in orders.environment.items():
        monkeypatch.setenv(name, value)
    return orders


def test_a_token_without_free_memory_stops_the_run_and_is_named(
    antin: Antin, office: DemoOffice, originals: list[Path], misbehaviour: Misbehaviour, tmp_path: Path
) -> None:
    token = office.tokens["second"]
    module = compile_module(tmp_path)
    words = ["sign", "--module", module, "--token", token.serial, "--pin-file", "-", "--json", *originals]
    misbehaviour.order(fail_at="C_Sign", fail_with=0x31)
    stopped = antin(*words, stdin=token.pin)
    assert stopped.code == 3
    assert [row["error"]["code"] for row in stopped.rows] == ["token-memory", "run-stopped", "run-stopped"]
    assert not list((antin.data_dir / "Kho văn bản").rglob("*.*"))
    misbehaviour.behave()
    resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=token.pin)
    assert [row["status"] for row in resumed.rows] == ["signed"] * 3, resumed.err
    assert misbehaviour.calls("C_Login") == 2, "one PIN a run"


_SECOND_CERTIFICATE = """
import sys
import pkcs11
from pkcs11.util.x509 import decode_x509_certificate

module, label, pin, key_id, certificate = sys.argv[1:]
[token] = [token for token in pkcs11.lib(module).get_tokens() if token.label == label]
with token.open(rw=True, user_pin=pin) as session:
    session.create_object(
        decode_x509_certificate(bytes.fromhex(certificate))
        | {pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.ID: bytes.fromhex(key_id), pkcs11.Attribute.LABEL: "renewed"}
    )
"""


def _again(pki: Pki, name: str, since: dt.datetime, until: dt.datetime) -> bytes:
    """A further certificate of the same authority for the same person and key; DER."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    old = x509.load_der_x509_certificate(pki.certificate(name))
    builder = x509.CertificateBuilder(
        old.issuer, old.subject, old.public_key(), x509.random_serial_number(), since, until
    )
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    key = pki.private_key("issuing")
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)  # type: ignore[arg-type]


@pytest.fixture
def own_token(office: DemoOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DemoToken:
    """The second person's token, in a folder of this test's own."""
    configuration = tmp_path / "softhsm2.conf"
    tokens.write_configuration(configuration, tmp_path / "tokens")
    monkeypatch.setenv("SOFTHSM2_CONF", str(configuration))
    plans = [plan for plan in tokens.PLANS if plan.name == "second"]
    return tokens.create(configuration, office.module, office.pki, plans)["second"]


def _put_beside(office: DemoOffice, token: DemoToken, certificate: bytes) -> str:
    """Put a certificate for its key on a token; SHA-256."""
    words = [str(office.module), token.label, token.pin, token.key_id.hex(), certificate.hex()]
    subprocess.run([sys.executable, "-c", _SECOND_CERTIFICATE, *words], env=dict(os.environ), check=True)
    return hashlib.sha256(certificate).hexdigest()


def test_two_certificates_for_one_key_are_told_apart(
    antin: Antin, office: DemoOffice, own_token: DemoToken, originals: list[Path]
) -> None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    certificate = _again(office.pki, "second", now - dt.timedelta(days=1), now + dt.timedelta(days=400))
    renewed = _put_beside(office, own_token, certificate)
    first = hashlib.sha256(own_token.certificate).hexdigest()
    words = ["sign", "--token", own_token.serial, "--pin-file", "-", "--json"]
    unclear = antin(*words, originals[2], stdin=own_token.pin)
    assert unclear.code == 2
    assert renewed[:16] in unclear.err
    assert first[:16] in unclear.err
    for wanted in (renewed, first):
        chosen = antin(*words, "--cert", wanted[:16], originals[2], stdin=own_token.pin)
        assert chosen.code == 0, chosen.out
        (report,) = antin("verify", "--offline", "--json", chosen.rows[0]["output"]).rows
        assert [one["certificate"]["sha256"] for one in report["signatures"]] == [wanted], report


def test_of_two_certificates_for_one_key_the_expired_one_is_not_used(
    antin: Antin, office: DemoOffice, own_token: DemoToken, originals: list[Path]
) -> None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    certificate = _again(office.pki, "second", now - dt.timedelta(days=800), now - dt.timedelta(days=1))
    expired = _put_beside(office, own_token, certificate)
    words = ["sign", "--token", own_token.serial, "--pin-file", "-", "--json"]
    signed = antin(*words, originals[2], stdin=own_token.pin)
    assert signed.code == 0, signed.out
    refused = antin(*words, "--cert", expired, originals[2], stdin=own_token.pin)
    assert refused.code == 2
    assert "đã hết hạn" in refused.err
