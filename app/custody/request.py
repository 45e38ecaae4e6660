"""A request to the issuer for the renewal or revocation of a certificate, filled in, as PDF/A.

It is an official letter of the agency that manages the subscriber (Decree 30/2020, appendix III, form 1.5). The grounds
of a revocation are those of Decree 68/2024, article 17. The issuer's own forms were not at hand (docs/verification.md).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.custody.errors import GroundsNotFitting, MinutesNotSet
from app.custody.minutes import Agency, date_in_words, place_and_date
from app.custody.model import Device, DeviceCertificate, Kind
from app.documents.printable import printable, wrapped
from app.documents.typesetting import TEMPLATES, typeset
from app.i18n import N_
from app.times import VIETNAM, day, local


class Asked(StrEnum):
    RENEWAL = "renewal"
    REVOCATION = "revocation"


class Grounds(StrEnum):
    """Why a certificate is to be revoked (Decree 68/2024, article 17)."""

    KEY_EXPOSED = "key-exposed"
    DEVICE_LOST = "device-lost"
    DEVICE_DAMAGED = "device-damaged"
    UNSAFE = "unsafe"
    POST_CHANGED = "post-changed"
    RETIRED = "retired"
    RESIGNED = "resigned"
    DIED = "died"
    AGENCY_DISSOLVED = "agency-dissolved"
    AGENCY_SPLIT = "agency-split"
    AGENCY_MERGED = "agency-merged"


#: What a person chooses from.
GROUNDS_WORDS = {
    Grounds.KEY_EXPOSED: N_("the private key is exposed, or suspected to be"),
    Grounds.DEVICE_LOST: N_("the device is lost"),
    Grounds.DEVICE_DAMAGED: N_("the device is damaged"),
    Grounds.UNSAFE: N_("another problem of safety"),
    Grounds.POST_CHANGED: N_("the person has another post, which does not fit the certificate"),
    Grounds.RETIRED: N_("the person has retired"),
    Grounds.RESIGNED: N_("the person has resigned"),
    Grounds.DIED: N_("the person has died"),
    Grounds.AGENCY_DISSOLVED: N_("the agency was dissolved"),
    Grounds.AGENCY_SPLIT: N_("the agency was split"),
    Grounds.AGENCY_MERGED: N_("the agency was merged with another"),
}

#: In the document, which is Vietnamese in any language of the program.
_IN_DOCUMENT = {
    Grounds.KEY_EXPOSED: "khóa bí mật bị lộ hoặc nghi ngờ bị lộ",
    Grounds.DEVICE_LOST: "thiết bị lưu khóa bí mật bị thất lạc",
    Grounds.DEVICE_DAMAGED: "thiết bị lưu khóa bí mật bị hỏng",
    Grounds.UNSAFE: "có trường hợp mất an toàn khác",
    Grounds.POST_CHANGED: "thuê bao thay đổi vị trí công tác không phù hợp với thông tin trong chứng thư chữ ký số",
    Grounds.RETIRED: "thuê bao nghỉ hưu",
    Grounds.RESIGNED: "thuê bao thôi việc",
    Grounds.DIED: "thuê bao từ trần",
    Grounds.AGENCY_DISSOLVED: "cơ quan, tổ chức giải thể",
    Grounds.AGENCY_SPLIT: "cơ quan, tổ chức chia tách",
    Grounds.AGENCY_MERGED: "cơ quan, tổ chức sáp nhập",
}
_PERSONAL = {Grounds.POST_CHANGED, Grounds.RETIRED, Grounds.RESIGNED, Grounds.DIED}
_OF_AGENCIES = {Grounds.AGENCY_DISSOLVED, Grounds.AGENCY_SPLIT, Grounds.AGENCY_MERGED}
_KINDS = {Kind.PERSON: "Cá nhân", Kind.ORGANIZATION: "Cơ quan, tổ chức", Kind.UNKNOWN: ""}


@dataclass(frozen=True)
class Request:
    """What is asked of the issuer.

    :ivar grounds: of a revocation.
    :ivar to: whom it is sent to; the certificate's issuer, where not given.
    :ivar number: number and symbol; empty leaves room.
    :ivar more: what is added to the grounds.
    :ivar signer_title, signer: who signs it.
    """

    asked: Asked
    device: Device
    certificate: DeviceCertificate
    agency: Agency
    on: dt.date
    grounds: Grounds | None = None
    to: str = ""
    number: str = ""
    more: str = ""
    signer_title: str = ""
    signer: str = ""


def render_request(request: Request) -> bytes:
    """The PDF/A-2a.

    :raises GroundsNotFitting: a revocation without grounds, or with those of an agency for a person's certificate, or
        the other way about.
    :raises MinutesNotSet: what was typed cannot be printed.
    """
    import typst

    at = dt.datetime.combine(request.on, dt.time(12), VIETNAM)
    try:
        return typeset(TEMPLATES / "certificate-request.typ", _data(request), at).pdf
    except typst.TypstError as error:
        raise MinutesNotSet(detail=str(error)) from error


def fitting_grounds(kind: Kind) -> list[Grounds]:
    """The grounds that may be given for a certificate of that kind."""
    left_out = {Kind.PERSON: _OF_AGENCIES, Kind.ORGANIZATION: _PERSONAL}.get(kind, set())
    return [grounds for grounds in Grounds if grounds not in left_out]


def _data(request: Request) -> dict[str, Any]:
    renewal = request.asked is Asked.RENEWAL
    certificate, device, agency = request.certificate, request.device, request.agency
    if not renewal and (request.grounds is None or request.grounds not in fitting_grounds(certificate.kind)):
        raise GroundsNotFitting(subject=certificate.subject)
    asked = "gia hạn" if renewal else "thu hồi"
    if renewal:
        reason = f"chứng thư chữ ký số hết hiệu lực vào {_end(certificate)}"
    else:
        assert request.grounds is not None
        reason = _IN_DOCUMENT[request.grounds]
    return {
        "asked": asked,
        "parent": wrapped(agency.parent).upper(),
        "office": wrapped(agency.name).upper(),
        "office_name": wrapped(agency.name),
        "number": f"Số: {wrapped(request.number)}" if request.number else "Số:        /",
        "date_line": place_and_date(agency.place, request.on),
        "to": wrapped(request.to or certificate.issuer),
        "reason": reason,
        "more": wrapped(request.more),
        "facts": [
            ("Thuê bao (chủ thể chứng thư)", wrapped(certificate.subject)),
            ("Loại thuê bao", _KINDS[certificate.kind]),
            ("Cơ quan, tổ chức", wrapped(certificate.organization)),
            ("Số hiệu chứng thư chữ ký số", _code(certificate.serial)),
            ("Tổ chức cấp chứng thư", wrapped(certificate.issuer)),
            ("Thời hạn hiệu lực", f"{day(certificate.not_before)} – {day(certificate.not_after)}".strip(" –")),
            ("Thiết bị lưu khóa bí mật", wrapped(f"{device.maker} {device.model}".strip())),
            ("Số hiệu thiết bị", _code(device.serial)),
        ],
        "signer_title": wrapped(request.signer_title).upper(),
        "signer": wrapped(request.signer),
    }


def _end(certificate: DeviceCertificate) -> str:
    end = certificate.not_after
    return date_in_words(local(end).date()) if end is not None else "thời gian ghi trong chứng thư"


def _code(text: str) -> str:
    return wrapped(printable(text))
