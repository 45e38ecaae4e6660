"""Fields of a certified form filled with what is no filling (ISO 32000-2, 12.7 and 12.8.2.2), and genuinely."""

from __future__ import annotations

from collections.abc import Callable

from app.verification.model import Conclusion
from tests import pdf_samples as samples
from tests.attacks.pdf_files import (
    EVIL_TEXT,
    Bodies,
    Forgery,
    current,
    pyhanko_signed,
    root_number,
    signed,
    size_of,
    update,
)

PAGE, LINE = b"0 0 595 842", b"72 600 300 620"
#: As programs write what a field shows: a background, a clip, one line.
WRITTEN = b"0.9 g 0 0 228 20 re f /Tx BMC q 2 2 224 16 re W n BT /F1 12 Tf 0 g 2 5 Td (Tran Thi B) Tj ET Q EMC"
#: Digits of rectangles and lines.
PAINTED = b"0 g 10 2 2 16 re f 20 2 2 16 re f 30 2 2 16 re f"
LINES = b"0 0 m 5 5 l 10 0 l S"


def field(entries: bytes, box: bytes = LINE) -> bytes:
    """A field ``SoTien`` that is its own widget."""
    head = b"<< /Type /Annot /Subtype /Widget /T (SoTien) /DA (/F1 12 Tf 0 g) /P 4 0 R /F 4"
    return head + b" /Rect [" + box + b"] " + entries + b" >>"


def picture(content: bytes, resources: bytes = b"/Font << /F1 3 0 R >>") -> bytes:
    return (
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 228 20] /Resources << %s >> /Length %d >>\nstream\n%s\nendstream"
        % (
            resources,
            len(content),
            content,
        )
    )


def form_of(before: bytes, more: Bodies | None = None, form: bytes = b"") -> bytes:
    bodies = {**samples.objects(page_extra=b"/Annots [6 0 R]"), 6: before, **(more or {})}
    bodies[1] = (
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] %s /DR << /Font << /F1 3 0 R >> >> >> >>" % form
    )
    return samples.classic(bodies)


def refilled(
    before: bytes, after: bytes, drawn: bytes = picture(WRITTEN), more: Bodies | None = None, form: bytes = b""
) -> Callable[[], bytes]:
    """Certified with P 2, then the field written anew; ``%d`` in it stands for the number of the new picture."""

    def make() -> bytes:
        from pyhanko.sign.fields import MDPPerm

        genuine = pyhanko_signed(form_of(before, more, form), certify=True, docmdp_permissions=MDPPerm.FILL_FORMS)
        number = size_of(genuine)
        return update(genuine, {6: after.replace(b"%d", b"%d" % number), number: drawn})

    return make


EMPTY_TEXT, FILLED_TEXT = b"/FT /Tx /V ()", b"/FT /Tx /V (Tran Thi B) /AP << /N %d 0 R >>"
EMPTY, FILLED = field(EMPTY_TEXT), field(FILLED_TEXT)
READ_ONLY, READ_ONLY_FILLED = field(b"/FT /Tx /Ff 1 /V (10)"), field(b"/FT /Tx /Ff 1 /V (99) /AP << /N %d 0 R >>")
STATES = b"/AP << /N << /Yes 7 0 R /Off 8 0 R >> >>"
TICK = {7: picture(LINES), 8: picture(b"")}


def read_only_above() -> bytes:
    """The flag stands in the field, the picture in a widget below it."""
    above = b"<< /FT /Tx /Ff 1 /T (SoTien) /V (10) /Kids [7 0 R] >>"
    widget = b"<< /Type /Annot /Subtype /Widget /Parent 6 0 R /Rect [72 600 300 620] /P 4 0 R /F 4 %s >>"
    return refilled(above, above.replace(b"10", b"99"), more={7: widget.replace(b"%s", b"")})()


def drawing_of_the_page() -> bytes:
    """The field is pointed to a drawing that the signed document holds for something else."""
    evil = picture(EVIL_TEXT + b" /X0 Do", b"/XObject << /X0 8 0 R >> /Font << /F1 3 0 R >>")
    after = field(b"/FT /Tx /V (1) /AP << /N 7 0 R >>")
    return refilled(EMPTY, after, more={7: evil, 8: picture(LINES)})()


def prepared_and_signed(box: bytes) -> bytes:
    """Two signature fields stand prepared; the second is signed later, with a picture that fills it."""
    bodies = samples.objects(page_extra=b"/Annots [6 0 R]")
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] >> >>"
    bodies[6] = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Sau) /Rect [" + box + b"] /P 4 0 R /F 4 >>"
    return pyhanko_signed(pyhanko_signed(samples.classic(bodies), field_name="Truoc"), field_name="Sau")


def with_store(store: bytes, data: bytes) -> Callable[[], bytes]:
    """Signed, and a document security store added that refers to a stream with these data."""

    def make() -> bytes:
        content = signed()
        root, number = root_number(content), size_of(content)
        catalog = current(content, root).rstrip()[:-2] + b" /DSS " + store.replace(b"%d", b"%d" % number) + b" >>"
        return update(content, {root: catalog, number: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)})

    return make


