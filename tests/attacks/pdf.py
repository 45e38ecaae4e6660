"""Forgeries of signed PDF files: each takes a genuine file of the test PKI and yields a forged one.

Three kinds: what anyone can do to a signed file; what the author of a document can hide in it before somebody else
signs; and files whose own signer cheats. ``python -m tests.attacks.pdf`` prints what the examiner makes of each.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tempfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from asn1crypto import cms

from app.signing.pdf_cms import CmsDraft
from app.verification.model import Coverage, DocumentFacts
from app.verification.pdf import examine
from app.verification.reasons_pdf import REASONS
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests import pdf_samples as samples

Bodies = dict[int, bytes]
RANGE = re.compile(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\] *")
EVIL_TEXT = b"BT /F1 18 Tf 72 760 Td (QUYET DINH so 99/QD-UBND) Tj ET"
EVIL = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(EVIL_TEXT), EVIL_TEXT)


def accepted(facts: DocumentFacts) -> bool:
    """Whether nothing but trust stands between these facts and a clean conclusion."""
    return bool(facts.readable and facts.signatures) and all(
        signature.intact
        and signature.supported
        and signature.changes_allowed
        and signature.coverage is Coverage.WHOLE
        and not any(REASONS.get(problem.code, ("", "", "fail"))[2] == "fail" for problem in signature.problems)
        for signature in facts.signatures
    )


def examined(content: bytes) -> DocumentFacts:
    with tempfile.TemporaryDirectory() as folder:
        return examine(samples.write(Path(folder) / "file.pdf", content))


# Genuine files


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
    store = SimpleCertificateStore()
    store.register_multiple([x509.Certificate.load(issuer) for issuer in who.chain])
    signer = signers.SimpleSigner(
        x509.Certificate.load(who.certificate), keys.PrivateKeyInfo.load(der), cert_registry=store
    )
    writer = IncrementalPdfFileWriter(BytesIO(content))
    options.setdefault("field_name", "Certified")
    out = signers.sign_pdf(writer, signers.PdfSignatureMetadata(**options), signer=signer)  # type: ignore[arg-type]
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
    bodies = re.findall(rb"(?s)(?<!\d)%d 0 obj\s*(.*?)\s*endobj" % number, content)
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


# What anyone can do


def renamed(key: bytes) -> Callable[[], bytes]:
    return lambda: signed().replace(b"/" + key, b"/X" + key[1:], 1)


def redefined(entries: bytes) -> Callable[[], bytes]:
    """Universal forgery: the signature dictionary redefined without what it takes to check it."""

    def forge() -> bytes:
        content = signed()
        common = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached "
        return update(content, {signature_number(content): common + entries + b" >>", 5: EVIL})

    return forge


def copied_signature_over_evil_content() -> bytes:
    """Incremental saving with the signature copied, its old range kept."""
    content = signed()
    number = signature_number(content)
    return update(content, {5: EVIL, number: current(content, number)})


def wrapped() -> bytes:
    """The second part moved to the end, evil content between, the range in a copied dictionary."""
    content = signed()
    _, length, second, rest = ranges(content)
    number = signature_number(content)
    hexadecimal = content[length:second]
    body = (
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /Contents %s /ByteRange [0 %d %d %d] >>"
    )
    forged = update(
        content, {5: EVIL, number: body % (hexadecimal, length, len(content) + 4000 + len(hexadecimal), rest)}
    )
    return forged.ljust(len(content) + 4000 + len(hexadecimal)) + content[second:]


def appended(octets: bytes) -> Callable[[], bytes]:
    return lambda: signed() + octets


def appended_without_table() -> bytes:
    """Objects without a table, then the old end once more: readers that repair show them."""
    content = signed()
    end = content[content.rindex(b"startxref") :]
    return content + b"5 0 obj\n" + EVIL + b"\nendobj\n" + end


def unlisted_object() -> bytes:
    """A harmless looking update that also carries an object no table names."""
    return update(signed() + b"5 0 obj\n" + EVIL + b"\nendobj\n", {90: b"(harmless)"})


def changed(number: int, body: bytes) -> Callable[[], bytes]:
    return lambda: update(signed(), {number: body})


def edited(number: int | str, old: bytes, new: bytes, more: Bodies | None = None) -> Callable[[], bytes]:
    """An object redefined with one thing replaced."""

    def forge() -> bytes:
        content = signed()
        which = root_number(content) if number == "root" else int(number)
        body = current(content, which)
        assert old in body
        return update(content, {which: body.replace(old, new, 1), **(more or {})})

    return forge


def other_catalog() -> bytes:
    content = signed()
    body = current(content, root_number(content)).replace(b"/Pages 2 0 R", b"/Pages 50 0 R")
    more = {
        49: body,
        50: b"<< /Type /Pages /Kids [51 0 R] /Count 1 >>",
        51: b"<< /Type /Page /Parent 50 0 R /MediaBox [0 0 595 842] /Contents 52 0 R"
        b" /Resources << /Font << /F1 3 0 R >> >> >>",
        52: EVIL,
    }
    return update(content, more, root=49)


def other_generation() -> bytes:
    return update(signed(), {5: EVIL}, generations={5: 1})


def freed_content() -> bytes:
    return update(signed(), {}, freed=(5,))


def freed_and_redefined() -> bytes:
    return update(update(signed(), {}, freed=(5,)), {5: EVIL})


def evil_annotation() -> bytes:
    content = signed()
    page = current(content, 4)
    note = (
        b"<< /Type /Annot /Subtype /FreeText /Rect [60 740 500 790] /Contents (99) /DA (/F1 18 Tf) /P 4 0 R /F 4"
        b" /AP << /N 61 0 R >> >>"
    )
    picture = b"<< /Type /XObject /Subtype /Form /BBox [0 0 440 50] /Length %d >>\nstream\n%s\nendstream" % (
        len(EVIL_TEXT),
        EVIL_TEXT,
    )
    return update(content, {4: page.replace(b"/Annots [ ", b"/Annots [ 60 0 R "), 60: note, 61: picture})


def added_field(value: bytes, kind: bytes = b"/Sig") -> Callable[[], bytes]:
    """A further field over the content: empty, of another type, or with a signature that is none."""

    def forge() -> bytes:
        content = signed()
        field = b"<< /Type /Annot /Subtype /Widget /FT %s /T (Extra) /Rect [60 740 500 790] /P 4 0 R /F 4 %s >>"
        form_number = int(re.findall(rb"/AcroForm (\d+) 0 R", content)[-1])
        form_body = current(content, form_number)
        own = re.search(rb"/Fields \[ (\d+) 0 R \]", form_body)
        assert own is not None
        listed = b"/Fields [ %s 0 R 60 0 R ]" % own[1]
        return update(
            content,
            {
                form_number: form_body.replace(own[0], listed),
                4: current(content, 4).replace(b"/Annots [ ", b"/Annots [ ").replace(b" 0 R ]", b" 0 R 60 0 R ]", 1),
                60: field % (kind, value),
                61: b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /Contents <30> >>",
            },
        )

    return forge


def recycled_field() -> bytes:
    """A second field that shows the first signature again."""
    content = signed()
    return added_field(b"/V %d 0 R" % signature_number(content))()


def moved_to_other_document() -> bytes:
    """Recycled: the whole signature dictionary of one file in another."""
    genuine, other = signed(), signed(samples.classic({**samples.objects(), 5: EVIL}))
    start, end = gap(genuine)
    other_start, other_end = gap(other)
    return other[:other_start] + genuine[start:end] + other[other_end:]


def flipped_content() -> bytes:
    return signed().replace(b"12/QD-UBND", b"13/QD-UBND", 1)


def prefixed() -> bytes:
    return b"%evil\n" + signed()


def stripped_signature() -> bytes:
    content = signed()
    body = re.sub(rb"/AcroForm \d+ 0 R", b"", current(content, root_number(content)))
    return update(content, {root_number(content): body, 5: EVIL})


def first_of_two_swapped() -> bytes:
    """Evil content between a first and a genuine second signature."""
    return signed(update(signed(), {5: EVIL}), who=samples.signer("p256"))


def metadata_title() -> bytes:
    bodies = {**samples.objects(), 6: b"<< /Title (QD 12) >>"}
    return update(signed(samples.classic(bodies, b"/Info 6 0 R")), {6: b"<< /Title (QD 99) >>"}, trailer=b"/Info 6 0 R")


def replaced_object_stream() -> bytes:
    """An object stream redefined: objects inside change without any entry of their own."""
    content = signed(samples.with_object_streams(samples.objects()))
    number = int(re.findall(rb"(\d+) 0 obj\n<< /Type /ObjStm", content)[0])
    match = re.search(rb"(?s)/Type /ObjStm /N (\d+) /First (\d+) .*?stream\n(.*?)\nendstream", content)
    assert match is not None
    data = zlib.decompress(match[3]).replace(b"/MediaBox [0 0 595 842]", b"/MediaBox [0 0 595 400]")
    body = b"<< /Type /ObjStm /N %s /First %s /Length %d >>\nstream\n%s\nendstream" % (
        match[1],
        match[2],
        len(data),
        data,
    )
    return stream_update(content, {number: body})


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


def hybrid_update() -> bytes:
    """Evil content only in the hidden half of a hybrid revision."""
    content = signed()
    out = bytearray(content)
    place = len(out)
    out += b"5 0 obj\n" + EVIL + b"\nendobj\n"
    own = size_of(content)
    stream = len(out)
    row = b"\x01" + place.to_bytes(4, "big") + bytes(2)
    out += b"%d 0 obj\n<< /Type /XRef /W [1 4 2] /Index [5 1] /Size %d /Root %d 0 R /Length 7 >>\nstream\n%s" % (
        own,
        own + 1,
        root_number(content),
        row,
    )
    out += b"\nendstream\nendobj\n"
    start = len(out)
    previous = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    out += b"xref\n%d 1\n%010d 00000 n \n" % (own, stream)
    pointers = own + 1, root_number(content), previous, stream, start
    out += b"trailer\n<< /Size %d /Root %d 0 R /Prev %d /XRefStm %d >>\nstartxref\n%d\n%%%%EOF\n" % pointers
    return bytes(out)


# What an author can hide before somebody else signs


def shadow_replaced() -> bytes:
    """The table of an update points an old number to an object hidden within a stream of the signed revision."""
    bodies = samples.objects()
    hidden = b"5 0 obj\n" + EVIL + b"\nendobj\n"
    bodies[6] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(hidden), hidden)
    content = signed(samples.classic(bodies))
    return update(content, {}, offsets={5: content.index(hidden)})


def shadow_hidden() -> bytes:
    """A reference to a number that does not exist yet gets its object after signing."""
    bodies = samples.objects(page_extra=b"/Annots [40 0 R]")
    note = b"<< /Type /Annot /Subtype /Stamp /Rect [60 740 500 790] /F 4 /AP << /N 41 0 R >> >>"
    picture = b"<< /Type /XObject /Subtype /Form /BBox [0 0 440 50] /Length %d >>\nstream\n%s\nendstream" % (
        len(EVIL_TEXT),
        EVIL_TEXT,
    )
    return update(signed(samples.classic(bodies)), {40: note, 41: picture})


def hidden_content_redefined() -> bytes:
    """The page's content stands in the hybrid half of the signed revision, and is redefined after it."""
    bodies = samples.objects()
    bodies[4] = bodies[4].replace(b"/Contents 5 0 R", b"/Contents 5 0 R /PieceInfo 8 0 R")
    content = signed(samples.hybrid({number: bodies[number] for number in (1, 2, 3, 4, 5)}))
    return update(content, {8: b"<< /Hidden false >>"})


