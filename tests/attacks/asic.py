"""ASiC containers of the usual shapes, and forgeries of them (rules of ETSI EN 319 162-1)."""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import quote

from cryptography import x509
from lxml import etree

from app.trust.timestamps import HttpTimestamper
from app.verification.model import Conclusion
from app.xmldsig.canonical import Canonicalization, canonical_subset
from tests.attacks import zip_tricks
from tests.attacks.model import Attack, Workshop
from tests.demo.pki import Credential, Pki
from tests.unit.trust_material import CmsMaker, Holder
from tests.xades_levels import XADES_141, raised
from tests.xml_signing import ASIC_ROOT, C14N, DS, SHA256, XADES, Wish, altered, container, list_of

SIGNATURES, CADES, LIST = "META-INF/signatures001.xml", "META-INF/signature001.p7s", "META-INF/ASiCManifest001.xml"
EXTENDED, SIMPLE = b"application/vnd.etsi.asic-e+zip", b"application/vnd.etsi.asic-s+zip"
FILES = {"Quyết định.txt": "Quyết định phê duyệt".encode(), "phu-luc.xml": b"<p>1</p>"}


def xades(
    target: Path, *signers: Credential, files: Mapping[str, bytes] = FILES, kind: bytes = EXTENDED, **fields: object
) -> Path:
    """A container with XAdES signatures over all files."""
    references = [(quote(name), (C14N,) if name.endswith(".xml") else ()) for name in files]
    wishes = [Wish(one, references, f"sig{number}", **fields) for number, one in enumerate(signers)]  # type: ignore[arg-type]
    signatures = list_of(ASIC_ROOT, "XAdESSignatures", wishes, {quote(name): data for name, data in files.items()})
    return container({"mimetype": kind, **files, SIGNATURES: signatures}, target)


def listed(files: Mapping[str, bytes], signature: str = CADES, extra: str = "") -> bytes:
    rows = "".join(
        f'<a:DataObjectReference URI="{quote(name)}"><DigestMethod xmlns="{DS}" Algorithm="{SHA256}"/>'
        f'<DigestValue xmlns="{DS}">{base64.b64encode(hashlib.sha256(data).digest()).decode()}</DigestValue>'
        "</a:DataObjectReference>"
        for name, data in files.items()
    )
    return (
        f'<a:ASiCManifest xmlns:a="{ASIC_ROOT}">'
        f'<a:SigReference URI="{signature}" MimeType="application/x-pkcs7-signature"/>'
        f"{rows}{extra}</a:ASiCManifest>"
    ).encode()


def detached(signer: Credential, content: bytes) -> bytes:
    holder = Holder(x509.load_der_x509_certificate(signer.certificate), signer.private_key)
    return CmsMaker(holder, content=content).make()


def cades(target: Path, signer: Credential, files: Mapping[str, bytes] = FILES, extra: str = "") -> Path:
    """ASiC-E with a CAdES signature over a list of all files."""
    manifest = listed(files, extra=extra)
    return container({"mimetype": EXTENDED, **files, LIST: manifest, CADES: detached(signer, manifest)}, target)


def cades_simple(target: Path, signer: Credential) -> Path:
    """ASiC-S with a CAdES signature over the only file."""
    one = {"a.txt": FILES["Quyết định.txt"]}
    return container({"mimetype": SIMPLE, **one, "META-INF/signature.p7s": detached(signer, one["a.txt"])}, target)


def xades_simple(target: Path, signer: Credential) -> Path:
    return xades(target, signer, files={"a.txt": b"mot"}, kind=SIMPLE)


_Forge = Callable[[Pki, Path], Path]
ATTACKS: list[Attack] = []


def attack(code: str, verdict: Conclusion = Conclusion.INVALID) -> Callable[[_Forge], _Forge]:
    def register(forge: _Forge) -> _Forge:
        _add(forge.__name__, forge, code, verdict)
        return forge

    return register


def _add(name: str, forge: _Forge, code: str, verdict: Conclusion = Conclusion.INVALID) -> None:
    ATTACKS.append(Attack("asic", name, lambda workshop, folder: forge(workshop.pki, folder), verdict, code))