def doubt(make: Callable[[], bytes], code: str) -> Forgery:
    return Forgery(make, code, Conclusion.INDETERMINATE)


CERTIFICATE = samples.root_certificate()

FORGERIES: dict[str, Forgery] = {
    "signed-in-page-sized-field": doubt(lambda: prepared_and_signed(PAGE), "pdf-signature-may-cover"),
    "store-with-other-entries": Forgery(
        with_store(b"<< /Certs [%d 0 R] /Script << /S /JavaScript >> >>", CERTIFICATE), "changed-after-signing"
    ),
    "store-related-with-other-entries": Forgery(
        with_store(b"<< /VRI << /AB << /Cert [%d 0 R] /X 1 >> >> >>", CERTIFICATE), "changed-after-signing"
    ),
    "store-with-a-page": Forgery(
        with_store(b"<< /Certs [%d 0 R] >>", b"<html><h1>QUYET DINH</h1>"), "changed-after-signing"
    ),
    "store-with-a-page-behind": Forgery(
        with_store(b"<< /Certs [%d 0 R] >>", CERTIFICATE + b"<html>"), "changed-after-signing"
    ),
    "filled-page-sized-field": doubt(
        refilled(field(EMPTY_TEXT, PAGE), field(FILLED_TEXT, PAGE), picture(b"1 g 0 0 228 20 re f")),
        "pdf-field-may-cover",
    ),
    "filled-page-sized-value-alone": doubt(
        refilled(field(EMPTY_TEXT, PAGE), field(b"/FT /Tx /V (QUYET DINH so 99)", PAGE)), "pdf-field-may-cover"
    ),
    "filled-with-rectangles": doubt(refilled(EMPTY, FILLED, picture(PAINTED)), "pdf-field-draws"),
    "filled-with-lines": doubt(refilled(EMPTY, FILLED, picture(LINES)), "pdf-field-draws"),
    "filled-with-inline-image": doubt(
        refilled(EMPTY, FILLED, picture(b"BI /W 1 /H 1 /BPC 8 /CS /G ID x EI")), "pdf-field-draws"
    ),
    "filled-with-shading": doubt(
        refilled(EMPTY, FILLED, picture(b"/S0 sh", b"/Shading << /S0 << /ShadingType 2 >> >>")), "pdf-field-draws"
    ),
    "filled-with-drawing-font": doubt(
        refilled(EMPTY, FILLED, picture(WRITTEN, b"/Font << /F1 << /Subtype /Type3 >> >>")), "pdf-field-draws"
    ),
    "filled-in-a-layer": doubt(refilled(EMPTY, FILLED, picture(b"/OC /L0 BDC EMC")), "pdf-field-draws"),
    "filled-unreadably": doubt(refilled(EMPTY, FILLED, picture(b"(never ended")), "pdf-field-draws"),
    "filled-with-drawing-of-the-page": doubt(drawing_of_the_page, "pdf-field-draws"),
    "filled-calculated-field": doubt(
        refilled(READ_ONLY, READ_ONLY_FILLED, form=b"/CO [6 0 R]"), "pdf-calculated-field-changed"
    ),
    "filled-read-only-field": Forgery(refilled(READ_ONLY, READ_ONLY_FILLED), "changed-after-signing"),
    "filled-read-only-above": Forgery(read_only_above, "changed-after-signing"),
    "filled-flags-malformed": Forgery(
        refilled(field(b"/FT /Tx /Ff (x) /V (10)"), field(b"/FT /Tx /Ff (x) /V (99)")), "changed-after-signing"
    ),
    "push-button-redrawn": Forgery(
        refilled(field(b"/FT /Btn /Ff 65536"), field(b"/FT /Btn /Ff 65536 /AP << /N %d 0 R >>")),
        "changed-after-signing",
    ),
    "check-box-redrawn": doubt(
        refilled(
            field(b"/FT /Btn /V /Off /AS /Off " + STATES),
            field(b"/FT /Btn /V /Yes /AS /Yes /AP << /N << /Yes %d 0 R /Off 8 0 R >> >>"),
            picture(LINES),
            TICK,
        ),
        "pdf-field-draws",
    ),
}

GENUINE: dict[str, Callable[[], bytes]] = {
    "prepared-field-of-a-third": lambda: prepared_and_signed(b"72 100 322 200"),
    "store-with-related": with_store(b"<< /Certs [%d 0 R] /VRI << /AB << /Cert [%d 0 R] >> >> >>", CERTIFICATE),
    "certified-2-filled-with-its-picture": refilled(EMPTY, FILLED),
    "certified-2-filled-and-closed": refilled(EMPTY, field(FILLED_TEXT + b" /Ff 1")),
    "certified-2-box-ticked": refilled(
        field(b"/FT /Btn /V /Off /AS /Off " + STATES), field(b"/FT /Btn /V /Yes /AS /Yes " + STATES), more=TICK
    ),
    "certified-2-choice": refilled(
        field(b"/FT /Ch /Ff 131072 /Opt [(Mat) (Thuong)]"),
        field(b"/FT /Ch /Ff 131072 /Opt [(Mat) (Thuong)] /V (Mat) /I [0] /AP << /N %d 0 R >>"),
    ),
}