def freed_with_generation(generation: int) -> Callable[[], bytes]:
    """Readers differ on whether such an entry frees the object."""

    def forge() -> bytes:
        forged = update(signed(), {}, freed=(5,))
        return forged.replace(b"0000000000 00001 f", b"0000000000 %05d f" % generation)

    return forge


def shadow_resource_as_field() -> bytes:
    """A dictionary of drawings that poses as a text field, so that filling it draws."""
    from pyhanko.sign.fields import MDPPerm

    bodies = samples.objects()
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] >> >>"
    bodies[6] = b"<< /FT /Tx /T (HoTen) >>"
    bodies[4] = bodies[4].replace(b"/Resources <<", b"/Resources << /XObject 6 0 R")
    genuine = pyhanko_signed(samples.classic(bodies), certify=True, docmdp_permissions=MDPPerm.FILL_FORMS)
    drawing = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 >>\nstream\n\nendstream"
    return update(genuine, {6: b"<< /FT /Tx /T (HoTen) /V 90 0 R >>", 90: drawing})


def shadow_page_as_field() -> bytes:
    """Page content that poses as an empty signature field, so that filling it looks like signing."""
    bodies = samples.objects()
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] >> >>"
    bodies[6] = b"<< /FT /Sig /T (Cho) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /Font << /F1 3 0 R >> >>"
    bodies[4] = bodies[4].replace(b"/Resources << /Font << /F1 3 0 R >> >>", b"/Resources 6 0 R")
    content = signed(samples.classic(bodies))
    return update(content, {6: bodies[6].replace(b"/F1 3 0 R", b"/F1 7 0 R"), 7: b"<< /Type /Font /Subtype /Type3 >>"})


