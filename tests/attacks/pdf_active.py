"""Signed PDF files that look otherwise elsewhere or later although nobody changes them, beside quite ordinary ones."""

from __future__ import annotations

from collections.abc import Callable

from tests import pdf_samples as samples
from tests.attacks.pdf_files import Bodies, pyhanko_signed

SCRIPT = b"<< /S /JavaScript /JS (this.getField('SoTien').value = '99') >>"
IMAGE = b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 %s /Length 0 >>\nstream\n\nendstream"
FORM = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] %s /Length 0 >>\nstream\n\nendstream"
LAYER = b"<< /Type /OCG /Name (Ban in) /Usage << %s >> >>"
LAYERS = b"/OCProperties << /OCGs [6 0 R] /D << /ON [6 0 R] %s >> >>"


def holding(catalog: bytes = b"", page: bytes = b"", more: Bodies | None = None) -> Callable[[], bytes]:
    """Signed with these entries in its catalog and its page; further objects begin with number 6."""

    def make() -> bytes:
        bodies = {**samples.objects(page_extra=page), **(more or {})}
        bodies[1] = b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>"
        return pyhanko_signed(samples.classic(bodies))

    return make


def drawing(body: bytes, more: Bodies | None = None) -> Callable[[], bytes]:
    def make() -> bytes:
        bodies = {**samples.objects(), 6: body, **(more or {})}
        bodies[4] = bodies[4].replace(b"/Resources <<", b"/Resources << /XObject << /X0 6 0 R >>")
        return pyhanko_signed(samples.classic(bodies))

    return make


def annotated(entries: bytes) -> Callable[[], bytes]:
    note = b"<< /Type /Annot /Rect [60 740 80 760] /P 4 0 R " + entries + b" >>"
    return holding(page=b"/Annots [6 0 R]", more={6: note})


def layered(usage: bytes, automatic: bytes) -> Callable[[], bytes]:
    return holding(LAYERS % automatic, more={6: LAYER % usage})


def when(event: bytes) -> bytes:
    return b"/AS [<< /Event /%s /Category [/%s] /OCGs [6 0 R] >>]" % (event, event)


ZOOMED = b"/AS [<< /Event /View /Category [/Zoom] /OCGs [6 0 R] >>]"
MANY = b"[" + b" ".join([b"6 0 R"] * 10_100) + b"]"

#: Genuine files that are valid with a note, and the code of its reason.
TOLD: dict[str, tuple[Callable[[], bytes], str]] = {
    "script-when-opened": (holding(b"/OpenAction " + SCRIPT), "pdf-active-content"),
    "script-after-a-place": (
        holding(b"/OpenAction << /S /GoTo /D [4 0 R /Fit] /Next [" + SCRIPT + b"] >>"),
        "pdf-active-content",
    ),
    "address-when-opened": (holding(b"/OpenAction << /S /URI /URI (https://b.example/) >>"), "pdf-active-content"),
    "script-when-printed": (holding(b"/AA << /WP " + SCRIPT + b" >>"), "pdf-active-content"),
    "script-with-a-name": (
        holding(b"/Names << /JavaScript << /Names [(a) " + SCRIPT + b"] >> >>"),
        "pdf-active-content",
    ),
    "script-of-the-page": (holding(page=b"/AA << /O " + SCRIPT + b" >>"), "pdf-active-content"),
    "script-of-a-link": (annotated(b"/Subtype /Link /A " + SCRIPT), "pdf-active-content"),
    "film": (annotated(b"/Subtype /RichMedia"), "pdf-active-content"),
    "dynamic-form-signed": (holding(b"/AcroForm << /Fields [] /XFA (<xdp/>) >>"), "pdf-dynamic-form"),
    "rendering-needed": (holding(b"/NeedsRendering true"), "pdf-dynamic-form"),
    "portfolio-signed": (holding(b"/Collection << /View /D >>"), "pdf-portfolio"),
    "image-from-elsewhere": (
        drawing(IMAGE % b"/F << /FS /URL /F (http://b.example/a.png) >> /FFilter /DCTDecode"),
        "pdf-external-content",
    ),
    "page-of-another-file": (drawing(FORM % b"/Ref << /F (b.pdf) /Page 0 >>"), "pdf-external-content"),
    "image-from-elsewhere-within": (
        drawing(FORM % b"/Resources << /XObject << /X1 7 0 R >> >>", {7: IMAGE % b"/F (a.png)"}),
        "pdf-external-content",
    ),
    "image-of-a-note-from-elsewhere": (
        holding(
            page=b"/Annots [6 0 R]",
            more={6: b"<< /Type /Annot /Subtype /Stamp /Rect [0 0 9 9] /AP << /N 7 0 R >> >>", 7: FORM % b"/F (a.pdf)"},
        ),
        "pdf-external-content",
    ),
    "image-otherwise-on-paper": (
        drawing(IMAGE % b"/Alternates [<< /Image 7 0 R /DefaultForPrinting true >>]", {7: IMAGE % b""}),
        "pdf-shown-differently",
    ),
    "layer-not-printed": (layered(b"/Print << /PrintState /OFF >>", when(b"Print")), "pdf-shown-differently"),
    "layer-by-size": (layered(b"/Zoom << /min 2 >>", ZOOMED), "pdf-shown-differently"),
    "too-many-notes": (
        holding(page=b"/Annots " + MANY, more={6: b"<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] >>"}),
        "pdf-active-unknown",
    ),
}

GENUINE: dict[str, Callable[[], bytes]] = {
    "opened-at-a-place": holding(b"/OpenAction [4 0 R /XYZ null null 0]"),
    "opened-at-a-place-by-an-action": holding(b"/OpenAction << /S /GoTo /D [4 0 R /Fit] >>"),
    "link-to-an-address": annotated(b"/Subtype /Link /A << /S /URI /URI (https://b.example/) >>"),
    "layers-switched": layered(b"/Print << /PrintState /OFF >>", b""),
    "layers-printed-as-shown": layered(b"/Print << /PrintState /ON >> /View << /ViewState /ON >>", when(b"Print")),
    "file-attached": holding(
        b"/Names << /EmbeddedFiles << /Names [(b.txt) 6 0 R] >> >>",
        more={
            6: b"<< /Type /Filespec /F (b.txt) /EF << /F 7 0 R >> >>",
            7: b"<< /Type /EmbeddedFile /Length 3 >>\nstream\nabc\nendstream",
        },
    ),
    "image": drawing(IMAGE % b"/ColorSpace /DeviceGray /BitsPerComponent 8"),
}
