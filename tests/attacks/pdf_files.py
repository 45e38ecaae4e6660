"""Signed PDF files of the test PKI, and what forgers take to them: updates by hand, new ranges, new CMS values."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from app.signing.pdf_cms import CmsDraft
from app.trust import der
from app.verification.model import Conclusion, Coverage, DocumentFacts
from app.verification.pdf import examine
from app.verification.reasons_pdf import REASONS
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests import pdf_samples as samples

Bodies = dict[int, bytes]
RANGE = re.compile(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\] *")
EVIL_TEXT = b"BT /F1 18 Tf 72 760 Td (QUYET DINH so 99/QD-UBND) Tj ET"
EVIL = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(EVIL_TEXT), EVIL_TEXT)


class Forgery(NamedTuple):
    """A forged file and what the verifier must say of it.

    :ivar make: yields the octets.
    :ivar code: of a reason that must be given, so that a forgery is refused for what it is; empty for a
        file that bears no signature.
    """

    make: Callable[[], bytes]
    code: str
    verdict: Conclusion = Conclusion.INVALID


def accepted(facts: DocumentFacts) -> bool:
    """Whether nothing but trust stands between these facts and a clean conclusion."""
    return bool(facts.readable and facts.signatures) and all(
        signature.intact
        and signature.supported
        and signature.changes_allowed
        and signature.coverage is Coverage.WHOLE
        and not any(
            REASONS.get(problem.code, ("", "", "fail"))[2] in ("fail", "indeterminate")
            for problem in signature.problems
        )
        for signature in facts.signatures
    )


def examined(content: bytes) -> DocumentFacts:
    with tempfile.TemporaryDirectory() as folder:
        return examine(samples.write(Path(folder) / "file.pdf", content))


def signed(content: bytes | None = None, **options: object) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source = samples.write(Path(folder) / "source.pdf", content)
        return samples.sign(source, Path(folder) / "signed.pdf", **options).path.read_bytes()  # type: ignore[arg-type]


def signed_twice(content: bytes | None = None) -> bytes:
    return signed(signed(content), who=samples.signer("p256"))


def pyhanko_signed(content: bytes, **options: object) -> bytes:
    """Signed by pyHanko: certifications, locks, other SubFilters."""
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    who = samples.signer()
    der = who.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple([x509.Certificate.load(issuer) for issuer in who.chain])
    signer = signers.SimpleSigner(
        x509.Certificate.load(who.certificate), keys.PrivateKeyInfo.load(der), cert_registry=store
    )
    writer = IncrementalPdfFileWriter(BytesIO(content))
    options.setdefault("field_name", "Certified")
    stamper = options.pop("timestamper", None)
    metadata = signers.PdfSignatureMetadata(**options)  # type: ignore[arg-type]
    out = signers.sign_pdf(writer, metadata, signer=signer, timestamper=stamper)  # type: ignore[arg-type]
    return bytes(out.getvalue())


def form(value: bytes = b"") -> bytes:
    """A page with two text fields, ``HoTen`` and ``ChucVu``."""
    bodies = samples.objects(page_extra=b"/Annots [6 0 R 7 0 R]")
    bodies[1] = (
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R 7 0 R] /DR << /Font << /F1 3 0 R >> >> >> >>"
    )
    bodies[6] = text_field(b"HoTen", value)
    bodies[7] = text_field(b"ChucVu", b"")
    return samples.classic(bodies)


def text_field(name: bytes, value: bytes) -> bytes:
    return (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (%s) /V (%s) /DA (/F1 12 Tf 0 g) /Rect [72 600 300 620]"
        b" /P 4 0 R /F 4 >>" % (name, value)
    )


# Tools


def current(content: bytes, number: int) -> bytes:
    """The last body of an object."""
    bodies: list[bytes] = re.findall(rb"(?s)(?<!\d)%d 0 obj\s*(.*?)\s*endobj" % number, content)
    return bodies[-1]


def root_number(content: bytes) -> int:
    return int(re.findall(rb"/Root (\d+) 0 R", content)[-1])


def size_of(content: bytes) -> int:
    return int(re.findall(rb"/Size (\d+)", content)[-1])


def signature_number(content: bytes) -> int:
    place = content.index(b"/ByteRange")
    return int(re.findall(rb"(?<!\d)(\d{1,9}) 0 obj", content[:place])[-1])


def update(
    content: bytes,
    bodies: Bodies,
    *,
    trailer: bytes = b"",
    generations: dict[int, int] | None = None,
    freed: tuple[int, ...] = (),
    offsets: dict[int, int] | None = None,
    root: int | None = None,
) -> bytes:
    """Append a revision with a classic table.

    :param offsets: entries that point to where the caller says, without a body.
    """
    generations, places = generations or {}, dict(offsets or {})
    out = bytearray(content)
    for number, body in bodies.items():
        places[number] = len(out)
        out += b"%d %d obj\n%s\nendobj\n" % (number, generations.get(number, 0), body)
    previous = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    start = len(out)
    out += b"xref\n"
    for number in sorted({*places, *freed}):
        if number in freed:
            out += b"%d 1\n0000000000 00001 f \n" % number
        else:
            out += b"%d 1\n%010d %05d n \n" % (number, places[number], generations.get(number, 0))
    size = max([size_of(content), *(number + 1 for number in places)])
    out += b"trailer\n<< /Size %d /Root %d 0 R /Prev %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        root or root_number(content),
        previous,
        trailer,
        start,
    )
    return bytes(out)


def with_range(content: bytes, first: int, length: int, second: int, rest: int) -> bytes:
    """The signer cheats: the only signature of the file made anew over other ranges."""
    match = RANGE.search(content)
    assert match is not None
    text = b"/ByteRange [%d %d %d %d]" % (first, length, second, rest)
    forged = bytearray(content)
    forged[match.start() : match.end()] = text.ljust(match.end() - match.start())
    return re_signed(bytes(forged), bytes(forged[first : first + length] + forged[second : second + rest]))


def re_signed(content: bytes, covered: bytes, change: Callable[[bytes], bytes] = lambda data: data) -> bytes:
    """Put a new CMS over ``covered`` into the gap; ``change`` alters its DER first."""
    start, end = gap(content)
    who = samples.signer()
    draft = CmsDraft(hashlib.sha256(covered).digest(), who.certificate, who.chain, SignatureAlgorithm.RSA_SHA256)
    der = change(draft.assemble(who.sign(draft.to_be_signed, SignatureAlgorithm.RSA_SHA256)))
    return content[: start + 1] + der.hex().encode().ljust(end - start - 2, b"0") + content[end - 1 :]


def gap(content: bytes) -> tuple[int, int]:
    start = content.index(b"/Contents <") + len(b"/Contents ")
    return start, content.index(b">", start) + 1


def ranges(content: bytes) -> tuple[int, int, int, int]:
    match = RANGE.search(content)
    assert match is not None
    return tuple(int(number) for number in match.groups())  # type: ignore[return-value]


def stream_update(content: bytes, bodies: Bodies) -> bytes:
    """Append a revision with a cross-reference stream."""
    out = bytearray(content)
    places = {}
    for number, body in bodies.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    own = max([size_of(content) - 1, *bodies]) + 1
    places[own] = len(out)
    index = b" ".join(b"%d 1" % number for number in sorted(places))
    rows = b"".join(b"\x01" + places[number].to_bytes(4, "big") + bytes(2) for number in sorted(places))
    previous = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    out += (
        b"%d 0 obj\n<< /Type /XRef /W [1 4 2] /Index [%s] /Size %d /Root %d 0 R /Prev %d /Length %d >>\nstream\n%s"
        % (
            own,
            index,
            own + 1,
            root_number(content),
            previous,
            len(rows),
            rows,
        )
    )
    out += b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % places[own]
    return bytes(out)


def with_time_stamp(value: bytes, token: bytes) -> bytes:
    """A CMS (whatever stands behind it is dropped) with this signature time stamp as its only unsigned attribute."""
    kind, content = der.read_prefix(value)[0].children()
    data = content.inner()
    *parts, signers = data.children()
    (signer,) = signers.children()
    fields = b"".join(field.raw for field in signer.children() if field.tag != der.context(1))
    stamp = der.encode(der.SEQUENCE, der.encode_oid("1.2.840.113549.1.9.16.2.14") + der.encode(der.SET, token))
    signer_value = der.encode(der.SEQUENCE, fields + der.encode(der.context(1), stamp))
    whole = b"".join(part.raw for part in parts) + der.encode(der.SET, signer_value)
    return der.encode(der.SEQUENCE, kind.raw + der.encode(der.context(0), der.encode(der.SEQUENCE, whole)))


def signature_value(cms: bytes) -> bytes:
    """The signer's signature value in a CMS."""
    data = der.read_prefix(cms)[0].children()[1].inner()
    (signer,) = data.children()[-1].children()
    return next(field.content for field in signer.children() if field.tag == der.OCTET_STRING)
