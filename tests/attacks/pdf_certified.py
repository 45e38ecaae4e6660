"""Certified documents and locked fields changed beyond what DocMDP and FieldMDP grant (ISO 32000-2, 12.8.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from unittest import mock

from app.verification.model import Conclusion
from tests import pdf_samples as samples
from tests.attacks.pdf_altered import metadata
from tests.attacks.pdf_files import (
    EVIL,
    EVIL_TEXT,
    Bodies,
    Forgery,
    current,
    form,
    gap,
    pyhanko_signed,
    re_signed,
    signature_number,
    signed,
    text_field,
    update,
)
from tests.attacks.pdf_genuine import certified_signed_and, commented, described, filled, packet


def certified_then(
    permission: int, bodies: Callable[[bytes], Bodies], content: bytes | None = None
) -> Callable[[], bytes]:
    from pyhanko.sign.fields import MDPPerm

    def forge() -> bytes:
        genuine = pyhanko_signed(content or form(), certify=True, docmdp_permissions=MDPPerm(permission))
        return update(genuine, bodies(genuine))

    return forge


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


def noted(kind: bytes, more: bytes) -> Callable[[bytes], Bodies]:
    """An annotation laid over the text of the page."""

    def bodies(content: bytes) -> Bodies:
        note = b"<< /Type /Annot /Subtype /%s /Rect [60 740 500 790] /Contents (99) /P 4 0 R /F 4 %s >>" % (kind, more)
        picture = b"<< /Type /XObject /Subtype /Form /BBox [0 0 440 50] /Length %d >>\nstream\n%s\nendstream" % (
            len(EVIL_TEXT),
            EVIL_TEXT,
        )
        return {**commented(content), 60: note, 61: picture}

    return bodies


def form_entry(entries: bytes) -> Callable[[bytes], Bodies]:
    def bodies(content: bytes) -> Bodies:
        body = current(content, 1)
        place = body.index(b"/Fields")
        return {1: body[:place] + entries + b" " + body[place:]}

    return bodies


def with_rectangle(rectangle: bytes) -> Callable[[bytes], Bodies]:
    """The rectangle of the certifying signature's own field written anew."""

    def bodies(content: bytes) -> Bodies:
        number = signature_number(content) - 1
        field = next(n for n in (number, number + 2) if b"/FT /Sig" in current(content, n))
        body = re.sub(rb"/Rect \[[^\]]*\]", b"/Rect " + rectangle, current(content, field))
        return {field: body}

    return bodies


def text_rectangle(rectangle: bytes) -> Callable[[bytes], Bodies]:
    return lambda content: {6: current(content, 6).replace(b"[72 600 300 620]", rectangle)}


def with_metadata(_content: bytes) -> Bodies:
    return {1: current(_content, 1).replace(b"/Pages", b"/Metadata 60 0 R /Pages"), 60: metadata(b"Quyet dinh 99")}


def permission_taken_out(content: bytes) -> Bodies:
    body = re.sub(rb"/Perms (<<[^>]*>>|\d+ 0 R)", b"", current(content, 1))
    assert body != current(content, 1)
    return {1: body, 5: EVIL}


def permission_raised(content: bytes) -> Bodies:
    """The signature dictionary once more, with another permission."""
    number = signature_number(content)
    return {number: current(content, number).replace(b"/P 1", b"/P 3"), **filled(content)}


def locking(action: str, names: list[str], *, certify: bool, fill: bytes) -> Callable[[], bytes]:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, append_signature_field

    def forge() -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(form()))
        lock = FieldMDPSpec(FieldMDPAction(action), names)
        specification = SigFieldSpec("Certified", field_mdp_spec=lock, doc_mdp_update_value=MDPPerm.FILL_FORMS)
        append_signature_field(writer, specification)
        out = BytesIO()
        writer.write(out)
        options = {"certify": True, "docmdp_permissions": MDPPerm.FILL_FORMS} if certify else {}
        genuine = pyhanko_signed(out.getvalue(), **options)
        return update(genuine, filled(genuine, fill))

    return forge


