"""Making XML signatures in software: in ODF and ASiC containers, and in XML files."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from app.xmldsig.canonical import Canonicalization, canonical_subset, canonical_whole, read_canonicalization, removed
from tests.demo.pki import Credential
from tests.office_signing import TIME, contents, raw_signature

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = DS + "enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"

ODF_ROOT = "urn:oasis:names:tc:opendocument:xmlns:digitalsignature:1.0"
ASIC_ROOT = "http://uri.etsi.org/02918/v1.2.1#"


@dataclass(frozen=True)
class Wish:
    """A signature to be made.

    :ivar references: URI and identifiers of its transforms.
    :ivar objects: further Object elements as markup.
    :ivar xades: with signed properties that name certificate and time.
    :ivar certificates: in KeyInfo; the signer's alone without.
    """

    credential: Credential
    references: Sequence[tuple[str, Sequence[str]]]
    identifier: str = "sig"
    objects: str = ""
    xades: bool = True
    certificates: Sequence[bytes] = ()
    method: str = C14N
    hash_name: str = "sha256"
    extra_key_info: str = ""
    unsigned: str = ""
    edit: Callable[[str], str] = field(default=lambda markup: markup)


def template(wish: Wish) -> str:
    """The Signature element without digests and value."""
    certificates = wish.certificates or [wish.credential.certificate]
    digest = f'<DigestMethod Algorithm="{SHA256}"/><DigestValue></DigestValue>'
    references = "".join(
        f'<Reference URI="{uri}">'
        + (
            "<Transforms>" + "".join(f'<Transform Algorithm="{one}"/>' for one in transforms) + "</Transforms>"
            if transforms
            else ""
        )
        + f"{digest}</Reference>"
        for uri, transforms in wish.references
    )
    properties = ""
    if wish.xades:
        references += (
            f'<Reference URI="#{wish.identifier}-props" Type="{SIGNED_PROPERTIES}"><Transforms>'
            f'<Transform Algorithm="{EXCLUSIVE}"/></Transforms>{digest}</Reference>'
        )
        named = base64.b64encode(hashlib.sha256(wish.credential.certificate).digest()).decode()
        properties = (
            f'<Object><xd:QualifyingProperties xmlns:xd="{XADES}" Target="#{wish.identifier}">'
            f'<xd:SignedProperties Id="{wish.identifier}-props"><xd:SignedSignatureProperties>'
            f"<xd:SigningTime>{TIME.isoformat()}</xd:SigningTime><xd:SigningCertificateV2><xd:Cert><xd:CertDigest>"
            f'<DigestMethod Algorithm="{SHA256}"/><DigestValue>{named}</DigestValue></xd:CertDigest></xd:Cert>'
            "</xd:SigningCertificateV2></xd:SignedSignatureProperties></xd:SignedProperties>"
            + (
                "<xd:UnsignedProperties><xd:UnsignedSignatureProperties>"
                f"{wish.unsigned}</xd:UnsignedSignatureProperties></xd:UnsignedProperties>"
                if wish.unsigned
                else ""
            )
            + "</xd:QualifyingProperties></Object>"
        )
    family = "rsa" if isinstance(wish.credential.private_key, rsa.RSAPrivateKey) else "ecdsa"
    listed = "".join(
        f"<X509Certificate>{base64.b64encode(certificate).decode()}</X509Certificate>" for certificate in certificates
    )
    return (
        f'<Signature xmlns="{DS}" Id="{wish.identifier}"><SignedInfo>'
        f'<CanonicalizationMethod Algorithm="{wish.method}"/>'
        f'<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#{family}-{wish.hash_name}"/>'
        f"{references}</SignedInfo><SignatureValue></SignatureValue>"
        f"<KeyInfo>{wish.extra_key_info}<X509Data>{listed}</X509Data></KeyInfo>{wish.objects}{properties}</Signature>"
    )


def complete(document: bytes, wish: Wish, files: Mapping[str, bytes] | None = None) -> bytes:
    """Put digests and value into the Signature of that Id.

    :param files: content that references other than to the document lead to, by URI.
    """
    root = etree.fromstring(document)
    signature = next(one for one in root.iter(f"{{{DS}}}Signature") if one.get("Id") == wish.identifier)
    info = signature.find(f"{{{DS}}}SignedInfo")
    for reference in info.iterfind(f"{{{DS}}}Reference"):
        octets = reference_octets(root, signature, reference, files or {})
        value = base64.b64encode(hashlib.sha256(octets).digest())
        reference.find(f"{{{DS}}}DigestValue").text = value
    octets = canonical_subset(info, read_canonicalization(info[0]))
    raw = raw_signature(wish.credential, octets, wish.hash_name)
    signature.find(f"{{{DS}}}SignatureValue").text = base64.b64encode(raw)
    made: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
    return made


def reference_octets(
    root: etree._Element, signature: etree._Element, reference: etree._Element, files: Mapping[str, bytes]
) -> bytes:
    uri = reference.get("URI")
    transforms = list(reference.iter(f"{{{DS}}}Transform"))
    enveloped = bool(transforms) and transforms[0].get("Algorithm") == ENVELOPED
    rest = transforms[1:] if enveloped else transforms
    method = read_canonicalization(rest[-1]) if rest else None
    if uri and not uri.startswith("#"):
        return files[uri] if method is None else canonical_whole(etree.fromstring(files[uri]), method)
    method = method or Canonicalization()

    def written() -> bytes:
        if not uri:
            return canonical_whole(root, method)
        target = next((one for name in ("Id", "id") for one in root.iterfind(f".//*[@{name}='{uri[1:]}']")), None)
        return canonical_subset(root if target is None else target, method)

    if not enveloped:
        return written()
    with removed(signature):
        return written()


def list_of(namespace: str, name: str, wishes: Iterable[Wish], files: Mapping[str, bytes]) -> bytes:
    """A document of signatures over files: ``document-signatures`` of ODF, ``XAdESSignatures`` of ASiC."""
    made = list(wishes)
    body = "".join(one.edit(template(one)) for one in made)
    document = f'<{name} xmlns="{namespace}">{body}</{name}>'.encode()
    for one in made:
        document = complete(document, one, files)
    return document


_ODF_MARKUP = ("content.xml", "styles.xml", "settings.xml", "meta.xml", "META-INF/manifest.xml")


def sign_odf(source: Path, target: Path, *credentials: Credential, skip: Sequence[str] = (), **fields: object) -> Path:
    """Sign an OpenDocument package as LibreOffice does.

    :param skip: names of files that are left out.
    """
    entries = contents(source)
    files = {
        quote(name): content
        for name, content in entries.items()
        if not name.endswith("/") and name not in skip and name != "META-INF/documentsignatures.xml"
    }
    references = [(uri, (C14N,) if uri in _ODF_MARKUP else ()) for uri in files]
    wishes = [
        Wish(credential, references, f"sig{number}", **fields)  # type: ignore[arg-type]
        for number, credential in enumerate(credentials, 1)
    ]
    entries["META-INF/documentsignatures.xml"] = list_of(ODF_ROOT, "document-signatures", wishes, files)
    return container(entries, target)


def container(entries: Mapping[str, bytes], target: Path) -> Path:
    """A ZIP file whose first entry, if it is ``mimetype``, is stored."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return target