def _edited(pki: Pki, folder: Path, edits: dict[str, Callable[[bytes], bytes] | bytes | None]) -> Path:
    signed = xades(folder / "signed.asice", pki.credential("leader"))
    return altered(signed, folder / "forged.asice", edits)


@attack("container-part-changed")
def file_changed(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, {"Quyết định.txt": b"Bai bo"})


@attack("container-part-missing")
def file_removed(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, {"phu-luc.xml": None})


@attack("container-uncovered")
def file_added(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, {"Quyết định (bản cuối).pdf": b"%PDF-1.7"})


@attack("container-uncovered")
def file_added_to_meta_inf(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, {"META-INF/decision.pdf": b"%PDF-1.7"})


@attack("container-uncovered")
def file_of_another_case_in_meta_inf(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, {"meta-inf/signatures.xml": b"<x/>"})


@attack("asic-part-unreadable")
def document_named_as_signature(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, {"META-INF/my-signatures.xml": b"<decision/>"})


@attack("xmldsig-content-not-xml", Conclusion.INDETERMINATE)
def dtd_in_a_file(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, {"phu-luc.xml": b'<!DOCTYPE p [<!ENTITY e "1">]><p>&e;</p>'})


@attack("container-comment")
def comment_in_a_file(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, {"phu-luc.xml": b"<p>1<!-- 0 --></p>"})


@attack("xmldsig-content-not-xml", Conclusion.INDETERMINATE)
def entities_in_signatures(pki: Pki, folder: Path) -> Path:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    return _edited(pki, folder, {SIGNATURES: lambda content: bomb + content.partition(b"?>")[2].lstrip()})


@attack("asic-part-unreadable")
def signature_wrapped(pki: Pki, folder: Path) -> Path:
    def wrap(content: bytes) -> bytes:
        content = content.replace(b"<Signature ", b"<w><Signature ", 1)
        return content.replace(b"</Signature>", b"</Signature></w>", 1)

    return _edited(pki, folder, {SIGNATURES: wrap})


@attack("xmldsig-object-not-signed")
def signed_info_wrapped(pki: Pki, folder: Path) -> Path:
    """The genuine SignedInfo is kept in an Object, where a program that searches finds it first or last."""

    def wrap(content: bytes) -> bytes:
        found = re.search(rb"<SignedInfo>.*?</SignedInfo>", content, re.DOTALL)
        assert found is not None
        return content.replace(b"</Signature>", b"<Object>" + found[0] + b"</Object></Signature>", 1)

    return _edited(pki, folder, {SIGNATURES: wrap})


def _transformed(pki: Pki, folder: Path, algorithm: str) -> Path:
    def exchange(content: bytes) -> bytes:
        old = f'<Transform Algorithm="{C14N}"/>'.encode()
        assert old in content
        return content.replace(old, f'<Transform Algorithm="{algorithm}"/>'.encode(), 1)

    return _edited(pki, folder, {SIGNATURES: exchange})


for _name, _algorithm in {
    "xslt": "http://www.w3.org/TR/1999/REC-xslt-19991116",
    "xpath": "http://www.w3.org/TR/1999/REC-xpath-19991116",
    "xpath_filter": "http://www.w3.org/2002/06/xmldsig-filter2",
    "base64": DS + "base64",
    "decryption": "http://www.w3.org/2002/07/decrypt#XML",
}.items():
    _add(f"transform_{_name}", partial(_transformed, algorithm=_algorithm), "xmldsig-transform")


def _really_signed(pki: Pki, folder: Path, uri: str, content: bytes = b"x") -> Path:
    """A signature whose value is genuine over a reference that must not be."""
    wish = Wish(pki.credential("leader"), [(uri, ())])
    signatures = list_of(ASIC_ROOT, "XAdESSignatures", [wish], {uri: content})
    return container({"mimetype": EXTENDED, "a.txt": content, SIGNATURES: signatures}, folder / "forged.asice")


