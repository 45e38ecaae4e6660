"""What the minutes of a handover say, and their PDF.

The form is that of a biên bản (Decree 30/2020, appendix III, form 1.9) with the parties and signatures of minutes of a
handover (appendix V, part V). They are in Vietnamese whatever the language of the program.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from app.custody.errors import MinutesNotSet
from app.custody.model import Device, DeviceCertificate, Kind, Permission, Person, Proof
from app.custody.states import EventKind
from app.decoding import decodable
from app.documents.printable import printable, wrapped
from app.documents.typesetting import TEMPLATES, typeset
from app.times import VIETNAM, day

_TITLES = {
    EventKind.HANDED_OVER: "bàn giao thiết bị lưu khóa bí mật",
    EventKind.LENT: "bàn giao cho mượn thiết bị lưu khóa bí mật",
    EventKind.RETURNED: "bàn giao trả thiết bị lưu khóa bí mật",
}
_DECREE_30 = "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;"
_DECREE_68 = (
    "Căn cứ Nghị định số 68/2024/NĐ-CP ngày 25 tháng 6 năm 2024 của Chính phủ quy định về chữ ký số chuyên dùng "
    "công vụ;"
)
_KINDS = {Kind.PERSON: "cá nhân", Kind.ORGANIZATION: "con dấu của cơ quan", Kind.UNKNOWN: "chưa rõ loại khóa"}
#: Article 32, clause 2, of the agency's device; clause 3, of a person's own.
_PROMISES_AGENCY = (
    "Bảo quản an toàn, sử dụng thiết bị tại trụ sở cơ quan, tổ chức; trực tiếp ký số vào văn bản do cơ quan, tổ chức "
    "ban hành và bản sao văn bản.",
    "Chỉ ký số của cơ quan, tổ chức vào văn bản đã có chữ ký của người có thẩm quyền và bản sao văn bản do cơ quan, tổ "
    "chức trực tiếp thực hiện.",
    "Chỉ giao thiết bị cho người khác khi được phép bằng văn bản của người có thẩm quyền và lập biên bản bàn giao.",
)
_PROMISES_PERSON = ("Tự bảo quản an toàn thiết bị lưu khóa bí mật và khóa bí mật; không cho người khác sử dụng.",)
_PROMISE_REPORT = (
    "Báo ngay cho người quản lý thiết bị khi thiết bị bị mất, hỏng, bị khóa mã PIN hoặc khi nghi ngờ lộ khóa bí mật."
)


class Agency(msgspec.Struct, frozen=True):
    """The office as its documents name it; ``place`` is the place in front of a date."""

    name: str = ""
    parent: str = ""
    place: str = ""


class HandedDevice(msgspec.Struct, frozen=True):
    """A device in minutes.

    :ivar unproven: why no signature of the token's proves that it is the one recorded.
    """

    serial: str
    name: str
    nickname: str
    kind: Kind
    certificates: list[DeviceCertificate]
    appearance: str
    accessories: str
    proof: Proof | None = None
    unproven: str = ""


class MinutesContent(msgspec.Struct, frozen=True):
    """All that minutes say.

    :ivar number: number and symbol, such as ``05/BB-UBND``; empty leaves room to write it.
    :ivar place: where the handover is made.
    :ivar paper: they are printed and signed by hand.
    """

    kind: EventKind
    agency: Agency
    number: str
    at: dt.datetime
    place: str
    giver: Person
    receiver: Person
    witness: Person | None
    permission: Permission | None
    devices: list[HandedDevice]
    reason: str
    due: dt.date | None = None
    paper: bool = False

    @property
    def summary(self) -> str:
        """What the minutes are about (trích yếu), for the archive."""
        serials = ", ".join(device.serial for device in self.devices)
        return f"{_TITLES[self.kind].capitalize()} số hiệu {serials}: {self.giver.name} giao, {self.receiver.name} nhận"


class SignaturePlace(msgspec.Struct, frozen=True):
    """Where a side signs: page from 1, millimetres from the page's upper left corner."""

    name: str
    page: int
    left: float
    top: float
    width: float
    height: float


def handed(device: Device, *, appearance: str, accessories: str, proof: Proof | None, unproven: str) -> HandedDevice:
    """A device as minutes tell it."""
    return HandedDevice(
        serial=device.serial,
        name=f"{device.maker} {device.model}".strip() or device.label or "Thiết bị lưu khóa bí mật",
        nickname=device.nickname,
        kind=device.kind,
        certificates=device.present_certificates,
        appearance=appearance,
        accessories=accessories,
        proof=proof,
        unproven=unproven,
    )


def render(content: MinutesContent) -> tuple[bytes, list[SignaturePlace]]:
    """The PDF/A-2a, and where ``giver``, ``receiver`` and ``witness`` sign it.

    :raises MinutesNotSet: what was typed cannot be printed.
    """
    import typst

    try:
        found = typeset(TEMPLATES / "handover.typ", _data(content), content.at, marks=True)
    except typst.TypstError as error:
        raise MinutesNotSet(detail=str(error)) from error
    return found.pdf, [msgspec.convert(mark, decodable(SignaturePlace)) for mark in found.marks]


