"""Pages of real documents turned, cropped and scaled as printers and scanners leave them, and what stands on them after
signing, measured on the rendered page in millimetres from its upper left corner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
from PIL import Image, ImageChops

from app.documents.reading import read_with_places
from app.documents.sheet import POINTS_PER_MM
from app.settings import AgencySettings
from app.signing import acts
from app.signing.corrections import corrected
from app.signing.keys import SigningKey, keys_of
from app.signing.model import Mark, SignOptions
from app.signing.places import Places
from pkcs11_bridge.protocol import PinState, TokenCertificate, TokenInfo
from tests import pdf_samples
from tests.demo.pki import AGENCY, LEADER

#: Pixels a millimetre.
FINE = 10.0

Box = tuple[float, float, float, float]


def signing_key(name: str = LEADER) -> SigningKey:
    """As a token with the certificate of that holder shows it."""
    certificate = TokenCertificate(b"1", "key", pdf_samples.signer(name=name).certificate)
    token = TokenInfo("m", 0, "Token", "1", "", "", PinState.OK, False, [], [certificate], 0, 0)
    return keys_of([token])[0]


def marked(
    source: Path,
    target: Path,
    options: SignOptions,
    *,
    agency: AgencySettings | None = None,
    name: str = LEADER,
    places: Places | None = None,
) -> tuple[Mark, Path]:
    """Sign with the mark that the act calls for."""
    reading = read_with_places(source)
    subject = acts.Subject(
        source,
        options,
        signing_key(name),
        replace(reading, info=corrected(reading.info, options)),
        agency or AgencySettings(name=AGENCY),
        pdf_samples.SIGNED_AT,
        places,
    )
    shown = acts.mark(subject)
    assert shown is not None
    signed = pdf_samples.sign(source, target, pdf_samples.signer(name=name), mark=shown).path
    acts.keep_place(subject, shown)
    return shown, signed


def laid(source: Path, target: Path, *, turn: int = 0, unit: float = 1.0, crop_mm: float = 0.0) -> Path:
    """The same pages to look at, but turned, in user units, or with an edge of paper cut away that nobody sees."""
    with pikepdf.open(source) as pdf:
        pdf.remove_unreferenced_resources()
        for page in pdf.pages:
            wide, high = (float(edge) for edge in list(page.mediabox)[2:])
            turned = {
                0: (1, 0, 0, 1, 0, 0),
                90: (0, 1, -1, 0, high, 0),
                180: (-1, 0, 0, -1, wide, high),
                270: (0, -1, 1, 0, 0, wide),
            }[turn]
            matrix = b" ".join(b"%.5f" % (number / unit) for number in turned)
            page.contents_add(b"q %s cm" % matrix, prepend=True)
            page.contents_add(b"Q")
            size = (high, wide) if turn in (90, 270) else (wide, high)
            page.mediabox = pikepdf.Array([0, 0, *(round(edge / unit, 4) for edge in size)])
            if "/CropBox" in page.obj:
                del page.obj["/CropBox"]
            if crop_mm:
                cut = crop_mm * POINTS_PER_MM / unit
                page.obj["/CropBox"] = pikepdf.Array(
                    [cut, cut, round(size[0] / unit - cut, 4), round(size[1] / unit - cut, 4)]
                )
            page.obj["/Rotate"] = turn
            if unit != 1.0:
                page.obj["/UserUnit"] = unit
        pdf.save(target, min_version="1.7")
    return target


def painted(path: Path, page: int = 0, *, unit: float = 1.0) -> Image.Image:
    """The page at :data:`FINE` pixels a millimetre of paper; PDFium knows no user units."""
    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    try:
        picture: Image.Image = document[page].render(scale=FINE * unit / POINTS_PER_MM).to_pil()
        return picture.convert("RGB")
    finally:
        document.close()


def new_on(before: Image.Image, after: Image.Image) -> Image.Image:
    """Black where the pages differ, on white."""
    return ImageChops.difference(before, after).convert("L").point([0 if level > 60 else 255 for level in range(256)])


def ink(image: Image.Image, colour: str = "") -> Box:
    """Left, top, right, bottom in millimetres of what is ``red``, ``blue``, or not white."""
    red, green, blue = image.convert("RGB").split()
    if colour == "red":
        mask = ImageChops.multiply(_above(red, 140), _below(green, 100))
    elif colour == "blue":
        mask = ImageChops.multiply(_above(blue, 110), _below(red, 100))
    else:
        mask = _below(image.convert("L"), 128)
    edges = mask.getbbox()
    assert edges is not None, "nothing there"
    left, top, right, bottom = (edge / FINE for edge in edges)
    return left, top, right, bottom


def _above(channel: Image.Image, level: int) -> Image.Image:
    return channel.point([255 if value > level else 0 for value in range(256)])


def _below(channel: Image.Image, level: int) -> Image.Image:
    return channel.point([255 if value < level else 0 for value in range(256)])