for _name, _uri in {
    "web": "http://127.0.0.1:9/a.txt",
    "file": "file:///etc/hostname",
    "parent": "../a.txt",
    "encoded_parent": "%2e%2e/a.txt",
    "root": "/a.txt",
    "dot": "./a.txt",
    "query": "a.txt?x",
    "backslash": "x\\a.txt",
}.items():
    _add(f"reference_{_name}", partial(_really_signed, uri=_uri), "xmldsig-reference")


@attack("asic-mimetype")
def mimetype_not_first(pki: Pki, folder: Path) -> Path:
    """It stands at the end, where only some programs read it."""
    signed = xades(folder / "signed.asice", pki.credential("leader"))
    with zipfile.ZipFile(signed) as source, zipfile.ZipFile(folder / "forged.asice", "w") as archive:
        names = source.namelist()
        for name in [*names[1:], names[0]]:
            archive.writestr(name, source.read(name))
    return folder / "forged.asice"


@attack("asic-several-files")
def second_file_in_a_simple_container(pki: Pki, folder: Path) -> Path:
    return xades(folder / "forged.asics", pki.credential("leader"), kind=SIMPLE)


@attack("asic-no-files")
def no_files(pki: Pki, folder: Path) -> Path:
    return xades(folder / "forged.asice", pki.credential("leader"), files={})


# CAdES.


def cades_edited(pki: Pki, folder: Path, edits: dict[str, Callable[[bytes], bytes] | bytes | None]) -> Path:
    return altered(cades(folder / "signed.asice", pki.credential("leader")), folder / "forged.asice", edits)


@attack("container-part-changed")
def cades_file_changed(pki: Pki, folder: Path) -> Path:
    return cades_edited(pki, folder, {"phu-luc.xml": b"<p>2</p>"})


@attack("container-uncovered")
def cades_file_added(pki: Pki, folder: Path) -> Path:
    return cades_edited(pki, folder, {"new.txt": b"new"})


@attack("digest-mismatch")
def cades_list_changed(pki: Pki, folder: Path) -> Path:
    return cades_edited(pki, folder, {LIST: listed(FILES | {"new.txt": b"new"}), "new.txt": b"new"})


@attack("asic-list-missing")
def cades_list_removed(pki: Pki, folder: Path) -> Path:
    return cades_edited(pki, folder, {LIST: None})


@attack("asic-list-missing")
def cades_second_list(pki: Pki, folder: Path) -> Path:
    return cades_edited(pki, folder, {"META-INF/ASiCManifest002.xml": listed(FILES)})


@attack("asic-list-missing")
def cades_over_the_file_beside_a_list(pki: Pki, folder: Path) -> Path:
    """A signature that no list leads to, over the only file, while another list stands in the container."""
    one = {"a.txt": b"mot"}
    signer = pki.credential("leader")
    return container(
        {"mimetype": EXTENDED, **one, CADES: detached(signer, b"mot"), LIST: listed(one, "META-INF/signature002.p7s")},
        folder / "forged.asice",
    )


@attack("asic-part-unreadable")
def cades_unknown_element_in_the_list(pki: Pki, folder: Path) -> Path:
    return cades(folder / "forged.asice", pki.credential("leader"), extra="<x/>")


@attack("cms-content-inside")
def cades_with_another_content_inside(pki: Pki, folder: Path) -> Path:
    signer = pki.credential("leader")
    holder = Holder(x509.load_der_x509_certificate(signer.certificate), signer.private_key)
    inside = CmsMaker(holder, content=b"another", attached=True).make()
    return cades_edited(pki, folder, {CADES: inside})


@attack("asic-part-unreadable")
def cades_garbage(pki: Pki, folder: Path) -> Path:
    return cades_edited(pki, folder, {CADES: b"0\x80" * 50_000})


for _name, _file in {
    "time_stamp": "META-INF/timestamp.tst",
    "evidence_record": "META-INF/evidencerecord.ers",
    "list_of_evidence": "META-INF/ASiCArchiveManifest.xml",
}.items():
    _add(
        f"document_named_as_{_name}",
        partial(_edited, edits={_file: b"%PDF-1.7 decision"}),
        "asic-part-unreadable",
    )


