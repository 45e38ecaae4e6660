"""Signature files: what OpenSSL makes is genuine."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from app.i18n import set_language
from app.trust import der
from app.verification import words
from app.verification.cms import examine
from app.verification.engine import Verifier
from app.verification.model import Conclusion, Coverage
from tests.attacks.cms import TEXT, OpenSsl
from tests.attacks.model import ACCEPTED
from tests.demo.pki import Pki


@pytest.fixture
def openssl(pki: Pki, tmp_path: Path) -> OpenSsl:
    return OpenSsl(pki, tmp_path)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    file = tmp_path / "công văn.txt"
    file.write_bytes(TEXT)
    return file


@pytest.mark.parametrize("form", ["DER", "PEM"])
@pytest.mark.parametrize("options", [(), ("-cades",), ("-noattr",), ("-keyid",), ("-md", "sha512")])
@pytest.mark.parametrize("attached", [True, False])
@pytest.mark.parametrize("signer", ["leader", "second"])
def test_genuine(
    openssl: OpenSsl, letter: Path, verifier: Verifier, form: str, options: tuple[str, ...], attached: bool, signer: str
) -> None:
    target = letter.with_name(letter.name + (".p7m" if attached else ".p7s"))
    inside = ("-nodetach",) if attached else ()
    openssl.sign(letter, target, "-outform", form, *options, *inside, signers=(signer,))
    (facts,) = examine(target).signatures
    assert (facts.intact, facts.coverage) == (True, Coverage.WHOLE), facts.problems
    assert verifier.verify(target).conclusion in ACCEPTED
    changed = target.read_bytes().replace(b"15/UBND", b"51/UBND") if attached and form == "DER" else None
    if changed:
        target.write_bytes(changed)
    elif not attached:
        letter.write_bytes(TEXT + b".")
    if changed or not attached:
        assert verifier.verify(target).conclusion is Conclusion.INVALID


def test_written_as_a_stream(openssl: OpenSsl, letter: Path, verifier: Verifier) -> None:
    """Lengths are not definite and the content comes in pieces."""
    letter.write_bytes(TEXT * 20_000)
    signed = openssl.sign(letter, letter.with_suffix(".txt.p7m"), "-stream", "-nodetach", "-outform", "DER")
    assert signed.read_bytes().startswith(b"\x30\x80")
    assert verifier.verify(signed).conclusion in ACCEPTED
    signed.write_bytes(signed.read_bytes().replace(b"15/UBND", b"51/UBND", 1))
    assert verifier.verify(signed).conclusion is Conclusion.INVALID


def test_cades_names_its_certificate(openssl: OpenSsl, letter: Path, verifier: Verifier) -> None:
    signed = openssl.sign(letter, letter.with_suffix(".txt.p7m"), "-cades", "-nodetach", "-outform", "DER")
    assert verifier.verify(signed).signatures[0].level == "B"


def test_several_signers(openssl: OpenSsl, pki: Pki, letter: Path, verifier: Verifier) -> None:
    target = letter.with_suffix(".p7m")
    openssl.sign(letter, target, "-nodetach", "-outform", "DER", signers=("leader", "second"))
    facts = examine(target).signatures
    assert {one.certificate for one in facts} == {pki.credential(name).certificate for name in ("leader", "second")}
    assert all(one.intact for one in facts)
    assert verifier.verify(target).conclusion in ACCEPTED


def test_the_content_is_found_by_the_stem(openssl: OpenSsl, letter: Path, verifier: Verifier) -> None:
    signed = openssl.sign(letter, letter.with_suffix(".p7s"), "-outform", "DER")
    facts = examine(signed)
    assert facts.signatures[0].intact
    assert [(problem.code, dict(problem.data)) for problem in facts.problems] == [
        ("cms-content-beside", {"name": letter.name})
    ]
    letter.write_bytes(b"another document of the same stem")
    assert verifier.verify(signed).conclusion is Conclusion.INDETERMINATE


@pytest.mark.parametrize("others", [(), ("a.docx", "a.pdf")])
def test_a_content_that_is_not_there(
    openssl: OpenSsl, letter: Path, verifier: Verifier, tmp_path: Path, others: tuple[str, ...]
) -> None:
    folder = tmp_path / "alone"
    folder.mkdir()
    signed = openssl.sign(letter, folder / "a.p7s", "-outform", "DER")
    for name in others:
        (folder / name).write_bytes(TEXT)
    report = verifier.verify(signed)
    assert report.conclusion is Conclusion.INDETERMINATE
    assert [reason.code for reason in report.signatures[0].reasons if reason.code.startswith("cms-content")] == [
        "cms-content-not-found"
    ]
    assert report.signatures[0].signer == "Nguyễn Văn An"
    assert report.signatures[0].coverage is Coverage.PARTIAL
    set_language("vi")
    assert words.protects(report.signatures[0]) == "chưa rõ (thiếu văn bản)"


def test_only_certificates(pki: Pki, tmp_path: Path, verifier: Verifier) -> None:
    target = tmp_path / "certificates.p7b"
    certificate = str(pki.issuing_certificate)
    subprocess.run(
        ["openssl", "crl2pkcs7", "-nocrl", "-certfile", certificate, "-outform", "DER", "-out", str(target)], check=True
    )
    assert verifier.verify(target).conclusion is Conclusion.UNSIGNED


def test_encrypted(pki: Pki, letter: Path, verifier: Verifier) -> None:
    target = letter.with_suffix(".p7m")
    certificate = str(pki.folder / "certificates/demo/leader.pem")
    command = ["openssl", "cms", "-encrypt", "-in", str(letter), "-out", str(target), "-outform", "DER", certificate]
    subprocess.run(command, check=True)
    report = verifier.verify(target)
    assert (report.conclusion, report.reasons[0].code) == (Conclusion.UNREADABLE, "cms-encrypted")


def test_depth_and_size_are_bounded(tmp_path: Path, verifier: Verifier) -> None:
    opening = der.encode_oid("1.2.840.113549.1.7.2")
    for number, body in enumerate((b"\x30\x80" * 200_000, b"\x24\x80" * 100_000, b"\x02\x00" * 300_000)):
        hostile = tmp_path / f"{number}.p7m"
        hostile.write_bytes(b"\x30\x80" + opening + b"\xa0\x80" + body)
        begun = time.process_time()
        report = verifier.verify(hostile)
        assert (report.conclusion, report.reasons[0].code) == (Conclusion.UNREADABLE, "cms-malformed")
        assert time.process_time() - begun < 5
    huge = tmp_path / "huge.p7m"
    with huge.open("wb") as file:
        file.write(b"\x30\x84\x10\x00\x00\x00" + opening)
        file.truncate(200 << 20)
    assert verifier.verify(huge).reasons[0].code == "cms-file-too-large"


@pytest.mark.parametrize(
    ("name", "lies"), [("a.p7m", False), ("a", False), ("a.bin", False), ("a.pdf", True), ("a.docx", True)]
)
def test_a_name_that_lies_is_told(
    openssl: OpenSsl, letter: Path, tmp_path: Path, verifier: Verifier, name: str, lies: bool
) -> None:
    signed = openssl.sign(letter, tmp_path / name, "-nodetach", "-outform", "DER")
    report = verifier.verify(signed)
    assert ("format-other-than-named" in {reason.code for reason in report.reasons}) is lies
    assert report.conclusion is (Conclusion.INDETERMINATE if lies else Conclusion.VALID)
