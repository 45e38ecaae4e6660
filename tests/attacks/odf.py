"""Forgeries of signed OpenDocument packages, each a script that takes a genuine file and yields the forged one.

Sources: CVE-2021-25633 to 25636 (certificate doubling, time manipulation, KeyValue against X509Data in LibreOffice);
reference/ooxml-signatures, section 7.
"""

from __future__ import annotations

import base64
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from app.verification.model import Conclusion
from tests.attacks import zip_tricks
from tests.attacks.model import Attack, Workshop
from tests.demo.pki import Credential, Pki
from tests.office_signing import contents, replacing
from tests.xml_signing import ODF_ROOT, Wish, altered, container, list_of, sign_odf, write_odt

SIGNATURES = "META-INF/documentsignatures.xml"
MANIFEST = "META-INF/manifest.xml"


@dataclass(frozen=True)
class Victim:
    """:ivar signed: by ``credential``; ``other``: an unsigned one that says something else."""

    signed: Path
    other: Path
    credential: Credential
    stranger: Credential


ATTACKS: list[Attack] = []

_Forge = Callable[[Victim, Path], Path]


def attack(code: str, verdict: Conclusion = Conclusion.INVALID) -> Callable[[_Forge], _Forge]:
    def register(forge: _Forge) -> _Forge:
        def make(workshop: Workshop, folder: Path) -> Path:
            return forge(workshop.once(make_victim), folder)

        ATTACKS.append(Attack("odf", forge.__name__, make, verdict, code))
        return forge

    return register


def _edit(victim: Victim, folder: Path, edits: dict[str, Callable[[bytes], bytes] | bytes | None]) -> Path:
    return altered(victim.signed, folder / "forged.odt", edits)


@attack("container-part-changed")
def text_changed(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {"content.xml": replacing("phê duyệt", "bãi bỏ")})


@attack("container-part-changed")
def content_exchanged(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {"content.xml": contents(victim.other)["content.xml"]})


@attack("container-part-changed")
def manifest_changed(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {MANIFEST: replacing('"styles.xml"', '"other.xml"')})


@attack("container-part-changed")
def mimetype_changed(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {"mimetype": replacing("text", "text-template")})


@attack("container-part-missing")
def part_removed(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {"styles.xml": None})


@attack("container-uncovered")
def picture_added(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {"Pictures/seal.png": b"\x89PNG"})


@attack("container-uncovered")
def macro_added(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {"Basic/Standard/Module1.xml": b"<module/>"})


@attack("container-uncovered")
def signatures_of_macros_added(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {"META-INF/macrosignatures.xml": b"<signatures/>"})


@attack("container-uncovered")
def object_added_below_a_folder(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {"Object 1/content.xml": b"<x/>", "Object 1/": b""})


@attack("container-uncovered")
def file_added_to_meta_inf(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {"META-INF/other.xml": b"<other/>"})


@attack("container-uncovered")
def manifest_left_out(victim: Victim, folder: Path) -> Path:
    """An honest signer's program that left the list of files unsigned, so that it can be exchanged."""
    return sign_odf(victim.signed, folder / "forged.odt", victim.credential, skip=(MANIFEST,))


@attack("container-comment")
def comment_inserted(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {"content.xml": replacing("phê duyệt", "phê<!-- --> duyệt")})


@attack("xmldsig-content-not-xml", Conclusion.INDETERMINATE)
def dtd_inserted(victim: Victim, folder: Path) -> Path:
    entity = '<!DOCTYPE x [<!ENTITY e "bãi bỏ">]><office:document-content'
    return _edit(victim, folder, {"content.xml": replacing("<office:document-content", entity)})


@attack("odf-mimetype")
def mimetype_not_first(victim: Victim, folder: Path) -> Path:
    entries = contents(victim.signed)
    return container(
        {name: entries[name] for name in sorted(entries, key=lambda one: one == "mimetype")}, folder / "f.odt"
    )


