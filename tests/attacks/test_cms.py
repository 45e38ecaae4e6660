"""Signature files: what OpenSSL makes is genuine, and no forgery of it is ever called valid."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import cms as asn1

from app.office import Office
from app.settings import load
from app.trust import der
from app.verification.cms import examine
from app.verification.engine import Verifier
from app.verification.model import Conclusion, Coverage
from app.verification.policy import Policy
from tests.demo.office import DemoOffice
from tests.demo.pki import Pki

ACCEPTED = (Conclusion.VALID, Conclusion.WARNING)
TEXT = "Công văn số 15/UBND-VP về việc báo cáo\n".encode()


class OpenSsl:
    """OpenSSL signing in a folder with keys of the demo office."""

    def __init__(self, pki: Pki, folder: Path) -> None:
        self._pki, self._folder = pki, folder

    def sign(self, source: Path, target: Path, *options: str, signers: tuple[str, ...] = ("leader",)) -> Path:
        arguments = ["openssl", "cms", "-sign", "-binary", "-in", str(source), "-out", str(target)]
        for name in signers:
            keys = self._pki.folder / "keys/demo" / f"{name}.pem"
            certificate = self._pki.folder / "certificates/demo" / f"{name}.pem"
            arguments += ["-signer", str(certificate), "-inkey", str(keys)]
        arguments += ["-certfile", str(self._pki.issuing_certificate), *options]
        subprocess.run(arguments, check=True, capture_output=True)
        return target


@pytest.fixture
def openssl(pki: Pki, tmp_path: Path) -> OpenSsl:
    return OpenSsl(pki, tmp_path)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    file = tmp_path / "công văn.txt"
    file.write_bytes(TEXT)
    return file


@pytest.fixture(scope="module")
def verifier(office: DemoOffice, tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    folder = tmp_path_factory.mktemp("verifier")
    shutil.copy(office.settings_file, folder / "settings.toml")
    return Office(load(folder)).verifier


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


# Forgeries: each edits the structure that OpenSSL made.

_Edit = Callable[[asn1.SignedData, asn1.SignedData], None]
ATTACKS: dict[str, tuple[_Edit, str]] = {}


def attack(code: str) -> Callable[[_Edit], _Edit]:
    def register(edit: _Edit) -> _Edit:
        ATTACKS[edit.__name__.strip("_")] = edit, code
        return edit

    return register


@attack("digest-mismatch")
def content_exchanged(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    signed["encap_content_info"] = other["encap_content_info"]


@attack("signature-value-wrong")
def message_digest_exchanged(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    signed["encap_content_info"] = other["encap_content_info"]
    signed["signer_infos"][0]["signed_attrs"] = other["signer_infos"][0]["signed_attrs"]


@attack("signature-value-wrong")
def time_changed(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    attributes = signed["signer_infos"][0]["signed_attrs"]
    for one in attributes:
        if one["type"].native == "signing_time":
            one["values"][0] = asn1.Time(name="utc_time", value=asn1.UTCTime("200101000000Z"))


@attack("digest-mismatch")
def attributes_removed(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    """The attributes become the content of a signature without attributes (RFC 5652, section 11)."""
    signer = signed["signer_infos"][0]
    octets = b"\x31" + signer["signed_attrs"].dump()[1:]
    signed["encap_content_info"] = {"content_type": "data", "content": octets}


@attack("cms-attributes-as-content")
def attributes_as_content(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    signer = signed["signer_infos"][0]
    octets = b"\x31" + signer["signed_attrs"].dump()[1:]
    del signer["signed_attrs"]
    signed["encap_content_info"] = {"content_type": "data", "content": octets}


@attack("digest-mismatch")
def second_signer_of_something_else(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    signed["signer_infos"] = [signed["signer_infos"][0], other["signer_infos"][0]]


@attack("cms-signer-certificate-missing")
def certificate_removed(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    del signed["certificates"]


@pytest.mark.parametrize("name", ATTACKS)
def test_forgery(openssl: OpenSsl, letter: Path, tmp_path: Path, verifier: Verifier, name: str) -> None:
    edit, code = ATTACKS[name]
    another = tmp_path / "another.txt"
    another.write_bytes(b"Noi dung khac")
    made = [
        asn1.ContentInfo.load(
            openssl.sign(one, tmp_path / "made.p7m", "-nodetach", "-cades", "-outform", "DER").read_bytes()
        )
        for one in (letter, another)
    ]
    edit(made[0]["content"], made[1]["content"])
    forged = tmp_path / "forged.p7m"
    forged.write_bytes(made[0].dump(force=True))
    _expect(verifier, forged, code)


def _expect(verifier: Verifier, forged: Path, code: str) -> None:
    facts = examine(forged)
    problems = [*facts.problems, *(problem for one in facts.signatures for problem in one.problems)]
    assert code in {problem.code for problem in problems}, problems
    for problem in problems:
        assert "{" not in Policy.load().sentence(problem.code, dict(problem.data)).message
    assert verifier.verify(forged).conclusion not in (*ACCEPTED, Conclusion.UNSIGNED)


@pytest.mark.parametrize("options", [(), ("-stream",)])
def test_octets_after_the_end(openssl: OpenSsl, letter: Path, verifier: Verifier, options: tuple[str, ...]) -> None:
    signed = openssl.sign(letter, letter.with_suffix(".p7m"), "-nodetach", "-outform", "DER", *options)
    signed.write_bytes(signed.read_bytes() + b"\0")
    _expect(verifier, signed, "cms-malformed")


def test_content_type_changed(openssl: OpenSsl, letter: Path, verifier: Verifier) -> None:
    signed = openssl.sign(letter, letter.with_suffix(".p7m"), "-nodetach", "-outform", "DER")
    data, digested = der.encode_oid("1.2.840.113549.1.7.1"), der.encode_oid("1.2.840.113549.1.7.5")
    signed.write_bytes(signed.read_bytes().replace(data, digested, 1))
    _expect(verifier, signed, "cms-content-type-differs")


def test_attributes_as_detached_content(openssl: OpenSsl, letter: Path, verifier: Verifier) -> None:
    """The attributes of a genuine signature are handed out as a document, and its attributes left out."""
    made = openssl.sign(letter, letter.with_suffix(".p7m"), "-nodetach", "-outform", "DER")
    structure = asn1.ContentInfo.load(made.read_bytes())
    signer = structure["content"]["signer_infos"][0]
    document = letter.with_name("document.bin")
    document.write_bytes(b"\x31" + signer["signed_attrs"].dump()[1:])
    del signer["signed_attrs"]
    structure["content"]["encap_content_info"] = {"content_type": "data"}
    forged = letter.with_name("document.bin.p7s")
    forged.write_bytes(structure.dump(force=True))
    _expect(verifier, forged, "cms-attributes-as-content")


def test_a_signature_file_that_signs_something_else(openssl: OpenSsl, letter: Path, verifier: Verifier) -> None:
    """Its content is genuine and inside; the file that bears its name is another."""
    signed = openssl.sign(letter, letter.with_name("nghị quyết.pdf.p7s"), "-nodetach", "-outform", "DER")
    (letter.parent / "nghị quyết.pdf").write_bytes(b"%PDF-1.7 forged")
    _expect(verifier, signed, "cms-beside-differs")


def test_depth_and_size_are_bounded(tmp_path: Path, verifier: Verifier) -> None:
    opening = der.encode_oid("1.2.840.113549.1.7.2")
    for number, body in enumerate((b"\x30\x80" * 200_000, b"\x24\x80" * 100_000, b"\x02\x00" * 300_000)):
        hostile = tmp_path / f"{number}.p7m"
        hostile.write_bytes(b"\x30\x80" + opening + b"\xa0\x80" + body)
        report = verifier.verify(hostile)
        assert (report.conclusion, report.reasons[0].code) == (Conclusion.UNREADABLE, "cms-malformed")
        assert report.seconds < 2
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
    assert report.conclusion is (Conclusion.WARNING if lies else Conclusion.VALID)
