"""PDF files and certificates made on the spot for the tests of signing and verifying PDF."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.signing.model import Completed, SignatureRequest
from app.signing.pdf import prepare
from pkcs11_bridge.protocol import SignatureAlgorithm

HANOI = dt.timezone(dt.timedelta(hours=7))
SIGNED_AT = dt.datetime(2026, 5, 12, 9, 30, tzinfo=HANOI)
_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


@dataclass(frozen=True)
class SoftwareSigner:
    """A key in memory that signs as a token does."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: bytes
    chain: tuple[bytes, ...]

    def sign(self, octets: bytes, algorithm: SignatureAlgorithm) -> bytes:
        digest = _HASHES[algorithm.hash_name]
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.key.sign(octets, ec.ECDSA(digest)))
            width = (self.key.key_size + 7) // 8
            return r.to_bytes(width, "big") + s.to_bytes(width, "big")
        if algorithm.startswith("rsa-pss"):
            return self.key.sign(octets, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return self.key.sign(octets, padding.PKCS1v15(), digest)


@cache
def _root() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(65537, 2048)
    return key, _certificate("Cơ quan chứng thực thử nghiệm", key, None, authority=True)


def root_certificate() -> bytes:
    return _root()[1].public_bytes(Encoding.DER)


@cache
def signer(kind: str = "rsa", name: str = "Nguyễn Thị Kiểm Thử") -> SoftwareSigner:
    """:param kind: ``rsa``, ``p256`` or ``p384``."""
    if kind == "rsa":
        key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = rsa.generate_private_key(65537, 2048)
    else:
        key = ec.generate_private_key(ec.SECP256R1() if kind == "p256" else ec.SECP384R1())
    certificate = _certificate(name, key, _root())
    return SoftwareSigner(key, certificate.public_bytes(Encoding.DER), (root_certificate(),))


@cache
def stamper_identity() -> SoftwareSigner:
    key = rsa.generate_private_key(65537, 2048)
    certificate = _certificate("Dấu thời gian thử nghiệm", key, _root(), stamping=True)
    return SoftwareSigner(key, certificate.public_bytes(Encoding.DER), (root_certificate(),))


def _certificate(
    name: str,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    issuer: tuple[rsa.RSAPrivateKey, x509.Certificate] | None,
    *,
    authority: bool = False,
    stamping: bool = False,
) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "UBND tỉnh Thử Nghiệm"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[1].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2045, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                content_commitment=not authority and not stamping,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=authority,
                crl_sign=authority,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if stamping:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(issuer[0] if issuer else key, hashes.SHA256())  # type: ignore[arg-type]


class LocalStamper:
    """A time-stamp authority in this process (RFC 3161)."""

    def __init__(self, time: dt.datetime = SIGNED_AT, identity: SoftwareSigner | None = None) -> None:
        self.time, self._identity = time, identity

    def token(self, imprint: bytes, hash_name: str) -> bytes:
        import hashlib

        from asn1crypto import algos, cms, core, tsp
        from asn1crypto import x509 as asn1_x509

        identity = self._identity or stamper_identity()
        certificate = asn1_x509.Certificate.load(identity.certificate)
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": "1.2.3.4",
                "message_imprint": {"hash_algorithm": {"algorithm": hash_name}, "hashed_message": imprint},
                "serial_number": 7,
                "gen_time": self.time.astimezone(dt.UTC),
            }
        )
        encapsulated = core.ParsableOctetString(info.dump())
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info.dump()).digest()]}),
                cms.CMSAttribute(
                    {
                        "type": "signing_certificate_v2",
                        "values": [{"certs": [{"cert_hash": hashlib.sha256(identity.certificate).digest()}]}],
                    }
                ),
            ]
        )
        digest_algorithm = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer_info = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    name="issuer_and_serial_number",
                    value={"issuer": certificate.issuer, "serial_number": certificate.serial_number},
                ),
                "digest_algorithm": digest_algorithm,
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_rsa"},
                "signature": identity.sign(attributes.dump(), SignatureAlgorithm.RSA_SHA256),
            }
        )
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [digest_algorithm],
                "encap_content_info": {"content_type": "tst_info", "content": encapsulated},
                "certificates": [certificate],
                "signer_infos": [signer_info],
            }
        )
        dump: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
        return dump


def sign(source: Path, target: Path, who: SoftwareSigner | None = None, **options: object) -> Completed:
    """Sign with a key in memory; ``options`` are fields of the request."""
    who = who or signer()
    algorithm = options.pop("algorithm", None) or (
        SignatureAlgorithm.RSA_SHA256 if isinstance(who.key, rsa.RSAPrivateKey) else SignatureAlgorithm.ECDSA_SHA256
    )
    request = SignatureRequest(
        source=source,
        target=target,
        certificate=who.certificate,
        chain=who.chain,
        algorithm=algorithm,  # type: ignore[arg-type]
        signing_time=SIGNED_AT,
        **options,  # type: ignore[arg-type]
    )
    preparation = prepare(request)
    return preparation.complete(who.sign(preparation.to_be_signed, request.algorithm))


PAGE_TEXT = b"BT /F1 18 Tf 72 760 Td (QUYET DINH so 12/QD-UBND) Tj ET"