@attack("odf-mimetype")
def mimetype_compressed(victim: Victim, folder: Path) -> Path:
    with zipfile.ZipFile(folder / "forged.odt", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents(victim.signed).items():
            archive.writestr(name, content)
    return folder / "forged.odt"


@attack("container-stray-bytes")
def bytes_between_parts(victim: Victim, folder: Path) -> Path:
    forged = folder / "forged.odt"
    with zipfile.ZipFile(victim.signed) as source, forged.open("wb") as out, zipfile.ZipFile(out, "w") as archive:
        for number, info in enumerate(source.infolist()):
            if number == 1:
                out.write(b"<html>padding</html>")
                archive.start_dir = out.tell()
            archive.writestr(info.filename, source.read(info.filename), info.compress_type)
    return forged


@attack("odf-encrypted", Conclusion.UNREADABLE)
def marked_as_encrypted(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {MANIFEST: replacing("</m:manifest>", "<m:encryption-data/></m:manifest>")})


# Certificates.


def _certificate(credential: Credential) -> str:
    return f"<X509Certificate>{base64.b64encode(credential.certificate).decode()}</X509Certificate>"


def _own_signature(victim: Victim, folder: Path, *, xades: bool) -> Path:
    """The attacker signs another document, with the victim's certificate doubled into the signature."""
    both = (victim.credential.certificate, victim.stranger.certificate)
    return sign_odf(victim.other, folder / "forged.odt", victim.stranger, certificates=both, xades=xades)


@attack("chain-signature-wrong", Conclusion.INDETERMINATE)
def certificate_doubled(victim: Victim, folder: Path) -> Path:
    return _own_signature(victim, folder, xades=False)


@attack("chain-signature-wrong", Conclusion.INDETERMINATE)
def certificate_doubled_with_properties(victim: Victim, folder: Path) -> Path:
    return _own_signature(victim, folder, xades=True)


@attack("xmldsig-certificate-mismatch")
def certificate_exchanged(victim: Victim, folder: Path) -> Path:
    forged = sign_odf(victim.other, folder / "own.odt", victim.stranger)
    swap = replacing(_certificate(victim.stranger), _certificate(victim.credential))
    return altered(forged, folder / "forged.odt", {SIGNATURES: swap})


@attack("xmldsig-signature-value")
def key_value_beside_a_certificate(victim: Victim, folder: Path) -> Path:
    """A program that verifies with KeyValue and shows the certificate (CVE-2021-25636)."""
    key = victim.stranger.private_key
    assert isinstance(key, rsa.RSAPrivateKey)
    numbers = key.public_key().public_numbers()
    modulus = base64.b64encode(numbers.n.to_bytes(256, "big")).decode()
    value = f"<KeyValue><RSAKeyValue><Modulus>{modulus}</Modulus><Exponent>AQAB</Exponent></RSAKeyValue></KeyValue>"
    certificates = (victim.credential.certificate,)
    return sign_odf(
        victim.other,
        folder / "forged.odt",
        victim.stranger,
        certificates=certificates,
        extra_key_info=value,
        xades=False,
    )


@attack("xmldsig-no-certificate", Conclusion.INDETERMINATE)
def certificate_removed(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {SIGNATURES: replacing(_certificate(victim.credential), "")})


@attack("xmldsig-markup")
def key_from_elsewhere(victim: Victim, folder: Path) -> Path:
    retrieval = '<KeyInfo><RetrievalMethod URI="http://127.0.0.1:9/key"/>'
    return _edit(victim, folder, {SIGNATURES: replacing("<KeyInfo>", retrieval)})


# The signature's markup.


@attack("xmldsig-properties-changed")
def time_changed(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {SIGNATURES: replacing("2026-03-02T", "2020-03-02T")})


@attack("xmldsig-object-not-signed")
def object_added(victim: Victim, folder: Path) -> Path:
    injected = "</KeyInfo><Object><note>Đã phê duyệt</note></Object>"
    return _edit(victim, folder, {SIGNATURES: replacing("</KeyInfo>", injected)})


@attack("xmldsig-signature-value")
def reference_removed(victim: Victim, folder: Path) -> Path:
    def without(content: bytes) -> bytes:
        return re.sub(rb'<Reference URI="content.xml">.*?</Reference>', b"", content, count=1)

    return _edit(victim, folder, {SIGNATURES: without, "content.xml": replacing("phê duyệt", "bãi bỏ")})


@attack("odf-signatures-unreadable")
def signature_wrapped(victim: Victim, folder: Path) -> Path:
    """The genuine signature is moved one element down, where some programs still find it."""

    def wrap(content: bytes) -> bytes:
        content = content.replace(b"<Signature ", b"<w><Signature ", 1)
        return content.replace(b"</Signature>", b"</Signature></w>", 1)

    return _edit(victim, folder, {SIGNATURES: wrap, "content.xml": replacing("phê duyệt", "bãi bỏ")})


@attack("xmldsig-duplicate-id")
def properties_doubled(victim: Victim, folder: Path) -> Path:
    doubled = '</KeyInfo><Object Id="sig1-props"><note>Đã phê duyệt</note></Object>'
    return _edit(victim, folder, {SIGNATURES: replacing("</KeyInfo>", doubled)})


@attack("odf-signatures-unreadable")
def entities_in_signatures(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {SIGNATURES: lambda content: b'<!DOCTYPE x [<!ENTITY e "e">]>' + content[39:]})


@attack("xmldsig-comment")
def comment_in_signature(victim: Victim, folder: Path) -> Path:
    return _edit(victim, folder, {SIGNATURES: replacing("<SignedInfo>", "<SignedInfo><!-- -->")})


def _dishonest(victim: Victim, folder: Path, references: list[tuple[str, tuple[str, ...]]], **fields: object) -> Path:
    """What a signer's key really signed, but in a form that must not be believed."""
    entries = contents(victim.signed)
    files = {uri: entries.get(uri, b"<x/>") for uri, _ in references}
    wish = Wish(victim.credential, references, **fields)  # type: ignore[arg-type]
    entries[SIGNATURES] = list_of(ODF_ROOT, "document-signatures", [wish], files)
    return container(entries, folder / "forged.odt")


@attack("xmldsig-reference")
def reference_out_of_the_package(victim: Victim, folder: Path) -> Path:
    return _dishonest(victim, folder, [("../content.xml", ())])


@attack("xmldsig-reference")
def reference_to_an_address(victim: Victim, folder: Path) -> Path:
    return _dishonest(victim, folder, [("http://127.0.0.1:9/content.xml", ())])


@attack("container-uncovered")
def signature_over_nothing(victim: Victim, folder: Path) -> Path:
    return _dishonest(victim, folder, [])


@attack("xmldsig-transform")
def transform_by_xslt(victim: Victim, folder: Path) -> Path:
    xslt = "http://www.w3.org/TR/1999/REC-xslt-19991116"
    return _edit(
        victim,
        folder,
        {
            SIGNATURES: replacing(
                'http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/></Transforms>', f'{xslt}"/></Transforms>'
            )
        },
    )


def _zip_victim(workshop: Workshop) -> zip_tricks.Victim:
    victim = workshop.once(make_victim)
    return zip_tricks.Victim(victim.signed.read_bytes(), victim.other.read_bytes(), "content.xml")


ATTACKS += zip_tricks.attacks("odf", ".odt", _zip_victim)


def make_victim(pki: Pki, folder: Path) -> Victim:
    """The files of a victim in a folder."""
    credential, stranger = pki.credential("leader"), pki.credential("leader", stranger=True)
    plain = write_odt(folder / "plain.odt", "Quyết định phê duyệt kế hoạch", {"Pictures/dấu đỏ.png": b"\x89PNG 1"})
    return Victim(
        signed=sign_odf(plain, folder / "signed.odt", credential),
        other=write_odt(folder / "other.odt", "Quyết định bãi bỏ kế hoạch"),
        credential=credential,
        stranger=stranger,
    )
