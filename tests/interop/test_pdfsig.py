"""Programs nobody here wrote accept our PDF signatures: poppler's ``pdfsig`` (NSS) and ``openssl``.

A run without them fails: the packages are poppler-utils, libnss3-tools and openssl.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.signing.model import Level, Mark
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests import pdf_samples as samples
from tests.attacks.pdf import GENUINE
from tests.pdf_samples import LocalStamper, sign, signer


def run(*command: object) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def pem(path: Path, der: bytes) -> Path:
    path.write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    return path


@pytest.fixture(scope="session")
def nss(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An NSS database that trusts the test root."""
    folder = tmp_path_factory.mktemp("nss")
    run("certutil", "-N", "-d", f"sql:{folder}", "--empty-password")
    root = pem(folder / "root.pem", samples.root_certificate())
    run("certutil", "-A", "-d", f"sql:{folder}", "-n", "root", "-t", "CT,CT,CT", "-i", root)
    return folder


def assert_pdfsig_accepts(path: Path, nss: Path, signatures: int = 1) -> None:
    report = run("pdfsig", "-nssdir", f"sql:{nss}", path)
    assert report.count("Signature is Valid.") == signatures, report
    assert report.count("Certificate is Trusted.") == signatures, report
    last = report[report.index(f"Signature #{signatures}:") :]
    assert "Total document signed" in last
    assert "Not total document signed" not in last


CASES = [
    ("rsa", SignatureAlgorithm.RSA_SHA256),
    ("rsa", SignatureAlgorithm.RSA_SHA384),
    ("rsa", SignatureAlgorithm.RSA_PSS_SHA256),
    ("p256", SignatureAlgorithm.ECDSA_SHA256),
    ("p384", SignatureAlgorithm.ECDSA_SHA384),
]


@pytest.mark.parametrize("level", [Level.B, Level.T])
@pytest.mark.parametrize(("kind", "algorithm"), CASES)
def test_pdfsig_accepts(tmp_path, nss, kind, algorithm, level):
    completed = sign(
        samples.write(tmp_path / "a.pdf"),
        tmp_path / "b.pdf",
        signer(kind),
        algorithm=algorithm,
        level=level,
        timestamper=LocalStamper(),
        mark=Mark(0, (300, 300, 500, 360), text="Người ký: Nguyễn Thị Kiểm Thử"),
    )
    assert completed.level is level
    assert_pdfsig_accepts(completed.path, nss)


def test_pdfsig_accepts_both_signatures(tmp_path, nss):
    first = sign(samples.write(tmp_path / "a.pdf"), tmp_path / "b.pdf").path
    second = sign(first, tmp_path / "c.pdf", signer("p256")).path
    assert_pdfsig_accepts(second, nss, signatures=2)


@pytest.mark.parametrize(
    "content",
    [
        samples.with_object_streams(samples.objects()),
        samples.hybrid(samples.objects()),
        samples.linearised(samples.objects(2)),
        samples.encrypted(samples.classic(samples.objects()), ""),
    ],
    ids=["object-streams", "hybrid", "linearised", "encrypted"],
)
def test_pdfsig_accepts_every_structure(tmp_path, nss, content):
    assert_pdfsig_accepts(sign(samples.write(tmp_path / "a.pdf", content), tmp_path / "b.pdf").path, nss)


ONE_SIGNER = [
    *("adobe-detached", "long-term", "certified-1", "certified-2-filled"),
    *("encrypted-rc4-40", "encrypted-rc4-128"),
]
TWO_SIGNERS = ["prepared-fields", "encrypted-aes-128", "two-signers-object-streams"]


@pytest.mark.parametrize("name", ONE_SIGNER + TWO_SIGNERS)
def test_pdfsig_agrees_on_genuine_files(tmp_path, nss, name):
    report = run("pdfsig", "-nssdir", f"sql:{nss}", samples.write(tmp_path / "a.pdf", GENUINE[name]()))
    assert report.count("Signature is Valid.") == (2 if name in TWO_SIGNERS else 1), report


def test_pdfsig_accepts_the_sample_documents(tmp_path, nss, samples):
    for index, name in enumerate(name for name in samples if name.endswith("_pdf")):
        assert_pdfsig_accepts(sign(samples[name], tmp_path / f"{index}.pdf").path, nss)


def test_pdfsig_sees_a_changed_octet(tmp_path, nss):
    completed = sign(samples.write(tmp_path / "a.pdf"), tmp_path / "b.pdf")
    completed.path.write_bytes(completed.path.read_bytes().replace(b"12/QD-UBND", b"13/QD-UBND", 1))
    report = subprocess.run(["pdfsig", "-nssdir", f"sql:{nss}", str(completed.path)], capture_output=True, text=True)
    assert "Signature is Valid." not in report.stdout


@pytest.mark.parametrize(("kind", "algorithm"), CASES)
def test_openssl_verifies_the_cms(tmp_path, kind, algorithm):
    path = sign(samples.write(tmp_path / "a.pdf"), tmp_path / "b.pdf", signer(kind), algorithm=algorithm).path
    content = path.read_bytes()
    match = re.search(rb"/ByteRange \[0 (\d+) (\d+) \d+\]", content)
    assert match is not None
    end, start = int(match[1]), int(match[2])
    (tmp_path / "covered").write_bytes(content[:end] + content[start:])
    (tmp_path / "cms.der").write_bytes(bytes.fromhex(content[end + 1 : start - 1].decode()))
    root = pem(tmp_path / "root.pem", samples.root_certificate())
    run(
        *("openssl", "cms", "-verify", "-inform", "DER", "-in", tmp_path / "cms.der"),
        *("-content", tmp_path / "covered", "-binary", "-CAfile", root, "-purpose", "any"),
        *("-cades", "-out", tmp_path / "out"),
    )
    assert (tmp_path / "out").read_bytes() == (tmp_path / "covered").read_bytes()