def objects(pages: int = 1, page_extra: bytes = b"", media_box: bytes = b"[0 0 595 842]") -> dict[int, bytes]:
    """The bodies of a small document's objects: catalog 1, page tree 2, font 3, then a page and its content in turn."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * index) for index in range(pages))
    bodies = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    for index in range(pages):
        number = 4 + 2 * index
        bodies[number] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> %s >>"
            % (media_box, number + 1, page_extra)
        )
        bodies[number + 1] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(PAGE_TEXT), PAGE_TEXT)
    return bodies


def classic(bodies: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """A file with a classic cross-reference table."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, body in bodies.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    size = max(bodies) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % offsets[number]
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


def with_object_streams(bodies: dict[int, bytes]) -> bytes:
    """The same with an object stream and a cross-reference stream."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    packed = [number for number in bodies if b"stream" not in bodies[number]]
    container, table = max(bodies) + 1, max(bodies) + 2
    entries: dict[int, tuple[int, int, int]] = {0: (0, 0, 65535)}
    for number in bodies:
        if number not in packed:
            entries[number] = (1, len(out), 0)
            out += b"%d 0 obj\n%s\nendobj\n" % (number, bodies[number])
    header, body = b"", b""
    for index, number in enumerate(packed):
        header += b"%d %d " % (number, len(body))
        body += bodies[number] + b" "
        entries[number] = (2, container, index)
    data = zlib.compress(header + body)
    entries[container] = (1, len(out), 0)
    head = b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>" % (
        len(packed),
        len(header),
        len(data),
    )
    out += b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (container, head, data)
    entries[table] = (1, len(out), 0)
    rows = b"".join(
        bytes([kind]) + second.to_bytes(4, "big") + third.to_bytes(2, "big")
        for kind, second, third in (entries[number] for number in range(table + 1))
    )
    data = zlib.compress(rows)
    out += b"%d 0 obj\n<< /Type /XRef /W [1 4 2] /Size %d /Root 1 0 R /Filter /FlateDecode /Length %d >>\nstream\n" % (
        table,
        table + 1,
        len(data),
    )
    out += data + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % entries[table][1]
    return bytes(out)


def hybrid(bodies: dict[int, bytes]) -> bytes:
    """A classic file whose trailer also points to a cross-reference stream (ISO 32000-2, 7.5.8.4)."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, body in bodies.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    container, table = max(bodies) + 1, max(bodies) + 2
    hidden = max(bodies) + 3
    header, body = b"%d 0 " % hidden, b"<< /Hidden true >>"
    offsets[container] = len(out)
    out += b"%d 0 obj\n<< /Type /ObjStm /N 1 /First %d /Length %d >>\nstream\n%s%s\nendstream\nendobj\n" % (
        container,
        len(header),
        len(header + body),
        header,
        body,
    )
    offsets[table] = len(out)
    row = bytes([2]) + container.to_bytes(4, "big") + bytes(2)
    out += (
        b"%d 0 obj\n<< /Type /XRef /W [1 4 2] /Index [%d 1] /Size %d /Root 1 0 R /Length %d >>\nstream\n%s"
        b"\nendstream\nendobj\n" % (table, hidden, hidden + 1, len(row), row)
    )
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (hidden + 1)
    for number in range(1, hidden):
        out += b"%010d 00000 n \n" % offsets[number]
    out += b"0000000000 00000 f \n"
    out += b"trailer\n<< /Size %d /Root 1 0 R /XRefStm %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        hidden + 1,
        offsets[table],
        start,
    )
    return bytes(out)


def linearised(bodies: dict[int, bytes]) -> bytes:
    """The two tables of a linearised file (ISO 32000-2, annex F): that of page one first, the rest at the end."""
    first = [number for number in bodies if number in (1, 4, 5)]
    rest = [number for number in bodies if number not in first]
    own, size = max(bodies) + 1, max(bodies) + 2
    header = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"%d 0 obj\n<< /Linearized 1 /N 1 /O 4 >>\nendobj\n" % own
    places = {own: header.index(b"%d 0 obj" % own)}
    entries = b"%010d 00000 n \n"
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Prev %010d >>\nstartxref\n0\n%%%%EOF\n"
    first_length = len(b"xref\n") + sum(len(b"%d 1\n" % n) + 20 for n in (*first, own)) + len(trailer % (size, 0))
    out = bytearray(header + bytes(first_length))
    for number in (*first, *rest):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, bodies[number])
    main = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n" + b"".join(b"%d 1\n" % n + entries % places[n] for n in rest)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(header))
    table = b"xref\n" + b"".join(b"%d 1\n" % n + entries % places[n] for n in (*first, own)) + trailer % (size, main)
    out[len(header) : len(header) + first_length] = table
    return bytes(out)


def encrypted(content: bytes, password: str, *, authenticated: bool = False) -> bytes:
    """The document encrypted with AES-256 and this user password, and a code over it (ISO/TS 32004) if asked."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(BytesIO(content)))
    writer.encrypt("owner", password, pdf_mac=authenticated)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def write(path: Path, content: bytes | None = None) -> Path:
    path.write_bytes(content if content is not None else classic(objects()))
    return path