def approved_before_certified() -> bytes:
    """What a certification grants, it grants to whoever signs after it; programs refuse to certify any later."""
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.signers.pdf_signer import PdfSigner

    approved = signed(form(), who=samples.signer("p256"))
    with mock.patch.object(PdfSigner, "_enforce_certification_constraints"):
        certified = pyhanko_signed(approved, certify=True, docmdp_permissions=MDPPerm.FILL_FORMS)
    return update(certified, filled(b""))


def locked_by_the_approval() -> bytes:
    """Certified with P 2; the approval after it locks the field that is filled in then."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, append_signature_field

    bodies = {**samples.objects(page_extra=b"/Annots [6 0 R]"), 6: text_field(b"HoTen", b"")}
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] >> >>"
    writer = IncrementalPdfFileWriter(BytesIO(samples.classic(bodies)))
    lock = FieldMDPSpec(FieldMDPAction.INCLUDE, ["HoTen"])
    append_signature_field(writer, SigFieldSpec("Approved", field_mdp_spec=lock))
    out = BytesIO()
    writer.write(out)
    certified = pyhanko_signed(out.getvalue(), certify=True, docmdp_permissions=MDPPerm.FILL_FORMS)
    return update(pyhanko_signed(certified, field_name="Approved"), filled(b""))


def certified_and_saved(content: bytes, bodies: Bodies, trailer: bytes = b"") -> Callable[[], bytes]:
    from pyhanko.sign.fields import MDPPerm

    def forge() -> bytes:
        genuine = pyhanko_signed(content, certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
        return update(genuine, bodies, trailer=trailer)

    return forge


def sneaked(permission: int, who: samples.SoftwareSigner | None = None) -> Callable[[], bytes]:
    """Sneaky signature: a further signature, itself genuine, whose picture lies over what was certified."""
    from pyhanko.sign.fields import MDPPerm

    from app.signing.model import Mark

    def forge() -> bytes:
        genuine = pyhanko_signed(form(), certify=True, docmdp_permissions=MDPPerm(permission))
        mark = Mark(0, (60, 740, 500, 790), text="QUYẾT ĐỊNH số 99/QĐ-UBND")
        return signed(genuine, who=who or samples.signer("p256"), mark=mark)

    return forge


def page_covered_by_a_signature() -> bytes:
    """After an approval signature: the picture of a further one covers most of the page."""
    from app.signing.model import Mark

    mark = Mark(0, (20, 60, 575, 800), text="QUYẾT ĐỊNH số 99/QĐ-UBND")
    return signed(signed(), who=samples.signer("p256"), mark=mark)


FORGERIES: dict[str, Forgery] = {
    "certified-1-filled": Forgery(certified_then(1, filled), "changed-after-signing"),
    "certified-2-moved-field": Forgery(certified_then(2, moved_field), "changed-after-signing"),
    "certified-2-content": Forgery(certified_then(2, lambda _content: {5: EVIL}), "changed-after-signing"),
    "certified-1-signed": Forgery(certified_without_permission_then_signed, "changed-after-signing"),
    "approved-then-filled": Forgery(lambda: update(signed(form()), filled(b"")), "changed-after-signing"),
    "locked-then-filled": Forgery(locked_then_filled, "changed-after-signing"),
    "certified-1-need-appearances": Forgery(
        certified_then(1, form_entry(b"/NeedAppearances true")), "changed-after-signing"
    ),
    "certified-1-metadata": Forgery(certified_then(1, with_metadata), "changed-after-signing"),
    "certified-1-rectangle-malformed": Forgery(
        certified_then(1, with_rectangle(b"[60 740 (x) 790]")), "changed-after-signing"
    ),
    "certified-1-rectangle-short": Forgery(certified_then(1, with_rectangle(b"[60 740]")), "changed-after-signing"),
    "certified-1-field-rectangle": Forgery(
        certified_then(1, text_rectangle(b"[72 600 /x 620]")), "changed-after-signing"
    ),
    "certified-1-commented": Forgery(certified_then(1, commented), "changed-after-signing"),
    "certified-1-default-resources": Forgery(
        certified_then(1, form_entry(b"/DA (/F1 99 Tf)")), "changed-after-signing"
    ),
    "certified-2-need-appearances": Forgery(
        certified_then(2, form_entry(b"/NeedAppearances true")), "changed-after-signing"
    ),
    "certified-2-metadata": Forgery(certified_then(2, with_metadata), "changed-after-signing"),
    "certified-2-rectangle-malformed": Forgery(
        certified_then(2, with_rectangle(b"[60 740 (x) 790]")), "changed-after-signing"
    ),
    "certified-2-rectangle-short": Forgery(certified_then(2, with_rectangle(b"[60 740]")), "changed-after-signing"),
    "certified-2-field-rectangle": Forgery(
        certified_then(2, text_rectangle(b"[72 600 /x 620]")), "changed-after-signing"
    ),
    "certified-2-commented": Forgery(certified_then(2, commented), "changed-after-signing"),
    "certified-2-default-resources": Forgery(
        certified_then(2, form_entry(b"/DA (/F1 99 Tf)")), "changed-after-signing"
    ),
    "certified-3-content": Forgery(certified_then(3, lambda _content: {5: EVIL}), "changed-after-signing"),
    "certified-3-moved-field": Forgery(certified_then(3, moved_field), "changed-after-signing"),
    "certified-3-free-text": Forgery(
        certified_then(3, noted(b"FreeText", b"/DA (/F1 18 Tf)")), "pdf-annotation-may-cover", Conclusion.INDETERMINATE
    ),
    "certified-3-stamp": Forgery(
        certified_then(3, noted(b"Stamp", b"/AP << /N 61 0 R >>")), "pdf-annotation-may-cover", Conclusion.INDETERMINATE
    ),
    "certified-3-picture-of-a-note": Forgery(
        certified_then(3, noted(b"Text", b"/AP << /N 61 0 R >>")), "pdf-annotation-may-cover", Conclusion.INDETERMINATE
    ),
    "certified-3-filled-square": Forgery(
        certified_then(3, noted(b"Square", b"/IC [1 1 1] /C [1 1 1]")),
        "pdf-annotation-may-cover",
        Conclusion.INDETERMINATE,
    ),
    "certified-3-redaction": Forgery(certified_then(3, noted(b"Redact", b"/IC [1 1 1]")), "changed-after-signing"),
    "certified-3-link": Forgery(
        certified_then(3, noted(b"Link", b"/A << /S /URI /URI (https://b.example/) >>")), "changed-after-signing"
    ),
    "certified-3-action": Forgery(
        certified_then(3, noted(b"Text", b"/AA << /D << /S /JavaScript /JS (0) >> >>")), "changed-after-signing"
    ),
    "certified-3-media": Forgery(certified_then(3, noted(b"RichMedia", b"")), "changed-after-signing"),
    "certified-permission-taken-out": Forgery(certified_then(2, permission_taken_out), "changed-after-signing"),
    "certified-permission-raised": Forgery(certified_then(1, permission_raised), "pdf-byterange-gap"),
    "certified-2-sneaky-signature": Forgery(sneaked(2), "pdf-signature-may-cover", Conclusion.INDETERMINATE),
    "certified-3-sneaky-signature": Forgery(sneaked(3), "pdf-signature-may-cover", Conclusion.INDETERMINATE),
    "page-covered-by-a-signature": Forgery(
        page_covered_by_a_signature, "pdf-signature-may-cover", Conclusion.INDETERMINATE
    ),
    "certified-2-signed-then-filled-otherwise": Forgery(
        certified_signed_and(filled(b""), {6: text_field(b"HoTen", b"Tran Thi B")}),
        "pdf-filled-field-changed",
        Conclusion.INDETERMINATE,
    ),
    "approved-certified-then-filled": Forgery(approved_before_certified, "changed-after-signing"),
    "certified-locked-by-the-approval": Forgery(locked_by_the_approval, "changed-after-signing"),
    "certified-1-packet-dates": Forgery(
        certified_and_saved(described(), {6: packet(b"QD 12", b"<xmp:ModifyDate>2030-01-01</xmp:ModifyDate>")}),
        "changed-after-signing",
    ),
    "locked-all-then-filled": Forgery(locking("/All", [], certify=True, fill=b"HoTen"), "changed-after-signing"),
    "locked-but-others-then-filled": Forgery(
        locking("/Exclude", ["ChucVu"], certify=True, fill=b"HoTen"), "changed-after-signing"
    ),
    "approval-locked-then-filled": Forgery(
        locking("/Include", ["HoTen"], certify=False, fill=b"HoTen"), "changed-after-signing"
    ),
}
