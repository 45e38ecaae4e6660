"""What handovers use of the rest of the office: the desk signs their minutes, the archive files them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, cast

from app.custody.minutes import Agency, MinutesContent, SignaturePlace
from app.custody.services import Services
from app.documents.text import spelling_key
from app.errors import AntinError
from app.i18n import N_
from app.times import VIETNAM, now

if TYPE_CHECKING:
    from app.custody.proof import Key
    from app.documents.model import DocumentInfo
    from app.office import Office
    from app.signing.keys import SigningKey
    from app.signing.model import Mark, PinSource

_A4_HEIGHT_MM = 297.0
_POINTS_PER_MM = 72 / 25.4
#: White around a mark in the place left for it.
_AIR_MM = 1.0
_TYPE_SIZE = 10.0


class MinutesNotSigned(AntinError):
    """Carries ``why`` and ``what``, sentence and hint of what stood in the way."""

    code = "minutes-not-signed"
    message_id = N_("The minutes were not signed: {why}")
    hint_id = N_("{what} The handover itself is entered; sign its minutes when ready, or add a scan.")


def services(office: Office) -> Services:
    """For :class:`app.custody.handovers.Handovers`."""
    agency = office.settings.agency

    def sign_octets(key: Key, octets: bytes, pin_source: object) -> bytes:
        return office.desk.sign_octets(cast("SigningKey", key), octets, cast("PinSource", pin_source))

    def sign_pdf(path: Path, folder: Path, place: SignaturePlace, key: Key, pin_source: object) -> Path:
        return _sign(office, path, folder, place, cast("SigningKey", key), cast("PinSource", pin_source))

    def file_away(path: Path, content: MinutesContent | None) -> tuple[str, str]:
        return _file_away(office, path, content)

    def number_bearer(content: MinutesContent) -> str | None:
        return office.archive.number_bearer(_info(content))

    def vouched(key: Key) -> bool:
        moment = dt.datetime.now(dt.UTC)
        return office.trust.evaluate(key.certificate.der, (), at=moment, usage="signature").trusted

    return Services(
        sign_octets,
        sign_pdf,
        file_away,
        number_bearer,
        office.ledger.append,
        Agency(agency.name, agency.parent, agency.place),
        vouched,
    )


def _sign(
    office: Office, path: Path, folder: Path, place: SignaturePlace, key: SigningKey, pin_source: PinSource
) -> Path:
    from app.signing.model import Act, Level, SignOptions, Status

    settings = office.settings
    options = SignOptions(
        act=Act.PLAIN,
        level=Level(settings.signing.level),
        tsa_url=settings.network.tsa_url,
        mark=_mark(office, place, key),
        out=folder,
    )
    (result,) = office.desk.sign([path], options, key, pin_source=pin_source)
    if result.status is not Status.SIGNED or result.output is None:
        error = result.error
        raise MinutesNotSigned(why=error.message if error else "", what=error.hint if error else "")
    return Path(result.output)


def _mark(office: Office, place: SignaturePlace, key: SigningKey) -> Mark:
    """Who signs and when, in the place left for it; over it the picture of the hand-written signature, where it is that
    person's."""
    from app.signing.model import Mark

    agency = office.settings.agency
    pictured = agency.signature_image and spelling_key(agency.signature_holder) == spelling_key(key.holder)
    left, right = place.left + _AIR_MM, place.left + place.width - _AIR_MM
    top, bottom = place.top + _AIR_MM, place.top + place.height - _AIR_MM
    box = (left, _A4_HEIGHT_MM - bottom, right, _A4_HEIGHT_MM - top)
    return Mark(
        page=place.page - 1,
        box=cast("tuple[float, float, float, float]", tuple(edge * _POINTS_PER_MM for edge in box)),
        image=Path(agency.signature_image) if pictured else None,
        text=f"Người ký: {key.holder}\nThời gian ký: {now().isoformat(timespec='seconds')}",
        size=_TYPE_SIZE,
    )


def _file_away(office: Office, path: Path, content: MinutesContent | None) -> tuple[str, str]:
    """As :class:`app.custody.services.FileAway`. Who signed is read from the file: a scan bears no signature."""
    from app.verification.guards import signers

    copy = office.archive.add(path, None if content is None else _info(content), signers=signers(path))
    if not copy.duplicate:
        office.ledger.append("file", path=copy.path, sha256=copy.sha256, input=str(path), archive=True)
    if copy.signers:
        office.keeper.gather_later(copy.sha256)
    return copy.path, copy.sha256


def _info(content: MinutesContent) -> DocumentInfo:
    """What minutes say of themselves, for the archive."""
    from app.documents.model import DocumentInfo

    number, _slash, symbol = content.number.partition("/")
    return DocumentInfo(
        type="Biên bản",
        number=number or None,
        symbol=symbol or None,
        date=_date(content.at),
        summary=content.summary,
        issuer=content.agency.name or None,
    )


def _date(moment: dt.datetime) -> dt.date:
    return moment.astimezone(VIETNAM).date()