# Cheating signers


def range_not_from_start() -> bytes:
    content = signed()
    _, length, second, rest = ranges(content)
    return with_range(content, 15, length - 15, second, rest)


def range_leaves_gap_before() -> bytes:
    content = signed()
    _, length, second, rest = ranges(content)
    return with_range(content, 0, length - 100, second, rest)


def range_leaves_gap_after() -> bytes:
    content = signed()
    _, length, second, rest = ranges(content)
    return with_range(content, 0, length, second + 100, rest - 100)


def range_ends_early() -> bytes:
    content = signed()
    _, length, second, rest = ranges(content)
    return with_range(content, 0, length, second, rest - 30)


def range_overlaps() -> bytes:
    content = signed()
    _, length, second, rest = ranges(content)
    return with_range(content, 0, length, second - 50, rest + 50)


def range_of_other_hexadecimal() -> bytes:
    """The gap lies around another hexadecimal string of the same length in the same file."""
    content = signed()
    _, length, second, _rest = ranges(content)
    decoy = b"<" + b"30" * ((second - length - 2) // 2) + b">"
    bodies = {**samples.objects(), 6: b"<< /Contents %s >>" % decoy}
    content = signed(samples.classic(bodies))
    start = content.index(decoy)
    return with_range(content, 0, start, start + len(decoy), len(content) - start - len(decoy))


def cheating_cms(change: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    def forge() -> bytes:
        content = signed()
        first, length, second, rest = ranges(content)
        return re_signed(content, content[first : first + length] + content[second : second + rest], change)

    return forge


def second_signer(der: bytes) -> bytes:
    info = cms.ContentInfo.load(der)
    infos = info["content"]["signer_infos"]
    infos.append(infos[0].copy())
    return bytes(info.dump(force=True))


def content_inside(der: bytes) -> bytes:
    info = cms.ContentInfo.load(der)
    info["content"]["encap_content_info"] = {"content_type": "data", "content": b"QUYET DINH"}
    return bytes(info.dump(force=True))


def without_attributes(der: bytes) -> bytes:
    info = cms.ContentInfo.load(der)
    signer = info["content"]["signer_infos"][0]
    del signer["signed_attrs"]
    return bytes(info.dump(force=True))


def wrong_digest() -> bytes:
    return re_signed(signed(), b"something else")


def certified_then(
    permission: int, bodies: Callable[[bytes], Bodies], content: bytes | None = None
) -> Callable[[], bytes]:
    from pyhanko.sign.fields import MDPPerm

    def forge() -> bytes:
        genuine = pyhanko_signed(content or form(), certify=True, docmdp_permissions=MDPPerm(permission))
        return update(genuine, bodies(genuine))

    return forge


def filled(content: bytes, name: bytes = b"HoTen") -> Bodies:
    number = 6 if name == b"HoTen" else 7
    return {number: text_field(name, b"Nguyen Van A")}


def moved_field(_content: bytes) -> Bodies:
    return {6: text_field(b"HoTen", b"A").replace(b"[72 600 300 620]", b"[72 700 300 790]")}


def locked_then_filled() -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, append_signature_field

    writer = IncrementalPdfFileWriter(BytesIO(form()))
    lock = FieldMDPSpec(FieldMDPAction.INCLUDE, ["HoTen"])
    append_signature_field(
        writer, SigFieldSpec("Certified", field_mdp_spec=lock, doc_mdp_update_value=MDPPerm.FILL_FORMS)
    )
    out = BytesIO()
    writer.write(out)
    genuine = pyhanko_signed(out.getvalue(), certify=True, docmdp_permissions=MDPPerm.FILL_FORMS)
    return update(genuine, filled(genuine))


def certified_without_permission_then_signed() -> bytes:
    """P 1, and a second signature made by a program that does not care."""
    from pyhanko.sign.fields import MDPPerm

    genuine = pyhanko_signed(form(), certify=True, docmdp_permissions=MDPPerm.FILL_FORMS)
    twice = signed(genuine.replace(b"/P 2", b"/P 2"))
    first = twice[: len(genuine)].replace(b"/V /1.2\n/P 2", b"/V /1.2\n/P 1")
    start, end = gap(first)
    resigned = re_signed(first, first[:start] + first[end:])
    return resigned + twice[len(genuine) :]


ATTACKS: dict[str, Callable[[], bytes]] = {
    "contents-renamed": renamed(b"Contents <"),
    "byterange-renamed": renamed(b"ByteRange"),
    "no-contents": redefined(b"/ByteRange [0 100 200 300]"),
    "no-byterange": redefined(b"/Contents <3000>"),
    "null-contents": redefined(b"/Contents null /ByteRange [0 100 200 300]"),
    "null-byterange": redefined(b"/Contents <3000> /ByteRange null"),
    "empty-contents": redefined(b"/Contents <> /ByteRange [0 100 200 300]"),
    "zero-contents": redefined(b"/Contents <0000> /ByteRange [0 100 200 300]"),
    "zero-byterange": redefined(b"/Contents <3000> /ByteRange [0 0 0 0]"),
    "negative-byterange": redefined(b"/Contents <3000> /ByteRange [0 -1 -1 10]"),
    "two-numbers": redefined(b"/Contents <3000> /ByteRange [0 100]"),
    "six-numbers": redefined(b"/Contents <3000> /ByteRange [0 10 20 10 40 10]"),
    "real-numbers": redefined(b"/Contents <3000> /ByteRange [0.0 10.5 20 10]"),
    "words": redefined(b"/Contents (words) /ByteRange (words)"),
    "signature-is-number": lambda: update(signed(), {signature_number(signed()): b"42", 5: EVIL}),
    "copied-signature": copied_signature_over_evil_content,
    "wrapped": wrapped,
    "appended-octets": appended(b"\n% and more than blank\n"),
    "appended-object": appended(b"5 0 obj\n" + EVIL + b"\nendobj\n"),
    "appended-without-table": appended_without_table,
    "unlisted-object": unlisted_object,
    "swapped-content": changed(5, EVIL),
    "swapped-font": changed(3, b"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>"),
    "swapped-catalog": other_catalog,
    "page-shown-twice": edited(2, b"[4 0 R]", b"[4 0 R 4 0 R]"),
    "turned-page": edited(4, b"/MediaBox", b"/Rotate 180 /MediaBox"),
    "cropped-page": edited(4, b"595", b"300"),
    "javascript": edited(
        "root", b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"
    ),
    "embedded-file": edited("root", b"/Type /Catalog", b"/Type /Catalog /Names << /EmbeddedFiles << /Names [] >> >>"),
    "layers": edited("root", b"/Type /Catalog", b"/Type /Catalog /OCProperties << /OCGs [] /D << >> >>"),
    "needs-rendering": edited("root", b"/AcroForm", b"/NeedsRendering true /AcroForm"),
    "need-appearances": lambda: update(
        signed(form()), {1: current(signed(form()), 1).replace(b"/DR", b"/NeedAppearances true /DR")}
    ),
    "other-generation": other_generation,
    "freed-content": freed_content,
    "freed-and-redefined": freed_and_redefined,
    "evil-annotation": evil_annotation,
    "empty-field-added": added_field(b""),
    "text-field-added": added_field(b"/V (x)", b"/Tx"),
    "false-signature-added": added_field(b"/V 61 0 R"),
    "recycled-field": recycled_field,
    "moved-to-other-document": moved_to_other_document,
    "flipped-content": flipped_content,
    "prefixed": prefixed,
    "stripped-signature": stripped_signature,
    "first-of-two-swapped": first_of_two_swapped,
    "metadata-title": metadata_title,
    "replaced-object-stream": replaced_object_stream,
    "hybrid-update": hybrid_update,
    "shadow-replaced": shadow_replaced,
    "shadow-hidden": shadow_hidden,
    "shadow-page-as-field": shadow_page_as_field,
    "shadow-resource-as-field": shadow_resource_as_field,
    "hidden-content-redefined": hidden_content_redefined,
    "freed-generation-0": freed_with_generation(0),
    "freed-generation-65535": freed_with_generation(65535),
    "visible-time-stamp": lambda: stamped_document((60, 740, 500, 790)),
    "range-not-from-start": range_not_from_start,
    "range-gap-before": range_leaves_gap_before,
    "range-gap-after": range_leaves_gap_after,
    "range-ends-early": range_ends_early,
    "range-overlaps": range_overlaps,
    "range-of-other-hexadecimal": range_of_other_hexadecimal,
    "second-signer": cheating_cms(second_signer),
    "content-inside": cheating_cms(content_inside),
    "without-attributes": cheating_cms(without_attributes),
    "octets-after-cms": cheating_cms(lambda der: der + b"\0\0evil"),
    "wrong-digest": wrong_digest,
    "unknown-kind": lambda: signed().replace(b"/ETSI.CAdES.detached", b"/ETSI.CAdES.detachee"),
    "certified-1-filled": certified_then(1, filled),
    "certified-2-moved-field": certified_then(2, moved_field),
    "certified-2-content": certified_then(2, lambda _content: {5: EVIL}),
    "certified-1-signed": certified_without_permission_then_signed,
    "approved-then-filled": lambda: update(signed(form()), filled(b"")),
    "locked-then-filled": locked_then_filled,
}


#: What must be among the problems found, so that a forgery is refused for what it is.
EXPECTED: dict[str, str] = {
    "contents-renamed": "pdf-signature-incomplete",
    "byterange-renamed": "pdf-signature-incomplete",
    "no-contents": "pdf-signature-incomplete",
    "no-byterange": "pdf-signature-incomplete",
    "null-contents": "pdf-contents-malformed",
    "null-byterange": "pdf-byterange-malformed",
    "empty-contents": "pdf-byterange-gap",
    "zero-contents": "pdf-byterange-gap",
    "zero-byterange": "pdf-byterange-gap",
    "negative-byterange": "pdf-byterange-malformed",
    "two-numbers": "pdf-byterange-malformed",
    "six-numbers": "pdf-byterange-malformed",
    "real-numbers": "pdf-byterange-malformed",
    "words": "pdf-contents-malformed",
    "signature-is-number": "pdf-signature-incomplete",
    "copied-signature": "pdf-byterange-gap",
    "wrapped": "pdf-octets-appended",
    "appended-octets": "pdf-octets-appended",
    "appended-object": "pdf-octets-appended",
    "appended-without-table": "pdf-octets-appended",
    "unlisted-object": "pdf-object-unlisted",
    "swapped-content": "changed-after-signing",
    "swapped-font": "changed-after-signing",
    "swapped-catalog": "changed-after-signing",
    "page-shown-twice": "changed-after-signing",
    "turned-page": "changed-after-signing",
    "cropped-page": "changed-after-signing",
    "javascript": "changed-after-signing",
    "embedded-file": "changed-after-signing",
    "layers": "changed-after-signing",
    "needs-rendering": "changed-after-signing",
    "need-appearances": "changed-after-signing",
    "other-generation": "changed-after-signing",
    "freed-content": "changed-after-signing",
    "freed-and-redefined": "changed-after-signing",
    "evil-annotation": "changed-after-signing",
    "empty-field-added": "changed-after-signing",
    "text-field-added": "changed-after-signing",
    "false-signature-added": "pdf-later-signature-broken",
    "recycled-field": "pdf-signature-shared",
    "moved-to-other-document": "digest-mismatch",
    "flipped-content": "digest-mismatch",
    "prefixed": "pdf-damaged",
    "stripped-signature": "pdf-signature-removed",
    "first-of-two-swapped": "changed-after-signing",
    "metadata-title": "changed-after-signing",
    "replaced-object-stream": "changed-after-signing",
    "hybrid-update": "changed-after-signing",
    "shadow-replaced": "changed-after-signing",
    "shadow-hidden": "changed-after-signing",
    "shadow-page-as-field": "changed-after-signing",
    "shadow-resource-as-field": "changed-after-signing",
    "hidden-content-redefined": "changed-after-signing",
    "freed-generation-0": "changed-after-signing",
    "freed-generation-65535": "changed-after-signing",
    "visible-time-stamp": "changed-after-signing",
    "range-not-from-start": "pdf-byterange-start",
    "range-gap-before": "pdf-byterange-gap",
    "range-gap-after": "pdf-byterange-gap",
    "range-ends-early": "pdf-byterange-not-revision",
    "range-overlaps": "pdf-byterange-gap",
    "range-of-other-hexadecimal": "pdf-byterange-gap",
    "second-signer": "cms-signer-count",
    "content-inside": "cms-content-inside",
    "without-attributes": "signature-value-wrong",
    "octets-after-cms": "pdf-contents-padding",
    "wrong-digest": "digest-mismatch",
    "unknown-kind": "pdf-subfilter-unknown",
    "certified-1-filled": "changed-after-signing",
    "certified-2-moved-field": "changed-after-signing",
    "certified-2-content": "changed-after-signing",
    "certified-1-signed": "changed-after-signing",
    "approved-then-filled": "changed-after-signing",
    "locked-then-filled": "changed-after-signing",
}


def stamped_document(box: tuple[int, int, int, int] | None = None) -> bytes:
    """A signature, then evidence and a document time stamp."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp

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
    prepared.fill_with_cms(out, samples.LocalStamper().token(prepared.document_digest, "sha256"))
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
    """adbe.pkcs7.sha1: the digest is the content of the CMS."""
    content = signed().replace(b"/ETSI.CAdES.detached", b"/adbe.pkcs7.sha1    ")
    first, length, second, rest = ranges(content)
    digest = hashlib.sha1(content[first : first + length] + content[second : second + rest]).digest()

    def enclose(der: bytes) -> bytes:
        info = cms.ContentInfo.load(der)
        info["content"]["encap_content_info"] = {"content_type": "data", "content": digest}
        return bytes(info.dump(force=True))

    return re_signed(content, digest, enclose)


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
    "sha1-inside": sha1_inside,
    "dangling-reference": lambda: signed_twice(samples.classic(samples.objects(page_extra=b"/Metadata 90 0 R"))),
}


def main() -> None:
    """Print the table of forgeries and genuine files."""
    for title, table in (("forged", ATTACKS), ("genuine", GENUINE)):
        for name, make in table.items():
            start = dt.datetime.now()
            facts = examined(make())
            codes = {problem.code for item in (facts, *facts.signatures) for problem in item.problems}
            verdict = "accepted" if accepted(facts) else "refused"
            seconds = (dt.datetime.now() - start).total_seconds()
            print(f"{title:8}{name:32}{verdict:10}{seconds:6.2f}s  {', '.join(sorted(codes))}")


if __name__ == "__main__":
    main()
