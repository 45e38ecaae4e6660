"""What mark an act leaves on the page (Decree 30/2020, appendix I, part I, II.7 and II.8, part II, I)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from app.documents.reading import Reading
from app.documents.text import spelling_key
from app.settings import AgencySettings
from app.signing.errors import MarkImageInvalid
from app.signing.keys import SigningKey
from app.signing.model import Act, Mark, SignOptions
from app.signing.placement import POINTS_PER_MM, Place, propose

#: Where a document gives no hint: this far from the right and lower edge of the last A4 page, in points.
_ASIDE = (30 * POINTS_PER_MM, 40 * POINTS_PER_MM)
_A4_WIDTH = 595.276
#: Width of an image that is neither a leader's signature nor a seal, in points.
_USUAL_WIDTH = 45 * POINTS_PER_MM
#: Type size of what stands beside no image (appendix I, part I, II.8.b).
_SIZE = 10.0


def mark(
    source: Path,
    options: SignOptions,
    key: SigningKey,
    reading: Reading,
    agency: AgencySettings,
    signing_time: dt.datetime,
) -> Mark | None:
    """The visible mark of a PDF signature, None where the act leaves none.

    :param reading: what the document says of itself, with the person's corrections.
    :raises MarkImageInvalid: the picture named is no PNG.
    """
    if not options.visible:
        return None
    if options.mark is not None:
        return options.mark
    if options.act in (Act.ATTACHMENT, Act.COPY):
        place = propose(source, options.act, reading=reading)
        text = _words(options.act, reading, agency, key, signing_time)
        return None if place is None else Mark(place.page, place.box, text=text, size=_SIZE)
    image = options.mark_image or _own_image(options.act, key, reading, agency)
    if image is None:
        return None
    size = _png_size(image)
    name = key.holder if options.act == Act.APPROVE else None
    place = propose(source, options.act, size, agency.seal_diameter_mm, name, reading)
    if place is None:
        width = agency.seal_diameter_mm * POINTS_PER_MM if options.act == Act.ISSUE else _USUAL_WIDTH
        place = _aside(width, width * size[1] / size[0])
    return Mark(place.page, place.box, image=image)


def _own_image(act: Act, key: SigningKey, reading: Reading, agency: AgencySettings) -> Path | None:
    """The picture of the settings that the act calls for: the seal, or the leader's own signature.

    The document may put an academic title before the leader's name.
    """
    if act == Act.ISSUE:
        return Path(agency.seal_image) if agency.seal_image else None
    if act == Act.APPROVE and agency.signature_image:
        named = agency.signature_holder or reading.info.signer_name or ""
        if spelling_key(named).endswith(spelling_key(key.holder)):
            return Path(agency.signature_image)
    return None


def _words(act: Act, reading: Reading, agency: AgencySettings, key: SigningKey, signing_time: dt.datetime) -> str:
    """Number and symbol, or form of copy and agency; then the time (ISO 8601 with the offset)."""
    time = signing_time.isoformat(timespec="seconds")
    if act == Act.COPY:
        return "\n".join(("SAO Y", agency.name or key.organization or key.holder, time))
    number = "/".join(filter(None, (reading.info.number, reading.info.symbol)))
    return "\n".join(filter(None, (number, time)))


def _png_size(image: Path) -> tuple[int, int]:
    """Columns and rows, from the header (ISO/IEC 15948, section 11.2.2)."""
    with image.open("rb") as stream:
        head = stream.read(24)
    columns, rows = int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
    if not head.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") or not columns or not rows:
        raise MarkImageInvalid(path=image, why="PNG")
    return columns, rows


def _aside(width: float, height: float) -> Place:
    right = _A4_WIDTH - _ASIDE[0]
    return Place(-1, (right - width, _ASIDE[1], right, _ASIDE[1] + height))