@attack("asic-part-unreadable")
def document_that_begins_like_a_time_stamp(pki: Pki, folder: Path) -> Path:
    """Its first letter is the number with which a time stamp begins."""
    return _edited(pki, folder, {"META-INF/bao-cao-timestamp.tst": b"0. Quyet dinh so 99"})


@attack("container-uncovered")
def document_named_as_evidence_record_of_another_kind(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, {"META-INF/evidencerecord.pdf": b"%PDF-1.7 decision"})


@attack("asic-time-stamp-broken", Conclusion.INDETERMINATE)
def time_stamp_over_another_list(pki: Pki, folder: Path) -> Path:
    """A stamp over the list of all files, taken from another container."""
    manifest = listed(FILES)
    files = {**FILES, LIST: manifest, CADES: detached(pki.credential("leader"), manifest)}
    token = HttpTimestamper(pki.tsa_url, timeout=10).token(hashlib.sha256(b"another list").digest(), "sha256")
    archived = listed(files, "META-INF/timestamp001.tst")
    evidence = {"META-INF/ASiCArchiveManifest.xml": archived, "META-INF/timestamp001.tst": token}
    return container({"mimetype": EXTENDED, **files, **evidence}, folder / "forged.asice")


def _raised(pki: Pki, folder: Path, spoil: Callable[[etree._Element], None], level: str) -> Path:
    """A signature of a higher level whose unsigned properties are changed."""
    signed = xades(folder / "signed.asice", pki.credential("leader"))

    def edit(content: bytes) -> bytes:
        root = etree.fromstring(raised(content, level, pki, {quote(name): data for name, data in FILES.items()}))
        spoil(next(root.iter(f"{{{XADES}}}UnsignedSignatureProperties")))
        return bytes(etree.tostring(root))

    return altered(signed, folder / "forged.asice", {SIGNATURES: edit})


@attack("timestamp-not-intact", Conclusion.INDETERMINATE)
def evidence_removed_under_an_archive_stamp(pki: Pki, folder: Path) -> Path:
    return _raised(pki, folder, lambda properties: properties.remove(properties[1]), "A")


@attack("timestamp-not-intact", Conclusion.INDETERMINATE)
def stamp_of_the_signature_passed_off_as_one_of_the_archive(pki: Pki, folder: Path) -> Path:
    def spoil(properties: etree._Element) -> None:
        properties[0].tag = f"{{{XADES_141}}}ArchiveTimeStamp"

    return _raised(pki, folder, spoil, "T")


@attack("timestamp-not-intact", Conclusion.INDETERMINATE)
def stamp_of_another_signature(pki: Pki, folder: Path) -> Path:
    other = HttpTimestamper(pki.tsa_url, timeout=10).token(hashlib.sha256(b"another").digest(), "sha256")

    def spoil(properties: etree._Element) -> None:
        properties[0][-1].text = base64.b64encode(other).decode()

    return _raised(pki, folder, spoil, "T")


@attack("timestamp-untrusted", Conclusion.INDETERMINATE)
def stamp_of_an_authority_nobody_trusts(pki: Pki, folder: Path) -> Path:
    def spoil(properties: etree._Element) -> None:
        value = properties.getroottree().getroot().find(f".//{{{DS}}}SignatureValue")
        imprint = hashlib.sha256(canonical_subset(value, Canonicalization())).digest()
        stranger = HttpTimestamper(pki.tsa_url.replace("/demo/", "/stranger/"), timeout=10)
        properties[0][-1].text = base64.b64encode(stranger.token(imprint, "sha256")).decode()

    return _raised(pki, folder, spoil, "T")


def _two_containers(pki: Pki, folder: Path) -> tuple[bytes, bytes]:
    leader = pki.credential("leader")
    other = xades(folder / "other.asice", leader, files=FILES | {"phu-luc.xml": b"<p>2</p>"})
    return xades(folder / "signed.asice", leader).read_bytes(), other.read_bytes()


def _zip_victim(workshop: Workshop) -> zip_tricks.Victim:
    return zip_tricks.Victim(*workshop.once(_two_containers), "phu-luc.xml")


ATTACKS += zip_tricks.attacks("asic", ".asice", _zip_victim)
