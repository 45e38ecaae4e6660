"""Signature files as OpenSSL makes them, and forgeries of them (rules of RFC 5652)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

from asn1crypto import cms as asn1

from app.trust import der
from app.verification.model import Conclusion
from tests.attacks.model import Attack
from tests.demo.pki import Pki

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


_Forge = Callable[[Pki, Path], Path]
ATTACKS: list[Attack] = []


def attack(code: str, verdict: Conclusion = Conclusion.INVALID) -> Callable[[_Forge], _Forge]:
    def register(forge: _Forge) -> _Forge:
        _add(forge.__name__, forge, code, verdict)
        return forge

    return register


def _add(name: str, forge: _Forge, code: str, verdict: Conclusion = Conclusion.INVALID) -> None:
    ATTACKS.append(Attack("cms", name, lambda workshop, folder: forge(workshop.pki, folder), verdict, code))


_Edit = Callable[[asn1.SignedData, asn1.SignedData], None]


def edit(code: str, verdict: Conclusion = Conclusion.INVALID) -> Callable[[_Edit], _Edit]:
    """A forgery that edits the structure of one genuine signature with parts of another of the same signer."""

    def register(change: _Edit) -> _Edit:
        def forge(pki: Pki, folder: Path) -> Path:
            made = [_structure(attached(pki, folder, content)) for content in (TEXT, b"Noi dung khac")]
            change(made[0]["content"], made[1]["content"])
            (folder / "forged.p7m").write_bytes(made[0].dump(force=True))
            return folder / "forged.p7m"

        _add(change.__name__, forge, code, verdict)
        return change

    return register


def attached(pki: Pki, folder: Path, content: bytes = TEXT, *options: str, name: str = "made.p7m") -> Path:
    """A signature of the leader with its content inside."""
    (folder / "content").write_bytes(content)
    wanted = ("-nodetach", "-cades", "-outform", "DER", *options)
    made = OpenSsl(pki, folder).sign(folder / "content", folder / name, *wanted)
    (folder / "content").unlink()
    return made


def _structure(file: Path) -> asn1.ContentInfo:
    return asn1.ContentInfo.load(file.read_bytes())


@edit("digest-mismatch")
def content_exchanged(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    signed["encap_content_info"] = other["encap_content_info"]


@edit("signature-value-wrong")
def message_digest_exchanged(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    signed["encap_content_info"] = other["encap_content_info"]
    signed["signer_infos"][0]["signed_attrs"] = other["signer_infos"][0]["signed_attrs"]


@edit("signature-value-wrong")
def time_changed(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    attributes = signed["signer_infos"][0]["signed_attrs"]
    for one in attributes:
        if one["type"].native == "signing_time":
            one["values"][0] = asn1.Time(name="utc_time", value=asn1.UTCTime("200101000000Z"))


@edit("digest-mismatch")
def attributes_removed(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    """The attributes become the content of a signature without attributes (RFC 5652, section 11)."""
    signer = signed["signer_infos"][0]
    octets = b"\x31" + signer["signed_attrs"].dump()[1:]
    signed["encap_content_info"] = {"content_type": "data", "content": octets}


@edit("cms-attributes-as-content")
def attributes_as_content(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    signer = signed["signer_infos"][0]
    octets = b"\x31" + signer["signed_attrs"].dump()[1:]
    del signer["signed_attrs"]
    signed["encap_content_info"] = {"content_type": "data", "content": octets}


@edit("digest-mismatch")
def second_signer_of_something_else(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    signed["signer_infos"] = [signed["signer_infos"][0], other["signer_infos"][0]]


@edit("cms-signer-certificate-missing", Conclusion.INDETERMINATE)
def certificate_removed(signed: asn1.SignedData, other: asn1.SignedData) -> None:
    del signed["certificates"]


@attack("cms-malformed", Conclusion.UNREADABLE)
def octets_after_the_end(pki: Pki, folder: Path) -> Path:
    signed = attached(pki, folder)
    signed.write_bytes(signed.read_bytes() + b"\0")
    return signed


@attack("cms-malformed", Conclusion.UNREADABLE)
def octets_after_the_end_of_a_stream(pki: Pki, folder: Path) -> Path:
    signed = attached(pki, folder, TEXT, "-stream")
    signed.write_bytes(signed.read_bytes() + b"\0")
    return signed


@attack("cms-content-type-differs")
def content_type_changed(pki: Pki, folder: Path) -> Path:
    signed = attached(pki, folder)
    data, digested = der.encode_oid("1.2.840.113549.1.7.1"), der.encode_oid("1.2.840.113549.1.7.5")
    signed.write_bytes(signed.read_bytes().replace(data, digested, 1))
    return signed


@attack("cms-attributes-as-content")
def attributes_as_detached_content(pki: Pki, folder: Path) -> Path:
    """The attributes of a genuine signature are handed out as a document, and its attributes left out."""
    structure = _structure(attached(pki, folder))
    signer = structure["content"]["signer_infos"][0]
    (folder / "document.bin").write_bytes(b"\x31" + signer["signed_attrs"].dump()[1:])
    del signer["signed_attrs"]
    structure["content"]["encap_content_info"] = {"content_type": "data"}
    forged = folder / "document.bin.p7s"
    forged.write_bytes(structure.dump(force=True))
    return forged


@attack("cms-beside-differs", Conclusion.INDETERMINATE)
def signature_of_something_else(pki: Pki, folder: Path) -> Path:
    """Its content is genuine and inside; the file that bears its name is another."""
    (folder / "nghị quyết.pdf").write_bytes(b"%PDF-1.7 forged")
    return attached(pki, folder, name="nghị quyết.pdf.p7s")


@attack("digest-mismatch")
def detached_content_changed(pki: Pki, folder: Path) -> Path:
    letter = folder / "letter.txt"
    letter.write_bytes(TEXT)
    signed = OpenSsl(pki, folder).sign(letter, folder / "letter.txt.p7s", "-cades", "-outform", "DER")
    letter.write_bytes(TEXT.replace(b"15/", b"51/"))
    return signed


def _of(pki: Pki, folder: Path, signer: str, *options: str) -> Path:
    (folder / "letter.txt").write_bytes(TEXT)
    wanted = ("-nodetach", "-cades", "-outform", "DER", *options)
    return OpenSsl(pki, folder).sign(folder / "letter.txt", folder / "letter.p7m", *wanted, signers=(signer,))


for _name, _signer, _options, _code, _verdict in (
    ("sha1_today", "leader", ("-md", "sha1"), "weak-hash-new", Conclusion.INVALID),
    ("md5", "leader", ("-md", "md5"), "algorithm-unknown", Conclusion.INDETERMINATE),
    ("key_of_1024_bits", "weak", (), "weak-key-new", Conclusion.INVALID),
    ("certificate_revoked", "revoked", (), "revoked", Conclusion.INVALID),
    ("certificate_run_out", "expired", (), "certificate-expired-then", Conclusion.INDETERMINATE),
    ("certificate_not_yet_valid", "future", (), "certificate-not-yet-valid", Conclusion.INVALID),
):
    _add(
        _name,
        lambda pki, folder, signer=_signer, options=_options: _of(pki, folder, signer, *options),  # type: ignore[misc]
        _code,
        _verdict,
    )


def _armoured(pki: Pki, folder: Path, *, edit: Callable[[bytes], bytes]) -> Path:
    (folder / "letter.txt").write_bytes(TEXT)
    target = folder / "letter.p7m"
    OpenSsl(pki, folder).sign(folder / "letter.txt", target, "-nodetach", "-cades", "-outform", "PEM")
    genuine = target.read_bytes()
    target.write_bytes(edit(genuine))
    assert target.read_bytes() != genuine
    return target


_PAGE = b"<html><h1>Cong van so 99</h1></html>"
for _name, _change in {
    "page_behind_the_armour": lambda data: data + _PAGE,
    "page_in_the_armour": lambda data: data.replace(b"CMS-----\n", b"CMS-----" + _PAGE + b"-----\n", 1),
    "second_armour": lambda data: data + b"-----BEGIN CMS-----\nMAA=\n-----END CMS-----\n",
}.items():
    _add(_name, partial(_armoured, edit=_change), "cms-malformed", Conclusion.UNREADABLE)