def date_in_words(date: dt.date) -> str:
    """As the rules ask: day below 10 and month below 3 with a zero (Decree 30/2020, appendix I, part I, II.4)."""
    month = f"{date.month:02d}" if date.month < 3 else f"{date.month}"
    return f"ngày {date.day:02d} tháng {month} năm {date.year}"


def place_and_date(place: str, date: dt.date) -> str:
    words = date_in_words(date)
    return f"{printable(place)}, {words}" if place else words.capitalize()


def _data(content: MinutesContent) -> dict[str, Any]:
    at = content.at.astimezone(VIETNAM)
    title, agency = _TITLES[content.kind], content.agency
    of_agency = any(device.kind is not Kind.PERSON for device in content.devices)
    promises = [*(_PROMISES_AGENCY if of_agency else _PROMISES_PERSON), _PROMISE_REPORT]
    return {
        "title": title,
        "title_line": title.capitalize(),
        "parent": wrapped(agency.parent).upper(),
        "office": wrapped(agency.name).upper(),
        "number": f"Số: {wrapped(content.number)}" if content.number else "Số:        /BB-",
        "date_line": place_and_date(agency.place, at.date()),
        "bases": list(_bases(content, of_agency)),
        "time": f"{at.hour:02d} giờ {at.minute:02d} phút",
        "day": date_in_words(at.date()),
        "place": wrapped(content.place or agency.name or "trụ sở cơ quan"),
        "giver": _person(content.giver),
        "receiver": _person(content.receiver),
        "witness": None if content.witness is None else _person(content.witness),
        "devices": [_device(device) for device in content.devices],
        "reason": wrapped(content.reason) or "Bàn giao theo phân công.",
        "due": date_in_words(content.due) if content.due else "",
        "checks": [_check(device) for device in content.devices],
        "promises": [] if content.kind is EventKind.RETURNED and not of_agency else promises,
        "closing": _closing(content.paper),
        "sign_note": "(Ký và ghi rõ họ và tên)" if content.paper else "(Ký số)",
    }


def _bases(content: MinutesContent, of_agency: bool) -> Sequence[str]:
    found = [_DECREE_30, _DECREE_68]
    permission = content.permission
    if permission is not None:
        told = f"Căn cứ văn bản cho phép số {wrapped(permission.number)}"
        if permission.date is not None:
            told += f" {date_in_words(permission.date)}"
        if permission.issuer:
            told += f" của {wrapped(permission.issuer)}"
        found.append(f"{told} về việc giao thiết bị lưu khóa bí mật{' của cơ quan, tổ chức' if of_agency else ''};")
    return found


def _person(person: Person) -> dict[str, str]:
    return {name: wrapped(value) for name, value in msgspec.structs.asdict(person).items()}


def _device(device: HandedDevice) -> dict[str, Any]:
    return {
        "name": wrapped(device.name),
        "serial": _code(device.serial),
        "nickname": wrapped(device.nickname),
        "appearance": wrapped(device.appearance) or "Hoạt động bình thường",
        "accessories": wrapped(device.accessories),
        "certificates": [
            {
                "subject": wrapped(certificate.subject),
                "kind": _KINDS[certificate.kind],
                "serial": _code(certificate.serial),
                "issuer": wrapped(certificate.issuer),
                "start": f"{day(certificate.not_before)} –" if certificate.not_before else "",
                "end": day(certificate.not_after),
            }
            for certificate in device.certificates
        ],
    }


def _code(text: str) -> str:
    """A number of many digits, with places to break."""
    plain = printable(text)
    return "\N{ZERO WIDTH SPACE}".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def _check(device: HandedDevice) -> str:
    if device.proof is None:
        why = wrapped(device.unproven).rstrip(".")
        return f"Thiết bị số hiệu {_code(device.serial)} không được kiểm tra bằng chữ ký; lý do: {why}."
    at = device.proof.at.astimezone(VIETNAM)
    return (
        f"Thiết bị số hiệu {_code(device.serial)} đã được cắm vào máy và ký một chuỗi kiểm tra lúc "
        f"{at:%H:%M:%S}, {date_in_words(at.date())}; chữ ký khớp với chứng thư chữ ký số đã ghi trong sổ quản lý "
        f"thiết bị (SHA-256: {_code(device.proof.certificate)})."
    )


def _closing(paper: bool) -> str:
    if paper:
        return "Biên bản này được lập thành hai bản; bên giao giữ một bản, bên nhận giữ một bản./."
    return "Biên bản này được lập dưới dạng văn bản điện tử, có chữ ký số của hai bên; mỗi bên giữ một bản./."
