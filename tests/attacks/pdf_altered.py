"""What anybody can change in a signed PDF so that it shows or does something else: pages, fonts, layers, fields."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.verification.model import Conclusion
from tests import pdf_samples as samples
from tests.attacks.pdf_files import (
    EVIL,
    EVIL_TEXT,
    Bodies,
    Forgery,
    current,
    form,
    root_number,
    signature_number,
    signed,
    update,
)
from tests.attacks.pdf_genuine import described, packet, stamped_document

Make = Callable[[], bytes]


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


def flipped_content() -> bytes:
    return signed().replace(b"12/QD-UBND", b"13/QD-UBND", 1)


def first_of_two_swapped() -> bytes:
    """Evil content between a first and a genuine second signature."""
    return signed(update(signed(), {5: EVIL}), who=samples.signer("p256"))


def metadata_title() -> bytes:
    bodies = {**samples.objects(), 6: b"<< /Title (QD 12) >>"}
    return update(signed(samples.classic(bodies, b"/Info 6 0 R")), {6: b"<< /Title (QD 99) >>"}, trailer=b"/Info 6 0 R")


def catalog(entries: bytes, more: Bodies | None = None) -> Make:
    """Entries added to the catalog."""
    return edited("root", b"/Type /Catalog", b"/Type /Catalog " + entries, more)


def page(entries: bytes, more: Bodies | None = None) -> Make:
    """Entries added to the only page."""
    return edited(4, b"/Type /Page", b"/Type /Page " + entries, more)


def then(make: Callable[[], bytes], bodies: Bodies) -> Make:
    """A document signed, then objects of it redefined."""
    return lambda: update(signed(make()), bodies)


def two_pages() -> bytes:
    return samples.classic(samples.objects(2))


def layered() -> bytes:
    """Text of two layers, one of which is shown."""
    bodies = samples.objects()
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /OCProperties 8 0 R >>"
    bodies[4] = bodies[4].replace(b"/Resources <<", b"/Resources << /Properties << /L1 6 0 R /L2 7 0 R >>")
    bodies[6], bodies[7] = b"<< /Type /OCG /Name (1) >>", b"<< /Type /OCG /Name (2) >>"
    bodies[8] = layers(b"7 0 R")
    return samples.classic(bodies)


def layers(hidden: bytes) -> bytes:
    return b"<< /OCGs [6 0 R 7 0 R] /D << /Order [6 0 R 7 0 R] /OFF [%s] >> >>" % hidden


def with_attachment() -> bytes:
    bodies = samples.objects()
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a.txt) 6 0 R] >> >> >>"
    bodies[6] = b"<< /Type /Filespec /F (a.txt) /EF << /F 7 0 R >> >>"
    bodies[7] = attachment(b"Phu luc 12")
    return samples.classic(bodies)


def attachment(text: bytes) -> bytes:
    return b"<< /Type /EmbeddedFile /Length %d >>\nstream\n%s\nendstream" % (len(text), text)


def with_link() -> bytes:
    bodies = samples.objects(page_extra=b"/Annots [6 0 R]")
    bodies[6] = link(b"https://a.example/")
    return samples.classic(bodies)


def link(address: bytes) -> bytes:
    return b"<< /Type /Annot /Subtype /Link /Rect [72 700 200 720] /A << /S /URI /URI (%s) >> >>" % address


def with_metadata() -> bytes:
    bodies = samples.objects()
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /Metadata 6 0 R >>"
    bodies[6] = metadata(b"Quyet dinh 12")
    return samples.classic(bodies)


def metadata(title: bytes) -> bytes:
    text = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><dc:title>%s</dc:title></x:xmpmeta>" % title
    return b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream" % (len(text), text)


def repacked(title: bytes, properties: bytes) -> bytes:
    """The metadata of :func:`described` as of a later day, with something more."""
    dates = b"<xmp:CreateDate>2026-05-01</xmp:CreateDate><xmp:ModifyDate>2026-06-01</xmp:ModifyDate>"
    return packet(title, dates + properties)


def packet_of_entities() -> bytes:
    """Dates and nothing else changed, in a document that declares entities."""
    body = repacked(b"QD 12", b"")
    place = body.index(b"<x:xmpmeta")
    longer = body[:place] + b'<!DOCTYPE x [<!ENTITY a "b">]>' + body[place:]
    length = int(re.search(rb"/Length (\d+)", body)[1])  # type: ignore[index]
    return longer.replace(b"/Length %d" % length, b"/Length %d" % (length + len(longer) - len(body)))


def signature_field_altered(old: bytes, new: bytes) -> Make:
    """The field of the signature itself."""

    def forge() -> bytes:
        content = signed()
        number = signature_number(content) - 1
        body = current(content, number)
        assert old in body
        return update(content, {number: body.replace(old, new, 1)})

    return forge


# No signature at all, but what looks like one.

STAMP_TEXT = b"0 0.6 0 RG 3 w 76 610 m 84 602 l 98 622 l S BT /F1 12 Tf 104 606 Td (Signature valid) Tj ET"


def painted(annotation: bool) -> Make:
    """A green tick and the words of a viewer, in the page or as an annotation."""

    def forge() -> bytes:
        bodies = samples.objects(page_extra=b"/Annots [6 0 R]" if annotation else b"")
        head = b"/Type /XObject /Subtype /Form /BBox [60 590 300 640] " if annotation else b""
        picture = b"<< %s/Length %d >>\nstream\n%s\nendstream" % (head, len(STAMP_TEXT), STAMP_TEXT)
        if annotation:
            bodies[6] = b"<< /Type /Annot /Subtype /Stamp /Rect [60 590 300 640] /F 4 /AP << /N 7 0 R >> >>"
            bodies[7] = picture
        else:
            bodies[5] = picture
        return samples.classic(bodies)

    return forge


def painted_empty_field() -> bytes:
    """A signature field whose picture says that it is signed, and which is not."""
    bodies = samples.objects(page_extra=b"/Annots [6 0 R]")
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] /SigFlags 3 >> >>"
    bodies[6] = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Ky) /Rect [60 590 300 640] /F 4 /P 4 0 R /AP << /N 7 0 R >> >>"
    )
    bodies[7] = b"<< /Type /XObject /Subtype /Form /BBox [60 590 300 640] /Length %d >>\nstream\n%s\nendstream" % (
        len(STAMP_TEXT),
        STAMP_TEXT,
    )
    return samples.classic(bodies)


def signature_without_field() -> bytes:
    """The dictionary of a signature that no field shows, named by the catalog only."""
    content = signed()
    number = signature_number(content)
    bodies = samples.objects()
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /Perms << /DocMDP 6 0 R >> >>"
    bodies[6] = current(content, number)
    return samples.classic(bodies)


FORGERIES: dict[str, Forgery] = {
    "swapped-content": Forgery(changed(5, EVIL), "changed-after-signing"),
    "swapped-font": Forgery(
        changed(3, b"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>"), "changed-after-signing"
    ),
    "page-shown-twice": Forgery(edited(2, b"[4 0 R]", b"[4 0 R 4 0 R]"), "changed-after-signing"),
    "turned-page": Forgery(edited(4, b"/MediaBox", b"/Rotate 180 /MediaBox"), "changed-after-signing"),
    "cropped-page": Forgery(edited(4, b"595", b"300"), "changed-after-signing"),
    "javascript": Forgery(
        edited("root", b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"),
        "changed-after-signing",
    ),
    "embedded-file": Forgery(
        edited("root", b"/Type /Catalog", b"/Type /Catalog /Names << /EmbeddedFiles << /Names [] >> >>"),
        "changed-after-signing",
    ),
    "layers": Forgery(
        edited("root", b"/Type /Catalog", b"/Type /Catalog /OCProperties << /OCGs [] /D << >> >>"),
        "changed-after-signing",
    ),
    "needs-rendering": Forgery(
        edited("root", b"/AcroForm", b"/NeedsRendering true /AcroForm"), "changed-after-signing"
    ),
    "need-appearances": Forgery(
        lambda: update(signed(form()), {1: current(signed(form()), 1).replace(b"/DR", b"/NeedAppearances true /DR")}),
        "changed-after-signing",
    ),
    "evil-annotation": Forgery(evil_annotation, "changed-after-signing"),
    "empty-field-added": Forgery(added_field(b""), "changed-after-signing"),
    "text-field-added": Forgery(added_field(b"/V (x)", b"/Tx"), "changed-after-signing"),
    "false-signature-added": Forgery(added_field(b"/V 61 0 R"), "pdf-later-signature-broken"),
    "recycled-field": Forgery(recycled_field, "pdf-signature-shared"),
    "flipped-content": Forgery(flipped_content, "digest-mismatch"),
    "first-of-two-swapped": Forgery(first_of_two_swapped, "changed-after-signing"),
    "metadata-title": Forgery(metadata_title, "changed-after-signing"),
    "visible-time-stamp": Forgery(lambda: stamped_document((60, 740, 500, 790)), "changed-after-signing"),
    "swapped-page": Forgery(
        edited(2, b"[4 0 R]", b"[50 0 R]", {50: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"}),
        "changed-after-signing",
    ),
    "page-order": Forgery(
        then(two_pages, {2: b"<< /Type /Pages /Kids [6 0 R 4 0 R] /Count 2 >>"}), "changed-after-signing"
    ),
    "page-removed": Forgery(
        then(two_pages, {2: b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>"}), "changed-after-signing"
    ),
    "page-inserted": Forgery(
        edited(2, b"[4 0 R]", b"[4 0 R 50 0 R]", {50: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"}),
        "changed-after-signing",
    ),
    "crop-box": Forgery(page(b"/CropBox [0 0 300 300]"), "changed-after-signing"),
    "user-unit": Forgery(page(b"/UserUnit 4"), "changed-after-signing"),
    "page-action": Forgery(page(b"/AA << /O << /S /JavaScript /JS (0) >> >>"), "changed-after-signing"),
    "page-group": Forgery(page(b"/Group << /S /Transparency /I true >>"), "changed-after-signing"),
    "resources-swapped": Forgery(
        edited(4, b"/F1 3 0 R", b"/F1 50 0 R", {50: b"<< /Type /Font /Subtype /Type3 >>"}), "changed-after-signing"
    ),
    "font-encoding": Forgery(
        changed(3, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [50 /nine] >> >>"),
        "changed-after-signing",
    ),
    "content-added": Forgery(
        edited(4, b"/Contents 5 0 R", b"/Contents [5 0 R 50 0 R]", {50: EVIL}), "changed-after-signing"
    ),
    "layer-shown": Forgery(then(layered, {8: layers(b"6 0 R")}), "changed-after-signing"),
    "layer-of-content": Forgery(
        then(layered, {6: b"<< /Type /OCG /Name (1) /Usage << /Print << /PrintState /OFF >> >> >>"}),
        "changed-after-signing",
    ),
    "attachment-replaced": Forgery(then(with_attachment, {7: attachment(b"Phu luc 99")}), "changed-after-signing"),
    "attachment-renamed": Forgery(
        then(with_attachment, {6: b"<< /Type /Filespec /F (a.exe) /EF << /F 7 0 R >> >>"}), "changed-after-signing"
    ),
    "portfolio": Forgery(catalog(b"/Collection << /View /H /D (b.pdf) >>"), "changed-after-signing"),
    "names-javascript": Forgery(
        catalog(b"/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (0) >>] >> >>"), "changed-after-signing"
    ),
    "catalog-action": Forgery(catalog(b"/AA << /WP << /S /JavaScript /JS (0) >> >>"), "changed-after-signing"),
    "launch": Forgery(catalog(b"/OpenAction << /S /Launch /F (a.exe) >>"), "changed-after-signing"),
    "named-destinations": Forgery(catalog(b"/Dests << /muc1 [4 0 R /Fit] >>"), "changed-after-signing"),
    "viewer-preferences": Forgery(catalog(b"/ViewerPreferences << /HideToolbar true >>"), "changed-after-signing"),
    "outlines": Forgery(catalog(b"/Outlines << /Type /Outlines >>"), "changed-after-signing"),
    "structure": Forgery(
        catalog(b"/StructTreeRoot << /Type /StructTreeRoot >> /MarkInfo << /Marked true >>"), "changed-after-signing"
    ),
    "link-elsewhere": Forgery(then(with_link, {6: link(b"https://b.example/")}), "changed-after-signing"),
    "link-removed": Forgery(then(with_link, {4: samples.objects()[4]}), "changed-after-signing"),
    "metadata-replaced": Forgery(then(with_metadata, {6: metadata(b"Quyet dinh 99")}), "changed-after-signing"),
    "packet-title": Forgery(then(described, {6: repacked(b"QD 99", b"")}), "changed-after-signing"),
    "packet-author": Forgery(
        then(described, {6: repacked(b"QD 12", b"<dc:creator><rdf:Seq><rdf:li>B</rdf:li></rdf:Seq></dc:creator>")}),
        "changed-after-signing",
    ),
    "packet-date-of-creation": Forgery(
        then(described, {6: packet(b"QD 12", b"<xmp:CreateDate>2020-01-01</xmp:CreateDate>")}), "changed-after-signing"
    ),
    "packet-producer-of-another-kind": Forgery(
        then(described, {6: repacked(b"QD 12", b'<e:Producer xmlns:e="urn:evil">B</e:Producer>')}),
        "changed-after-signing",
    ),
    "packet-title-twice": Forgery(
        then(
            described,
            {
                6: repacked(
                    b"QD 99",
                    b'</rdf:Description><rdf:Description rdf:about="" dc:title="QD 12"'
                    b' xmlns:dc="http://purl.org/dc/elements/1.1/">',
                )
            },
        ),
        "changed-after-signing",
    ),
    "packet-unreadable": Forgery(then(described, {6: packet(b"QD 12", b"<open>")}), "changed-after-signing"),
    "packet-with-entities": Forgery(then(described, {6: packet_of_entities()}), "changed-after-signing"),
    "metadata-added": Forgery(catalog(b"/Metadata 50 0 R", {50: metadata(b"Quyet dinh 99")}), "changed-after-signing"),
    "dynamic-form": Forgery(
        lambda: update(signed(form()), {1: current(signed(form()), 1).replace(b"/DR", b"/XFA 50 0 R /DR"), 50: EVIL}),
        "changed-after-signing",
    ),
    "field-renamed": Forgery(signature_field_altered(b"(Signature1)", b"(Chu tich)"), "changed-after-signing"),
    "field-moved": Forgery(
        signature_field_altered(b"/Rect [ 0 0 0 0 ]", b"/Rect [ 60 590 300 640 ]"), "changed-after-signing"
    ),
    "field-pictured": Forgery(
        signature_field_altered(b"/F 132", b"/F 132 /AP << /N 50 0 R >>"), "changed-after-signing"
    ),
    "field-action": Forgery(
        signature_field_altered(b"/F 132", b"/F 132 /AA << /K << /S /JavaScript /JS (0) >> >>"), "changed-after-signing"
    ),
    "picture-of-a-signature": Forgery(painted(annotation=False), "", Conclusion.UNSIGNED),
    "green-tick": Forgery(painted(annotation=True), "", Conclusion.UNSIGNED),
    "picture-in-an-empty-field": Forgery(painted_empty_field, "", Conclusion.UNSIGNED),
    "signature-without-field": Forgery(signature_without_field, "", Conclusion.UNSIGNED),
}