def altered(source: Path, target: Path, edits: Mapping[str, Callable[[bytes], bytes] | bytes | None]) -> Path:
    """A copy of a container with entries edited, added, or removed (None)."""
    entries = contents(source)
    for name, edit in edits.items():
        if edit is None:
            del entries[name]
        elif callable(edit):
            before = entries[name]
            entries[name] = edit(before)
            assert entries[name] != before, f"the edit of {name} changed nothing"
        else:
            entries[name] = edit
    return container(entries, target)


def write_odt(target: Path, text: str, extra: Mapping[str, bytes] | None = None, kind: str = "text") -> Path:
    """A small OpenDocument package.

    :param kind: ``text``, ``spreadsheet`` or ``presentation``.
    """
    office, words = "urn:oasis:names:tc:opendocument:xmlns:office:1.0", "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    listed = {"content.xml": "text/xml", "styles.xml": "text/xml"} | dict.fromkeys(
        extra or {}, "application/octet-stream"
    )
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    rows = "".join(
        f'<m:file-entry m:full-path="{name}" m:media-type="{one}"/>'
        for name, one in ({"/": media_type} | listed).items()
    )
    body = (
        f'<office:document-content xmlns:office="{office}" xmlns:text="{words}" office:version="1.2"><office:body>'
        f"<office:{kind}><text:p>{text}</text:p></office:{kind}></office:body></office:document-content>"
    )
    return container(
        {
            "mimetype": media_type.encode(),
            "content.xml": body.encode(),
            "styles.xml": f'<office:document-styles xmlns:office="{office}" office:version="1.2"/>'.encode(),
            **(extra or {}),
            "META-INF/manifest.xml": (
                '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" m:version="1.2">'
                f"{rows}</m:manifest>"
            ).encode(),
        },
        target,
    )
