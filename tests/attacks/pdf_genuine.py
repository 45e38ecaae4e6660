"""Genuine signed PDF files of every kind an office receives: none may be refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from io import BytesIO

from asn1crypto import cms

from tests import pdf_samples as samples
from tests.attacks.pdf_evidence import revocation_list
from tests.attacks.pdf_files import (
    Bodies,
    current,
    form,
    pyhanko_signed,
    ranges,
    re_signed,
    root_number,
    signature_value,
    signed,
    signed_twice,
    text_field,
    update,
    with_time_stamp,
)


def filled(content: bytes, name: bytes = b"HoTen") -> Bodies:
    number = 6 if name == b"HoTen" else 7
    return {number: text_field(name, b"Nguyen Van A")}


def stamped_document(
    box: tuple[int, int, int, int] | None = None, token: Callable[[bytes], bytes] | None = None
) -> bytes:
    """A signature, then evidence and a document time stamp.

    :param token: gives the time-stamp token for a digest.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp

    make_token = token or (lambda digest: samples.LocalStamper().token(digest, "sha256"))
    content = signed()
    root = root_number(content)
    evidence = b"<< /Length %d >>\nstream\n%s\nendstream" % (
        len(samples.root_certificate()),
        samples.root_certificate(),
    )
    body = current(content, root).replace(b"/Type /Catalog", b"/Type /Catalog /DSS << /Certs [70 0 R] >>")
    writer = IncrementalPdfFileWriter(BytesIO(update(content, {root: body, 70: evidence})))
    writer._update_meta = lambda: None  # type: ignore[method-assign]
    steps = PdfCMSEmbedder(SigFieldSpec("Stamp", box=box)).write_cms("Stamp", writer)
    next(steps)
    steps.send(SigObjSetup(DocumentTimestamp(bytes_reserved=16384)))
    prepared, out = steps.send(SigIOSetup("sha256", in_place=True))
    prepared.fill_with_cms(out, make_token(prepared.document_digest))
    return bytes(out.getvalue())


def certified_and(permission: int, bodies: Callable[[bytes], Bodies] | None) -> Callable[[], bytes]:
    from pyhanko.sign.fields import MDPPerm

    def make() -> bytes:
        genuine = pyhanko_signed(form(), certify=True, docmdp_permissions=MDPPerm(permission))
        return genuine if bodies is None else update(genuine, bodies(genuine))

    return make


def commented(content: bytes) -> Bodies:
    page = current(content, 4)
    listed = re.search(rb"/Annots \[([^\]]*)\]", page)
    assert listed is not None
    note = b"<< /Type /Annot /Subtype /Text /Rect [60 740 80 760] /Contents (y kien) /P 4 0 R >>"
    return {4: page.replace(listed[0], b"/Annots [" + listed[1] + b" 60 0 R ]"), 60: note}


def certified_signed_and(filled_first: Bodies, filled_last: Bodies) -> Callable[[], bytes]:
    """Certified with P 2; then filled in, approved, and filled in further."""

    def make() -> bytes:
        certified = certified_and(2, None)()
        before = update(certified, filled_first) if filled_first else certified
        return update(signed(before, who=samples.signer("p256")), filled_last)

    return make


def packet(title: bytes, properties: bytes = b"", attributes: bytes = b"") -> bytes:
    """A metadata stream with the title and whatever else it is to say."""
    text = (
        b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        b' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        b' xmlns:pdf="http://ns.adobe.com/pdf/1.3/" %s><dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li>'
        b'</rdf:Alt></dc:title>%s</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ) % (attributes, title, properties)
    return b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream" % (len(text), text)


def described() -> bytes:
    """A form with metadata that say when it was made and saved."""
    bodies = {
        6: packet(b"QD 12", b"<xmp:CreateDate>2026-05-01</xmp:CreateDate><xmp:ModifyDate>2026-05-02</xmp:ModifyDate>")
    }
    bodies = {**samples.objects(), **bodies}
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /Metadata 6 0 R >>"
    return samples.classic(bodies)


def saved_with_packet() -> bytes:
    """Signed again by a program that writes the metadata anew, in a notation of its own."""
    dates = b'xmp:CreateDate="2026-05-01" xmp:ModifyDate="2026-06-01" xmp:MetadataDate="2026-06-01" pdf:Producer="B"'
    return signed(update(signed(described()), {6: packet(b"QD 12", attributes=dates)}), who=samples.signer("p256"))


def empty_field_then_signed() -> bytes:
    """Two prepared fields, both signed one after the other."""
    bodies = samples.objects(page_extra=b"/Annots [6 0 R 7 0 R]")
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R 7 0 R] >> >>"
    for number, name in ((6, b"Truong"), (7, b"VanThu")):
        bodies[number] = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /Rect [72 %d 200 %d] /P 4 0 R /F 4 >>" % (
            name,
            60 * number,
            60 * number + 50,
        )
    first = pyhanko_signed(samples.classic(bodies), field_name="Truong")
    return pyhanko_signed(first, field_name="VanThu")


def saved_with_date() -> bytes:
    bodies = {**samples.objects(), 6: b"<< /Title (QD 12) /ModDate (D:20260101000000Z) >>"}
    content = signed(samples.classic(bodies, b"/Info 6 0 R"))
    later = b"<< /Title (QD 12) /ModDate (D:20260601000000Z) >>"
    return signed(update(content, {6: later}, trailer=b"/Info 6 0 R"), who=samples.signer("p256"))


