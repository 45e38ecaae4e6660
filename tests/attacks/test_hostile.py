"""Files made to be a burden get their answer within bounds of time and memory, in every format but PDF."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from app.trust import der
from tests import cades_levels
from tests.attacks.asic import EXTENDED, SIGNATURES
from tests.attacks.measured import verified
from tests.attacks.model import Workshop
from tests.attacks.ooxml import MAIN_RELS, SIGNATURE, TYPES, make_victim
from tests.office_signing import changed, replacing
from tests.unit.trust_material import CmsMaker, Holder
from tests.xml_signing import (
    ASIC_ROOT,
    C14N,
    DS,
    SHA256,
    Wish,
    altered,
    complete,
    container,
    sign_odf,
    template,
    write_odt,
)

#: An answer is due within five seconds on the machine of an office; a busy machine of a test run may need more.
_SECONDS, _MEBIBYTES = 20, 300
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"

_Make = Callable[[Workshop, Path], Path]
CASES: dict[str, _Make] = {}


def hostile(make: _Make) -> _Make:
    CASES[make.__name__] = make
    return make


def _reference(uri: str) -> str:
    return (
        f'<Reference URI="{uri}"><DigestMethod Algorithm="{SHA256}"/>'
        f"<DigestValue>{base64.b64encode(bytes(32)).decode()}</DigestValue></Reference>"
    )


def _package(workshop: Workshop, folder: Path, **edits: Callable[[bytes], bytes] | bytes) -> Path:
    names = {"rels": MAIN_RELS, "types": TYPES, "signature": SIGNATURE}
    signed = workshop.once(make_victim).signed
    return changed(signed, folder / "a.docx", {names.get(name, name): edit for name, edit in edits.items()})


# Office.


@hostile
def package_of_well_formed_tiny_elements(workshop: Workshop, folder: Path) -> Path:
    return _package(
        workshop,
        folder,
        rels=b"<Relationships xmlns='" + _RELS.encode() + b"'>" + b"<r/>" * 3_000_000 + b"</Relationships>",
    )


@hostile
def package_of_two_hundred_thousand_relationships(workshop: Workshop, folder: Path) -> Path:
    links = "".join(f'<Relationship Id="x{n}" Type="urn:x" Target="a"/>' for n in range(200_000))
    return _package(workshop, folder, rels=replacing("</Relationships>", links + "</Relationships>"))


@hostile
def package_of_many_content_types(workshop: Workshop, folder: Path) -> Path:
    types = "".join(f'<Override PartName="/p{n}" ContentType="a/b"/>' for n in range(150_000))
    return _package(workshop, folder, types=replacing("</Types>", types + "</Types>"))


@hostile
def package_of_tiny_content_types(workshop: Workshop, folder: Path) -> Path:
    types = b"<x/>" * 1_900_000
    return _package(workshop, folder, types=lambda content: content.replace(b"</Types>", types + b"</Types>"))


@hostile
def manifest_of_many_references(workshop: Workshop, folder: Path) -> Path:
    many = "".join(_reference(f"/p{n}?ContentType=a/b") for n in range(40_000))
    return _package(workshop, folder, signature=replacing("<Manifest>", "<Manifest>" + many))


@hostile
def deep_signature(workshop: Workshop, folder: Path) -> Path:
    return _package(workshop, folder, signature=replacing("<Manifest>", "<a>" * 200_000))


@hostile
def package_of_ten_thousand_parts(workshop: Workshop, folder: Path) -> Path:
    (folder / "a.docx").write_bytes(workshop.once(make_victim).signed.read_bytes())
    with zipfile.ZipFile(folder / "a.docx", "a") as archive:
        for number in range(9_900):
            archive.writestr(f"word/media/{number}.xml", b"<a/>")
    return folder / "a.docx"


# OpenDocument and ASiC.


def _odf(workshop: Workshop, folder: Path, extra: dict[str, bytes]) -> Path:
    return sign_odf(write_odt(folder / "plain", "x", extra), folder / "a.odt", workshop.pki.credential("leader"))


@hostile
def odf_of_many_large_contents(workshop: Workshop, folder: Path) -> Path:
    content = b"<a>" + b"<b/>" * 900_000 + b"</a>"
    signed = sign_odf(write_odt(folder / "plain", "x"), folder / "s.odt", workshop.pki.credential("leader"))
    return altered(signed, folder / "a.odt", {f"Object {n}/content.xml": content for n in range(30)})


@hostile
def odf_manifest_of_tiny_elements(workshop: Workshop, folder: Path) -> Path:
    signed = sign_odf(write_odt(folder / "plain", "x"), folder / "s.odt", workshop.pki.credential("leader"))
    return altered(signed, folder / "a.odt", {"META-INF/manifest.xml": b"<a>" + b"<b/>" * 2_000_000 + b"</a>"})


@hostile
def odf_of_a_hundred_megabytes_of_zeros(workshop: Workshop, folder: Path) -> Path:
    """Signed by somebody, so that they have to be unpacked, under one digest for each of many signatures."""
    return _odf(workshop, folder, {"zeros": bytes(100 << 20)})


@hostile
def asic_of_many_signatures_over_zeros(workshop: Workshop, folder: Path) -> Path:
    files = {"zeros": bytes(100 << 20)}
    signatures = "".join(
        template(Wish(workshop.pki.credential("leader"), [("zeros", ())], f"sig{n}")) for n in range(32)
    )
    markup = f'<a:XAdESSignatures xmlns:a="{ASIC_ROOT}">{signatures}</a:XAdESSignatures>'.encode()
    return container({"mimetype": EXTENDED, **files, SIGNATURES: markup}, folder / "a.asice")


@hostile
def asic_list_of_many_references(workshop: Workshop, folder: Path) -> Path:
    many = "".join(_reference(f"f{n}") for n in range(19_000))
    markup = template(Wish(workshop.pki.credential("leader"), [("a.txt", ())])).replace(
        "<Reference ", many + "<Reference ", 1
    )
    root = f'<a:XAdESSignatures xmlns:a="{ASIC_ROOT}">{markup}</a:XAdESSignatures>'.encode()
    return container({"mimetype": EXTENDED, "a.txt": b"x", SIGNATURES: root}, folder / "a.asice")


# XML.


def _signed_xml(workshop: Workshop, folder: Path, body: str, references: list[tuple[str, tuple[str, ...]]]) -> Path:
    """Really signed, so that all of it is digested."""
    wish = Wish(workshop.pki.credential("leader"), references)
    (folder / "a.xml").write_bytes(complete(f"<r>{body}{template(wish)}</r>".encode(), wish))
    return folder / "a.xml"


def _unsigned_xml(workshop: Workshop, folder: Path, body: str) -> Path:
    """With the markup of a signature, for what would take long to sign too."""
    wish = Wish(workshop.pki.credential("leader"), [("", (f"{DS}enveloped-signature",))])
    (folder / "a.xml").write_text(f"<r>{body}{template(wish)}</r>", encoding="utf-8")
    return folder / "a.xml"


@hostile
def xml_of_many_elements(workshop: Workshop, folder: Path) -> Path:
    return _signed_xml(workshop, folder, "<a/>" * 900_000, [("", (f"{DS}enveloped-signature", C14N))])


@hostile
def xml_of_many_attributes(workshop: Workshop, folder: Path) -> Path:
    """Canonical forms sort them."""
    attributes = " ".join(f'a{n}=""' for n in range(200_000))
    return _unsigned_xml(workshop, folder, f"<a {attributes}/>")


@hostile
def xml_of_many_identifiers(workshop: Workshop, folder: Path) -> Path:
    body = "".join(f'<a Id="i{n}"/>' for n in range(200_000))
    return _signed_xml(workshop, folder, body, [(f"#i{n}", ()) for n in range(300)])


@hostile
def xml_of_one_huge_attribute(workshop: Workshop, folder: Path) -> Path:
    return _signed_xml(workshop, folder, f'<a b="{"x" * (9 << 20)}"/>', [("", (f"{DS}enveloped-signature",))])


@hostile
def xml_of_many_namespaces(workshop: Workshop, folder: Path) -> Path:
    """Canonical forms look at the namespaces in scope for every element."""
    namespaces = " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(5_000))
    return _unsigned_xml(workshop, folder, f"<a {namespaces}>{'<b/>' * 20_000}</a>")


@hostile
def xml_of_large_text(workshop: Workshop, folder: Path) -> Path:
    body = "".join(f'<a Id="i{n}">{"x" * (1 << 20)}</a>' for n in range(28))
    return _signed_xml(workshop, folder, body, [(f"#i{n}", ()) for n in range(28)])


# CMS.


@hostile
def cms_of_indefinite_depth(workshop: Workshop, folder: Path) -> Path:
    opening = b"\x30\x80" + der.encode_oid("1.2.840.113549.1.7.2") + b"\xa0\x80"
    (folder / "a.p7m").write_bytes(opening + b"\x30\x80" * 4_000_000)
    return folder / "a.p7m"


@hostile
def cms_of_many_certificates(workshop: Workshop, folder: Path) -> Path:
    leader = workshop.pki.credential("leader")
    holder = Holder(x509.load_der_x509_certificate(leader.certificate), leader.private_key)
    made = CmsMaker(holder, attached=True, certificates=[leader.certificate] * 15_000).make()
    (folder / "a.p7m").write_bytes(made)
    return folder / "a.p7m"


@hostile
def cms_with_forty_megabytes_inside(workshop: Workshop, folder: Path) -> Path:
    made = cades_levels.signed(bytes(40 << 20), workshop.pki.credential("leader"), "B", workshop.pki, attached=True)
    (folder / "a.p7m").write_bytes(made)
    return folder / "a.p7m"


@hostile
def archive_of_a_claimed_directory(workshop: Workshop, folder: Path) -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
    data = bytearray(buffer.getvalue())
    end = data.rindex(b"PK\x05\x06")
    data[end + 8 : end + 12] = b"\xff\xff\xff\xff"
    data[end + 12 : end + 16] = b"\xff\xff\xff\x7f"
    (folder / "a.docx").write_bytes(data)
    return folder / "a.docx"


@pytest.mark.parametrize("name", CASES)
def test_bounds(workshop: Workshop, tmp_path: Path, name: str) -> None:
    cost = verified(CASES[name](workshop, tmp_path))
    assert cost.conclusion not in ("valid", "warning")
    assert "internal" not in cost.codes and "unexpected" not in cost.codes
    assert (cost.seconds < _SECONDS, cost.mebibytes < _MEBIBYTES) == (True, True), cost
