"""What the author of a PDF can hide in it before somebody else signs, to be brought out afterwards."""

from __future__ import annotations

from app.verification.model import Conclusion
from tests import pdf_samples as samples
from tests.attacks.pdf_files import (
    EVIL,
    EVIL_TEXT,
    Forgery,
    pyhanko_signed,
    signed,
    text_field,
    update,
)


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


def drawing(operators: bytes) -> bytes:
    head = b"<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Length %d >>" % len(operators)
    return head + b"\nstream\n" + operators + b"\nendstream"


COVER, EMPTY = drawing(b"1 g 60 740 440 50 re f"), drawing(b"")


def covered() -> bytes:
    """A white picture over the text of the page, drawn by the page."""
    bodies = samples.objects()
    text = b"BT /F1 18 Tf 72 760 Td (QUYET DINH so 99/QD-UBND) Tj ET /Cover Do"
    bodies[4] = bodies[4].replace(b"/Resources <<", b"/Resources << /XObject << /Cover 6 0 R >>")
    bodies[5] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text)
    bodies[6] = COVER
    return samples.classic(bodies)


def covered_by_annotation() -> bytes:
    bodies = samples.objects(page_extra=b"/Annots [6 0 R]")
    bodies[6] = b"<< /Type /Annot /Subtype /Stamp /Rect [60 740 500 790] /F 4 /AP << /N 7 0 R >> >>"
    bodies[7] = COVER
    return samples.classic(bodies)


def shadow_cover_made_clear() -> bytes:
    return update(signed(covered()), {6: EMPTY})


def shadow_cover_freed() -> bytes:
    return update(signed(covered()), {}, freed=(6,))


def shadow_cover_removed() -> bytes:
    return update(signed(covered_by_annotation()), {4: samples.objects(page_extra=b"/Annots []")[4]})


def shadow_cover_hidden() -> bytes:
    """The covering annotation gets the flag that hides it."""
    content = signed(covered_by_annotation())
    return update(content, {6: b"<< /Type /Annot /Subtype /Stamp /Rect [60 740 500 790] /F 2 /AP << /N 7 0 R >> >>"})


def shadow_field_replaced() -> bytes:
    """A text field whose picture says another thing than its value; the picture goes."""
    picture = b"<< /Type /XObject /Subtype /Form /BBox [0 0 228 20] /Length 0 >>\nstream\n\nendstream"
    bodies = samples.objects(page_extra=b"/Annots [6 0 R]")
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] /DR << /Font << /F1 3 0 R >> >> >> >>"
    bodies[6] = text_field(b"SoTien", b"99.000.000").replace(b"/P 4 0 R", b"/P 4 0 R /AP << /N 7 0 R >>")
    bodies[7] = picture
    return update(signed(samples.classic(bodies)), {6: text_field(b"SoTien", b"99.000.000")})


def two_trees() -> bytes:
    """Two page trees under one number; the table of the signed revision knows the harmless one."""
    bodies = samples.objects()
    bodies[6] = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 7 0 R >>"
    bodies[7] = EVIL
    return samples.classic(bodies).replace(
        b"3 0 obj\n<< /Type /Font",
        b"2 0 obj\n<< /Type /Pages /Kids [6 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Font",
    )


def rebuilt_table(content: bytes) -> bytes:
    """The offsets of a classic file made anew after something was put into it, of two bodies the first."""
    start = content.index(b"xref\n0 ")
    size = int(content[start + 7 :].split(b"\n", 1)[0])
    rows = b"".join(b"%010d 00000 n \n" % (content.index(b"\n%d 0 obj" % number) + 1) for number in range(1, size))
    trailer = content[content.index(b"trailer") : content.index(b"startxref")]
    head = content[:start] + b"xref\n0 %d\n0000000000 65535 f \n" % size
    return head + rows + trailer + b"startxref\n%d\n%%%%EOF\n" % start


def shadow_hide_and_replace() -> bytes:
    """The update points to the second page tree."""
    content = signed(rebuilt_table(two_trees()))
    return update(content, {}, offsets={2: content.rindex(b"2 0 obj\n<< /Type /Pages /Kids [6 0 R]")})


def defined_twice() -> bytes:
    """Both page trees in the signed revision, which nothing follows: programs that repair tables show the other."""
    return signed(rebuilt_table(two_trees()))


def defined_twice_beside(size: int) -> bytes:
    """The page's content once more, not listed, in a file with an attachment of this many octets."""
    bodies = samples.objects()
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /PieceInfo 6 0 R >>"
    bodies[6] = b"<< /Length %d >>\nstream\n%s\nendstream" % (size, b"x" * size)
    content = samples.classic(bodies)
    end = content.rindex(b"xref\n0 ")
    return signed(rebuilt_table(content[:end] + b"5 0 obj\n" + EVIL + b"\nendobj\n" + content[end:]))


def listed_twice() -> bytes:
    """The table of the signed revision gives two places for the page's content: programs differ on which counts."""
    bodies = {**samples.objects(), 6: EVIL}
    content = samples.classic(bodies)
    evil = content.index(b"6 0 obj")
    content = content.replace(b"6 0 obj\n", b"5 0 obj\n", 1)
    row = b"5 1\n%010d 00000 n \n" % evil
    table = content.index(b"xref\n0 7")
    content = content[:table] + content[table:].replace(b"xref\n0 7", b"xref\n0 6", 1)
    last = content.index(b"%010d 00000 n \n" % evil, table)
    return signed(content[:last] + row + content[last + 20 :])


FORGERIES: dict[str, Forgery] = {
    "defined-twice-large-file": Forgery(
        lambda: defined_twice_beside(17 << 20), "pdf-object-defined-twice", Conclusion.INDETERMINATE
    ),
    "shadow-replaced": Forgery(shadow_replaced, "changed-after-signing"),
    "shadow-hidden": Forgery(shadow_hidden, "changed-after-signing"),
    "shadow-page-as-field": Forgery(shadow_page_as_field, "changed-after-signing"),
    "shadow-resource-as-field": Forgery(shadow_resource_as_field, "changed-after-signing"),
    "hidden-content-redefined": Forgery(hidden_content_redefined, "changed-after-signing"),
    "shadow-cover-made-clear": Forgery(shadow_cover_made_clear, "changed-after-signing"),
    "shadow-cover-freed": Forgery(shadow_cover_freed, "changed-after-signing"),
    "shadow-cover-removed": Forgery(shadow_cover_removed, "changed-after-signing"),
    "shadow-cover-hidden": Forgery(shadow_cover_hidden, "changed-after-signing"),
    "shadow-field-replaced": Forgery(shadow_field_replaced, "changed-after-signing"),
    "shadow-hide-and-replace": Forgery(shadow_hide_and_replace, "changed-after-signing"),
    "defined-twice": Forgery(defined_twice, "pdf-object-defined-twice", Conclusion.INDETERMINATE),
    "listed-twice": Forgery(listed_twice, "pdf-object-twice"),
}