def sha1_inside() -> bytes:
    """adbe.pkcs7.sha1: the digest is the content of the CMS. Of a time at which SHA-1 was in use, as a stamp proves."""
    content = signed().replace(b"/ETSI.CAdES.detached", b"/adbe.pkcs7.sha1    ").replace(b"20260512", b"20250301")
    first, length, second, rest = ranges(content)
    digest = hashlib.sha1(content[first : first + length] + content[second : second + rest]).digest()

    def enclose(value: bytes) -> bytes:
        info = cms.ContentInfo.load(value)
        info["content"]["encap_content_info"] = {"content_type": "data", "content": digest}
        return stamped_long_ago(bytes(info.dump(force=True)))

    return re_signed(content, digest, enclose)


def stamped_long_ago(value: bytes) -> bytes:
    """A CMS with a signature time stamp of the year 2025."""
    imprint = hashlib.sha256(signature_value(value)).digest()
    token = samples.LocalStamper(dt.datetime(2025, 3, 2, tzinfo=dt.UTC)).token(imprint, "sha256")
    return with_time_stamp(value, token)


def adobe_detached() -> bytes:
    """adbe.pkcs7.detached, as programs before PAdES wrote it: the time among the signed attributes."""
    from pyhanko.sign.fields import SigSeedSubFilter

    return pyhanko_signed(samples.classic(samples.objects()), subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED)


def long_term(*, archived: int) -> bytes:
    """By pyHanko: a signature time stamp, ``/DSS`` with ``/VRI``, and document time stamps.

    :param archived: how many document time stamps; with one or more the level is LTA.
    """
    from asn1crypto import crl, keys, x509
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
    from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
    from pyhanko_certvalidator import ValidationContext

    identity = samples.stamper_identity()
    key = identity.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    stamper = DummyTimeStamper(x509.Certificate.load(identity.certificate), keys.PrivateKeyInfo.load(key))
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(samples.root_certificate())],
        crls=[crl.CertificateList.load(revocation_list())],
        allow_fetching=False,
        revocation_mode="hard-fail",
    )
    content = pyhanko_signed(
        samples.classic(samples.objects()),
        timestamper=stamper,
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=True,
        use_pades_lta=archived > 0,
        validation_context=context,
    )
    for _further in range(archived - 1):
        reader = PdfFileReader(BytesIO(content))
        out = PdfTimeStamper(stamper).update_archival_timestamp_chain(reader, context)
        content = bytes(out.getvalue())
    return content


def encrypted_by(method: str) -> bytes:
    """Encrypted with an empty user password, as offices protect against changes: opened by everybody.

    :param method: ``rc4-40``, ``rc4-128`` or ``aes-128``.
    """
    from pyhanko.pdf_utils.crypt import StandardSecurityHandler
    from pyhanko.pdf_utils.crypt import StandardSecuritySettingsRevision as Revision
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(BytesIO(samples.classic(samples.objects()))))
    handler = StandardSecurityHandler.build_from_pw_legacy(
        rev=Revision.RC4_BASIC if method == "rc4-40" else Revision.RC4_OR_AES128,
        id1=writer._document_id[0].original_bytes,
        desired_owner_pass="owner",
        desired_user_pass="",
        keylen_bytes=5 if method == "rc4-40" else 16,
        use_aes128=method == "aes-128",
    )
    writer._assign_security_handler(handler)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


GENUINE: dict[str, Callable[[], bytes]] = {
    "classic": signed,
    "object-streams": lambda: signed(samples.with_object_streams(samples.objects())),
    "hybrid": lambda: signed(samples.hybrid(samples.objects())),
    "linearised": lambda: signed(samples.linearised(samples.objects(2))),
    "linearised-twice": lambda: signed_twice(samples.linearised(samples.objects(2))),
    "encrypted": lambda: signed(samples.encrypted(samples.classic(samples.objects()), "")),
    "encrypted-twice": lambda: signed_twice(samples.encrypted(samples.classic(samples.objects()), "")),
    "many-pages": lambda: signed_twice(samples.classic(samples.objects(60))),
    "two-signers": signed_twice,
    "two-signers-object-streams": lambda: signed_twice(samples.with_object_streams(samples.objects())),
    "three-signers-hybrid": lambda: signed(signed_twice(samples.hybrid(samples.objects()))),
    "form-signed": lambda: signed_twice(form(b"A")),
    "blank-after-end": lambda: signed() + b"\r\n",
    "evidence-and-time-stamp": stamped_document,
    "certified-1": certified_and(1, None),
    "certified-2-filled": certified_and(2, filled),
    "certified-3-commented": certified_and(3, commented),
    "certified-then-signed": lambda: signed(certified_and(2, None)()),
    "prepared-fields": empty_field_then_signed,
    "saved-with-date": saved_with_date,
    "saved-with-packet": saved_with_packet,
    "certified-2-signed-filled": certified_signed_and({}, filled(b"")),
    "certified-2-filled-signed-filled": certified_signed_and(filled(b""), filled(b"", b"ChucVu")),
    "sha1-inside": sha1_inside,
    "adobe-detached": adobe_detached,
    "long-term": lambda: long_term(archived=0),
    "archived": lambda: long_term(archived=1),
    "archived-again": lambda: long_term(archived=2),
    "encrypted-rc4-40": lambda: signed(encrypted_by("rc4-40")),
    "encrypted-rc4-128": lambda: signed(encrypted_by("rc4-128")),
    "encrypted-aes-128": lambda: signed_twice(encrypted_by("aes-128")),
    "dangling-reference": lambda: signed_twice(samples.classic(samples.objects(page_extra=b"/Metadata 90 0 R"))),
}
